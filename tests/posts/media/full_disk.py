"""A storage whose disk is full once half of a file is written."""

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
    """From now on nothing more can be stored, or nothing whose key has `only` in it.

    What is stored can be read.
    """
    backend = {"BACKEND": f"{__name__}.{FullDisk.__name__}", "OPTIONS": {"only": only}}
    settings.STORAGES = {**settings.STORAGES, "default": backend}
