import os

import pytest

from tests.config.web.server.echoing import MEGABYTE, Echo
from tests.config.web.server.serving import serving


@pytest.fixture
def echo(tmp_path):
    path = tmp_path / "file"
    path.touch()
    os.truncate(path, 30 * MEGABYTE)
    return Echo(path)


@pytest.fixture
def web(echo, settings):
    settings.WEB_THREADS = 2
    with serving(echo, settings) as running:
        yield running
