import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.config.web.server.conftest import echo, web

__all__ = ["echo", "web"]


@contextmanager
def server_folder() -> Iterator[Path]:
    """A folder for real servers.

    Not pytest's own: every run of pytest closes that one's parent, and PostgreSQL, which is
    another user when we are root, must be able to pass through.
    """
    folder = Path(tempfile.mkdtemp(prefix="dovecote-test-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def home() -> Iterator[Path]:
    with server_folder() as folder:
        yield folder
