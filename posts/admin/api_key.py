"""Keys are made and revoked here, and never changed. A key is shown once, in the answer to the
form that made it: it is put into no session, no cookie and no address."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import NON_FIELD_ERRORS
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from destinations import clock
from destinations.admin import confirming, labels
from destinations.admin.readonly import ReadOnlyAdmin
from posts import keys
from posts.models import ApiKey
from posts.refusals import Refused

#: The words of `_state`, and their colours.
STATES = {"Active": "success", "Expired": "warning", "Revoked": "danger"}


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
        fields = ("workspace", "name", "scopes", "expires_at")

    def _post_clean(self) -> None:
        """The limit is checked and its place taken in one step, so the last check makes the key."""
        if self.errors:
            return
        given = self.cleaned_data
        try:
            self.instance, self.secret = keys.create(
                given["workspace"], given["name"], given["scopes"], given["expires_at"]
            )
        except Refused as refused:
            for field, message in _told(refused):
                self.add_error(field, message)


def _told(refused: Refused) -> list[tuple[str, str]]:
    """(field, message) of everything that is wrong."""
    wrong = refused.details.get("validation_errors", [])
    return [(each["field"], each["message"]) for each in wrong] or [
        (NON_FIELD_ERRORS, f"{refused.message} Revoke one first.")
    ]


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    list_display = (
        "name",
        "prefix",
        "state",
        "workspace",
        "shown_scopes",
        "last_used_at",
        "expires_at",
    )
    list_filter = (("workspace", AutocompleteSelectFilter),)
    list_select_related = ("workspace",)
    search_fields = ("name", "prefix")
    ordering = ("-created_at",)
    hidden = ("digest",)
    autocomplete_fields = ("workspace",)
    add_fieldsets = ((None, {"fields": ("workspace", "name", "scopes", "expires_at")}),)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("name", "prefix", "state"),
                    ("workspace", "shown_scopes"),
                    ("created_at", "last_used_at"),
                    ("expires_at", "revoked_at"),
                )
            },
        ),
    )
    actions = ("revoke",)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("posts.add_apikey")

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> Any:
        """One button: each of the others would leave the page that shows the key."""
        buttons = {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().add_view(request, form_url, {**buttons, **(extra_context or {})})

    def get_form(
        self, request: HttpRequest, obj: ApiKey | None = None, change: bool = False, **options: Any
    ) -> type[forms.ModelForm]:
        if obj is None:
            options["form"] = NewKeyForm
        form: type[forms.ModelForm] = super().get_form(request, obj, change=change, **options)
        return form

    def get_readonly_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> list[str]:
        return super().get_readonly_fields(request, obj) if obj else []

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        """It is saved: validating made it."""
        request.new_key = form.secret  # type: ignore[attr-defined]

    def response_add(
        self, request: HttpRequest, obj: ApiKey, post_url_continue: str | None = None
    ) -> HttpResponse:
        """The key itself, this once. Rendered at once: a redirect would have to carry it."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"The key “{obj.name}”",
            "key": obj,
            "secret": request.new_key,  # type: ignore[attr-defined]
        }
        return TemplateResponse(request, "posts/admin/new_key.html", context)

    @display(description="State")
    def state(self, key: ApiKey) -> SafeString | str:
        return labels.label(_state(key), STATES)

    @display(description="Scopes")
    def shown_scopes(self, key: ApiKey) -> str:
        return ", ".join(key.scopes)

    @admin.action(description="Revoke", permissions=["operate"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[ApiKey]) -> HttpResponse | None:
        if not confirming.is_confirmed(request):
            return self._ask(request, chosen)
        every = list(chosen)
        revoked = [key for key in every if keys.revoke(key)]
        for key in revoked:
            self.log_change(request, key, f"Revoked by operator:{request.user}")
        left = len(every) - len(revoked)
        level = messages.WARNING if left else messages.SUCCESS
        said = f"{len(revoked)} revoked, {left} left as they were."
        self.message_user(request, said, level)
        return None

    def _ask(self, request: HttpRequest, chosen: QuerySet[ApiKey]) -> HttpResponse:
        return confirming.ask(
            self,
            request,
            action="revoke",
            title="Revoke these keys for ever?",
            warning="Programs that use them are refused from now on. This cannot be undone.",
            button="Revoke",
            rows=[confirming.Row(str(key.pk), f"{key} of {key.workspace}") for key in chosen],
        )


def _state(key: ApiKey) -> str:
    if key.revoked_at:
        return "Revoked"
    is_past = key.expires_at is not None and key.expires_at <= clock.now()
    return "Expired" if is_past else "Active"
