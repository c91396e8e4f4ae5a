"""Fetches files from URLs. Videos, which take long, do not hold up images, and no workspace holds
up the others."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet

from destinations.jobs.leased_rows import LeasedRows, LeaseLost
from destinations.runtime.worker import shutdown
from platforms import sandbox
from platforms.downloads.fetch import FetchFailed, ForbiddenURL
from posts.errors import RequestRefused, invalid
from posts.media import events, quotas, storage
from posts.media.fetch import download, request
from posts.media.jobs import MediaJobQueue
from posts.media.probe.facts import UnreadableFile
from posts.models import Fetch, Media

log = structlog.get_logger()

#: How many files of one workspace all workers together fetch at once, in each lane.
SHARE = 2
#: The pauses after errors that may pass. After that many, the file fails.
PAUSES_SECONDS = (30, 300, 1800)
#: The pause when too many files are being read already.
BUSY_SECONDS = 5
_BROKE = RequestRefused(
    "invalid_media", "Every worker that fetched the file crashed; upload the file instead."
)
_UNREAD = RequestRefused("invalid_media", "The file cannot be read.")
_FULL = RequestRefused(
    "storage_full",
    "This installation has no room left for files; its operator must make room.",
)
_AWAY = RequestRefused(
    "service_unavailable",
    "The storage of this installation does not answer; its operator must repair it.",
)
#: The lease is longer than checking and storing a video takes, when it is not renewed.
ROWS = LeasedRows(
    Fetch,
    seconds=300,
    tries="tries",
    most_tries=len(PAUSES_SECONDS) + 1,
    owner="media__workspace",
    per_owner=SHARE,
)


class FetchLane(MediaJobQueue[Fetch]):
    rows = ROWS

    def __init__(self, files: Q, at_once: int, most_seconds: float, *, is_quick: bool) -> None:
        super().__init__(at_once)
        self.files, self.most_seconds, self.is_quick = files, most_seconds, is_quick

    def waiting(self) -> QuerySet[Fetch]:
        return Fetch.objects.filter(self.files)

    def give_up(self, job: Fetch) -> None:
        _fail(job, _BROKE)

    def attempt(self, job: Fetch) -> bool:
        log.info("fetch_begun", media=str(job.media_id), tries=job.tries)
        try:
            self._fetch(job)
        except _Stopping:
            _give_back(job)
        except _IsVideo:
            _give_back(job)
            request.WAKE.after_commit()
        except ForbiddenURL as error:
            _fail(job, invalid("url", str(error)))
        except FetchFailed as error:
            # A request may be waiting for an image, so a host that does not answer is reported now.
            end = _try_later if error.is_temporary and not self.is_quick else _fail
            end(job, RequestRefused("invalid_media", str(error)))
        except RequestRefused as error:
            _fail(job, error)
        except UnreadableFile as error:
            _fail(job, RequestRefused("invalid_media", str(error)))
        except sandbox.TooBusy:
            _give_back(job, after_seconds=BUSY_SECONDS)
        except sandbox.NoResult as failure:
            # The reader may have been killed or slow. Only the last try blames the file.
            log.warning("fetch_broke", media=str(job.media_id), failure=repr(failure))
            _try_later(job, _UNREAD)
        except OSError as failure:
            # The storage is away or the disk is full, which may pass too.
            log.error("fetch_not_stored", media=str(job.media_id), failure=repr(failure))
            _try_later(job, _FULL if failure.errno in storage.NO_ROOM else _AWAY)
        return True

    def keep_alive(self, job: Fetch) -> None:
        if shutdown.is_requested():
            raise _Stopping
        self.rows.keep_alive(job)

    def _fetch(self, job: Fetch) -> None:
        with download.opened(job.url, seconds=self.most_seconds) as typed:
            media = _with_type(job.media, typed)
            if self.is_quick:
                _store_type(media)
            with typed.whole(partial(self.keep_alive, job)) as downloaded:
                self.rows.renew(job)
                with download.stored(media, downloaded) as values:
                    _finish(job, media, values)


#: Images, documents, and files whose type is not known yet.
QUICK = FetchLane(~Q(media__kind=Media.Kind.VIDEO), at_once=8, most_seconds=40, is_quick=True)
#: The time is enough for 500 MB at 2.3 Mbit/s.
VIDEOS = FetchLane(Q(media__kind=Media.Kind.VIDEO), at_once=4, most_seconds=1800, is_quick=False)


def work() -> None:
    """Fetch everything that is due."""
    for lane in (QUICK, VIDEOS):
        lane.work()


class _IsVideo(Exception):
    """The file takes long, so it belongs into the other lane."""


class _Stopping(Exception):
    """This worker is stopping, and a download may take longer than it is given."""


def _with_type(media: Media, typed: download.TypedDownload) -> Media:
    """Return the file with its type, which may have changed since the last try."""
    media.kind, media.content_type = typed.type.kind, typed.content_type
    if media.filename == request.UNNAMED:
        media.filename = f"{request.UNNAMED}.{typed.type.extension}"
    return media


def _store_type(media: Media) -> None:
    """Tell the waiting request what the file is. Raises _IsVideo."""
    known = {name: getattr(media, name) for name in ("kind", "content_type", "filename")}
    Media.objects.filter(pk=media.pk, status=Media.Status.UPLOADING).update(**known)
    if media.kind == Media.Kind.VIDEO:
        raise _IsVideo


def _finish(fetch: Fetch, media: Media, values: Mapping[str, Any]) -> None:
    with transaction.atomic():
        _delete(fetch)
        quotas.reserve(media.workspace_id, values["size_bytes"], media=media)
        Media.objects.filter(pk=media.pk).update(
            kind=media.kind, content_type=media.content_type, filename=media.filename, **values
        )
        media.size_bytes = values["size_bytes"]
        events.uploaded(media)


@transaction.atomic
def _fail(fetch: Fetch, why: RequestRefused) -> None:
    _delete(fetch)
    Media.objects.filter(pk=fetch.media_id).update(
        status=Media.Status.FAILED,
        error=why.message,
        refusal={"code": why.code, "details": why.details},
    )


def _delete(fetch: Fetch) -> None:
    """Delete the job if its claim is still ours. Raises LeaseLost.

    The file's row is locked first, as in its deletion.
    """
    waiting = Media.objects.filter(pk=fetch.media_id, status=Media.Status.UPLOADING)
    if not waiting.select_for_update().exists():
        raise LeaseLost
    if not Fetch.objects.filter(pk=fetch.pk, claim=fetch.claim).delete()[0]:
        raise LeaseLost


def _try_later(fetch: Fetch, why: RequestRefused) -> None:
    """Try again after a pause, or fail after the last one. Beat wakes a worker up."""
    if fetch.tries > len(PAUSES_SECONDS):
        _fail(fetch, why)
    else:
        ROWS.release(fetch, PAUSES_SECONDS[fetch.tries - 1])


def _give_back(fetch: Fetch, after_seconds: float = 0) -> None:
    """Leave it to another worker; no try is spent."""
    ROWS.release(fetch, after_seconds, spends_try=False)
