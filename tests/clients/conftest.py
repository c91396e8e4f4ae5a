from collections.abc import Iterator

import pytest

from tests.acceptance.stack import Stack
from tests.clients.published.ground import running


@pytest.fixture(scope="package")
def running_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Every process up, for all tests of clients that this process runs."""
    with running(tmp_path_factory.mktemp("stack")) as found:
        yield found


@pytest.fixture
def stack(running_stack: Stack) -> Iterator[Stack]:
    """The same without faults."""
    yield running_stack
    running_stack.simulator.http.delete("/control/faults").raise_for_status()
