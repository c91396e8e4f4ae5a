"""As whom a test posts: a bot, a webhook, or a bot in a forum."""

import pytest

from tests.conftest import Simulator
from tests.platforms.discord.account import MAKERS
from tests.platforms.driver import Drive


@pytest.fixture(params=MAKERS)
def who(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def d(who: str, simulator: Simulator) -> Drive:
    return MAKERS[who](simulator)
