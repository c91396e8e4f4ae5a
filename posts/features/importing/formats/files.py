"""Read files of posts: CSV as spreadsheet programs write it, and JSON; refuse unknown columns."""

import csv
import difflib
import io
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from posts.errors import RequestRefused, invalid
from posts.features.importing.formats import rows
from posts.features.importing.formats.rows import RawRow

#: Columns that an export has and an import does not read.
TOLD = frozenset({"status", "created_at", "published_at", "account_count"})
#: Without any of them, each row of the file would be published at once.
WHEN = frozenset({"scheduled_at", "scheduled_for", "draft", "use_queue", "publish_now"})
#: How like a known column an unknown one must be to be taken for a mistake in writing.
LIKENESS = 0.8
NAME_CHARS = 100
#: Twice what a table of posts has.
MOST_COLUMNS = 100
#: The most unknown columns that warnings name; the others are counted.
MOST_WARNINGS = 20


@dataclass(frozen=True, slots=True)
class Columns:
    """The meaning of each column of a file, in their order; None: it is not read."""

    names: Sequence[str | None]
    warnings: list[str]


def of_header(header: Sequence[str]) -> Columns:
    """Return the columns by their headings. Raises RequestRefused."""
    found = [_plain(each) for each in header]
    known = [name for name in found if name in rows.READERS]
    if len(set(known)) < len(known):
        twice = next(name for name in known if known.count(name) > 1)
        raise invalid("file", f"Two columns are named {twice}.")
    if not known:
        raise invalid(
            "file",
            "The first line names no column that is known; it should have content, account_ids, "
            "scheduled_at and so on.",
        )
    warnings = check_columns(found)
    return Columns([name if name in rows.READERS else None for name in found], warnings)


def check_columns(names: Collection[str]) -> list[str]:
    """Warnings of what is not read. Raises RequestRefused if it is probably a mistake.

    A misspelled time that is ignored would publish at once, and irreversibly.
    """
    if len(names) > MOST_COLUMNS:
        raise invalid("file", f"A file has at most {MOST_COLUMNS} columns, or fields of its posts.")
    unknown = [name for name in names if name and name not in rows.READERS and name not in TOLD]
    for name in unknown:
        # A longer name is like none of them.
        near = difflib.get_close_matches(
            name[:NAME_CHARS], list(rows.READERS), n=1, cutoff=LIKENESS
        )
        if near:
            raise RequestRefused(
                "invalid_field_name",
                f"There is no column {_shown(name)}. Do you mean {near[0]}?",
                field=name[:NAME_CHARS],
            )
    if unknown and not WHEN.intersection(names):
        raise RequestRefused(
            "invalid_field_name",
            f"No column says when posts are published, and {_shown(unknown[0])} is unknown. Name "
            "the column of times scheduled_at; or add publish_now, draft or use_queue.",
            field=unknown[0][:NAME_CHARS],
        )
    warnings = [
        f"The column {_shown(name)} is unknown and was not read."
        for name in unknown[:MOST_WARNINGS]
    ]
    more = len(unknown) - len(warnings)
    return [*warnings, f"{more} more columns are unknown and were not read."] if more else warnings


def _plain(heading: str) -> str:
    """`Account IDs` is account_ids."""
    return "_".join(heading.strip().lower().replace("-", " ").replace("_", " ").split())


def _shown(name: str) -> str:
    return repr(name[:NAME_CHARS])


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
        found = of_header(next(reader, []))
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
    warnings = check_columns(names)
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
        name: rows.READERS[name](rows.unguarded(cell))
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
        name: each for name, each in value.items() if name in rows.READERS and each is not None
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
