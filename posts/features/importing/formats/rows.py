"""Rows of a file, and what tells them apart.

A row is known by what it says, not by its line: in a corrected file the rows that were imported
stay what they are, and only the others are new. Equal rows of one file are different posts, so the
n-th of them is told from the others by its n.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row as it was read. `problem`: why it cannot be; "" if it can."""

    number: int
    body: dict[str, Any]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class RowToImport:
    number: int
    body: dict[str, Any]
    digest: bytes
    problem: str = ""


def told_apart(raw: Iterable[RawRow], again: str = "") -> list[RowToImport]:
    """Return the rows with digests. `again`: a word that makes known rows new."""
    seen: Counter[str] = Counter()
    found = []
    for each in raw:
        said = json.dumps(each.body, sort_keys=True, separators=(",", ":"))
        seen[said] += 1
        named = json.dumps([said, seen[said], again])
        digest = hashlib.sha256(named.encode()).digest()
        found.append(RowToImport(each.number, each.body, digest, each.problem))
    return found
