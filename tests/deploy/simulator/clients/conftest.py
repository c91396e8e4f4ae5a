"""One stage for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Simulator
from tests.deploy.simulator.clients.stage import Stage, staged


@pytest.fixture
def stage(simulator: Simulator, tmp_path: Path) -> Iterator[Stage]:
    with staged(simulator, tmp_path) as stage:
        yield stage
