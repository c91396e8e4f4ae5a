from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display

from destinations import public_ids
from destinations.admin import confirmation, rendering, resolve
from destinations.admin import retry as admin_retry
from destinations.admin.base import ReadOnlyAdmin, SearchByPublicId
from destinations.admin.filters import AttentionFilter, PlatformFilter
from destinations.admin.history import AttemptInline, EventInline
from destinations.models import Destination
from platforms.drafts import Draft

#: Lists truncate errors to this; the page shows all of it.
ERROR_CHARS = 90


@admin.register(Destination)
class DestinationAdmin(SearchByPublicId, ReadOnlyAdmin):
    """Read-only. Operators retry failed destinations and resolve those that may be public."""

    list_display = (
        "public_id",
        "shown_status",
        "platform",
        "account_name",
        "workspace",
        "attempts",
        "due_at",
        "short_error",
    )
    list_filter = (AttentionFilter, PlatformFilter, ("workspace", AutocompleteSelectFilter))
    list_select_related = ("workspace",)
    public_id_prefix = public_ids.DESTINATION
    search_help_text = "The id of a destination: dest_… or its UUID"
    ordering = ("-updated_at",)
    hidden = ("checkpoint", "claim")
    not_listed = ("draft",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("shown_status", "public_id"),
                    "shown_error",
                    "what_to_do",
                    "shown_notes",
                    ("error_code", "attempts"),
                    ("failures", "lookups"),
                    ("due_at", "next_retry_at"),
                    ("published_at", "public_link"),
                )
            },
        ),
        ("What is sent", {"fields": ("shown_draft",)}),
        (
            "Where it belongs",
            {
                "fields": (
                    ("post_link", "account_link"),
                    ("workspace", "request_id"),
                    ("platform", "queue"),
                    ("platform_post_id", "wanted_at"),
                    ("begun_at", "created_at"),
                    ("not_after", "updated_at"),
                )
            },
        ),
    )
    inlines = (AttemptInline, EventInline)
    actions = ("retry", "retry_confirmed", "mark_published", "mark_not_published")
    change_form_outer_before_template = "destinations/admin/retry_buttons.html"

    @admin.action(description="Retry", permissions=["operate"])
    def retry(self, request: HttpRequest, chosen: QuerySet[Destination]) -> HttpResponse | None:
        admin_retry.retry(self, request, chosen.values_list("pk", flat=True))
        return confirmation.back(self, request)

    @admin.action(
        description="Retry: I have checked that it is not public", permissions=["operate"]
    )
    def retry_confirmed(
        self, request: HttpRequest, chosen: QuerySet[Destination]
    ) -> HttpResponse | None:
        asked = admin_retry.retry_confirmed(self, request, chosen)
        return asked or confirmation.back(self, request)

    @admin.action(description="Mark as published: I have found it", permissions=["operate"])
    def mark_published(
        self, request: HttpRequest, chosen: QuerySet[Destination]
    ) -> HttpResponse | None:
        asked = resolve.mark_published(self, request, chosen)
        return asked or confirmation.back(self, request)

    @admin.action(
        description="Mark as not published: I have checked that it is not public",
        permissions=["operate"],
    )
    def mark_not_published(
        self, request: HttpRequest, chosen: QuerySet[Destination]
    ) -> HttpResponse | None:
        asked = resolve.mark_not_published(self, request, chosen)
        return asked or confirmation.back(self, request)

    @display(description="Status", ordering="status")
    def shown_status(self, destination: Destination) -> SafeString | str:
        return rendering.status(destination)

    @display(description="Error")
    def short_error(self, destination: Destination) -> str:
        return Truncator(destination.error).chars(ERROR_CHARS)

    @display(description="Error")
    def shown_error(self, destination: Destination) -> SafeString:
        return format_html('<div class="dovecote-text">{}</div>', destination.error or "-")

    @display(description="Who must act")
    def what_to_do(self, destination: Destination) -> str:
        return rendering.what_to_do(destination.error_code)

    @display(description="Notes")
    def shown_notes(self, destination: Destination) -> SafeString | str:
        lines = format_html_join("\n", "{}", ((note,) for note in destination.notes))
        return format_html('<div class="dovecote-text">{}</div>', lines) if lines else "-"

    @display(description="Public post")
    def public_link(self, destination: Destination) -> SafeString | str:
        return rendering.outside(destination.platform_post_url)

    @display(description="Post")
    def post_link(self, destination: Destination) -> SafeString:
        public_id = public_ids.encode(public_ids.POST, destination.post_id)
        return rendering.inside("posts_post", destination.post_id, public_id)

    @display(description="Account")
    def account_link(self, destination: Destination) -> SafeString | str:
        if destination.account_id is None:
            return f"{destination.account_name} (disconnected)"
        return rendering.inside(
            "destinations_account", destination.account_id, destination.account_name
        )

    @display(description="Frozen draft")
    def shown_draft(self, destination: Destination) -> SafeString:
        draft = Draft.from_json(destination.draft)
        return render_to_string("destinations/admin/draft.html", {"draft": draft})
