"""Actions on the chosen rows of a list, declared by their parts as attributes of an admin.

`Each` does the same to every row, `One` does something to a single one, and `Confirmed` acts only
on rows that are as its page showed them. All return to where the operator came from.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.db import transaction
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import pluralize

from destinations.admin.actions import confirmation
from destinations.admin.actions.confirmation import ConfirmationRow
from destinations.admin.base import author
from destinations.wording import quoted

#: Says what a row is on the page that asks.
Describe = Callable[[Any], str]


class Question(NamedTuple):
    """The question that the page asks before anything is done."""

    title: str
    warning: str
    button: str


class Action:
    """`label` is its name in the menu; `permission` what the admin checks before it runs."""

    __name__: str
    #: Whether rows are gone once it is confirmed, and their pages with them.
    removes = False

    def __init__(self, label: str, permission: str = "operate") -> None:
        self.short_description, self.allowed_permissions = label, (permission,)

    def __set_name__(self, owner: type, name: str) -> None:
        self.__name__ = name

    def __call__(
        self, admin: ModelAdmin, request: HttpRequest, chosen: QuerySet
    ) -> HttpResponse | None:
        is_gone = self.removes and confirmation.is_confirmed(request)
        shown = self.run(admin, request, chosen)
        return shown or confirmation.back(admin, request, is_gone=is_gone)

    def run(self, admin: ModelAdmin, request: HttpRequest, chosen: QuerySet) -> HttpResponse | None:
        """Return a page to show; None once it is done or refused, with a message."""
        raise NotImplementedError


class Each(Action):
    """Does `act` to each row in a transaction with its log entry, and reports the counts.

    `act` returns False for a row that stays as it is. One that raises `refused` stays too, and its
    message is shown. `done` says in a participle what was done, `left` what became of the others.
    """

    def __init__(
        self,
        label: str,
        done: str,
        act: Callable[[Any, Mapping[str, Any]], bool | None],
        *,
        log: str = "",
        left: str = "left as they were",
        ask: Question | None = None,
        describe: Describe = str,
        refused: type[Exception] | tuple[type[Exception], ...] = (),
        permission: str = "operate",
    ) -> None:
        super().__init__(label, permission)
        self._done, self._left, self._act, self._refused = done, left, act, refused
        self._log = log or done.capitalize()
        self._ask, self._describe = ask, describe

    def run(self, admin: ModelAdmin, request: HttpRequest, chosen: QuerySet) -> HttpResponse | None:
        rows = list(chosen)
        if self._ask and not confirmation.is_confirmed(request):
            return ask(admin, request, self._ask, rows, self._describe)
        done = sum([self._change(admin, request, row) for row in rows])
        left = len(rows) - done
        level = messages.WARNING if left else messages.SUCCESS
        admin.message_user(request, f"{done} {self._done}, {left} {self._left}.", level)
        return None

    def _change(self, admin: ModelAdmin, request: HttpRequest, row: Any) -> bool:
        who = author(request)
        try:
            with transaction.atomic():
                is_done = self._act(row, who) is not False
                if is_done:
                    admin.log_change(request, row, f"{self._log} by {who['by']}")
        except self._refused as refused:
            admin.message_user(request, f"{quoted(row)}: {refused}", messages.WARNING)
            return False
        return is_done


class One(Action):
    """Does something to exactly one row, asked for by a form if it has one.

    `act` gets the admin, the request, the row and what was entered; it returns a page or None.
    `stays` says why nothing can be done to the row.
    """

    def __init__(
        self,
        label: str,
        act: Callable[[ModelAdmin, HttpRequest, Any, dict[str, Any]], HttpResponse | None],
        *,
        noun: str,
        ask: Question | None = None,
        form: Callable[..., Form] = Form,
        initial: Callable[[Any], dict[str, Any]] = lambda row: {},
        describe: Describe = str,
        stays: Describe = lambda row: "",
        permission: str = "operate",
    ) -> None:
        super().__init__(label, permission)
        self._act, self._noun, self._ask, self._stays = act, noun, ask, stays
        self._form, self._initial, self._describe = form, initial, describe

    def run(self, admin: ModelAdmin, request: HttpRequest, chosen: QuerySet) -> HttpResponse | None:
        rows = list(chosen[:2])
        if len(rows) != 1:
            return refuse(admin, request, f"Choose exactly one {self._noun}.")
        [row] = rows
        if why := self._stays(row):
            return refuse(admin, request, "", why)
        if not self._ask:
            return self._act(admin, request, row, {})
        given = request.POST if confirmation.is_confirmed(request) else None
        form = self._form(given, initial=self._initial(row))
        if not form.is_valid():
            return ask(admin, request, self._ask, rows, self._describe, form)
        return self._act(admin, request, row, form.cleaned_data)


class Confirmed(Action):
    """Shows the chosen rows, and which of them stay and why; once confirmed, acts on the others.

    `{}` in a text stands for `3 posts`, `{1}` for `3`; in `too_many` for the most rows of a page.
    """

    noun = "row"
    title = warning = button = ""
    #: The most rows of a page: an operator has to look at each.
    most = 50
    too_many = "Choose at most {}."
    #: Why nothing is done if there are no rows.
    none = ""
    #: What is entered on the page.
    form: Callable[..., Form] = Form

    def select(self, chosen: QuerySet) -> QuerySet:
        """Return the rows that the action is about, in the order of the page."""
        raise NotImplementedError

    def rows(self, admin: ModelAdmin, found: list[Any]) -> list[ConfirmationRow]:
        """Return what the page shows; a row with a note stays as it is."""
        raise NotImplementedError

    def act(self, admin: ModelAdmin, request: HttpRequest, given: dict[str, Any]) -> None:
        """Do it to the rows of the page that are as they were shown, and report."""
        raise NotImplementedError

    def run(self, admin: ModelAdmin, request: HttpRequest, chosen: QuerySet) -> HttpResponse | None:
        form = self.form(request.POST if confirmation.is_confirmed(request) else None)
        if form.is_valid():
            self.act(admin, request, form.cleaned_data)
            return None
        rows = self.read(admin, request, chosen)
        return self.ask(admin, request, rows, form=form) if rows else None

    def read(
        self, admin: ModelAdmin, request: HttpRequest, chosen: QuerySet
    ) -> list[ConfirmationRow]:
        """Return the rows of the page; none, after a message, if nothing can be done."""
        found = list(self.select(chosen)[: self.most + 1])
        if len(found) > self.most:
            refuse(admin, request, self.too_many.format(self.most))
            return []
        rows = self.rows(admin, found)
        if all(row.note for row in rows):
            notes = [row.note for row in rows]
            why = f"Nothing was changed: {because(notes)}." if notes else ""
            refuse(admin, request, self.none, why)
            return []
        return rows

    def ask(
        self,
        admin: ModelAdmin,
        request: HttpRequest,
        rows: Sequence[ConfirmationRow],
        **changes: Any,
    ) -> HttpResponse:
        asked = [row for row in rows if not row.note]
        count = f"{len(asked)} {self.noun}{pluralize(asked)}"
        shown = {
            "title": self.title.format(count),
            "warning": self.warning,
            "button": self.button.format(count, len(asked)),
            "rows": asked,
            "left": [row for row in rows if row.note],
        }
        return confirmation.ask(admin, request, **(shown | changes))


def ask(
    admin: ModelAdmin,
    request: HttpRequest,
    question: Question,
    rows: Iterable[Any],
    describe: Describe,
    form: Form | None = None,
) -> HttpResponse:
    shown = [ConfirmationRow(str(row.pk), describe(row)) for row in rows]
    return confirmation.ask(admin, request, **question._asdict(), rows=shown, form=form)


def refuse(
    admin: ModelAdmin, request: HttpRequest, why: str, text: str = ""
) -> HttpResponse | None:
    """Say that nothing was changed, and why; `text` is said instead. Return no page."""
    admin.message_user(request, text or f"Nothing was changed. {why}", messages.ERROR)
    return None


def because(reasons: Iterable[str]) -> str:
    """Join the reasons, the most frequent first, counted if there are several."""
    counted = Counter(reason.rstrip(".") for reason in reasons).most_common()
    if len(counted) == 1:
        return counted[0][0]
    return "; ".join(f"{count} because {reason}" for reason, count in counted)
