"""The columns of a file: which are known, and which files are refused for theirs."""

import difflib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from posts.errors import RequestRefused, invalid
from posts.features.importing.formats import cells

#: Columns that an export has and an import does not read.
TOLD = frozenset({"status", "created_at", "published_at", "account_count"})
#: Without any of them, each row of the file would be published at once.
WHEN = frozenset({"scheduled_at", "scheduled_for", "draft", "use_queue", "publish_now"})
#: How like a known column an unknown one must be to be taken for a mistake in writing.
LIKENESS = 0.8
NAME_CHARS = 100
#: Twice what a table of posts has.
MOST = 100
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
    known = [name for name in found if name in cells.READERS]
    if len(set(known)) < len(known):
        twice = next(name for name in known if known.count(name) > 1)
        raise invalid("file", f"Two columns are named {twice}.")
    if not known:
        raise invalid(
            "file",
            "The first line names no column that is known; it should have content, account_ids, "
            "scheduled_at and so on.",
        )
    warnings = check(found)
    return Columns([name if name in cells.READERS else None for name in found], warnings)


def check(names: Collection[str]) -> list[str]:
    """Warnings of what is not read. Raises RequestRefused if it is probably a mistake.

    A misspelled time that is ignored would publish at once, and irreversibly.
    """
    if len(names) > MOST:
        raise invalid("file", f"A file has at most {MOST} columns, or fields of its posts.")
    unknown = [name for name in names if name and name not in cells.READERS and name not in TOLD]
    for name in unknown:
        # A longer name is like none of them.
        near = difflib.get_close_matches(
            name[:NAME_CHARS], list(cells.READERS), n=1, cutoff=LIKENESS
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
