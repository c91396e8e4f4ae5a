"""A board to publish to, and a person who connects it."""

import pytest

from tests.conftest import Simulator
from tests.platforms.connecting import Connecting, connecting
from tests.platforms.driver import Drive
from tests.platforms.pinterest import steps


@pytest.fixture
def d(simulator: Simulator) -> Drive:
    return steps.drive(simulator)


@pytest.fixture
def c(simulator: Simulator) -> Connecting:
    return connecting(simulator, "pinterest", "pinterest")
