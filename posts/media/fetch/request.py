"""Has a worker fetch a file from a URL, and waits a moment for it."""

import uuid
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db import transaction

from destinations.jobs.wake import Wake
from destinations.runtime import clock
from destinations.runtime.request_waits import RequestWaitLimiter
from platforms.downloads import fetch as download_fetch
from posts.errors import RequestRefused, invalid
from posts.media import delete, quotas
from posts.media.convert import jobs
from posts.models import Fetch, Media

#: It does not expire: the queue is served late while long videos are converted.
WAKE = Wake("posts.fetch_files", expires_seconds=None)
#: The name, until its type is known, of a file whose URL names none.
UNNAMED = "file"


_room = RequestWaitLimiter()


def fetch(workspace_id: uuid.UUID, url: str, filename: str = "") -> Media:
    """Return the file at this URL: ready if it comes within FETCH_WAIT_SECONDS, else uploading.

    Does not wait for a file that turns out to be a video. Raises RequestRefused.
    """
    fetched = _without_failure(_awaited(begin(workspace_id, url, filename)))
    jobs.prepare_stripped(fetched)
    return fetched


@transaction.atomic
def begin(workspace_id: uuid.UUID, url: str, filename: str = "") -> Media:
    """Create a file that a worker fetches from this URL. Raises RequestRefused."""
    check(url)
    media = Media(
        workspace_id=workspace_id, filename=filename or name_of(url) or UNNAMED, size_bytes=0
    )
    # The size is known only once the file is here; a full workspace is refused now.
    quotas.reserve(workspace_id, 1)
    media.save(force_insert=True)
    Fetch.objects.create(media=media, url=url, due_at=clock.now())
    WAKE.after_commit()
    return media


def check(url: str) -> None:
    """Raise RequestRefused if the text of the URL alone forbids fetching it."""
    try:
        download_fetch.check(url, settings.FETCH_PRIVATE_HOSTS)
    except download_fetch.ForbiddenURL as error:
        raise invalid("url", str(error)) from None


def name_of(url: str) -> str:
    """Return the file name in the URL; empty if there is none."""
    last = unquote(urlsplit(url).path).rstrip("/").rpartition("/")[2]
    return "".join(char for char in last if char.isprintable()).strip()[-255:]


def _awaited(media: Media) -> Media:
    """Return the file once it is here, has failed, or will take longer."""
    found = media

    def is_over() -> bool:
        nonlocal found
        found = delete.find(media.workspace_id, media.pk)
        return not _comes_soon(found)

    if _comes_soon(media):
        _room.wait(media.workspace_id, settings.FETCH_WAIT_SECONDS, is_over)
    return found


def _comes_soon(media: Media) -> bool:
    return media.status == Media.Status.UPLOADING and media.kind != Media.Kind.VIDEO


def _without_failure(media: Media) -> Media:
    """Return the file, or delete its row if fetching failed. Raises RequestRefused."""
    if media.status != Media.Status.FAILED:
        return media
    media.delete()
    refusal = media.refusal or {"code": "invalid_media", "details": {}}
    raise RequestRefused(refusal["code"], media.error, **refusal["details"])
