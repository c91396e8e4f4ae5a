"""Has a worker fetch a file from a URL, and waits a moment for it."""

import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db import transaction

from destinations.runtime import clock
from platforms.downloads import fetch as download_fetch
from posts.errors import RequestRefused, invalid
from posts.media import delete, jobs, quotas
from posts.media.convert import stripped_copies
from posts.models import Fetch, Media

TASK = "posts.fetch_files"
#: A waiting request holds a thread, so only an eighth of the threads wait, and few for one
#: workspace. Other requests are answered at once.
WAITING_SHARE, MOST_EACH = 8, 2
LOOK_SECONDS = 0.1
#: The name, until its type is known, of a file whose URL names none.
UNNAMED = "file"


class WaitingRoom:
    """Limits how many requests of this process wait at once, in total and per workspace."""

    def __init__(self) -> None:
        self._taken: Counter[uuid.UUID] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def one(self, workspace_id: uuid.UUID, *, most: int, most_each: int) -> Iterator[bool]:
        """Whether there is a place; it is kept while the block lasts."""
        with self._lock:
            is_free = self._taken.total() < most and self._taken[workspace_id] < most_each
            self._taken[workspace_id] += is_free
        try:
            yield is_free
        finally:
            with self._lock:
                # `+` drops workspaces without a place.
                self._taken = +(self._taken - Counter({workspace_id: is_free}))


_room = WaitingRoom()


def fetch(workspace_id: uuid.UUID, url: str, filename: str = "") -> Media:
    """The file at this URL: ready if it arrives within FETCH_WAIT_SECONDS, else still uploading.

    Does not wait for a file that turns out to be a video. Raises RequestRefused.
    """
    try:
        download_fetch.check(url, settings.FETCH_PRIVATE_HOSTS)
    except download_fetch.ForbiddenURL as error:
        raise invalid("url", str(error)) from None
    media = Media(
        workspace_id=workspace_id, filename=filename or name_of(url) or UNNAMED, size_bytes=0
    )
    with transaction.atomic():
        # The size is known only once the file is here; a full workspace is refused now.
        quotas.take(workspace_id, 1)
        media.save(force_insert=True)
        Fetch.objects.create(media=media, url=url, due_at=clock.now())
        jobs.wake(TASK)
    fetched = _without_failure(_awaited(media))
    stripped_copies.prepare(fetched)
    return fetched


def name_of(url: str) -> str:
    """The file name in the URL; empty if there is none."""
    last = unquote(urlsplit(url).path).rstrip("/").rpartition("/")[2]
    return "".join(char for char in last if char.isprintable()).strip()[-255:]


def _awaited(media: Media) -> Media:
    """The file once it is here, has failed, or will take longer."""
    give_up_at = time.monotonic() + settings.FETCH_WAIT_SECONDS
    most = max(MOST_EACH, settings.WEB_THREADS // WAITING_SHARE)
    with _room.one(media.workspace_id, most=most, most_each=MOST_EACH) as is_waiting:
        while is_waiting and _comes_soon(media) and time.monotonic() < give_up_at:
            time.sleep(LOOK_SECONDS)
            media = delete.find(media.workspace_id, media.pk)
    return media


def _comes_soon(media: Media) -> bool:
    return media.status == Media.Status.UPLOADING and media.kind != Media.Kind.VIDEO


def _without_failure(media: Media) -> Media:
    """The file, unless fetching it failed: then its row is deleted. Raises RequestRefused."""
    if media.status != Media.Status.FAILED:
        return media
    media.delete()
    refusal = media.refusal or {"code": "invalid_media", "details": {}}
    raise RequestRefused(refusal["code"], media.error, **refusal["details"])
