"""Parses limits as people write them: `60/min,1000/h,10000/day`."""

import re
from dataclasses import dataclass
from functools import lru_cache

#: Seconds of each unit, largest first.
UNITS = {"day": 86400, "h": 3600, "min": 60, "s": 1}
#: Written where there is no limit.
NONE = "none"
_LENGTH = re.compile(rf"([0-9]{{0,5}})({'|'.join(UNITS)})")
_WINDOW = re.compile(r"([0-9]{1,9})/(.+)")


@dataclass(frozen=True, slots=True)
class Window:
    """At most `limit` units within any period of `seconds`."""

    limit: int
    seconds: int

    def __str__(self) -> str:
        unit = next(unit for unit, size in UNITS.items() if self.seconds % size == 0)
        count = self.seconds // UNITS[unit]
        return f"{self.limit}/{'' if count == 1 else count}{unit}"


@lru_cache(maxsize=1000)
def parse(text: str) -> tuple[Window, ...]:
    """The windows of `60/min,5/10s`; empty for `none`. Raises ValueError, which may be shown."""
    if text.strip() == NONE:
        return ()
    return tuple(_window(word.strip()) for word in text.split(","))


def length(text: str) -> int:
    """The seconds of `90s`, `5min`, `h` or `7day`. Raises ValueError, which may be shown."""
    found = _LENGTH.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is not a duration; write it like 90s, 5min, 24h or 7day.")
    return int(found[1] or 1) * UNITS[found[2]]


def lengths(text: str) -> tuple[int, ...]:
    """The seconds of `1h,24h,7day`, which must rise. Raises ValueError, which may be shown."""
    found = tuple(length(word.strip()) for word in text.split(","))
    if list(found) != sorted(set(found)):
        raise ValueError(f"{text!r} must rise.")
    return found


def _window(word: str) -> Window:
    found = _WINDOW.fullmatch(word)
    if not found:
        raise ValueError(f"{word!r} is not a limit; write it like 60/min,1000/h, or {NONE}.")
    window = Window(int(found[1]), length(found[2]))
    if not window.limit or not window.seconds:
        raise ValueError(f"{word!r} would allow nothing or everything.")
    return window
