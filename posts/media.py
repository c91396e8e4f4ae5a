"""Uploaded files: announced, received, checked, removed.

A file's bytes are under a key of their own and never overwritten: another upload of the same file
gets another key. So what was checked is what is sent.
"""

import uuid
from dataclasses import asdict, dataclass
from typing import Protocol
from urllib.parse import quote, urlencode

from django.conf import settings
from django.core import signing
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from destinations.models import Destination
from posts import probing, stored
from posts.models import Media, Post
from posts.refusals import Refused

MEGABYTE = 1024 * 1024
#: How long an upload URL works.
UPLOAD_SECONDS = 900
_CHUNK_BYTES = 256 * 1024
#: Clients send the bytes again when they read "make sure you uploaded the file".
_MISSING = "The file is not complete; make sure you uploaded the file, then complete it again."


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


class SignedFileSystemStorage(FileSystemStorage):
    """Files on disk, with absolute URLs that expire. api/files.py serves them."""

    def url(self, name: str | None) -> str:
        signature = _file_signer().sign(name or "").removeprefix(f"{name}:")
        return f"{settings.PUBLIC_URL}/media/{quote(name or '')}?{urlencode({'s': signature})}"


def _file_signer() -> signing.TimestampSigner:
    return signing.TimestampSigner(salt="dovecote.file")


def _upload_signer() -> signing.TimestampSigner:
    return signing.TimestampSigner(salt="dovecote.upload")


def is_signed(name: str, signature: str) -> bool:
    """Whether the URL of this file was made by us and has not expired."""
    try:
        _file_signer().unsign(f"{name}:{signature}", max_age=settings.MEDIA_URL_SECONDS)
    except signing.BadSignature:
        return False
    return True


class Stream(Protocol):
    def read(self, size: int, /) -> bytes: ...


def announce(workspace_id: uuid.UUID, filename: str, content_type: str, size: int) -> Media:
    """A place for a file of `size` bytes, to be received. Raises Refused."""
    accepted = TYPES[content_type]
    if size > accepted.max_bytes:
        raise Refused(
            "file_too_large",
            f"A {accepted.kind} has at most {accepted.max_bytes} bytes.",
            max_size=accepted.max_bytes,
        )
    return Media.objects.create(
        workspace_id=workspace_id,
        kind=accepted.kind,
        filename=filename,
        content_type=content_type,
        size_bytes=size,
    )


def upload_url(media: Media) -> str:
    """Where the bytes are sent, without a key, any number of times until it expires."""
    return f"{settings.PUBLIC_URL}/uploads/{_upload_signer().sign(media.pk.hex)}"


def of_upload(token: str) -> Media | None:
    """The file an upload URL is for; None if it is not ours or has expired."""
    try:
        key = _upload_signer().unsign(token, max_age=UPLOAD_SECONDS)
    except signing.BadSignature:
        return None
    return Media.objects.filter(pk=uuid.UUID(key)).first()


def receive(media: Media, stream: Stream, length: int) -> None:
    """Store `length` bytes of the stream as the file. Raises Refused, and OSError of a storage
    that takes no more; keeps what was there.

    Through a temporary file: nothing is held in memory, and a broken upload leaves nothing.
    """
    if length > media.size_bytes:
        raise Refused("file_too_large", f"The file was announced with {media.size_bytes} bytes.")
    extension = TYPES[media.content_type].extension
    key = f"{media.workspace_id.hex}/{media.pk.hex}/{uuid.uuid4().hex}.{extension}"
    with TemporaryUploadedFile(f"upload.{extension}", media.content_type, length, None) as spool:
        received = 0
        while received < length and (chunk := stream.read(min(_CHUNK_BYTES, length - received))):
            spool.write(chunk)
            received += len(chunk)
        if received != length:
            raise Refused("upload_incomplete", _MISSING)
        spool.flush()
        spool.seek(0)
        key = stored.keep(key, spool)
    with transaction.atomic():
        waiting = Media.objects.filter(pk=media.pk, status=Media.Status.UPLOADING)
        row = waiting.select_for_update().first()
        if row:
            waiting.update(storage_key=key)
            _discard(row.storage_key)
    if row is None:
        default_storage.delete(key)
        raise Refused("conflict", "The file was completed already and no longer changes.")


def complete(workspace_id: uuid.UUID, media_id: uuid.UUID) -> Media:
    """Check what arrived; returns the file, ready. Raises Refused.

    A file that is not what it was announced to be fails for ever.
    """
    media = _find(workspace_id, media_id)
    if media.status == Media.Status.READY:
        return media
    if media.status == Media.Status.FAILED:
        raise Refused("invalid_media", media.error)
    if not media.storage_key:
        raise Refused("upload_incomplete", _MISSING)
    try:
        return _check(media, media.storage_key)
    except FileNotFoundError:
        raise Refused("upload_incomplete", _MISSING) from None


def _check(media: Media, key: str) -> Media:
    if default_storage.size(key) != media.size_bytes:
        raise Refused("upload_incomplete", _MISSING)
    # The bytes are read outside any transaction; they cannot change under their key.
    same = Media.objects.filter(pk=media.pk, storage_key=key, status=Media.Status.UPLOADING)
    try:
        with stored.path(key) as path:
            facts = probing.probe(path, media.content_type)
    except probing.Unreadable as error:
        if same.update(status=Media.Status.FAILED, error=str(error), storage_key=""):
            _discard(key)
        raise Refused("invalid_media", str(error)) from None
    same.update(status=Media.Status.READY, **asdict(facts))
    now = _find(media.workspace_id, media.pk)
    if now.status != Media.Status.READY:
        raise Refused("conflict", "The file was uploaded again meanwhile; complete it again.")
    return now


@transaction.atomic
def remove(workspace_id: uuid.UUID, media_id: uuid.UUID) -> None:
    """Delete a file that nothing is still to be published from. Raises Refused.

    Posts that are over lose it from their list; copies on the platforms stay.
    """
    # Locked before looking: composing locks the files it attaches.
    media = _find(workspace_id, media_id, lock=True)
    using = [post.public_id for post in _unfinished(media).order_by("created_at", "id")]
    if using:
        raise Refused(
            "media_in_use", "Posts that are still to be published use this file.", post_ids=using
        )
    media.attachments.all().delete()
    # Locked, so that whoever is making one finds it gone and drops it.
    made = list(media.variants.select_for_update().values_list("storage_key", flat=True))
    media.delete()
    for key in (media.storage_key, *made):
        _discard(key)


def _find(workspace_id: uuid.UUID, media_id: uuid.UUID, *, lock: bool = False) -> Media:
    rows = Media.objects.filter(workspace=workspace_id, pk=media_id)
    media = (rows.select_for_update() if lock else rows).first()
    if media is None:
        raise Refused("not_found", "There is no such file.")
    return media


def _unfinished(media: Media) -> QuerySet[Post]:
    """Posts that may still send the file, automatic retries included."""
    waiting = Destination.objects.filter(post=OuterRef("pk"), due_at__isnull=False).order_by()
    states = (Post.Status.DRAFT, Post.Status.SCHEDULED, Post.Status.PUBLISHING)
    return Post.objects.filter(Q(status__in=states) | Exists(waiting), attachments__media=media)


def _discard(key: str) -> None:
    """Delete stored bytes once the transaction that gave them up is committed."""
    if key:
        # Robust: a storage that is away leaves an orphan, which harms nobody.
        transaction.on_commit(lambda: default_storage.delete(key), robust=True)
