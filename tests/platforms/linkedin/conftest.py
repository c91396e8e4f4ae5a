import pytest

from deploy.simulator.linkedin import media
from tests.conftest import Simulator
from tests.platforms.connecting import Connecting, connecting
from tests.platforms.driver import Drive
from tests.platforms.linkedin.steps import SMALL_PART_BYTES, connect


@pytest.fixture
def at_once(simulator: Simulator) -> None:
    """LinkedIn processes files at once."""
    simulator.set("linkedin", "processing_seconds", 0)


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """LinkedIn asks for videos in smaller parts than it does."""
    monkeypatch.setattr(media, "PART_BYTES", SMALL_PART_BYTES)


@pytest.fixture
def page(simulator: Simulator) -> Drive:
    return connect(simulator, "organization")


@pytest.fixture
def member(simulator: Simulator) -> Drive:
    return connect(simulator, "person")


@pytest.fixture
def c(simulator: Simulator) -> Connecting:
    return connecting(simulator, "linkedin", "linkedin")
