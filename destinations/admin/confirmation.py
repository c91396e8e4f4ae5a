"""Confirmation pages: list the chosen rows and submit the same action again."""

from collections.abc import Iterable
from typing import NamedTuple

from django.contrib.admin import ModelAdmin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from destinations.admin.base import page

#: Sent by the page with the action.
CONFIRMED = "confirmed"
#: Sent by the buttons of a row's own page, to return there instead of to the list.
BACK = "back"


class ConfirmationRow(NamedTuple):
    """One row: its key, its text, its page in the admin. The page submits `seen` with it."""

    key: str
    text: str
    page: str = ""
    seen: str = ""


def is_confirmed(request: HttpRequest) -> bool:
    return request.POST.get(CONFIRMED) == "yes"


def back(admin: ModelAdmin, request: HttpRequest) -> HttpResponse | None:
    """A redirect to the row's own page if its button was pressed; None: stay at the list."""
    if BACK not in request.POST:
        return None
    name = f"admin:{admin.opts.app_label}_{admin.opts.model_name}_change"
    return HttpResponseRedirect(reverse(name, args=[request.POST[ACTION_CHECKBOX_NAME]]))


def ask(
    admin: ModelAdmin,
    request: HttpRequest,
    *,
    title: str,
    warning: str,
    button: str,
    rows: Iterable[ConfirmationRow],
    form: Form | None = None,
) -> TemplateResponse:
    """The page. It submits the rows it lists, and the fields of the form."""
    return page(
        admin,
        request,
        "destinations/admin/confirm.html",
        title,
        warning=warning,
        button=button,
        action=request.POST["action"],
        rows=list(rows),
        form=form,
        checkbox=ACTION_CHECKBOX_NAME,
        confirmed=CONFIRMED,
        back=BACK if BACK in request.POST else "",
    )
