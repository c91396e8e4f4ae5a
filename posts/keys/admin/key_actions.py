"""Make a key in the admin, and act on existing keys: rotate one, change its limits, revoke some.

The secret is only in the response to the form: in no session, cookie or URL.
"""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from destinations.admin.actions import bulk as actions
from destinations.admin.actions.bulk import Each, One, Question
from destinations.admin.base import page
from destinations.admin.lists.changelist import is_key
from destinations.models import Account
from destinations.wording import quoted
from posts import rate_windows
from posts.errors import RequestRefused
from posts.keys import keys
from posts.models import ApiKey, Workspace
from posts.models.api_key import check_limits

OVERLAPS = (
    ("0s", "It ends at once"),
    ("1h", "One hour"),
    ("1day", "One day"),
    ("7day", "Seven days"),
)
LIMITS_HELP = "For example 600/min,10000/day, or none. Empty: the installation's default."


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
        help_text=LIMITS_HELP,
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
    return shown(admin, request, new, secret)


def _change_limits(
    admin: ModelAdmin, request: HttpRequest, key: ApiKey, given: dict[str, Any]
) -> None:
    """Set the key's own limits, which apply from its next call."""
    ApiKey.objects.filter(pk=key.pk).update(**given)
    said = ", ".join(f"{name} {text or 'default'}" for name, text in given.items())
    admin.log_change(request, key, f"Limits set by operator:{request.user}: {said}")
    admin.message_user(request, "The limits were set.", messages.SUCCESS)


def _described(key: ApiKey) -> str:
    return f"{quoted(key)} of {quoted(key.workspace)}"


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


class NewKeyForm(forms.ModelForm):
    scopes = forms.MultipleChoiceField(
        choices=ApiKey.Scope.choices,
        initial=[ApiKey.Scope.READ, ApiKey.Scope.WRITE],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="read: read posts and accounts. write: create, change and retry posts. "
        "ai: have captions written and images drawn.",
    )
    #: The secret, once the form is valid.
    secret = ""

    class Meta:
        model = ApiKey
        fields = (
            "workspace",
            "name",
            "scopes",
            "expires_at",
            "accounts",
            "request_limits",
            "post_limits",
        )
        help_texts = {
            "accounts": "The accounts it sees and posts to. Empty: all accounts of the workspace.",
            "request_limits": LIMITS_HELP,
            "post_limits": LIMITS_HELP,
        }

    def __init__(self, data: QueryDict | None = None, *rest: Any, **options: Any) -> None:
        super().__init__(data and _with_possible_keys(data), *rest, **options)

    def _post_clean(self) -> None:
        """Create the key here: checking the limit and taking the place must be one step."""
        if self.errors:
            return
        given = dict(self.cleaned_data)
        try:
            self.instance, self.secret = keys.create(**given)
        except RequestRefused as refused:
            self.refuse(refused)

    def refuse(self, refused: RequestRefused) -> None:
        """Say what is wrong, each problem at its field."""
        wrong = refused.details.get("validation_errors", [])
        for each in wrong:
            self.add_error(each["field"], each["message"])
        if not wrong:
            self.add_error(None, f"{refused.message} Revoke one first.")


def _with_possible_keys(data: QueryDict) -> QueryDict:
    """The form without keys that no row can have: the widgets look for rows, and would fail."""
    data = data.copy()
    for name, model in (("workspace", Workspace), ("accounts", Account)):
        data.setlist(name, [key for key in data.getlist(name) if is_key(model, key)])
    return data


def shown(admin: ModelAdmin, request: HttpRequest, key: ApiKey, secret: str) -> TemplateResponse:
    """The page that shows the secret."""
    title = f"The key {quoted(key.name)}"
    return page(admin, request, "posts/admin/new_key.html", title, key=key, secret=secret)
