"""The searches that an admin declares, what they find, and the search box of its list."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.admin.views.main import SEARCH_VAR
from django.db import OperationalError
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from psycopg.errors import QueryCanceled

from destinations import times
from destinations.admin.search.term import Term
from destinations.runtime import clock, database

#: Sequential scans are for small tables only: an estimate that is wrong must not choose one. To
#: compile a statement takes longer than these statements do.
SETTINGS = {"enable_seqscan": "off", "jit": "off"}
#: How many rows are read, to show the best of them.
READ = 200
#: How long one search may take.
MILLISECONDS = 1_000
TOO_SLOW = "Very many match, so this was not searched to the end. Add a word, or type more of it."
#: How much of a text is shown.
TEXT_CHARS = 120
#: Whether the operator may view a model.
MayView = Callable[[type[Model]], bool]


class TooSlow(Exception):
    """The statement did not end in its time."""


@contextmanager
def reading(milliseconds: int) -> Iterator[None]:
    """Raises TooSlow once a statement takes longer. Leaves the transaction around it usable."""
    try:
        with database.planning(statement_timeout=str(milliseconds), **SETTINGS):
            yield
    except OperationalError as failure:
        if isinstance(failure.__cause__, QueryCanceled):
            raise TooSlow from failure
        raise


@dataclass(frozen=True, slots=True)
class Matches:
    """The best rows; `note` says what they leave out."""

    rows: Sequence[Any] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """A row: what it is called, and a line about it. `status` is a label of the admin, or blank."""

    url: str
    name: str
    text: str = ""
    about: str = ""
    status: SafeString | str = ""
    at: datetime | None = None

    @property
    def when(self) -> str:
        return times.age(self.at, clock.now()) if self.at else ""


@dataclass(frozen=True, slots=True)
class Search:
    """Finds rows of an admin's model by one kind of name."""

    #: The heading of its results.
    title: str
    #: Return whether such a term can name such a row; no query.
    suits: Callable[[Term], bool]
    #: Return at most so many of the rows that the term names.
    find: Callable[[QuerySet, Term, int], Matches]
    #: 0: the whole term is the name of what is found. Otherwise how common such names are: what
    #: names one thing comes before what many have in common.
    rank: int = 0

    def matches(self, rows: QuerySet, term: Term, limit: int) -> Matches:
        try:
            with reading(MILLISECONDS):
                return self.find(rows, term, limit)
        except TooSlow:
            return Matches(note=TOO_SLOW)


def by_id(title: str, prefix: str = "") -> Search:
    """Find a row by its key. `prefix`: that of its public ids."""
    return Search(
        title,
        lambda term: term.key_of(prefix) is not None,
        lambda rows, term, limit: Matches(list(rows.filter(pk=term.key_of(prefix)))),
    )


def by_name(
    title: str, *columns: str, rank: int = 1, priority: Callable[[Any], Any] | None = None
) -> Search:
    """Find rows by parts of these columns; the shortest name comes first."""

    def shortest(row: Any) -> tuple[int, str, Any]:
        name = getattr(row, columns[0])
        return len(name), name, row.pk

    return Search(
        title,
        is_name,
        lambda rows, term, limit: best(
            rows.filter(containing(term.text, *columns)), limit, priority or shortest
        ),
        rank,
    )


def is_name(term: Term) -> bool:
    """Return whether it has a letter or a digit: no index finds other characters."""
    return bool(re.search(r"[^\W_]", term.text))


def containing(text: str, *columns: str) -> Q:
    """Rows with the text in one of these columns; at its beginning if the text is short.

    An index of parts of words finds three characters anywhere, and fewer at a beginning.
    """
    lookup = "icontains" if Term(text).is_indexed else "istartswith"
    found = Q()
    for column in columns:
        found |= Q(**{f"{column}__{lookup}": text})
    return found


def best(rows: QuerySet[Any], limit: int, priority: Callable[[Any], Any]) -> Matches:
    """The first by `priority` of READ rows, so that a frequent name reads no more than those."""
    found = list(rows.order_by()[: READ + 1])
    shown = sorted(found[:READ], key=priority)[:limit]
    return Matches(shown, left_out(len(shown), len(found)))


def left_out(shown: int, found: int) -> str:
    """Say so where not all that were found are shown."""
    if found > READ:
        return f"More than {READ} match; these are some of them. Type more to narrow it down."
    return f"{shown} of {found}. Type more to narrow it down." if found > shown else ""


def result(
    row: Any,
    name: str,
    *about: str,
    text: str = "",
    status: SafeString | str = "",
    at: datetime | None = None,
) -> Result:
    """Show a row by its name, the beginning of its text, and what is known of `about`."""
    options = row._meta
    url = reverse(f"admin:{options.app_label}_{options.model_name}_change", args=[row.pk])
    shown = Truncator(" ".join(text.split())).chars(TEXT_CHARS)
    return Result(url, name, shown, listed(*about), status, at or row.created_at)


def listed(*parts: str) -> str:
    return " · ".join(filter(None, parts))


class Searched:
    """An admin whose rows the site's search finds, by its `searches`."""

    model: type[Model]
    searches: tuple[Search, ...] = ()
    list_select_related: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    not_listed: tuple[str, ...] = ()

    def searched_rows(self) -> QuerySet:
        """Return what is searched, without columns that hold a secret."""
        rows = self.model._default_manager.defer(*self.hidden, *self.not_listed)
        return rows.select_related(*self.list_select_related) if self.list_select_related else rows

    def results(self, rows: Collection[Any], may_view: MayView) -> list[Result]:
        return [self.result(row) for row in rows]

    def result(self, row: Any) -> Result:
        raise NotImplementedError


class SearchByNames(Searched):
    """A list whose search box takes what the site's search takes for this model."""

    search_fields = ("id",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        if not search_term.strip():
            return queryset, False
        term, rows = Term.read(search_term), self.searched_rows()
        found = [each.matches(rows, term, READ) for each in self.searches if each.suits(term)]
        notes = " ".join(dict.fromkeys(each.note for each in found if each.note))
        # Not where a form asks for choices.
        if notes and SEARCH_VAR in request.GET:
            messages.info(request, notes)
        return queryset.filter(pk__in=[row.pk for each in found for row in each.rows]), False
