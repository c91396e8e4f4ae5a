"""One server for all tests of this network."""

from collections.abc import Iterator

import pytest

from tests.real.mastodon import server


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[server.Server]:
    with server.running(tmp_path_factory.mktemp("snac")) as running:
        yield running
