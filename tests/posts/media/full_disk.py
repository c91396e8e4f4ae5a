"""A storage whose disk is full after half of a file."""

import errno
import os
from pathlib import Path
from typing import Any

from django.core.files import File

from posts.media.storage import SignedFileSystemStorage


class FullDisk(SignedFileSystemStorage):
    def __init__(self, only: str = "") -> None:
        super().__init__()
        self._only = only

    def _save(self, name: str, content: File) -> str:
        if self._only not in name:
            return super()._save(name, content)
        target = Path(self.path(name))
        target.parent.mkdir(parents=True, exist_ok=True)
        whole = content.read()
        target.write_bytes(whole[: len(whole) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def fill(settings: Any, only: str = "") -> None:
    """From now on no file can be stored, or none whose key contains `only`.

    Stored files can still be read.
    """
    backend = {"BACKEND": f"{__name__}.{FullDisk.__name__}", "OPTIONS": {"only": only}}
    settings.STORAGES = {**settings.STORAGES, "default": backend}
