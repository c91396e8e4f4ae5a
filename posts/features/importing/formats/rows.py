"""Read and write rows of a file and the values of their cells, and tell rows apart.

A row is known by what it says, not by its line: in a corrected file the rows that were imported
stay what they are, and only the others are new. Equal rows of one file are different posts, so the
n-th of them is told from the others by its n.

A cell that a spreadsheet program could take for a formula is written with an apostrophe in front,
which is taken away when the file is read. So text that a customer or a stranger wrote runs nothing
on the machine of a person who opens an export. A program that splits at semicolons or tabs, as many
do by their language, sees cells within a cell: it gets an apostrophe in front of each.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from posts.content import Form, read_by


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


#: The beginnings of formulas for spreadsheet programs, also in their full-width forms.
#: Source: https://owasp.org/www-community/attacks/CSV_Injection, read 2026-11-26.
_FORMULA = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
#: The place of the same after a separator. Blank lines are none.
_INNER = re.compile("(?<=[;|\t\r\n])(?='*[=+\\-@\uff1d\uff0b\uff0d\uff20])")
_INNER_GUARD = re.compile("(?<=[;|\t\r\n])'(?='*[=+\\-@\uff1d\uff0b\uff0d\uff20])")
_WORDS = {
    **dict.fromkeys(("true", "yes", "y", "1"), True),
    **dict.fromkeys(("false", "no", "n", "0"), False),
}
#: Numbers of accounts are at most so long.
_NUMBER = re.compile(r"[0-9]{1,18}")


def guarded(text: str) -> str:
    """Return the text as a cell that no program takes for a formula, nor any part of it."""
    inner = _INNER.sub("'", text)
    return f"'{inner}" if inner != text or _FORMULA.match(text) else text


def unguarded(cell: str) -> str:
    """Return the text of a cell that `guarded` may have written; any other as it is."""
    text = _INNER_GUARD.sub("", cell[1:])
    return text if cell.startswith("'") and guarded(text) == cell else cell


def flag(cell: str) -> bool | str:
    """Return a truth value; any other text as it is, for the validation to refuse."""
    return _WORDS.get(cell.strip().lower(), cell)


def number(cell: str) -> int | str:
    cell = cell.strip()
    return int(cell) if _NUMBER.fullmatch(cell) else cell


def words(cell: str) -> list[str]:
    """Words between spaces, line breaks, commas, semicolons or |."""
    return [word for word in re.split(r"[\s,;|]+", cell) if word]


def urls(cell: str) -> list[str]:
    """Addresses between spaces or line breaks; a comma may be part of one."""
    return cell.split()


def numbers(cell: str) -> list[int | str]:
    return [number(word) for word in words(cell)]


def names(cell: str) -> list[str]:
    """Names between | or line breaks: they may have spaces and commas in them."""
    return [name.strip() for name in re.split(r"[|\r\n]+", cell) if name.strip()]


def data(cell: str) -> Any:
    """JSON; anything else as it is, for the validation to refuse."""
    try:
        value = json.loads(cell)
        said = json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        return cell
    # The database cannot store null characters.
    return cell if rb"\u0000" in said else value


def text(cell: str) -> str:
    return cell


def word(cell: str) -> str:
    return cell.strip()


#: How the cells of a form are read, if not as a word.
_READERS: dict[Form, Callable[[str], Any]] = {
    Form.TEXT: text,
    Form.FLAG: flag,
    Form.FLAG_OR_DEFAULT: flag,
    Form.NUMBER: number,
    Form.IDS: words,
    Form.ACCOUNT_IDS: numbers,
    **dict.fromkeys((Form.ALT_TEXTS, Form.PLATFORM_CONTENT, Form.METADATA), data),
}
#: How the cells of each column are read; some columns are of files alone.
READERS: dict[str, Callable[[str], Any]] = {
    **{each.name: _READERS.get(each.form, word) for each in read_by("import")},
    "platforms": words,
    "account_names": names,
    "media_urls": urls,
    "campaign": word,
    "post_id": word,
}
