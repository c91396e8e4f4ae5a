"""What the pages show of a destination: one card, with its timeline."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString

from destinations import pauses
from destinations.admin import flower, log_search, rendering
from destinations.admin.story import read, timeline
from destinations.admin.story.next_step import Next, next_step
from destinations.admin.story.sent import Sent, sent
from destinations.models import Account, Destination, Pause
from destinations.runtime import clock
from destinations.state import waiting
from platforms.registry import ADAPTERS

#: Returns the queues that no worker serves. Who reads workers' heartbeats is not known here.
Unserved = Callable[[], Collection[str]]
_unserved: Unserved = frozenset
#: How many events a page shows at once: of one destination, and of each of a post.
ALONE, BESIDE_OTHERS = 60, 20


@dataclass(frozen=True, slots=True)
class Card:
    row: Destination
    network: str
    #: In words, as lists have it.
    status: str
    next: Next
    sent: Sent
    groups: list[timeline.TimelineGroup]
    #: The page of the events before these; "" if there are none.
    earlier: str
    tasks: str
    logs: str

    @property
    def label(self) -> SafeString | str:
        return rendering.label(self.status, rendering.STATUSES)

    @property
    def public_link(self) -> SafeString | str:
        return rendering.outside(self.row.platform_post_url, "The public post")

    @property
    def account(self) -> Account | None:
        return self.row.account

    @property
    def is_open(self) -> bool:
        """Return whether its timeline is unfolded: there is something to see or to do."""
        return self.next.kind == "act" or self.row.is_begun or bool(self.row.next_retry_at)


def unserved_found_by(find: Unserved) -> None:
    """Ask this function for them. Called once, when the admin's pages are registered."""
    global _unserved
    _unserved = find


def rows() -> QuerySet[Destination]:
    """Destinations with what a card needs, without secrets. Claims are read and never shown."""
    found = Destination.objects.select_related("account", "workspace", "post")
    return found.defer("checkpoint", "account__credentials")


def cards(
    request: HttpRequest,
    destinations: Sequence[Destination],
    *,
    most: int = BESIDE_OTHERS,
    before: int | None = None,
) -> list[Card]:
    """The cards of `rows`, in their order. Three queries, however many there are."""
    histories = read.histories([row.pk for row in destinations], most, before)
    steps = next_steps(destinations)
    return [
        _card(request, row, histories[row.pk], step)
        for row, step in zip(destinations, steps, strict=True)
    ]


def next_steps(destinations: Sequence[Destination]) -> list[Next]:
    """Return what happens next to each of `rows`, in their order."""
    now = clock.now()
    held = pauses.active()
    has_due = any(row.due_at and row.wanted_at <= now for row in destinations)
    unserved = _unserved() if has_due else ()
    return [
        next_step(
            row,
            now,
            paused=_paused(row, held),
            outage=waiting.outage_of(row, now),
            in_queue=row.post.slot_at is not None,
            is_unserved=row.queue in unserved,
        )
        for row in destinations
    ]


def _paused(row: Destination, held: list[Pause]) -> str:
    pause = pauses.covering(held, row.platform, row.workspace_id, row.account_number)
    return f"{pause.marked_name} is paused" if pause else ""


def _card(request: HttpRequest, row: Destination, history: read.History, step: Next) -> Card:
    page = reverse("admin:destinations_destination_change", args=[row.pk])
    return Card(
        row=row,
        network=ADAPTERS[row.platform].name,
        status=rendering.status_words(row),
        next=step,
        sent=sent(row.platform, row.draft),
        groups=timeline.build(history.events, history.attempts),
        earlier=f"{page}?before={history.earlier}" if history.earlier else "",
        tasks=flower.tasks_of(row.public_id) if flower.may_open(request.user) else "",
        logs=log_search.url(request_id=row.request_id, destination=row.pk, post=row.post_id),
    )
