"""Deletes abandoned uploads, and stored bytes that no file names, a few at a time."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta

import structlog
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q

from destinations.runtime import clock
from posts.media import delete
from posts.models import Media, StoredFile, Variant

log = structlog.get_logger()

#: An upload that is not completed by then never will be; its URL expired long before.
UPLOAD_AGE = timedelta(days=1)
#: How long customers can read why a file failed.
FAILURE_AGE = timedelta(days=7)
#: By then the process that stored bytes has named them in a row, or died.
BYTES_AGE = timedelta(days=1)
BATCH = 200


def clean() -> None:
    """Delete what is old enough, at most one batch of each."""
    uploads, keys = _uploads(), _bytes()
    if uploads or keys:
        log.info("files_cleaned", uploads=uploads, stored=keys)


@transaction.atomic
def _uploads() -> int:
    """Delete files that never became ready; returns how many."""
    now = clock.now()
    given_up = Q(status=Media.Status.UPLOADING, created_at__lt=now - UPLOAD_AGE, fetch=None)
    failed = Q(status=Media.Status.FAILED, created_at__lt=now - FAILURE_AGE)
    rows = Media.objects.filter(given_up | failed).order_by("created_at")
    found = list(rows.select_for_update(skip_locked=True, of=("self",))[:BATCH])
    for media in found:
        delete.discard(media, media.storage_key)
    Media.objects.filter(pk__in=[media.pk for media in found]).delete()
    return len(found)


def _bytes() -> int:
    """Delete stored bytes that no file names; returns how many keys were deleted."""
    old = StoredFile.objects.filter(at__lt=clock.now() - BYTES_AGE).order_by("at")
    rows = list(old[:BATCH])
    named = _named({row.media_id for row in rows})
    loose = [row for row in rows if row.key not in named[row.media_id]]
    kept = {row.pk for row in loose if not _deleted(row.key)}
    # Try again tomorrow, after all others.
    StoredFile.objects.filter(pk__in=kept).update(at=clock.now())
    StoredFile.objects.filter(pk__in={row.pk for row in rows} - kept).delete()
    return len(loose) - len(kept)


def _deleted(key: str) -> bool:
    """Return whether nothing is stored there now. A key without bytes is no error."""
    try:
        default_storage.delete(key)
    except OSError as failure:
        log.warning("file_not_deleted", key=key, failure=repr(failure))
        return False
    return True


def _named(media_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, set[str]]:
    """Return the keys that each of these files names."""
    found: dict[uuid.UUID, set[str]] = defaultdict(set)
    for media in Media.objects.filter(pk__in=media_ids):
        found[media.pk] |= {media.storage_key, media.stripped_key, media.thumbnail_key}
    for pk, key in Variant.objects.filter(media__in=media_ids).values_list(
        "media_id", "storage_key"
    ):
        found[pk].add(key)
    return found
