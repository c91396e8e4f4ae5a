import pytest

from platforms.instagram.adapter import Instagram
from tests.conftest import Simulator
from tests.platforms.meta.containers import Bench, bench


@pytest.fixture
def b(simulator: Simulator) -> Bench:
    return bench(simulator, Instagram())
