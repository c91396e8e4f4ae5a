"""Fetching files, in a worker.

A message only wakes a worker up: it takes files that are due until none is left. Videos, which
take long, do not keep pictures waiting, and no workspace keeps the others waiting.
"""

import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet

from destinations.runtime import clock, shutdown
from platforms.downloads.fetch import CannotFetch, Forbidden
from posts.errors import Refused, invalid
from posts.media import probe, quotas, sandbox, storage
from posts.media.fetch import request
from posts.media.fetch.download import Arriving, arrive
from posts.media.fetch.landing import Unwanted, landed
from posts.models import Fetch, Media

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Lane:
    """Files that wait for each other only."""

    files: Q
    #: How many a worker process fetches at once.
    at_once: int
    #: The longest that one may take.
    most_seconds: float


#: Pictures, documents, and files of a type not known yet.
QUICK = Lane(~Q(media__kind=Media.Kind.VIDEO), at_once=8, most_seconds=40)
#: 500 MB at 2.3 Mbit/s.
VIDEOS = Lane(Q(media__kind=Media.Kind.VIDEO), at_once=4, most_seconds=1800)
#: How many of a lane all workers together fetch at once for one workspace.
SHARE = 2
#: Longer than checking and storing a film takes: while it comes, it is renewed.
LEASE_SECONDS = 300
RENEW_SECONDS = 30
#: The pauses after failures that may pass; after as many the file fails.
PAUSES_SECONDS = (30, 300, 1800)
#: The pause where too many files are read already.
BUSY_SECONDS = 5
_BROKE = Refused("invalid_media", "It broke every worker that fetched it; upload the file instead.")
_UNREAD = Refused("invalid_media", "The file cannot be read.")
_FULL = Refused(
    "storage_full",
    "This installation has no room left for files; its operator must make room.",
)
_AWAY = Refused(
    "service_unavailable",
    "The storage of this installation does not answer; its operator must see to it.",
)
_places = {lane: threading.BoundedSemaphore(lane.at_once) for lane in (QUICK, VIDEOS)}
#: Its number among PostgreSQL's advisory locks.
_CLAIMING = 4_118_302


def work() -> None:
    """Fetch everything that is due."""
    for lane in _places:
        _work(lane)


def _work(lane: Lane) -> None:
    places = _places[lane]
    going = not shutdown.is_told()
    # Whoever has the places takes what comes meanwhile.
    while going and places.acquire(blocking=False):
        try:
            fetch = claim(lane)
            going = fetch is not None and not shutdown.is_told()
            if fetch:
                _fetch(fetch, lane)
        finally:
            places.release()


