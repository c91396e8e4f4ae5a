"""Uploads: a file is announced, received and completed, which checks it.

Bytes are never overwritten: each upload of the same file gets a new key. So what was checked is
what is sent.
"""

import io
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import IO, Any, Protocol, cast

import structlog
from django.conf import settings
from django.core import signing
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, QuerySet

from destinations.runtime.request_waits import RequestWaitLimiter
from platforms import sandbox
from platforms.limits import ONE
from posts.errors import RequestRefused, try_again
from posts.keys import bounded_waits
from posts.media import delete, events, inspection, quotas, storage
from posts.media.convert import jobs
from posts.media.inspection import Inspection
from posts.media.probe.facts import UnreadableFile
from posts.models import Fetch, Media

MEGABYTE = 1024 * 1024
_CHUNK_BYTES = 256 * 1024
_FETCHING = "The file is still being fetched from its URL; wait until its status is ready."
UNKNOWN_UPLOAD = "This upload URL is unknown or has expired; request a new one."
#: Clients upload again when they read "make sure you uploaded the file".
_MISSING = "The file is not complete; make sure you uploaded the file, then complete it again."
_UNREAD = "Reading the file was interrupted; complete it again in a moment."
_BUSY = "Too many files are being read right now; complete it again in a few seconds."
_UNREADABLE = "The file cannot be read."
#: After which pause a client should complete a file again that could not be read now.
_AGAIN_SECONDS = 5
_room = RequestWaitLimiter(4)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Type:
    kind: Media.Kind
    extension: str
    max_bytes: int


TYPES: dict[str, Type] = {
    "image/jpeg": Type(Media.Kind.IMAGE, "jpg", 20 * MEGABYTE),
    "image/png": Type(Media.Kind.IMAGE, "png", 20 * MEGABYTE),
    "image/gif": Type(Media.Kind.IMAGE, "gif", 20 * MEGABYTE),
    "image/webp": Type(Media.Kind.IMAGE, "webp", 20 * MEGABYTE),
    "video/mp4": Type(Media.Kind.VIDEO, "mp4", 500 * MEGABYTE),
    "video/quicktime": Type(Media.Kind.VIDEO, "mov", 500 * MEGABYTE),
    "application/pdf": Type(Media.Kind.DOCUMENT, "pdf", 20 * MEGABYTE),
}


def _upload_signer() -> signing.TimestampSigner:
    return signing.TimestampSigner(salt="dovecote.upload")


class Stream(Protocol):
    def read(self, size: int, /) -> bytes: ...


def announce(workspace_id: uuid.UUID, filename: str, content_type: str, size: int | None) -> Media:
    """Create the row of a file of `size` bytes that will be uploaded. Raises RequestRefused.

    Without a size the file may have as many bytes as its type allows, and takes the room of that
    many until it is sent.
    """
    accepted = TYPES[content_type]
    if size is not None and size > accepted.max_bytes:
        raise RequestRefused(
            "file_too_large",
            f"{ONE[accepted.kind].capitalize()} has at most {accepted.max_bytes} bytes.",
            max_size=accepted.max_bytes,
        )
    with transaction.atomic():
        most = accepted.max_bytes if size is None else size
        quotas.reserve(workspace_id, most)
        media = Media.objects.create(
            workspace_id=workspace_id,
            kind=accepted.kind,
            filename=filename,
            content_type=content_type,
            size_bytes=most,
            size_is_open=size is None,
        )
        if storage.takes_uploads():
            storage.watch(media, storage.upload_key(media))
    return media


def upload_url(media: Media) -> str:
    """Return the URL that takes the bytes, without a key, any number of times until it expires."""
    if storage.takes_uploads():
        return storage.upload_url(media, quotas.UPLOAD_SECONDS)
    named = f"{media.pk.hex}.{media.size_bytes}"
    return f"{settings.PUBLIC_URL}/uploads/{_upload_signer().sign(named)}"


def provider() -> str:
    """Return where an upload URL leads: `local` or `s3`."""
    return "s3" if storage.takes_uploads() else "local"


def of_upload(token: str) -> Media | None:
    """Return the file of an upload URL; None if the URL is not ours or has expired."""
    named = _signed(token)
    return None if named is None else Media.objects.filter(pk=uuid.UUID(named[0])).first()


def announced_bytes(token: str) -> int | None:
    """Return the announced size of an upload URL, without a query; None as in `of_upload`."""
    named = _signed(token)
    return None if named is None else int(named[1])


def _signed(token: str) -> tuple[str, str] | None:
    try:
        named = _upload_signer().unsign(token, max_age=quotas.UPLOAD_SECONDS)
    except signing.BadSignature:
        return None
    key, _, size = named.partition(".")
    return key, size


def longer_than(size_bytes: int) -> RequestRefused:
    return RequestRefused("file_too_large", f"The file was announced with {size_bytes} bytes.")


def receive(media: Media, stream: Stream, length: int) -> None:
    """Store `length` bytes of the stream as the file.

    Raises RequestRefused, and OSError of the storage; an earlier upload is then kept.
    """
    if length > _most(media):
        raise longer_than(_most(media))
    if length < media.size_bytes and not media.size_is_open:
        raise RequestRefused("upload_incomplete", _MISSING)
    with _whole(stream, length) as content:
        key = storage.keep(media, TYPES[media.content_type].extension, content)
    _take_up(media, key, length)


def _most(media: Media) -> int:
    """Return how many bytes the file may have."""
    return TYPES[media.content_type].max_bytes if media.size_is_open else media.size_bytes


