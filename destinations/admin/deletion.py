"""Deletions on the networks: their list, and the action that asks for them."""

from collections import Counter
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import pluralize
from django.utils.safestring import SafeString

from destinations.admin import rendering
from destinations.admin.actions import resolve
from destinations.admin.actions.bulk import Confirmed
from destinations.admin.actions.confirmation import ConfirmationRow
from destinations.admin.base import BoundedAdmin, author
from destinations.admin.lists import columns, dates, filters
from destinations.admin.lists.columns import Column
from destinations.admin.lists.ordering import Key
from destinations.deleting import deletion_request
from destinations.deleting.deletion_request import Asker
from destinations.models import Deletion, Destination

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


class DeleteOnNetwork(Confirmed):
    """Shows what is public of the chosen ones; once confirmed, asks for its deletion."""

    noun = "destination"
    title = "Delete on the network?"
    warning = (
        "What is public of each is deleted from its network, with the comments and numbers "
        "that it has there. This cannot be undone. The post stays in the customer's list."
    )
    button = "Delete {1} on the network"
    none = "None of them is public."

    def select(self, chosen: QuerySet[Destination]) -> QuerySet[Destination]:
        return chosen.defer(None).order_by("post", "position")

    def rows(self, admin: ModelAdmin, found: list[Destination]) -> list[ConfirmationRow]:
        return [resolve.row(row) for row in found if deletion_request.is_live(row)]

    def act(self, admin: ModelAdmin, request: HttpRequest, given: dict[str, Any]) -> None:
        counts: Counter[str] = Counter()
        for pk, attempts in sorted(resolve.seen(request).items())[: self.most]:
            with transaction.atomic():
                found = Destination.objects.select_for_update().filter(pk=pk, attempts=attempts)
                row = found.first()
                status = _asked(row, request) if row else ""
                counts[status] += 1
                if row and status:
                    admin.log_change(request, row, f"Delete on the network: {status}")
        _report(admin, request, counts)


def _report(admin: ModelAdmin, request: HttpRequest, counts: Counter[str]) -> None:
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


def _account(row: Deletion) -> SafeString | str:
    """Name the account, as a link while it is there."""
    name = f"{row.account_name} (account {row.account_number})"
    key = row.account_id
    return rendering.inside("destinations_account", key, name) if key else name


@admin.register(Deletion)
class DeletionAdmin(BoundedAdmin):
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
        filters.PlatformFilter,
        filters.related("workspace"),
    )
    list_select_related = ("workspace",)
    key = Key("asked_at")
    search_fields = ("destination_id", "post_id", "platform_post_id")
    search_help_text = "Id of a destination or a post, or the network's own id"
    hidden = ("claim",)
    sections = {
        "": (
            ("what", "shown_status"),
            ("shown_post", "workspace"),
            ("shown_account", "link"),
            "shown_error",
            ("attempts", rendering.moment("due_at", "Next attempt")),
            "shown_parts",
            ("proof", "end_of_post"),
        ),
        "Request": ("asked_by", "asked_at", "request_id", "ended_at"),
    }
    what = Column("Destination", lambda row: rendering.destination(row, row.destination_public_id))
    shown_status = columns.choice("status", STATUSES)
    shown_post = Column("Post", lambda row: row.post_public_id)
    shown_account = Column("Account", _account)
    link = Column(
        "On the network",
        lambda row: rendering.outside(row.platform_post_url) or row.platform_post_id or "-",
    )
    #: The post, or each part of a thread, and what became of it.
    shown_parts = columns.lines(
        "What is to go",
        lambda row: (
            f"{part['id']}: {PARTS.get(part['removal'], part['removal'])}" for part in row.parts
        ),
        empty="-",
    )
    proof = Column(
        "Whose it is",
        lambda row: "the account's own" if row.is_proven else "the network is asked first",
    )
    end_of_post = Column(
        "The post here", lambda row: "is deleted as well" if row.removes_post else "stays"
    )
    shown_error = Column("Error", lambda row: rendering.error(row.error, row.error_code))
