"""Actions that ask first: a page that names the rows and sends the same action again."""

from collections.abc import Iterable
from typing import NamedTuple

from django.contrib.admin import ModelAdmin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

#: What the page sends with the action.
CONFIRMED = "confirmed"
#: Sent by the button of a row's own page: to return there, not to the list.
BACK = "back"


class Row(NamedTuple):
    """One row: its key, what it is, its page in the admin; `seen` comes back with it."""

    key: str
    text: str
    page: str = ""
    seen: str = ""


def is_confirmed(request: HttpRequest) -> bool:
    return request.POST.get(CONFIRMED) == "yes"


def back(admin: ModelAdmin, request: HttpRequest) -> HttpResponse | None:
    """To the page of the chosen row if its button was pressed; None: to the list."""
    if BACK not in request.POST:
        return None
    name = f"admin:{admin.opts.app_label}_{admin.opts.model_name}_change"
    return HttpResponseRedirect(reverse(name, args=[request.POST[ACTION_CHECKBOX_NAME]]))


def ask(
    admin: ModelAdmin,
    request: HttpRequest,
    *,
    action: str,
    title: str,
    warning: str,
    button: str,
    rows: Iterable[Row],
    form: Form | None = None,
) -> TemplateResponse:
    """The page. Only the rows it names are sent back, and what the form asks."""
    context = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "title": title,
        "warning": warning,
        "button": button,
        "action": action,
        "rows": list(rows),
        "form": form,
        "checkbox": ACTION_CHECKBOX_NAME,
        "confirmed": CONFIRMED,
        "back": BACK if BACK in request.POST else "",
    }
    return TemplateResponse(request, "destinations/admin/confirm.html", context)
