import pytest

from tests.conftest import Simulator
from tests.platforms.driver import Drive
from tests.platforms.facebook.videos import page_drive


@pytest.fixture
def drive(simulator: Simulator) -> Drive:
    return page_drive(simulator)
