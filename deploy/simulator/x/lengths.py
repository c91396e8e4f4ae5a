"""Weigh a text as X does, and find its links.

Source: twitter-text 3.1, src/extractUrlsWithIndices.js and config/v3.json on GitHub; developer
documentation of X, "Counting characters" (read 2026-12-03).
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

from deploy.simulator.measures import (
    LATIN,
    NO_DOMAIN_JS,
    URL_CHARS,
    Dialect,
    top_level,
    utf16_units,
    words,
)

URL_WEIGHT, EMOJI_WEIGHT = 23, 2
_PATH_ENDS = rf"a-z\u0400-\u04ff0-9=_#/+\-{LATIN}"
_IN_PATH = rf"a-z\u0400-\u04ff0-9!*';:=+,.$/%#\[\]\-\u2013_~@|&{LATIN}"
_QUERY = r"a-z0-9!?*'();:&=+$/%#\[\]\-_.,~|@"
_DIALECT = Dialect(
    protocols="https?",
    in_path=_IN_PATH,
    ends_path=_PATH_ENDS,
    in_last_brackets=_IN_PATH,
    in_query=_QUERY,
    ends_query=r"a-z0-9\-_&=#/",
    not_in_domain=NO_DOMAIN_JS,
)
_SHORT = re.compile(rf"https?://t\.co/([a-z0-9]+)(?:\?[{_QUERY}]*[a-z0-9\-_&=#/])?", re.IGNORECASE)
_find = cache(_DIALECT.pattern)


@cache
def _ascii_domain() -> re.Pattern[str]:
    return re.compile(rf"(?:[-a-z0-9{LATIN}]+\.)+{top_level()}", re.IGNORECASE)


@cache
def _emoji() -> re.Pattern[str]:
    keycap = r"[#*0-9]\u20e3"
    return re.compile("|".join([*map(re.escape, words("platforms.x", "emoji.txt")), keycap]))


def weight(text: str) -> int:
    """Return the weight of a text; X takes 280."""
    text = unicodedata.normalize("NFC", text)
    total, end = 0, 0
    for first, last in links(text):
        total += _plain(text[end:first]) + URL_WEIGHT
        end = last
    return total + _plain(text[end:])


def _plain(text: str) -> int:
    rest, count = _emoji().subn("", text)
    return count * EMOJI_WEIGHT + sum(1 if _is_light(ord(char)) else 2 for char in rest)


def _is_light(point: int) -> bool:
    ranges = (range(4352), range(8192, 8206), range(8208, 8224), range(8242, 8248))
    return any(point in each for each in ranges)


def links(text: str) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each link in a text."""
    for found in _find().finditer(text):
        first, last = found.span("url")
        if found["protocol"]:
            short = _SHORT.match(text, first, last)
            if short and len(short[1]) > 40:
                continue
            if _is_valid(found["url"], found["protocol"], found["domain"]):
                yield first, short.end() if short else last
        elif text[first - 1 : first] not in ("-", "_", ".", "/") or first == 0:
            yield from _without_protocol(found)


def _without_protocol(found: re.Match[str]) -> Iterator[tuple[int, int]]:
    first, last = found.span("url")
    if not _is_valid(found["url"], "https://", found["domain"]):
        return
    spans = [
        (first + each.start(), first + each.end())
        for each in _ascii_domain().finditer(found["domain"])
    ]
    if spans and found["path"]:
        spans[-1] = (spans[-1][0], last)
    yield from spans


def _is_valid(url: str, protocol: str, domain: str) -> bool:
    if domain.startswith("xn--") and not _ascii_domain().search(domain):
        return False
    encoded = (
        label if label.isascii() else f"xn--{label.encode('punycode').decode()}"
        for label in re.split("[.\u3002\uff0e\uff61]", domain)
    )
    fits = all(len(label) <= 63 for label in encoded)
    return fits and len(protocol) + utf16_units(url) <= URL_CHARS
