"""Reads files of posts: CSV as spreadsheet programs write it, and JSON."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from posts.errors import RequestRefused, invalid
from posts.features.importing.formats import cells, columns
from posts.features.importing.formats.columns import Columns
from posts.features.importing.formats.rows import RawRow

MOST_ROWS = 5_000
#: More rows than this are better sent in several files.
ADVISED_ROWS = 500
MOST_BYTES = 5_000_000
#: Of a body that brings a file, with what a form adds.
BODY_BYTES = MOST_BYTES + 100_000
SEPARATORS = ",;\t"


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """The rows of a file, and what of it is not read."""

    rows: list[RawRow]
    warnings: list[str] = field(default_factory=list)


def read_csv(raw: bytes) -> ParsedFile:
    """Raises RequestRefused."""
    text = _decoded(raw)
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=_separator(text), strict=True, doublequote=True
    )
    try:
        found = columns.of_header(next(reader, []))
        rows = list(_csv_rows(reader, found))
    except csv.Error as error:
        raise invalid("file", f"Line {reader.line_num}: {error}. Is a quote missing?") from None
    return _checked(rows, found.warnings)


def read_json(value: Any) -> ParsedFile:
    """Return a list of posts, or an object whose `posts` is one. Raises RequestRefused."""
    posts = value["posts"] if isinstance(value, dict) and [*value] == ["posts"] else value
    if not isinstance(posts, list):
        raise invalid(
            "file", "Send a list of posts, or an object with one in posts and nothing else."
        )
    if len(posts) > MOST_ROWS:
        raise _too_many()
    names = list(dict.fromkeys(name for each in posts if isinstance(each, dict) for name in each))
    warnings = columns.check(names)
    rows = [_json_row(number, each) for number, each in enumerate(posts, 1)]
    return _checked(rows, warnings)


def _decoded(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise invalid(
            "file",
            f"Byte {error.start + 1} is not UTF-8. Save the file as CSV UTF-8, which spreadsheet "
            "programs offer beside CSV.",
        ) from None
    if "\0" in text:
        raise invalid("file", "The file has null characters; save it as CSV UTF-8.")
    return text.lstrip("\r\n")


def _separator(text: str) -> str:
    """Return what stands between the headings: European spreadsheet programs write semicolons."""
    line = text.split("\n", 1)[0]
    return max(SEPARATORS, key=line.count)


def _csv_rows(reader: Iterator[list[str]], found: Columns) -> Iterator[RawRow]:
    for number, row in enumerate(reader, 1):
        if number > MOST_ROWS:
            if not any(row):
                continue
            raise _too_many()
        if any(cell.strip() for cell in row):
            yield _csv_row(number, row, found.names)


def _csv_row(number: int, row: Sequence[str], names: Sequence[str | None]) -> RawRow:
    pairs = zip(names, row, strict=False)
    body = {
        name: cells.READERS[name](cells.unguarded(cell))
        for name, cell in pairs
        # An empty cell says nothing; an empty text is one.
        if name and (cell.strip() or (name == "content" and cell))
    }
    body.setdefault("content", "")
    too_many = any(row[len(names) :])
    problem = f"It has {len(row)} cells, and there are {len(names)} columns." if too_many else ""
    return RawRow(number, body, problem)


def _json_row(number: int, value: Any) -> RawRow:
    if not isinstance(value, dict):
        return RawRow(number, {}, "A post is a JSON object.")
    known = {
        name: each for name, each in value.items() if name in cells.READERS and each is not None
    }
    return RawRow(number, {"content": "", **known})


def _checked(rows: list[RawRow], warnings: list[str]) -> ParsedFile:
    if not rows:
        raise invalid("file", "The file has no rows.")
    if len(rows) > ADVISED_ROWS:
        warnings = [
            *warnings,
            f"These are {len(rows)} rows; files of up to {ADVISED_ROWS} are answered at once.",
        ]
    return ParsedFile(rows, warnings)


def _too_many() -> RequestRefused:
    return RequestRefused(
        "bulk_limit_exceeded",
        f"A file has at most {MOST_ROWS} rows; send the rest in another.",
        limit=MOST_ROWS,
    )
