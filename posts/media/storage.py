"""Files in the storage: kept whole or not at all, and within reach of programs that need a path."""

import errno
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.core.files import File
from django.core.files.storage import default_storage

from destinations.runtime import clock
from posts.models import Media, StoredFile

#: What a storage says that has no room left.
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


class Away(OSError):
    """The storage does not answer, or refuses us. It is no fault of the file."""


def keep(media: Media, extension: str, file: File, *, folder: str = "") -> str:
    """Store bytes of this file where none ever were; returns their key.

    Raises OSError, and leaves no part of them behind. Outside any transaction: what is stored and
    then not written down, for whatever reason, is cleaned away later.
    """
    key = new_key(media, extension, folder)
    try:
        return default_storage.save(key, file)
    except OSError:
        # A full disk keeps what was written until then.
        with suppress(OSError):
            default_storage.delete(key)
        raise


def new_key(media: Media, extension: str, folder: str = "") -> str:
    """A key of this file where nothing ever was; whatever is stored there is watched."""
    key = f"{folder_of(media)}{folder and folder + '/'}{uuid.uuid4().hex}.{extension}"
    watch(media, key)
    return key


def folder_of(media: Media) -> str:
    """How the keys of a file begin."""
    return f"{media.workspace_id.hex}/{media.pk.hex}/"


def watch(media: Media, key: str) -> None:
    """Have somebody look, a day from now, whether the file still names this key."""
    StoredFile.objects.create(key=key, media_id=media.pk, at=clock.now())


@contextmanager
def path(key: str) -> Iterator[Path]:
    """A file that holds the bytes of this key, not to be changed. Raises FileNotFoundError."""
    found = _here(key)
    if found:
        yield found
        return
    with tempfile.NamedTemporaryFile() as copy, default_storage.open(key) as file:
        shutil.copyfileobj(file, copy)
        copy.flush()
        yield Path(copy.name)


def _here(key: str) -> Path | None:
    try:
        found = Path(default_storage.path(key))
    except NotImplementedError:
        return None
    return found if found.is_file() else None
