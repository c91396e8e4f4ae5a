"""Versions of networks' APIs that an operator may set. Each network declares its own."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

#: Which version of each API is called, by the API's name; an API that is missing has its default.
Versions = Mapping[str, str]


def _never(version: str) -> date | None:
    return None


@dataclass(frozen=True, slots=True)
class ApiVersion:
    """The version of an API that is called. The setting is `NAME_API_VERSION`."""

    name: str
    default: str
    pattern: re.Pattern[str]
    #: The form of a version, in words: `like v26.0`.
    form: str
    #: The first day on which the network may refuse a version; None if none is announced.
    ends_on: Callable[[str], date | None] = _never

    def check(self, word: str) -> str:
        """Return a version if its form is right. Raises ValueError."""
        if not self.pattern.fullmatch(word):
            raise ValueError(f"a version is {self.form}, not {word!r}")
        return word

    def chosen(self, versions: Versions) -> str:
        """Return the version to call."""
        return versions.get(self.name, self.default)
