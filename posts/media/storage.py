"""Store files whole or not at all, sign links to them, and take direct uploads.

The default storage is a folder on disk (`SignedFileSystemStorage`) or an S3 bucket (`s3.Bucket`).

The signature's time is the start of the day, so every link to a file is the same all day and caches
can reuse what they fetched.
"""

import errno
import mimetypes
import re
import shutil
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.core import signing
from django.core.files import File
from django.core.files.storage import FileSystemStorage, default_storage

from destinations.runtime import availability, clock
from posts.models import Media, StoredFile

#: The error numbers of a storage without room.
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


class Away(OSError):
    """The storage does not answer, or refuses us. The file is not to blame."""


class SignedFileSystemStorage(FileSystemStorage):
    """Files on disk, with absolute URLs that expire. The API's view of files serves them.

    Only the user who runs Dovecote may read them, regardless of the umask.
    """

    file_permissions_mode = 0o600
    directory_permissions_mode = 0o700

    def url(self, name: str | None) -> str:
        signature = _link_signer().sign(name or "").removeprefix(f"{name}:")
        return f"{settings.PUBLIC_URL}/media/{quote(name or '')}?{urlencode({'s': signature})}"


class _DaySigner(signing.TimestampSigner):
    """Signs with the time at which all links of a day count as signed."""

    def timestamp(self) -> str:
        return signing.b62_encode(signed_at())


def _link_signer() -> _DaySigner:
    return _DaySigner(salt="dovecote.file")


def is_signed(name: str, signature: str) -> bool:
    """Return whether this link to a file on disk is ours and has not expired."""
    try:
        _link_signer().unsign(f"{name}:{signature}", max_age=good_seconds())
    except signing.BadSignature:
        return False
    return True


def keep(media: Media, extension: str, file: File, *, folder: str = "") -> str:
    """Store bytes of this file under a new key, which is returned.

    Raises OSError, and then leaves no part of them behind. Call it outside any transaction: bytes
    that no row names in the end are cleaned up later.
    """
    key, began = new_key(media, extension, folder), time.perf_counter()
    try:
        stored = default_storage.save(key, file)
        availability.storage.succeeded(began)
        return stored
    except OSError:
        # A full disk keeps what was written until then.
        with suppress(OSError):
            default_storage.delete(key)
        raise


def new_key(media: Media, extension: str, folder: str = "") -> str:
    """Return a key of this file that was never used. Cleanup will check what is stored there."""
    key = f"{_folder_of(media)}{folder and folder + '/'}{uuid.uuid4().hex}.{extension}"
    watch(media, key)
    return key


def watch(media: Media, key: str) -> None:
    """Have cleanup check, a day from now, whether the file still names this key."""
    StoredFile.objects.create(key=key, media_id=media.pk, at=clock.now())


@contextmanager
def path(key: str) -> Iterator[Path]:
    """Yield a file with the bytes of this key, not to be changed. Raises FileNotFoundError."""
    found = _local_path(key)
    if found:
        yield found
        return
    with tempfile.NamedTemporaryFile() as copy, default_storage.open(key) as file:
        shutil.copyfileobj(file, copy)
        copy.flush()
        yield Path(copy.name)


def delete_of_workspace(workspace_id: uuid.UUID) -> None:
    """Delete every stored byte of a workspace. May be repeated. Raises OSError."""
    folder = f"{workspace_id.hex}/"
    if takes_uploads():
        _bucket().delete_folder(folder)
        return
    with suppress(FileNotFoundError):
        shutil.rmtree(default_storage.path(folder))


def takes_uploads() -> bool:
    """Return whether customers send their bytes straight to the storage."""
    return bool(settings.MEDIA_S3_BUCKET)


def upload_key(media: Media) -> str:
    """Return where a direct upload writes while its URL is valid; never the key of a ready file."""
    return f"{_folder_of(media)}sent"


def upload_url(media: Media, seconds: int) -> str:
    """Return a URL that accepts the announced type and number of bytes, and nothing else."""
    size = None if media.size_is_open else media.size_bytes
    url: str = _bucket().upload_url(upload_key(media), media.content_type, size, seconds)
    return url


def take_over(media: Media, extension: str) -> str:
    """Copy a direct upload to a key of ours, which is returned. Raises FileNotFoundError, Away."""
    ours = new_key(media, extension)
    _bucket().take_over(upload_key(media), ours)
    return ours


def _folder_of(media: Media) -> str:
    """Return how the keys of a file begin."""
    return f"{media.workspace_id.hex}/{media.pk.hex}/"


def _local_path(key: str) -> Path | None:
    try:
        found = Path(default_storage.path(key))
    except NotImplementedError:
        return None
    return found if found.is_file() else None


def _bucket() -> Any:
    # Not typed as s3.Bucket: only installations with a bucket load botocore.
    return default_storage


DAY_SECONDS = 24 * 3600
#: Types that browsers display and never execute. Files of other types are downloaded.
_SHOWN = re.compile(r"(image/(jpeg|png|gif|webp)|video/(mp4|quicktime))")


def signed_at() -> int:
    """Return the signing time, in Unix seconds, of a link that is made now."""
    now = int(time.time())
    return now - now % _period_seconds()


def good_seconds() -> int:
    """Seconds after `signed_at` for which a link is valid; at least MEDIA_URL_SECONDS after it was
    made."""
    return settings.MEDIA_URL_SECONDS + _period_seconds()


def link_headers(name: str) -> dict[str, str]:
    """Response headers for the file of this storage key. Its bytes never change."""
    content_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    way = "inline" if _SHOWN.fullmatch(content_type) else "attachment"
    filename = re.sub(r"[^A-Za-z0-9._-]", "_", PurePosixPath(name).name)
    return {
        "Content-Type": content_type,
        "Content-Disposition": f'{way}; filename="{filename}"',
        "Cache-Control": f"private, max-age={settings.MEDIA_URL_SECONDS}, immutable",
    }


def _period_seconds() -> int:
    """Return the seconds for which a file's link stays the same: a day, or less."""
    return max(1, min(DAY_SECONDS, settings.MEDIA_URL_SECONDS))
