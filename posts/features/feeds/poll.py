"""Reads the feeds that are due, and notes their new items.

What a worker has read is noted in one transaction, or not at all.
"""

import math
import random
import threading
import time
import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Min

from destinations.jobs.leased_rows import LeasedRows
from destinations.runtime import clock, database, failpoints
from destinations.runtime.worker import shutdown
from platforms.downloads.fetch import FetchFailed, NotModified
from posts.errors import RequestRefused
from posts.features.feeds import create_posts, fetch
from posts.features.feeds.fetch import FeedDocument, FeedEntry
from posts.features.feeds.models import Feed, FeedItem
from posts.media.fetch import request as fetch_request
from posts.outbox import outbox

log = structlog.get_logger()

EVERY = timedelta(minutes=15)
FEED_DISABLED = "feed.disabled"
LONGEST_PAUSE = timedelta(hours=6)
#: Leased for longer than a reading takes.
ROWS = LeasedRows(Feed, seconds=180, claim=None)
#: A feed is switched off after so many failed readings in a row: about a day and a half.
MOST_ERRORS = 10
#: The most items of a reading that become posts; the next ones wait for the next reading.
MOST_NEW = 5
#: Items that their feed has no longer are forgotten after this.
KEPT = timedelta(days=90)
A_DAY = timedelta(days=1)
CRASHED = "It could not be read. The operator of this installation finds the reason in the log."
State = FeedItem.State
#: Readings at once in this process.
_readings = threading.BoundedSemaphore(2)


class WorkspaceTurns:
    """Whose feed this process reads next: the workspaces take turns, with one reading at a time.

    So the slow feeds of one workspace do not hold up those of the others.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reading: set[uuid.UUID] = set()
        self._last_turns: dict[uuid.UUID, float] = {}

    def begin(self, waiting: Collection[uuid.UUID]) -> uuid.UUID | None:
        """Return the one of them whose last turn is longest ago; None if all are being read."""
        with self._lock:
            kept = {key: at for key, at in self._last_turns.items() if key in waiting}
            free = [key for key in waiting if key not in self._reading]
            if not free:
                return None
            chosen = min(free, key=lambda key: kept.get(key, -math.inf))
            self._last_turns = {**kept, chosen: time.monotonic()}
            self._reading.add(chosen)
            return chosen

    def end(self, workspace_id: uuid.UUID) -> None:
        with self._lock:
            self._reading.discard(workspace_id)


_turns = WorkspaceTurns()


def tick() -> None:
    """Read what is due and make the posts of what is new, until nothing is left."""
    if not _readings.acquire(blocking=False):
        return
    try:
        _read_due()
        create_posts.all_waiting()
    finally:
        _readings.release()


def _read_due() -> None:
    """Read one feed after the other, until this process has none to read."""
    locked: set[uuid.UUID] = set()
    while not shutdown.is_requested() and (key := _turns.begin(_waiting(but=locked))):
        try:
            if feed := claim(key):
                _read_alone(feed)
            else:
                locked.add(key)
        finally:
            _turns.end(key)


def _waiting(but: Collection[uuid.UUID]) -> list[uuid.UUID]:
    """Workspaces with feeds that are due, those first that have waited longest."""
    due = Feed.objects.filter(enabled=True, due_at__lte=clock.now()).exclude(workspace__in=but)
    found = due.values("workspace").annotate(first=Min("due_at"))
    return list(found.order_by("first").values_list("workspace", flat=True))


def claim(workspace_id: uuid.UUID) -> Feed | None:
    """Lease the workspace's feed that has been due longest."""
    return ROWS.claim_one(Feed.objects.filter(enabled=True, workspace=workspace_id))


def read(feed: Feed) -> None:
    """Read a claimed feed."""
    try:
        document = fetch.read(feed)
    except NotModified:
        _note(feed, None)
    except FetchFailed as failure:
        log.info("feed_not_read", feed=str(feed.pk), failure=str(failure))
        _failed(feed, str(failure))
    else:
        failpoints.reach(failpoints.FEED_READ, "")
        _note(feed, document)
        failpoints.reach(failpoints.FEED_NOTED, "")


