"""Imports of small files, which the request itself does."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from posts.features.importing.formats.rows import RowToImport
from posts.features.importing.row_posts.create_post import Maker, Outcome


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """The outcomes of all rows, in the order of the file."""

    outcomes: Sequence[Outcome]
    warnings: Sequence[str]

    @property
    def total(self) -> int:
        return len(self.outcomes)

    @property
    def valid(self) -> int:
        return sum(each.is_ok for each in self.outcomes)

    @property
    def existing(self) -> int:
        return sum(each.is_known for each in self.outcomes)

    @property
    def invalid(self) -> int:
        return self.total - self.valid


def outcomes(
    maker: Maker, rows: Sequence[RowToImport], act: Callable[[RowToImport], Outcome]
) -> Iterator[Outcome]:
    """Yield what is known of each row, or what comes of acting on it."""
    known = maker.known(rows)
    for row in rows:
        yield known.get(row.number) or act(row)
