"""One site for all tests of this network."""

from collections.abc import Iterator

import pytest

from tests.real.install import NotInstalled
from tests.real.wordpress import server


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[server.Server]:
    # A socket's path has 107 characters at most.
    home = tmp_path_factory.mktemp("wp")
    try:
        with server.running(home) as running:
            yield running
    except NotInstalled as why:
        pytest.skip(f"needs WordPress: {why}")