def _read_alone(feed: Feed) -> None:
    """Read a claimed feed; one that breaks our code fails, and holds up no other."""
    try:
        read(feed)
    except Exception as failure:  # a bug of ours, found by a stranger's document
        if database.is_away(failure):
            raise
        log.exception("feed_crashed", feed=str(feed.pk))
        _failed(feed, CRASHED)


@transaction.atomic
def _note(claimed: Feed, document: FeedDocument | None) -> None:
    feed = _still_ours(claimed)
    if feed is None:
        return
    now = clock.now()
    feed.read_at, feed.due_at = now, now + EVERY * random.uniform(0.9, 1.1)
    feed.consecutive_errors, feed.problem = 0, ""
    if document is not None:
        has_more = _take(feed, document, now)
        feed.source_url = document.url if document.url != feed.url else ""
        # A document that is not worked off is read again.
        feed.etag = "" if has_more else document.etag
        feed.last_modified = "" if has_more else document.last_modified
        feed.baseline_at = feed.baseline_at or now
    feed.save()


def _take(feed: Feed, document: FeedDocument, now: datetime) -> bool:
    """Note the document's new items, oldest first; whether some are left for the next reading."""
    by_identity = {entry.identity: entry for entry in reversed(document.entries)}
    known = dict(feed.items.filter(identity__in=by_identity).values_list("identity", "seen_at"))
    known = {bytes(identity): seen_at for identity, seen_at in known.items()}
    stale = [identity for identity, seen_at in known.items() if seen_at < now - A_DAY]
    feed.items.filter(identity__in=stale).update(seen_at=now)
    feed.items.filter(seen_at__lt=now - KEPT).exclude(state=State.WAITING).delete()
    fresh = [entry for identity, entry in by_identity.items() if identity not in known]
    items, left = [], MOST_NEW
    for entry in fresh:
        state = _state(feed, entry)
        if state == State.WAITING and not left:
            continue
        left -= state == State.WAITING
        items.append(_item(feed, entry, state, now))
    FeedItem.objects.bulk_create(items, ignore_conflicts=True)
    return len(items) < len(fresh)


def _state(feed: Feed, entry: FeedEntry) -> FeedItem.State:
    if feed.baseline_at is None:
        return State.BACKLOG
    is_wanted = create_posts.is_wanted(entry.values, feed.include_words, feed.exclude_words)
    return State.WAITING if is_wanted else State.FILTERED


def _item(feed: Feed, entry: FeedEntry, state: FeedItem.State, now: datetime) -> FeedItem:
    is_waiting = state == State.WAITING
    return FeedItem(
        feed=feed,
        identity=entry.identity,
        state=state,
        title=entry.title,
        link=entry.link,
        values=dict(entry.values) if is_waiting else {},
        media_id=_image(feed, entry) if is_waiting and entry.image else None,
        due_at=now,
        seen_at=now,
        created_at=now,
    )


def _image(feed: Feed, entry: FeedEntry) -> uuid.UUID | None:
    """Return the file that the item's image becomes; None if it may not be fetched."""
    try:
        with transaction.atomic():
            return fetch_request.begin(feed.workspace_id, entry.image).pk
    except RequestRefused as refusal:
        log.info("feed_image_refused", feed=str(feed.pk), code=refusal.code)
        return None


@transaction.atomic
def _failed(claimed: Feed, problem: str) -> None:
    feed = _still_ours(claimed)
    if feed is None:
        return
    feed.consecutive_errors += 1
    feed.problem = problem
    pause = min(EVERY * 2 ** min(feed.consecutive_errors, 10), LONGEST_PAUSE)
    feed.due_at = clock.now() + pause * random.uniform(0.9, 1.1)
    if feed.consecutive_errors >= MOST_ERRORS:
        feed.enabled = False
        log.warning("feed_disabled", feed=str(feed.pk), workspace=str(feed.workspace_id))
        told = {"feed_id": feed.pk, "name": feed.name, "url": feed.url, "problem": problem}
        outbox.emit(feed.workspace_id, FEED_DISABLED, told)
    feed.save()


def _still_ours(claimed: Feed) -> Feed | None:
    """Return the feed, locked; None if it was changed or deleted, or its lease was lost."""
    feed = ROWS.hold(claimed)
    return feed if feed and feed.enabled and feed.url == claimed.url else None
