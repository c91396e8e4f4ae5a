"""An account at X's simulator, and what its tests ask of it."""

import uuid
from typing import Any

import httpx
import pytest

from platforms.drafts import Credentials, Draft
from platforms.errors import PlatformError
from platforms.x.adapter import X
from tests.conftest import Simulator
from tests.platforms.driver import Drive

HELLO = Draft("Hello")


def connect(simulator: Simulator, **fields: Any) -> Drive:
    """A new account, and an adapter that may post as it."""
    number = str(uuid.uuid4().int)[:12]
    token = simulator.connect("x", number, username="acme", **fields)
    return Drive(X(), Credentials(number, "acme", token), simulator.url)


def public(simulator: Simulator, drive: Drive) -> list[dict[str, Any]]:
    return simulator.posts("x", drive.account.platform_account_id)


def refused(drive: Drive, draft: Draft = HELLO) -> PlatformError:
    with pytest.raises(PlatformError) as caught:
        drive.finish(draft)
    return caught.value


def call(simulator: Simulator, drive: Drive, method: str, path: str, **rest: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {drive.account.token}"}
    return simulator.http.request(method, f"/api.x.com{path}", headers=headers, **rest)
