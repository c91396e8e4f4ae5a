"""Steps at Nostr's relays and at the login."""

import asyncio
import json
from typing import Any

import aiohttp

from platforms.http.client import Client
from platforms.http.transport import Transport
from platforms.nostr.login import KeyLogin
from platforms.oauth import Profile
from tests.conftest import Simulator
from tests.platforms.driver import Drive

#: What ends an answer of a relay.
LAST = ("OK", "EOSE", "CLOSED", "NOTICE")
LOGIN = KeyLogin()


def say(simulator: Simulator, relay: str, message: Any) -> list[list[Any]]:
    """Send one message to a relay; what it answers."""
    return asyncio.run(_say(f"{simulator.url}/{relay.removeprefix('wss://')}/", message))


async def _say(url: str, message: Any) -> list[list[Any]]:
    heard: list[list[Any]] = []
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
        await socket.send_str(message if isinstance(message, str) else json.dumps(message))
        while not heard or heard[-1][0] not in LAST:
            heard.append(json.loads((await socket.receive(5)).data))
    return heard


def events_at(simulator: Simulator, relay: str, *ids: str) -> list[dict[str, Any]]:
    """The events of these that a relay has."""
    heard = say(simulator, relay, ["REQ", "test", {"ids": list(ids)}])
    return [each[2] for each in heard if each[0] == "EVENT"]


def signed_in(known: Drive, **answers: str) -> Profile:
    """What the form makes of an account's key, and of what else is entered."""
    entered = {"private_key": known.account.token, **answers}

    async def run() -> Profile:
        transport = Transport(gateway=known.gateway, timeout_seconds=5)
        try:
            [profile] = await LOGIN.sign_in(entered, Client(transport, explain=LOGIN.explain))
            return profile
        finally:
            await transport.close()

    return asyncio.run(run())
