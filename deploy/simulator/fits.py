"""Tests of single values, of which tables say what a call takes."""

import re
from collections.abc import Callable, Mapping
from typing import Any

Fits = Callable[[Any], bool]


def text(value: Any) -> bool:
    return isinstance(value, str)


def flag(value: Any) -> bool:
    return isinstance(value, bool)


def matching(pattern: str) -> Fits:
    """A text of which the whole matches."""
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


def one_of(*known: str) -> Fits:
    return lambda value: isinstance(value, str) and value in known


def listed(known: str) -> Fits:
    """A comma-separated text of these words, each at most once."""
    words = set(known.split())

    def fits(value: Any) -> bool:
        given = value.split(",") if isinstance(value, str) else [""]
        return set(given) <= words and len(given) == len(set(given))

    return fits


def list_of(each: Fits, least: int = 0, most: int = 1000) -> Fits:
    return lambda value: (
        isinstance(value, list) and least <= len(value) <= most and all(map(each, value))
    )


def object_of(needed: Mapping[str, Fits], optional: Mapping[str, Fits]) -> Fits:
    known = {**needed, **optional}
    return lambda value: (
        isinstance(value, dict)
        and needed.keys() <= value.keys() <= known.keys()
        and all(known[name](item) for name, item in value.items())
    )


def wrong(given: Mapping[str, Any], known: Mapping[str, Fits]) -> list[str]:
    """The names that are unknown, or whose values do not fit."""
    return [name for name, value in given.items() if name not in known or not known[name](value)]
