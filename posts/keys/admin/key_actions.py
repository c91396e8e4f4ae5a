"""Admin actions on existing keys: rotate one, change its limits, revoke some."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, HttpResponse
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from destinations.admin.actions import bulk as actions
from destinations.admin.actions.bulk import Each, One, Question
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


def _limits(label: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=200,
        validators=[check_limits],
        widget=UnfoldAdminTextInputWidget,
        help_text=new_keys.LIMITS_HELP,
    )


class LimitsForm(forms.Form):
    request_limits = _limits("Request limits")
    post_limits = _limits("Post limits")


def _rotate(
    admin: ModelAdmin, request: HttpRequest, key: ApiKey, given: dict[str, Any]
) -> HttpResponse | None:
    """Replace the key, and show the new secret once."""
    overlap = timedelta(seconds=rate_windows.length(given["overlap"]))
    try:
        new, secret = keys.rotate(key, overlap)
    except RequestRefused as refused:
        return actions.refuse(admin, request, refused.message)
    admin.log_change(request, key, f"Replaced by {new.prefix} by operator:{request.user}")
    admin.log_addition(request, new, f"Replaces {key.prefix}, by operator:{request.user}")
    return new_keys.shown(admin, request, new, secret)


def _change_limits(
    admin: ModelAdmin, request: HttpRequest, key: ApiKey, given: dict[str, Any]
) -> None:
    """Set the key's own limits, which apply from its next call."""
    ApiKey.objects.filter(pk=key.pk).update(**given)
    said = ", ".join(f"{name} {text or 'default'}" for name, text in given.items())
    admin.log_change(request, key, f"Limits set by operator:{request.user}: {said}")
    admin.message_user(request, "The limits were set.", messages.SUCCESS)


def _described(key: ApiKey) -> str:
    return f"{key} of {key.workspace}"


class KeyActions:
    """The actions of the list of keys."""

    actions = ("rotate", "change_limits", "revoke")
    rotate = One(
        "Rotate",
        _rotate,
        noun="key",
        ask=Question(
            "Rotate this key?",
            "The new key has the same name, scopes, accounts and limits. Switch your programs to "
            "it before the old key stops working.",
            "Rotate",
        ),
        form=KeyOverlapForm,
        describe=_described,
        permission="rotate",
    )
    change_limits = One(
        "Change limits",
        _change_limits,
        noun="key",
        ask=Question(
            "Change the limits of this key",
            "Calls that it has already made count towards the new limits.",
            "Set limits",
        ),
        form=LimitsForm,
        initial=lambda key: {"request_limits": key.request_limits, "post_limits": key.post_limits},
        describe=_described,
    )
    revoke = Each(
        "Revoke",
        "revoked",
        lambda key, who: keys.revoke(key),
        left="unchanged",
        ask=Question(
            "Revoke these keys permanently?",
            "Programs that use them will be refused. This cannot be undone.",
            "Revoke",
        ),
        describe=_described,
    )
