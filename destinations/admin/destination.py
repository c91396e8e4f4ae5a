import uuid
from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.db.models.fields.json import KT
from django.http import HttpRequest

from destinations import public_ids
from destinations.admin import rendering
from destinations.admin.actions.resolve import MarkNotPublished, MarkPublished
from destinations.admin.actions.retry import Retry, RetryConfirmed
from destinations.admin.base import BoundedAdmin
from destinations.admin.deletion import DeleteOnNetwork
from destinations.admin.lists import dates, filters
from destinations.admin.lists.columns import Column
from destinations.admin.lists.filters import (
    AttentionFilter,
    ErrorCodeFilter,
    PlatformFilter,
    StatusFilter,
)
from destinations.admin.lists.ordering import Key
from destinations.admin.search import searches
from destinations.admin.search.searches import (
    READ,
    Matches,
    Result,
    Search,
    SearchByNames,
    left_out,
)
from destinations.admin.search.term import Term
from destinations.admin.story import card
from destinations.models import Destination, Event
from destinations.models.conditions import WITHOUT_ID, last_part

#: The largest id of an event.
LARGEST = 2**63 - 1


def _by_network(rows: QuerySet[Destination], term: Term, limit: int) -> Matches:
    """Return where the network's id is in the term, or the end of the post's link."""
    by_id = Destination.objects.filter(platform_post_id__in=term.post_names)
    by_link = Destination.objects.annotate(part=last_part("platform_post_url")).filter(
        part__in=term.post_names, platform__in=WITHOUT_ID
    )
    # Two queries, so that each uses its own index, with the condition of the index.
    named = by_id.exclude(platform_post_id=""), by_link.exclude(platform_post_url="")
    return _of(rows, {key for found in named for key in _first(found.values_list("pk"))}, limit)


def _by_request(rows: QuerySet[Destination], term: Term, limit: int) -> Matches:
    """Find the destinations that the request created, changed or retried."""
    events = Event.objects.filter(request_id=term.request_id).exclude(request_id="")
    return _of(rows, set(_first(events.values_list("destination_id"))), limit)


def _first(keys: QuerySet) -> Iterator[uuid.UUID]:
    return (key for (key,) in keys.order_by()[: READ + 1])


def _of(rows: QuerySet[Destination], keys: set[uuid.UUID], limit: int) -> Matches:
    found = list(rows.filter(pk__in=keys)[:limit]) if keys else []
    return Matches(found, left_out(len(found), len(keys)))


class DestinationSearches(SearchByNames):
    searches = (
        searches.by_id("Destination", public_ids.DESTINATION),
        Search(
            "Destinations by the network's id or link",
            lambda term: bool(term.post_names) and not term.keys,
            _by_network,
        ),
        Search("Destinations of this API request", lambda term: bool(term.request_id), _by_request),
    )

    def searched_rows(self) -> QuerySet[Destination]:
        """Read their text, without the rest of the draft and without secrets."""
        rows = Destination.objects.select_related("workspace").annotate(text=KT("draft__text"))
        return rows.defer("draft", "checkpoint", "claim").order_by("-wanted_at", "pk")

    def result(self, row: Any) -> Result:
        where = f"{row.account_name} on {rendering.network(row.platform)}"
        return searches.result(
            row,
            row.public_id,
            where,
            row.workspace.name,
            text=(row.text or "").strip() or "(no text)",
            status=rendering.status(row),
            at=row.published_at or row.wanted_at,
        )


@admin.register(Destination)
class DestinationAdmin(DestinationSearches, BoundedAdmin):
    """Read-only. Operators retry failed destinations and resolve those that may be public."""

    list_display = (
        "text",
        "account_of",
        "workspace",
        "shown_status",
        "shown_error",
        "wanted_at",
        "updated_at",
    )
    list_filter = (
        dates.by("updated_at"),
        AttentionFilter,
        StatusFilter,
        ErrorCodeFilter,
        PlatformFilter,
        filters.related("account"),
        filters.related("workspace"),
    )
    list_select_related = ("workspace", "post")
    key = Key("updated_at", has_own_index=True)
    narrow_filters = {
        "attention": ("may_be_public", "unconfirmed", "retry_waiting", "late", "reconnect"),
        "status": ("may_be_public",),
        "error_code": None,
        "account__id__exact": None,
        "workspace__id__exact": None,
    }
    search_help_text = "Id, public link, or request id"
    hidden = ("checkpoint", "claim")
    not_listed = ("draft", "post__platform_content", "post__deleted_files")
    # The page is a template of its own, which says what the columns mean.
    fields = ("status",)
    change_form_template = "destinations/admin/destination.html"
    text = Column("Post", lambda row: rendering.text(row.post.content, row.public_id))
    account_of = Column("Account", rendering.account)
    shown_status = Column("Status", rendering.status)
    shown_error = Column("Error", lambda row: rendering.error(row.error, row.error_code))
    actions = (
        "retry",
        "retry_confirmed",
        "mark_published",
        "mark_not_published",
        "delete_on_network",
    )
    retry = Retry("Retry")
    retry_confirmed = RetryConfirmed("Retry: I have checked that it is not public")
    mark_published = MarkPublished("Mark as published: I have found it")
    mark_not_published = MarkNotPublished(
        "Mark as not published: I have checked that it is not public"
    )
    delete_on_network = DeleteOnNetwork("Delete on the network")

    def row_context(self, request: HttpRequest, key: str) -> dict[str, Any]:
        """Return what the page shows; nothing for a row that is not for this operator."""
        pk = public_ids.decode(public_ids.DESTINATION, key)
        row = card.rows().filter(pk=pk).first() if pk else None
        if row is None or not self.has_view_permission(request, row):
            return {}
        given = request.GET.get("before", "")
        before = int(given) if given.isdecimal() and int(given) <= LARGEST else None
        [shown] = card.cards(request, [row], most=card.ALONE, before=before)
        return {
            "card": shown,
            "crumb": f"{shown.network}: {row.account_name}",
            "is_earlier": before is not None,
            "zone": row.post.timezone,
            "post_public_id": row.post.public_id,
        }
