"""Deletions on the networks: their list, and the action that asks for them."""

from collections import Counter

from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import pluralize
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display

from destinations.admin import confirmation, rendering, resolve
from destinations.admin.base import ReadOnlyAdmin, author
from destinations.admin.filters import PlatformFilter
from destinations.admin.lists import dates
from destinations.admin.lists.bounded import BoundedList
from destinations.admin.lists.ordering import Key
from destinations.deleting import deletion_request
from destinations.deleting.deletion_request import Asker
from destinations.models import Deletion, Destination
from platforms.registry import ADAPTERS

#: The most destinations that one page deletes: an operator has to look at each.
MOST = 50
#: What became of each part.
PARTS = {"": "public", "deleted": "deleted", "already_gone": "was gone already"}
#: Colours of the statuses.
STATUSES = {
    "Waiting": "info",
    "Deleting": "primary",
    "Deleted": "success",
    "Already gone": "success",
    "Failed": "danger",
    "Not supported": "warning",
    "Left": "warning",
}


def delete(
    admin: ModelAdmin, request: HttpRequest, chosen: QuerySet[Destination]
) -> HttpResponse | None:
    """Show what is public of the chosen ones; once confirmed, ask for its deletion."""
    if confirmation.is_confirmed(request):
        _ask(admin, request)
        return None
    found = list(chosen.defer(None).order_by("post", "position")[: MOST + 1])
    rows = [row for row in found if deletion_request.is_live(row)]
    if not rows or len(found) > MOST:
        wrong = f"Choose at most {MOST}." if len(found) > MOST else "None of them is public."
        admin.message_user(request, f"Nothing was changed. {wrong}", messages.ERROR)
        return None
    return confirmation.ask(
        admin,
        request,
        title="Delete on the network?",
        warning=(
            "What is public of each is deleted from its network, with the comments and numbers "
            "that it has there. This cannot be undone. The post stays in the customer's list."
        ),
        button=f"Delete {len(rows)} on the network",
        rows=[resolve.row(row) for row in rows],
    )


def _ask(admin: ModelAdmin, request: HttpRequest) -> None:
    """Ask for the deletion of those that are as they were shown, and report."""
    seen = resolve.seen(request)
    counts: Counter[str] = Counter()
    for pk, attempts in sorted(seen.items())[:MOST]:
        with transaction.atomic():
            row = Destination.objects.select_for_update().filter(pk=pk, attempts=attempts).first()
            status = _asked(row, request) if row else ""
            counts[status] += 1
            if row and status:
                admin.log_change(request, row, f"Delete on the network: {status}")
    kept = counts.pop("", 0)
    told = [f"{count} {status.replace('_', ' ')}" for status, count in sorted(counts.items())]
    if kept:
        told.append(f"{kept} left as they were: being published, or changed since you looked")
    is_fine = set(counts) <= {"waiting", "deleting", "deleted", "already_gone"} and not kept
    level = messages.SUCCESS if is_fine else messages.WARNING
    count = sum(counts.values())
    report = f"Deletion of {count} destination{pluralize(count)} asked for: {'; '.join(told)}."
    admin.message_user(request, report, level)


def _asked(row: Destination, request: HttpRequest) -> str:
    """The status of its deletion; blank if it is in progress or not public."""
    try:
        deletions = deletion_request.ask([row], Asker(**author(request)))
    except deletion_request.InProgress:
        return ""
    return deletions[0].status if deletions else ""


@admin.register(Deletion)
class DeletionAdmin(BoundedList, ReadOnlyAdmin):
    """What was to go from the networks, and what stays public without its post here."""

    list_display = (
        "what",
        "workspace",
        "shown_status",
        "shown_error",
        "attempts",
        "asked_by",
        "asked_at",
    )
    list_filter = (
        dates.by("asked_at"),
        "status",
        PlatformFilter,
        ("workspace", AutocompleteSelectFilter),
    )
    list_select_related = ("workspace",)
    key = Key("asked_at")
    ordering = key.order
    search_fields = ("destination_id", "post_id", "platform_post_id")
    search_help_text = "Id of a destination or a post, or the network's own id"
    hidden = ("claim",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("what", "shown_status"),
                    ("shown_post", "workspace"),
                    ("shown_account", "link"),
                    "shown_error",
                    ("attempts", rendering.moment("due_at", "Next attempt")),
                    "shown_parts",
                    ("proof", "end_of_post"),
                )
            },
        ),
        ("Request", {"fields": ("asked_by", "asked_at", "request_id", "ended_at")}),
    )

    @display(description="Destination")
    def what(self, row: Deletion) -> SafeString:
        return format_html(
            '{}: {}<span class="dovecote-under">{}</span>',
            ADAPTERS[row.platform].name,
            row.account_name,
            row.destination_public_id,
        )

    @display(description="Status")
    def shown_status(self, row: Deletion) -> SafeString | str:
        return rendering.label(row.get_status_display(), STATUSES)

    @display(description="Post")
    def shown_post(self, row: Deletion) -> str:
        return row.post_public_id

    @display(description="Account")
    def shown_account(self, row: Deletion) -> SafeString | str:
        """As a link while the account is there."""
        name = f"{row.account_name} (account {row.account_number})"
        key = row.account_id
        return rendering.inside("destinations_account", key, name) if key else name

    @display(description="On the network")
    def link(self, row: Deletion) -> SafeString | str:
        return rendering.outside(row.platform_post_url) or row.platform_post_id or "-"

    @display(description="What is to go")
    def shown_parts(self, row: Deletion) -> SafeString | str:
        """The post, or each part of a thread, and what became of it."""
        lines = ((part["id"], PARTS.get(part["removal"], part["removal"])) for part in row.parts)
        return format_html_join("", "<div>{}: {}</div>", lines) or "-"

    @display(description="Whose it is")
    def proof(self, row: Deletion) -> str:
        return "the account's own" if row.is_proven else "the network is asked first"

    @display(description="The post here")
    def end_of_post(self, row: Deletion) -> str:
        return "is deleted as well" if row.removes_post else "stays"

    @display(description="Error")
    def shown_error(self, row: Deletion) -> SafeString | str:
        return rendering.error(row.error, row.error_code)
