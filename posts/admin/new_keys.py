"""Making a key. It is shown once, in the answer to the form that made it: it is put into no
session, no cookie and no address."""

from django import forms
from django.contrib.admin import ModelAdmin
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import HttpRequest
from django.template.response import TemplateResponse
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from posts.errors import RequestRefused
from posts.keys import keys
from posts.models import ApiKey

LIMITS_HELP = "Such as 600/min,10000/day, or none. Empty: the installation's."


class NewKeyForm(forms.ModelForm):
    scopes = forms.MultipleChoiceField(
        choices=ApiKey.Scope.choices,
        initial=[ApiKey.Scope.READ, ApiKey.Scope.WRITE],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="read: look at posts and accounts. write: make, change and retry posts.",
    )
    #: The whole key, once the form is valid.
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
            "accounts": "All that it sees and posts to. Empty: every account of the workspace.",
            "request_limits": LIMITS_HELP,
            "post_limits": LIMITS_HELP,
        }

    def _post_clean(self) -> None:
        """The limit is checked and its place taken in one step, so the last check makes the key."""
        if self.errors:
            return
        given = dict(self.cleaned_data)
        try:
            self.instance, self.secret = keys.create(**given)
        except RequestRefused as refused:
            for field, message in told(refused):
                self.add_error(field, message)


def told(refused: RequestRefused) -> list[tuple[str, str]]:
    """(field, message) of everything that is wrong."""
    wrong = refused.details.get("validation_errors", [])
    return [(each["field"], each["message"]) for each in wrong] or [
        (NON_FIELD_ERRORS, f"{refused.message} Revoke one first.")
    ]


def shown(admin: ModelAdmin, request: HttpRequest, key: ApiKey, secret: str) -> TemplateResponse:
    """The page with the key itself."""
    context = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "title": f"The key “{key.name}”",
        "key": key,
        "secret": secret,
    }
    return TemplateResponse(request, "posts/admin/new_key.html", context)
