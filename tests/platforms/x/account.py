"""An account at X's simulator, and what its tests ask of it."""

import uuid
from typing import Any

import httpx

from platforms.drafts import Credentials
from platforms.x.adapter import X
from tests.conftest import Simulator
from tests.platforms.driver import Drive


def connect(simulator: Simulator, **fields: Any) -> Drive:
    """A new account, and an adapter that may post as it."""
    number = str(uuid.uuid4().int)[:12]
    token = simulator.connect("x", number, username="acme", **fields)
    return Drive(X(), Credentials(number, "acme", token), simulator)


def call(drive: Drive, method: str, path: str, **rest: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {drive.account.token}"}
    return drive.simulator.http.request(method, f"/api.x.com{path}", headers=headers, **rest)
