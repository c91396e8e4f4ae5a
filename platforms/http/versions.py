"""The versions of the networks' APIs that we call, and the date on which each may end."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Versions:
    """`graph` is for Facebook and Instagram. The paths of X, TikTok and YouTube contain theirs."""

    graph: str = "v26.0"
    linkedin: str = "202608"
    threads: str = "v1.0"


#: First days on which a version of the Graph API is no longer served; Meta retires one two years
#: after the next, and its changelog dates the one after v26.0 to 2026-11-04. Source: Graph API,
#: "Changelog", "Versions" (read 2026-11-25).
GRAPH_ENDS: Mapping[str, date] = {
    "v20.0": date(2026, 9, 24),
    "v21.0": date(2027, 1, 21),
    "v25.0": date(2028, 7, 29),
    "v26.0": date(2028, 11, 4),
}


def graph(word: str) -> str:
    """Check the form of a Graph API version. Raises ValueError."""
    if not re.fullmatch(r"v\d+\.\d+", word):
        raise ValueError(f"a version is like v26.0, not {word!r}")
    return word


def linkedin(word: str) -> str:
    """Check the form of a LinkedIn version, year and month. Raises ValueError."""
    if not re.fullmatch(r"20\d\d(0[1-9]|1[0-2])", word):
        raise ValueError(f"a version is a year and a month, like 202608, not {word!r}")
    return word


def ends_on(api: str, version: str) -> date | None:
    """The first day on which a network may refuse a version; None if none is announced.

    LinkedIn serves a version for a year at least. Source: Microsoft Learn, "LinkedIn API
    Versioning" (read 2026-11-25).
    """
    if api == "linkedin":
        return date(int(version[:4]) + 1, int(version[4:]), 1)
    return GRAPH_ENDS.get(version) if api == "graph" else None
