"""Having a worker fetch a file, and waiting a moment for it."""

import time
import uuid
from urllib.parse import unquote, urlsplit

from celery import current_app
from django.conf import settings
from django.db import transaction

from destinations.runtime import broker, clock
from platforms.downloads import fetch as download_fetch
from posts.errors import Refused, invalid
from posts.media import delete, quotas
from posts.media.convert import stripped
from posts.media.fetch.waiting import WaitingRoom
from posts.models import Fetch, Media

QUEUE = "media"
#: A request that waits holds a thread: an eighth of them may wait, and few of one workspace. Others
#: are answered at once.
WAITING_SHARE, MOST_EACH = 8, 2
_room = WaitingRoom()
LOOK_SECONDS = 0.1
#: What a file is called whose address has no name for it, until its type is known.
UNNAMED = "file"


def fetch(workspace_id: uuid.UUID, url: str, filename: str = "") -> Media:
    """The file at this address: ready if it came within FETCH_WAIT_SECONDS, else on its way.

    A video is not waited for once it is known to be one. Raises Refused.
    """
    try:
        download_fetch.check(url, settings.FETCH_PRIVATE_HOSTS)
    except download_fetch.Forbidden as error:
        raise invalid("url", str(error)) from None
    media = Media(
        workspace_id=workspace_id, filename=filename or name_of(url) or UNNAMED, size_bytes=0
    )
    with transaction.atomic():
        # Whether it fits is known when it is here. Where nothing fits, nobody need try.
        quotas.take(workspace_id, 1)
        media.save(force_insert=True)
        Fetch.objects.create(media=media, url=url, due_at=clock.now())
        broker.after_commit(call)
    fetched = _told(_awaited(media))
    stripped.prepare(fetched)
    return fetched


def name_of(url: str) -> str:
    """What the address calls the file; empty if it has no name for it."""
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


def _told(media: Media) -> Media:
    """The file; a refusal leaves none. Raises Refused."""
    if media.status != Media.Status.FAILED:
        return media
    media.delete()
    refusal = media.refusal or {"code": "invalid_media", "details": {}}
    raise Refused(refusal["code"], media.error, **refusal["details"])


def call() -> None:
    """Wake a worker up. A broker that is away is no failure: beat calls again."""
    try:
        current_app.send_task("posts.fetch_files", queue=QUEUE, retry=False)
    except broker.AWAY as failure:
        broker.missed(failure, fetch=True)
    else:
        broker.reached()
