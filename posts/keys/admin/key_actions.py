"""Admin actions on existing keys: rotate one, change its limits, revoke some."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from destinations.admin import confirmation
from posts import rate_windows
from posts.errors import RequestRefused
from posts.keys import keys
from posts.keys.admin import new_keys
from posts.models import ApiKey
from posts.models.api_key import check_limits

OVERLAPS = (
    ("0s", "It ends at once"),
    ("1h", "One hour"),
    ("1day", "One day"),
    ("7day", "Seven days"),
)


class KeyOverlapForm(forms.Form):
    overlap = forms.ChoiceField(
        label="How long the old key keeps working",
        choices=OVERLAPS,
        initial="1day",
        widget=UnfoldAdminSelectWidget,
    )


class LimitsForm(forms.Form):
    request_limits = forms.CharField(
        label="Request limits",
        required=False,
        max_length=200,
        validators=[check_limits],
        widget=UnfoldAdminTextInputWidget,
        help_text=new_keys.LIMITS_HELP,
    )
    post_limits = forms.CharField(
        label="Post limits",
        required=False,
        max_length=200,
        validators=[check_limits],
        widget=UnfoldAdminTextInputWidget,
        help_text=new_keys.LIMITS_HELP,
    )


def rotate(
    admin: ModelAdmin, request: HttpRequest, chosen: QuerySet[ApiKey]
) -> HttpResponse | None:
    """Ask how long both keys should work, then show the new secret once."""
    key = _one(admin, request, chosen)
    if key is None:
        return None
    confirmed = confirmation.is_confirmed(request)
    form = KeyOverlapForm(request.POST if confirmed else None)
    if not (confirmed and form.is_valid()):
        return _ask(
            admin,
            request,
            key,
            title="Rotate this key?",
            warning="The new key has the same name, scopes, accounts and limits. Switch your "
            "programs to it before the old key stops working.",
            button="Rotate",
            form=form,
        )
    overlap = timedelta(seconds=rate_windows.length(form.cleaned_data["overlap"]))
    try:
        new, secret = keys.rotate(key, overlap)
    except RequestRefused as refused:
        admin.message_user(request, f"Nothing was changed. {refused.message}", messages.ERROR)
        return None
    admin.log_change(request, key, f"Replaced by {new.prefix} by operator:{request.user}")
    admin.log_addition(request, new, f"Replaces {key.prefix}, by operator:{request.user}")
    return new_keys.shown(admin, request, new, secret)


def change_limits(
    admin: ModelAdmin, request: HttpRequest, chosen: QuerySet[ApiKey]
) -> HttpResponse | None:
    """Ask for a key's own limits and set them. They apply from its next call."""
    key = _one(admin, request, chosen)
    if key is None:
        return None
    confirmed = confirmation.is_confirmed(request)
    form = LimitsForm(request.POST) if confirmed else LimitsForm(initial=_limits(key))
    if not (confirmed and form.is_valid()):
        return _ask(
            admin,
            request,
            key,
            title="Change the limits of this key",
            warning="Calls that it has already made count towards the new limits.",
            button="Set limits",
            form=form,
        )
    ApiKey.objects.filter(pk=key.pk).update(**form.cleaned_data)
    said = ", ".join(f"{name} {text or 'default'}" for name, text in form.cleaned_data.items())
    admin.log_change(request, key, f"Limits set by operator:{request.user}: {said}")
    admin.message_user(request, "The limits were set.", messages.SUCCESS)
    return None


def _limits(key: ApiKey) -> dict[str, str]:
    return {"request_limits": key.request_limits, "post_limits": key.post_limits}


def revoke(
    admin: ModelAdmin,
    request: HttpRequest,
    chosen: Iterable[Any],
    end: Callable[[Any], bool],
    title: str,
    warning: str,
) -> HttpResponse | None:
    """Ask for confirmation, then end these rows permanently; `end` says whether it changed one."""
    every = list(chosen)
    if not confirmation.is_confirmed(request):
        return _ask(admin, request, *every, title=title, warning=warning, button="Revoke")
    revoked = [row for row in every if end(row)]
    for row in revoked:
        admin.log_change(request, row, f"Revoked by operator:{request.user}")
    left = len(every) - len(revoked)
    level = messages.WARNING if left else messages.SUCCESS
    admin.message_user(request, f"{len(revoked)} revoked, {left} unchanged.", level)
    return None


def _one(admin: ModelAdmin, request: HttpRequest, chosen: QuerySet[ApiKey]) -> ApiKey | None:
    """The chosen key; None, with a message to the operator, unless exactly one was chosen."""
    found = list(chosen.select_related("workspace")[:2])
    if len(found) == 1:
        return found[0]
    admin.message_user(request, "Nothing was changed. Choose exactly one key.", messages.ERROR)
    return None


def _ask(
    admin: ModelAdmin,
    request: HttpRequest,
    *asked: Any,
    title: str,
    warning: str,
    button: str,
    form: forms.Form | None = None,
) -> HttpResponse:
    return confirmation.ask(
        admin,
        request,
        title=title,
        warning=warning,
        button=button,
        rows=[confirmation.ConfirmationRow(str(row.pk), _described(row)) for row in asked],
        form=form,
    )


def _described(row: Any) -> str:
    return f"{row} of {row.workspace}" if isinstance(row, ApiKey) else str(row)
