"""Numbers and ages as people read them."""

from collections.abc import Iterable

#: Beyond this a number is shown as "at least".
COUNTED_ROWS = 10_000


def age(seconds: float) -> str:
    """A duration as people say it: `42 s`, `5 min`, `3 h`, `2 d`."""
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds)} s"


def lag(seconds: float | None) -> str:
    """A lag, to a tenth of a second while that matters; `-` if none was measured."""
    if seconds is None:
        return "-"
    return f"{seconds:.1f} s" if seconds < 10 else age(seconds)


def number(count: int, *, is_at_least: bool = False) -> str:
    """`1,234`, or `10,000+`."""
    if count > COUNTED_ROWS:
        count, is_at_least = COUNTED_ROWS, True
    return f"{count:,}{'+' if is_at_least else ''}"


def counted(count: int, one: str, many: str = "") -> str:
    """`1 post`, `12 posts`, `10,000+ posts`."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def percent(share: float) -> str:
    """Whole percents; never 0 or 100 for what is only nearly so."""
    rounded = round(share * 100)
    if rounded == 0 and share > 0:
        return "< 1 %"
    return f"{min(rounded, 99) if share < 1 else 100} %"


def listed(names: Iterable[str]) -> str:
    """Join names as a sentence does: `one`, `one and two`, `one, two and three`."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