def claim(lane: Lane) -> Fetch | None:
    """The one that has waited longest, ours to fetch; None if nothing is due.

    What belongs to a workspace that has its share waits for the end of another one of it.
    """
    now = clock.now()
    rows = Fetch.objects.filter(lane.files)
    with transaction.atomic():
        # One claims after the other, so that each sees what the others have.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CLAIMING])
        sated = (
            rows.filter(claim__isnull=False, due_at__gt=now)
            .values("media__workspace")
            .annotate(count=Count("pk"))
            .filter(count__gte=SHARE)
            .order_by()
        )
        row = (
            rows.filter(due_at__lte=now)
            .exclude(media__workspace__in=sated.values("media__workspace"))
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


def _fetch(fetch: Fetch, lane: Lane) -> None:
    """Fetch it, and write down what came of it."""
    log.info("fetch_begun", media=str(fetch.media_id), tries=fetch.tries)
    try:
        if fetch.tries > len(PAUSES_SECONDS) + 1:
            _fail(fetch, _BROKE)
        else:
            _try(fetch, lane)
    except Unwanted:
        log.info("fetch_lost", media=str(fetch.media_id))
    except _ToldToStop:
        _give_back(fetch)
    except _IsVideo:
        _give_back(fetch)
        request.call()
    except Forbidden as error:
        _fail(fetch, invalid("url", str(error)))
    except CannotFetch as error:
        # A caller may be waiting for a picture, so a host that does not answer is reported at once.
        end = _again if error.is_passing and lane is VIDEOS else _fail
        end(fetch, Refused("invalid_media", str(error)))
    except Refused as error:
        _fail(fetch, error)
    except probe.Unreadable as error:
        _fail(fetch, Refused("invalid_media", str(error)))
    except sandbox.Busy:
        _give_back(fetch, after_seconds=BUSY_SECONDS)
    except sandbox.Broke as failure:
        # Whoever read it may have been killed, or slow; the last try tells that it is the file.
        log.warning("fetch_broke", media=str(fetch.media_id), failure=repr(failure))
        _again(fetch, _UNREAD)
    except OSError as failure:
        # The storage is away or the disk is full, which passes too.
        log.error("fetch_not_stored", media=str(fetch.media_id), failure=repr(failure))
        _again(fetch, _FULL if failure.errno in storage.NO_ROOM else _AWAY)


def _try(fetch: Fetch, lane: Lane) -> None:
    keeping = _Keeping(fetch)
    with arrive(fetch.url, seconds=lane.most_seconds) as arriving:
        media = _as_it_is(fetch.media, arriving)
        if lane is QUICK:
            _write_kind(media)
        with arriving.spooled(keeping.keep) as spooled:
            keeping.renew()
            with landed(media, spooled) as values:
                _finish(fetch, media, values)


def _as_it_is(media: Media, arriving: Arriving) -> Media:
    """What is at the address may have become another kind of file since it was asked for."""
    media.kind, media.content_type = arriving.type.kind, arriving.content_type
    if media.filename == request.UNNAMED:
        media.filename = f"{request.UNNAMED}.{arriving.type.extension}"
    return media


def _write_kind(media: Media) -> None:
    """Let the one who asked for it know what it is. Raises _IsVideo."""
    known = {name: getattr(media, name) for name in ("kind", "content_type", "filename")}
    Media.objects.filter(pk=media.pk, status=Media.Status.UPLOADING).update(**known)
    if media.kind == Media.Kind.VIDEO:
        raise _IsVideo


def _finish(fetch: Fetch, media: Media, values: Mapping[str, Any]) -> None:
    with transaction.atomic():
        _settle(fetch)
        quotas.take(media.workspace_id, values["size_bytes"], media=media)
        Media.objects.filter(pk=media.pk).update(
            kind=media.kind, content_type=media.content_type, filename=media.filename, **values
        )


def _settle(fetch: Fetch) -> None:
    """Drop the row, if it is still ours. The file's row is locked first, as its deletion does."""
    waiting = Media.objects.filter(pk=fetch.media_id, status=Media.Status.UPLOADING)
    if not waiting.select_for_update().exists():
        raise Unwanted
    if not Fetch.objects.filter(pk=fetch.pk, claim=fetch.claim).delete()[0]:
        raise Unwanted


def _fail(fetch: Fetch, why: Refused) -> None:
    try:
        with transaction.atomic():
            _settle(fetch)
            Media.objects.filter(pk=fetch.media_id).update(
                status=Media.Status.FAILED,
                error=why.message,
                refusal={"code": why.code, "details": why.details},
            )
    except Unwanted:
        log.info("fetch_lost", media=str(fetch.media_id))


def _again(fetch: Fetch, why: Refused) -> None:
    """Have it tried again after a pause; beat calls whoever does."""
    if fetch.tries > len(PAUSES_SECONDS):
        _fail(fetch, why)
        return
    due_at = clock.now() + timedelta(seconds=PAUSES_SECONDS[fetch.tries - 1])
    _ours(fetch).update(claim=None, due_at=due_at)


def _give_back(fetch: Fetch, after_seconds: float = 0) -> None:
    """Leave it to another worker; no try is spent."""
    due_at = clock.now() + timedelta(seconds=after_seconds)
    _ours(fetch).update(claim=None, due_at=due_at, tries=fetch.tries - 1)


def _ours(fetch: Fetch) -> QuerySet[Fetch]:
    return Fetch.objects.filter(pk=fetch.pk, claim=fetch.claim)


class _IsVideo(Exception):
    """It takes long: another place is for that."""


class _ToldToStop(Exception):
    """This worker ends; a download can take longer than it is waited for."""


class _Keeping:
    """The claim of one fetch, renewed while it takes."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch, self._renewed_at = fetch, time.monotonic()

    def keep(self) -> None:
        """Called with each piece that comes. Raises Unwanted, _ToldToStop."""
        if shutdown.is_told():
            raise _ToldToStop
        if time.monotonic() - self._renewed_at > RENEW_SECONDS:
            self.renew()

    def renew(self) -> None:
        """Raises Unwanted."""
        due_at = clock.now() + timedelta(seconds=LEASE_SECONDS)
        if not _ours(self._fetch).update(due_at=due_at):
            raise Unwanted
        self._renewed_at = time.monotonic()