@contextmanager
def _whole(stream: Stream, length: int) -> Iterator[File]:
    """Yield the whole stream as a file: not in memory, and a broken upload leaves nothing.

    Our own web server has written the body to disk before the view runs. Raises RequestRefused.
    """
    if isinstance(stream, io.IOBase) and stream.seekable():
        yield File(cast("IO[bytes]", stream))
        return
    with tempfile.TemporaryFile() as spool:
        received = 0
        while received < length and (chunk := stream.read(min(_CHUNK_BYTES, length - received))):
            spool.write(chunk)
            received += len(chunk)
        if received != length:
            raise RequestRefused("upload_incomplete", _MISSING)
        yield File(spool)


def _take_up(media: Media, key: str, size: int) -> None:
    """Make these stored bytes the file, if it still waits for them. Raises RequestRefused."""
    try:
        with transaction.atomic():
            # The announced size counts only while an upload may begin; the room may be gone.
            quotas.reserve(media.workspace_id, size, media=media)
            waiting = Media.objects.filter(pk=media.pk, status=Media.Status.UPLOADING)
            row = waiting.select_for_update().first()
            if row:
                waiting.update(storage_key=key, broken_count=0, size_bytes=size)
                delete.discard(row, row.storage_key)
    except RequestRefused:
        default_storage.delete(key)
        raise
    if row is None:
        default_storage.delete(key)
        raise RequestRefused("conflict", "The file is already complete and can no longer change.")


def complete(workspace_id: uuid.UUID, media_id: uuid.UUID) -> Media:
    """Check the received bytes and return the ready file. Raises RequestRefused.

    A file that is not what was announced fails permanently. One whose reading was interrupted may
    be completed again, up to sandbox.TRIES times.
    """
    media = delete.find(workspace_id, media_id)
    if media.status == Media.Status.READY:
        return media
    if media.status == Media.Status.FAILED:
        raise RequestRefused("invalid_media", media.error)
    if Fetch.objects.filter(media=media).exists():
        raise RequestRefused("upload_incomplete", _FETCHING)
    # It waits for a bucket, and for others whose files are being read.
    with bounded_waits.enter(_room, workspace_id, _BUSY):
        return _completed(media)


def _completed(media: Media) -> Media:
    try:
        if not media.storage_key and storage.takes_uploads():
            media = _fetch_sent(media)
        if not media.storage_key:
            raise RequestRefused("upload_incomplete", _MISSING)
        return _check(media, media.storage_key)
    except FileNotFoundError:
        raise RequestRefused("upload_incomplete", _MISSING) from None


def _fetch_sent(media: Media) -> Media:
    """Take over a direct upload. Raises RequestRefused, FileNotFoundError."""
    size = default_storage.size(storage.upload_key(media))
    if size > _most(media):
        raise longer_than(_most(media))
    if not size or (size < media.size_bytes and not media.size_is_open):
        raise RequestRefused("upload_incomplete", _MISSING)
    _take_up(media, storage.take_over(media, TYPES[media.content_type].extension), size)
    delete.discard(media, storage.upload_key(media))
    return delete.find(media.workspace_id, media.pk)


def _check(media: Media, key: str) -> Media:
    if default_storage.size(key) != media.size_bytes:
        raise RequestRefused("upload_incomplete", _MISSING)
    # Read outside any transaction: the bytes under a key never change.
    same = Media.objects.filter(pk=media.pk, storage_key=key, status=Media.Status.UPLOADING)
    try:
        with storage.path(key) as path:
            inspected = inspection.inspect(path, media.content_type)
    except UnreadableFile as error:
        raise _failed(same, str(error)) from None
    except sandbox.TooBusy:
        raise try_again(_BUSY, _AGAIN_SECONDS) from None
    except sandbox.NoResult as failure:
        log.warning("media_broke", media=str(media.pk), failure=repr(failure))
        raise _broken(same) from None
    values = ready_fields(media, inspected)
    if not _make_ready(media, same, values):
        delete.discard(media, values["thumbnail_key"])
    now = delete.find(media.workspace_id, media.pk)
    if now.status != Media.Status.READY:
        raise RequestRefused(
            "conflict", "The file was uploaded again in the meantime; complete it again."
        )
    jobs.prepare_stripped(now)
    return now


@transaction.atomic
def _make_ready(media: Media, same: QuerySet[Media], values: dict[str, Any]) -> bool:
    """Return whether this was the request that made the file ready."""
    if not same.update(**values):
        return False
    events.uploaded(media)
    return True


def ready_fields(media: Media, inspected: Inspection) -> dict[str, Any]:
    """Return the fields that make a file's row ready. Stores the thumbnail; raises OSError."""
    key = ""
    if inspected.thumbnail:
        key = storage.keep(media, "jpg", ContentFile(inspected.thumbnail), folder="seen")
    return {"status": Media.Status.READY, "thumbnail_key": key, **asdict(inspected.facts)}


def _broken(same: QuerySet[Media]) -> RequestRefused:
    """Count a reading without an answer, and fail the file after too many."""
    same.update(broken_count=F("broken_count") + 1)
    if same.filter(broken_count__gte=sandbox.TRIES).exists():
        return _failed(same, _UNREADABLE)
    return try_again(_UNREAD, _AGAIN_SECONDS)


def _failed(same: QuerySet[Media], why: str) -> RequestRefused:
    """Fail the file permanently and delete its bytes."""
    media = same.first()
    if media and same.update(status=Media.Status.FAILED, error=why, storage_key=""):
        delete.discard(media, media.storage_key)
    return RequestRefused("invalid_media", why)
