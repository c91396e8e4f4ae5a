"""Confirmation pages: list the chosen rows and submit the same action again."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.contrib.admin import ModelAdmin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.text import Truncator

from destinations.admin.base import page

#: Sent by the page with the action.
CONFIRMED = "confirmed"
#: Sent by the buttons of a row's own page, to return there instead of to the list.
BACK = "back"
#: Sent by other pages, such as the calendar: the address to return to.
NEXT = "next"
#: Longer texts are shortened, and shown in full on demand.
SHORT_CHARS = 200


class ConfirmationRow(NamedTuple):
    """One row: its key, its text, its page in the admin. The page submits `seen` with it.

    `facts`: what else to know of it, each with its label. `note`: why it is left as it is. `of`:
    the row itself, for an action that looks at it again.
    """

    key: str
    text: str
    page: str = ""
    seen: str = ""
    facts: Sequence[tuple[str, str]] = ()
    note: str = ""
    of: Any = None

    @property
    def short(self) -> str:
        return Truncator(self.text).chars(SHORT_CHARS)


def is_confirmed(request: HttpRequest) -> bool:
    return request.POST.get(CONFIRMED) == "yes"


def back(admin: ModelAdmin, request: HttpRequest, *, is_gone: bool = False) -> HttpResponse | None:
    """A redirect to where the operator came from; None: stay at the list.

    That is the page named in NEXT, or the row's own page if its button was pressed. `is_gone`: that
    page no longer exists.
    """
    address = _came_from(admin, request, is_gone=is_gone)
    return HttpResponseRedirect(address) if address else None


def _came_from(admin: ModelAdmin, request: HttpRequest, *, is_gone: bool = False) -> str:
    wanted, key = request.POST.get(NEXT, ""), request.POST[ACTION_CHECKBOX_NAME]
    if is_gone and key in wanted:
        return ""
    if wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        return wanted
    if BACK not in request.POST or is_gone:
        return ""
    name = f"admin:{admin.opts.app_label}_{admin.opts.model_name}_change"
    return reverse(name, args=[key])


def ask(
    admin: ModelAdmin,
    request: HttpRequest,
    *,
    title: str,
    warning: str,
    button: str,
    rows: Iterable[ConfirmationRow],
    left: Iterable[ConfirmationRow] = (),
    form: Form | None = None,
    given: Form | None = None,
    is_last: bool = True,
) -> TemplateResponse:
    """The page. It submits the rows it lists, and the fields of the form.

    `left`: chosen rows that will stay as they are. `given`: a form that was filled in before; its
    values are submitted again. `is_last`: the button confirms; otherwise it only continues.
    """
    return page(
        admin,
        request,
        "destinations/admin/confirm.html",
        title,
        warning=warning,
        button=button,
        action=request.POST["action"],
        rows=list(rows),
        left=list(left),
        form=form,
        given=given,
        checkbox=ACTION_CHECKBOX_NAME,
        confirmed=CONFIRMED if is_last else "",
        kept=[(name, request.POST[name]) for name in (BACK, NEXT) if name in request.POST],
        leave=_came_from(admin, request),
    )
