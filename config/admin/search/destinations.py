"""Destinations by our ids, by the networks' names of a post, and by the request that made them."""

from collections.abc import Sequence

from django.db.models import QuerySet
from django.db.models.fields.json import KT

from config.admin.search import results
from config.admin.search.finder import READ, Finder, Matches, left_out
from config.admin.search.term import Term
from destinations import public_ids
from destinations.models import Destination, Event
from destinations.models.conditions import WITHOUT_ID, last_part


def _rows() -> QuerySet[Destination]:
    """Read destinations with their text, without the rest of the draft and without secrets."""
    rows = Destination.objects.select_related("workspace").annotate(text=KT("draft__text"))
    return rows.defer("draft", "checkpoint", "claim").order_by("-wanted_at", "pk")


def _by_id(term: Term, limit: int) -> Matches:
    return Matches(list(_rows().filter(pk=term.key_of(public_ids.DESTINATION))))


def _by_network(term: Term, limit: int) -> Matches:
    """Return where the network's id is in the term, or the end of the post's link."""
    by_id = Destination.objects.filter(platform_post_id__in=term.post_names)
    by_link = Destination.objects.annotate(part=last_part("platform_post_url")).filter(
        part__in=term.post_names, platform__in=WITHOUT_ID
    )
    # Two queries, so that each uses its own index, with the condition of the index.
    named = by_id.exclude(platform_post_id=""), by_link.exclude(platform_post_url="")
    return _of([key for rows in named for key in _keys(rows.values_list("pk", flat=True))], limit)


def _by_request(term: Term, limit: int) -> Matches:
    """Find the destinations that the request created, changed or retried."""
    events = Event.objects.filter(request_id=term.request_id).exclude(request_id="")
    return _of(_keys(events.values_list("destination_id", flat=True)), limit)


def _keys(rows: QuerySet) -> list:
    return list(rows.order_by()[: READ + 1])


def _of(keys: Sequence, limit: int) -> Matches:
    every = set(keys)
    rows = list(_rows().filter(pk__in=every)[:limit]) if every else []
    return Matches(rows, left_out(len(rows), len(every)))


BY_ID = Finder(
    "Destination",
    Destination,
    lambda term: term.key_of(public_ids.DESTINATION) is not None,
    _by_id,
    results.destinations,
)
BY_NETWORK = Finder(
    "Destinations by the network's id or link",
    Destination,
    lambda term: bool(term.post_names) and not term.keys,
    _by_network,
    results.destinations,
)
BY_REQUEST = Finder(
    "Destinations of this API request",
    Destination,
    lambda term: bool(term.request_id),
    _by_request,
    results.destinations,
)
