"""Read what other servers state: JSON, numbers, times. Nothing in it is believed beyond a bound.

A server may state anything: numbers of a thousand digits, infinity, a million objects.
What cannot mean anything here is read as if nothing had been stated, never as an error of ours.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn
from urllib.parse import urljoin, urlsplit

from platforms import clock

#: The longest pause and lifetime that are believed: those of tokens reach years.
WEEK_SECONDS, LONGEST_LIFE_SECONDS = 7 * 24 * 3600, 20 * 366 * 24 * 3600
#: The longest JSON that is read, its most escapes, and of how many a value has the cost. Lists of
#: posts have some ten thousand values, and PHP escapes each letter of other scripts.
MOST_BYTES, MOST_ESCAPES, VALUE_ESCAPES = 2 * 1024 * 1024, 700_000, 28
#: More characters than any number has that means something, and more fractions than a post has.
NUMBER_CHARS, MOST_FRACTIONS = 40, 5_000
#: More digits than any number has that is stored.
MOST_DIGITS = 19
#: The latest moment that fits into a datetime of every time zone.
LAST_SECONDS = 250_000_000_000


class Unreadable(ValueError):
    """It is not JSON, or none that a server means."""


def read_json(content: str | bytes) -> Any:
    """Return what JSON says. Raises Unreadable, for NaN, great depth and long ones too."""
    # Reading it holds up others: less than 10 ms for what is within these bounds.
    if len(content) > MOST_BYTES or _cost(content) > MOST_ESCAPES:
        raise Unreadable("it says too much")
    try:
        return json.loads(
            content, parse_constant=_refuse, parse_int=_whole, parse_float=_fractions()
        )
    except (ValueError, RecursionError) as failure:
        raise Unreadable(str(failure)) from failure


def _cost(content: str | bytes) -> int:
    signs: Any = ",[{\\" if isinstance(content, str) else (b",", b"[", b"{", b"\\")
    *values, escapes = map(content.count, signs)
    return sum(values) * VALUE_ESCAPES + escapes


def _refuse(word: str) -> NoReturn:
    raise Unreadable(word)


def _whole(digits: str) -> int:
    return int(digits) if len(digits) <= NUMBER_CHARS else _refuse("a long number")


def _fractions() -> Callable[[str], float]:
    left = iter(range(MOST_FRACTIONS))

    def read(digits: str) -> float:
        if len(digits) > NUMBER_CHARS or next(left, None) is None:
            _refuse("long or many fractions")
        return float(digits)

    return read


def as_count(value: Any) -> int | None:
    """Return a number as networks write it, also as digits in a string; None if it is none."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= MOST_DIGITS:
        value = int(value)
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and 0 <= value < 2**63 else None


def as_seconds(value: Any, most: float = WEEK_SECONDS) -> float | None:
    """Return a duration, of a number or of its digits, at most `most`; None if it is none."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if not isinstance(value, int | float) or isinstance(value, bool) or not value >= 0:
        return None
    return float(min(value, most))


def as_url(base: str, url: str) -> str:
    """Return the address that a page or a redirect names; empty if it is none."""
    try:
        found = urljoin(base, url)
        return found if urlsplit(found).hostname else ""
    except ValueError:
        return ""


def seconds_until(unix_seconds: float) -> float:
    """Return the pause until then: one second at least, and no longer than is believed."""
    return min(max(unix_seconds - clock.unix_seconds(), 1), WEEK_SECONDS)


def as_moment(value: Any) -> datetime | None:
    """Return the time of unix seconds, or of an ISO 8601 or HTTP date; None if it is none.

    One without a time zone is in UTC.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return datetime.fromtimestamp(value, UTC) if 0 <= value < LAST_SECONDS else None
    if not isinstance(value, str):
        return None
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = read(value)
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError, IndexError):
            continue
    return None
