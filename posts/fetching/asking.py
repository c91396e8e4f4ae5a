"""Fetching a file while its customer waits, or having a worker do it."""

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote, urlsplit

from celery import current_app
from django.db import transaction

from destinations import clock, waking
from platforms.downloads import CannotFetch, Forbidden
from posts import probing, quotas, sandbox
from posts.fetching.arriving import Arriving, arrive
from posts.fetching.landing import landed
from posts.models import Fetch, Media
from posts.refusals import Refused, invalid, try_again

QUEUE = "media"
#: A program that waits for its answer gives up some time after that.
SECONDS = 40.0
#: So many at once per process: the rest of its threads answers other calls.
AT_ONCE = 2
_places = threading.BoundedSemaphore(AT_ONCE)
#: How long a call waits for a place.
PATIENCE_SECONDS = 5.0


def fetch(workspace_id: uuid.UUID, url: str, filename: str = "") -> Media:
    """The file at this address: ready, or still to be fetched by a worker if it is a film.

    Raises Refused.
    """
    with _place(), _explained(), arrive(url, seconds=SECONDS) as arriving:
        media = Media(
            workspace_id=workspace_id,
            kind=arriving.type.kind,
            content_type=arriving.content_type,
            filename=filename or name_of(url, arriving.type.extension),
            size_bytes=0,
        )
        if media.kind == Media.Kind.VIDEO:
            _have_fetched(media, url)
        else:
            _fetch_here(media, arriving)
    return media


def name_of(url: str, extension: str) -> str:
    """What the address calls the file."""
    last = unquote(urlsplit(url).path).rstrip("/").rpartition("/")[2]
    shown = "".join(char for char in last if char.isprintable()).strip()
    return shown[-255:] or f"file.{extension}"


@contextmanager
def _explained() -> Iterator[None]:
    """Why nothing came, in the words of the API."""
    try:
        yield
    except Forbidden as error:
        raise invalid("url", str(error)) from None
    except (CannotFetch, probing.Unreadable) as error:
        raise Refused("invalid_media", str(error)) from None
    except (sandbox.Busy, sandbox.Broke):
        raise try_again("The file could not be read just now; ask for it again.", 5) from None


@contextmanager
def _place() -> Iterator[None]:
    if not _places.acquire(timeout=PATIENCE_SECONDS):
        raise Refused("service_unavailable", "Many files are being fetched; try again in a moment.")
    try:
        yield
    finally:
        _places.release()


def _have_fetched(media: Media, url: str) -> None:
    with transaction.atomic():
        # Whether it fits is known when it is here. Where nothing fits, nobody need try.
        quotas.take(media.workspace_id, 1)
        media.save(force_insert=True)
        Fetch.objects.create(media=media, url=url, due_at=clock.now())
        waking.after_commit(call)


def _fetch_here(media: Media, arriving: Arriving) -> None:
    with arriving.spooled() as spooled, landed(media, spooled) as values:
        for name, value in values.items():
            setattr(media, name, value)
        with transaction.atomic():
            quotas.take(media.workspace_id, media.size_bytes)
            media.save(force_insert=True)


def call() -> None:
    """Wake a worker up. A broker that is away is no failure: beat calls again."""
    try:
        current_app.send_task("posts.fetch_files", queue=QUEUE, retry=False)
    except waking.AWAY as failure:
        waking.missed(failure, fetch=True)
    else:
        waking.reached()
