"""What the tests of connecting LinkedIn share: the consent page, and what follows from it."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import parse_qs, urlsplit

from platforms.drafts import Credentials
from platforms.http.client import Client
from platforms.http.transport import Transport
from platforms.linkedin.oauth import LinkedInOAuth
from platforms.oauth import App, Profile, Tokens
from tests.conftest import Simulator

T = TypeVar("T")
BACK = "https://dovecote.example/connect/linkedin/return"
LOGIN = LinkedInOAuth()
ASKED = {*LinkedInOAuth.scopes, *LinkedInOAuth.optional_scopes}
DAY = 24 * 3600


def call(simulator: Simulator, work: Callable[[Client], Awaitable[T]]) -> T:
    async def run() -> T:
        transport = Transport(gateway=simulator.url)
        try:
            return await work(Client(transport, explain=LOGIN.explain))
        finally:
            await transport.close()

    return asyncio.run(run())


def make_page(simulator: Simulator, roles: dict[str, str], name: str = "Acme Inc.") -> str:
    number = str(uuid.uuid4().int)[:8]
    extra = {"author": f"urn:li:organization:{number}", "roles": roles}
    simulator.connect("linkedin", number, name=name, username="acme-inc", extra=extra)
    return number


def address(simulator: Simulator, app: App) -> str:
    return Transport(gateway=simulator.url).resolve(LOGIN.authorize_url(app, BACK, "s-1", "v" * 64))


def returned(location: str) -> dict[str, str]:
    assert location.startswith(BACK + "?")
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def code_for(simulator: Simulator, app: App, member: str, url: str = "") -> str:
    return returned(simulator.consent(url or address(simulator, app), member))["code"]


def exchange(simulator: Simulator, app: App, code: str) -> Tokens:
    return call(simulator, lambda http: LOGIN.exchange(app, code, BACK, "", http))


def connected(simulator: Simulator, app: App, member: str) -> Tokens:
    return exchange(simulator, app, code_for(simulator, app, member))


def profiles(simulator: Simulator, app: App, tokens: Tokens) -> list[Profile]:
    return list(call(simulator, lambda http: LOGIN.profiles(app, tokens, http)))


def refreshed(simulator: Simulator, app: App, tokens: Tokens) -> Tokens:
    account = Credentials("1", "", tokens.access, refresh_token=tokens.refresh)
    return call(simulator, lambda http: LOGIN.refresh(app, account, http))


def seconds_left(at: datetime | None) -> float:
    assert at is not None
    return (at - datetime.now(UTC)).total_seconds()


def make_member(simulator: Simulator) -> str:
    member = f"ada{uuid.uuid4().hex[:7]}"
    simulator.connect("linkedin", member, name="Ada Byron", username="ada")
    return member
