import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
from django.conf import settings

from config.queue import heartbeats
from tests.config.web.server.echoing import MEGABYTE, Echo
from tests.config.web.server.serving import serving


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder for real servers.

    Not pytest's own: every run of pytest closes that one's parent, and PostgreSQL, which is
    another user when we are root, must be able to pass through.
    """
    folder = Path(tempfile.mkdtemp(prefix="dovecote-test-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def no_workers() -> Iterator[Callable[[], None]]:
    """Redis knows no worker, before the test and after; call it to forget those it left."""
    with redis.Redis.from_url(settings.REDIS_URL) as client:

        def forget() -> None:
            client.delete(heartbeats.KEY)

        forget()
        yield forget
        forget()


@pytest.fixture
def echo(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"y" * (30 * MEGABYTE))
    return Echo(path)


@pytest.fixture
def web(echo, settings):
    settings.WEB_THREADS = 2
    with serving(echo, settings) as running:
        yield running
