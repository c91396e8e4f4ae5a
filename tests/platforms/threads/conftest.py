import pytest

from platforms.threads.adapter import Threads
from tests.conftest import Simulator
from tests.platforms.meta.containers import Bench, bench


@pytest.fixture
def b(simulator: Simulator) -> Bench:
    return bench(simulator, Threads())
