"""An account at a simulated network that can post."""

from typing import Any

from destinations.models import Account
from tests.conftest import Simulator
from tests.factories import make_account, make_workspace


def connect(
    simulator: Simulator, platform: str = "x", number: str = "77", workspace: Any = None
) -> Account:
    """It is of a workspace of its own unless one is given."""
    token = simulator.connect(platform, number, username="acme")
    known = {"platform_account_id": number, "username": "acme"}
    return make_account(workspace or make_workspace(), platform, token=token, **known)
