"""Admin pages to create, rotate and revoke API keys, and to change their limits."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from destinations.admin.base import ReadOnlyAdmin
from destinations.admin.lists import columns, filters
from destinations.admin.lists.columns import Column
from destinations.admin.search import searches
from destinations.admin.search.searches import Matches, Result, Search, Searched
from destinations.admin.search.term import Term
from posts.keys import page_links
from posts.keys.admin import key_actions
from posts.keys.admin.key_actions import KeyActions
from posts.models import ApiKey

#: The colours of ApiKey.state.
STATES = {"Active": "success", "Expired": "warning", "Revoked": "danger"}
DEFAULT = "the installation's default"


def _accounts(key: ApiKey) -> str:
    if not key.is_restricted:
        return "all accounts of the workspace"
    return ", ".join(map(str, key.accounts.order_by("pk"))) or "none (its accounts were deleted)"


def _by_prefix(rows: QuerySet[ApiKey], term: Term, limit: int) -> Matches:
    found = rows.filter(prefix__startswith=term.key_prefix)
    return searches.best(found, limit, lambda row: (row.prefix, row.name))


@admin.register(ApiKey)
class ApiKeyAdmin(KeyActions, Searched, ReadOnlyAdmin):
    list_display = (
        "name",
        "prefix",
        "shown_state",
        "workspace",
        "shown_scopes",
        "last_used_at",
        "expires_at",
    )
    list_filter = (filters.related("workspace"),)
    list_select_related = ("workspace",)
    search_fields = ("name", "prefix")
    # Digests are never compared with anything: a key is found by what it is recognised by.
    searches = (
        searches.by_id("API key"),
        Search("API keys", lambda term: bool(term.key_prefix), _by_prefix),
    )
    ordering = ("-created_at",)
    hidden = ("digest",)
    autocomplete_fields = ("workspace", "accounts")
    add_fieldsets = (
        (None, {"fields": ("workspace", "name", "scopes", "expires_at")}),
        ("Accounts it may use", {"fields": ("accounts",)}),
        ("Its own limits", {"fields": ("request_limits", "post_limits")}),
    )
    sections = {
        "": (
            ("name", "prefix", "shown_state"),
            ("workspace", "shown_scopes", "shown_accounts"),
            ("created_at", "last_used_at"),
            ("expires_at", "revoked_at", "replaced_by"),
            ("shown_request_limits", "shown_post_limits"),
            "requests",
        ),
    }
    shown_state = columns.label("State", lambda key: key.state, STATES)
    shown_scopes = Column("Scopes", lambda key: ", ".join(key.scopes))
    shown_accounts = Column("Accounts", _accounts)
    shown_request_limits = Column("Request limits", lambda key: key.request_limits or DEFAULT)
    shown_post_limits = Column("Post limits", lambda key: key.post_limits or DEFAULT)
    requests = Column("Log", page_links.of_key)

    def result(self, row: ApiKey) -> Result:
        about = ", ".join(row.scopes), row.workspace.name
        name, status = f"{row.prefix}…", self.shown_state(row)
        return searches.result(row, name, *about, text=row.name, status=status)

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
            options.setdefault("form", key_actions.NewKeyForm)
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
        return key_actions.shown(self, request, obj, request.new_key)  # type: ignore[attr-defined]
