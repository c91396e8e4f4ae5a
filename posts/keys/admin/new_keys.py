"""The form that creates a key and the page that shows its secret, once.

The secret is only in the response to the form: in no session, cookie or URL.
"""

from typing import Any

from django import forms
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, QueryDict
from django.template.response import TemplateResponse
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from destinations.admin.base import page
from destinations.admin.lists.changelist import is_key
from destinations.models import Account
from posts.errors import RequestRefused
from posts.keys import keys
from posts.models import ApiKey, Workspace

LIMITS_HELP = "For example 600/min,10000/day, or none. Empty: the installation's default."


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
    title = f"The key “{key.name}”"
    return page(admin, request, "posts/admin/new_key.html", title, key=key, secret=secret)
