"""One relay for all tests of this network."""

from collections.abc import Iterator

import pytest

from tests.real.install import NotInstalled
from tests.real.nostr import server


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[server.Server]:
    try:
        with server.running(tmp_path_factory.mktemp("nostr")) as running:
            yield running
    except NotInstalled as why:
        pytest.skip(f"Nostr's relay: {why}")
