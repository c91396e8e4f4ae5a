from collections.abc import Iterator

import pytest

from tests.acceptance.stack import Stack, running


@pytest.fixture(scope="package")
def running_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running(tmp_path_factory.mktemp("stack")) as stack:
        yield stack


@pytest.fixture
def stack(running_stack: Stack) -> Iterator[Stack]:
    """Every process up, no faults; put right again after the test."""
    yield running_stack
    running_stack.simulator.http.delete("/control/faults").raise_for_status()
    if not running_stack.is_running("worker"):
        running_stack.start("worker")
