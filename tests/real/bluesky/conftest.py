"""One server for all tests of this network."""

from collections.abc import Iterator

import pytest

from tests.real.bluesky import server
from tests.real.install import NotInstalled


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[server.Server]:
    try:
        with server.running(tmp_path_factory.mktemp("bluesky")) as running:
            yield running
    except NotInstalled as why:
        pytest.skip(f"Bluesky's server: {why}")
