"""What the search boxes of lists find. The site's search answers; it is above this package."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model


@dataclass(frozen=True, slots=True)
class Listed:
    """Primary keys; `note` says what they leave out."""

    keys: Sequence[Any] = ()
    note: str = ""


Search = Callable[[type[Model], str], Listed]


def _nothing(model: type[Model], typed: str) -> Listed:
    return Listed()


_search: Search = _nothing


def answer_with(search: Search) -> None:
    """Called once, by the site's search."""
    global _search
    _search = search


def find(model: type[Model], typed: str) -> Listed:
    """The rows of this model that the text names."""
    return _search(model, typed)
