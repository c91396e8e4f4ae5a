"""Admin pages to create, rotate and revoke API keys, and to change their limits."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display

from destinations.admin import rendering
from destinations.admin.base import ReadOnlyAdmin
from posts.keys import keys, page_links
from posts.keys.admin import key_actions, new_keys
from posts.models import ApiKey

#: The colours of ApiKey.state.
STATES = {"Active": "success", "Expired": "warning", "Revoked": "danger"}


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    list_display = (
        "name",
        "prefix",
        "shown_state",
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
    autocomplete_fields = ("workspace", "accounts")
    add_fieldsets = (
        (None, {"fields": ("workspace", "name", "scopes", "expires_at")}),
        ("Accounts it may use", {"fields": ("accounts",)}),
        ("Its own limits", {"fields": ("request_limits", "post_limits")}),
    )
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("name", "prefix", "shown_state"),
                    ("workspace", "shown_scopes", "shown_accounts"),
                    ("created_at", "last_used_at"),
                    ("expires_at", "revoked_at", "replaced_by"),
                    ("shown_request_limits", "shown_post_limits"),
                    "requests",
                )
            },
        ),
    )
    actions = ("rotate", "change_limits", "revoke")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("posts.add_apikey")

    def has_rotate_permission(self, request: HttpRequest) -> bool:
        """Rotating creates a key and ends another."""
        return self.has_add_permission(request) and self.has_operate_permission(request)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> Any:
        """Only one button: the others would leave the page that shows the secret."""
        buttons = {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().add_view(request, form_url, {**buttons, **(extra_context or {})})

    def get_form(
        self, request: HttpRequest, obj: ApiKey | None = None, change: bool = False, **options: Any
    ) -> type[forms.ModelForm]:
        if obj is None:
            options.setdefault("form", new_keys.NewKeyForm)
        form: type[forms.ModelForm] = super().get_form(request, obj, change=change, **options)
        return form

    def get_readonly_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> list[str]:
        return super().get_readonly_fields(request, obj) if obj else []

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        """Validation has already saved the key."""
        request.new_key = form.secret  # type: ignore[attr-defined]

    def response_add(
        self, request: HttpRequest, obj: ApiKey, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Show the secret once. Rendered here, because a redirect would have to carry it."""
        return new_keys.shown(self, request, obj, request.new_key)  # type: ignore[attr-defined]

    @display(description="State")
    def shown_state(self, key: ApiKey) -> SafeString | str:
        return rendering.label(key.state, STATES)

    @display(description="Scopes")
    def shown_scopes(self, key: ApiKey) -> str:
        return ", ".join(key.scopes)

    @display(description="Accounts")
    def shown_accounts(self, key: ApiKey) -> str:
        if not key.is_restricted:
            return "all accounts of the workspace"
        return (
            ", ".join(str(account) for account in key.accounts.order_by("pk"))
            or "none (its accounts were deleted)"
        )

    @display(description="Request limits")
    def shown_request_limits(self, key: ApiKey) -> str:
        return key.request_limits or "the installation's default"

    @display(description="Post limits")
    def shown_post_limits(self, key: ApiKey) -> str:
        return key.post_limits or "the installation's default"

    @display(description="Log")
    def requests(self, key: ApiKey) -> SafeString | str:
        return page_links.of_key(key)

    @admin.action(description="Rotate", permissions=["rotate"])
    def rotate(self, request: HttpRequest, chosen: QuerySet[ApiKey]) -> HttpResponse | None:
        return key_actions.rotate(self, request, chosen)

    @admin.action(description="Change limits", permissions=["operate"])
    def change_limits(self, request: HttpRequest, chosen: QuerySet[ApiKey]) -> HttpResponse | None:
        return key_actions.change_limits(self, request, chosen)

    @admin.action(description="Revoke", permissions=["operate"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[ApiKey]) -> HttpResponse | None:
        return key_actions.revoke(
            self,
            request,
            chosen,
            keys.revoke,
            title="Revoke these keys permanently?",
            warning="Programs that use them will be refused. This cannot be undone.",
        )
