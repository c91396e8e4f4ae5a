"""Files in the storage: kept whole or not at all, and within reach of programs that need a path."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.core.files import File
from django.core.files.storage import default_storage


def keep(key: str, file: File) -> str:
    """Store the file; returns the key it got. Raises OSError, and leaves no part of it behind."""
    try:
        return default_storage.save(key, file)
    except OSError:
        # A full disk keeps what was written until then.
        with suppress(OSError):
            default_storage.delete(key)
        raise


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
