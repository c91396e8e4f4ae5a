"""Fetching films, in a worker, one after the other.

A message only wakes a worker up: it takes whatever is due, until nothing is left.
"""

import threading
import time
import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import QuerySet

from destinations import clock, stopping
from platforms.downloads import CannotFetch
from posts import probing, quotas, sandbox, stored
from posts.fetching.arriving import Arriving, arrive
from posts.fetching.landing import Unwanted, landed
from posts.models import Fetch, Media
from posts.refusals import Refused

log = structlog.get_logger()

#: How many a worker process fetches at once.
AT_ONCE = 2
#: The longest that one may take: 500 MB at 2.3 Mbit/s.
MOST_SECONDS = 1800.0
#: Longer than checking and storing a film takes: while it comes, it is renewed.
LEASE_SECONDS = 300
RENEW_SECONDS = 30
#: The pauses after failures that may pass; after as many the file fails.
PAUSES_SECONDS = (30, 300, 1800)
_BROKE = "It broke whoever fetched it; upload the file instead."
_UNREAD = "The file cannot be read."
_FULL = "This installation has no room left for files; whoever runs it must make room."
_AWAY = "The storage of this installation does not answer; whoever runs it must see to it."
_places = threading.BoundedSemaphore(AT_ONCE)


def work() -> None:
    """Fetch everything that is due."""
    going = not stopping.is_told()
    # Whoever has the places takes what comes meanwhile.
    while going and _places.acquire(blocking=False):
        try:
            fetch = claim()
            going = fetch is not None and not stopping.is_told()
            if fetch:
                _fetch(fetch)
        finally:
            _places.release()


def claim() -> Fetch | None:
    """The one that has waited longest, ours to fetch; None if nothing is due."""
    now = clock.now()
    with transaction.atomic():
        row = (
            Fetch.objects.filter(due_at__lte=now)
            .select_related("media")
            .order_by("due_at")
            .select_for_update(skip_locked=True, of=("self",))
            .first()
        )
        if row:
            row.claim, row.tries = uuid.uuid4(), row.tries + 1
            row.due_at = now + timedelta(seconds=LEASE_SECONDS)
            row.save(update_fields=["claim", "tries", "due_at"])
    return row


def _fetch(fetch: Fetch) -> None:
    """Fetch it, and write down what came of it."""
    log.info("fetch_begun", media=str(fetch.media_id), tries=fetch.tries)
    try:
        if fetch.tries > len(PAUSES_SECONDS) + 1:
            _fail(fetch, _BROKE)
        else:
            _try(fetch)
    except Unwanted:
        log.info("fetch_lost", media=str(fetch.media_id))
    except _ToldToStop:
        _give_back(fetch)
    except CannotFetch as error:
        end = _again if error.is_passing else _fail
        end(fetch, str(error))
    except Refused as error:
        _fail(fetch, error.message)
    except probing.Unreadable as error:
        _fail(fetch, str(error))
    except (sandbox.Broke, sandbox.Busy) as failure:
        # Whoever read it may have been killed, or slow; the last try tells that it is the file.
        log.warning("fetch_broke", media=str(fetch.media_id), failure=repr(failure))
        _again(fetch, _UNREAD)
    except OSError as failure:
        # The storage is away or the disk is full, which passes too.
        log.error("fetch_not_stored", media=str(fetch.media_id), failure=repr(failure))
        _again(fetch, _FULL if failure.errno in stored.NO_ROOM else _AWAY)


def _try(fetch: Fetch) -> None:
    keeping = _Keeping(fetch)
    with arrive(fetch.url, seconds=MOST_SECONDS) as arriving:
        media = _as_it_is(fetch.media, arriving)
        with arriving.spooled(keeping.keep) as spooled:
            keeping.renew()
            with landed(media, spooled) as values:
                _finish(fetch, media, values)


def _as_it_is(media: Media, arriving: Arriving) -> Media:
    """What is at the address may have become another kind of file since it was asked for."""
    media.kind, media.content_type = arriving.type.kind, arriving.content_type
    return media


def _finish(fetch: Fetch, media: Media, values: Mapping[str, Any]) -> None:
    with transaction.atomic():
        _settle(fetch)
        quotas.take(media.workspace_id, values["size_bytes"], media=media)
        Media.objects.filter(pk=media.pk).update(
            kind=media.kind, content_type=media.content_type, **values
        )


def _settle(fetch: Fetch) -> None:
    """Drop the row, if it is still ours. The file's row is locked first, as its deletion does."""
    waiting = Media.objects.filter(pk=fetch.media_id, status=Media.Status.UPLOADING)
    if not waiting.select_for_update().exists():
        raise Unwanted
    if not Fetch.objects.filter(pk=fetch.pk, claim=fetch.claim).delete()[0]:
        raise Unwanted


def _fail(fetch: Fetch, why: str) -> None:
    try:
        with transaction.atomic():
            _settle(fetch)
            Media.objects.filter(pk=fetch.media_id).update(status=Media.Status.FAILED, error=why)
    except Unwanted:
        log.info("fetch_lost", media=str(fetch.media_id))


def _again(fetch: Fetch, why: str) -> None:
    """Have it tried again after a pause; beat calls whoever does."""
    if fetch.tries > len(PAUSES_SECONDS):
        _fail(fetch, why)
        return
    due_at = clock.now() + timedelta(seconds=PAUSES_SECONDS[fetch.tries - 1])
    _ours(fetch).update(claim=None, due_at=due_at)


def _give_back(fetch: Fetch) -> None:
    """Leave it to another worker, at once; no try is spent."""
    _ours(fetch).update(claim=None, due_at=clock.now(), tries=fetch.tries - 1)


def _ours(fetch: Fetch) -> QuerySet[Fetch]:
    return Fetch.objects.filter(pk=fetch.pk, claim=fetch.claim)


class _ToldToStop(Exception):
    """This worker ends; a download can take longer than it is waited for."""


class _Keeping:
    """The claim of one fetch, renewed while it takes."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch, self._renewed_at = fetch, time.monotonic()

    def keep(self) -> None:
        """Called with each piece that comes. Raises Unwanted, _ToldToStop."""
        if stopping.is_told():
            raise _ToldToStop
        if time.monotonic() - self._renewed_at > RENEW_SECONDS:
            self.renew()

    def renew(self) -> None:
        """Raises Unwanted."""
        due_at = clock.now() + timedelta(seconds=LEASE_SECONDS)
        if not _ours(self._fetch).update(due_at=due_at):
            raise Unwanted
        self._renewed_at = time.monotonic()
