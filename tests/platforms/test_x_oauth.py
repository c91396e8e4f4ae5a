"""Connecting an X account, against the simulator's consent page."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import pytest

from platforms.base import Credentials
from platforms.client import Client, Transport
from platforms.errors import Unauthorized, Unavailable
from platforms.oauth import App, Tokens
from platforms.x.oauth import XOAuth
from tests.conftest import Simulator

T = TypeVar("T")
BACK = "https://dovecote.example/connect/x"
VERIFIER = "v" * 64


def call(simulator: Simulator, work: Callable[[Client], Awaitable[T]]) -> T:
    async def run() -> T:
        transport = Transport(gateway=simulator.url)
        try:
            return await work(Client(transport, explain=XOAuth().explain))
        finally:
            await transport.close()

    return asyncio.run(run())


@pytest.fixture
def app(simulator: Simulator) -> App:
    return App(*simulator.app("x", BACK))


def returned(simulator: Simulator, app: App, **answer: Any) -> dict[str, str]:
    simulator.connect("x", "77", username="acme")
    address = XOAuth().authorize_url(app, BACK, "state-1", VERIFIER)
    resolved = Transport(gateway=simulator.url).resolve(address)
    location = simulator.consent(resolved, "77", **answer)
    assert location.startswith(BACK + "?")
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def connected(simulator: Simulator, app: App) -> Tokens:
    code = returned(simulator, app)["code"]
    return call(simulator, lambda http: XOAuth().exchange(app, code, BACK, VERIFIER, http))


def credentials(tokens: Tokens) -> Credentials:
    return Credentials("77", "acme", tokens.access, refresh_token=tokens.refresh)


def test_a_consent_becomes_tokens_and_a_profile(simulator: Simulator, app: App):
    tokens = connected(simulator, app)
    assert set(tokens.scopes) == set(XOAuth.scopes)
    assert tokens.expires_at is not None
    profiles = call(simulator, lambda http: XOAuth().profiles(app, tokens, http))
    assert [(p.platform_account_id, p.name) for p in profiles] == [("77", "@acme")]


def test_a_denial_comes_back_as_access_denied_with_the_state(simulator: Simulator, app: App):
    assert returned(simulator, app, answer="deny") == {"error": "access_denied", "state": "state-1"}


def test_a_code_works_once(simulator: Simulator, app: App):
    code = returned(simulator, app)["code"]
    exchange = lambda http: XOAuth().exchange(app, code, BACK, VERIFIER, http)  # noqa: E731
    call(simulator, exchange)
    with pytest.raises(Unauthorized):
        call(simulator, exchange)


def test_a_code_is_worth_nothing_without_its_verifier(simulator: Simulator, app: App):
    code = returned(simulator, app)["code"]
    with pytest.raises(Unauthorized):
        call(simulator, lambda http: XOAuth().exchange(app, code, BACK, "w" * 64, http))


def test_a_refresh_gives_a_new_pair_and_kills_the_old_refresh_token(simulator: Simulator, app: App):
    old = connected(simulator, app)
    new = call(simulator, lambda http: XOAuth().refresh(app, credentials(old), http))
    assert new.access != old.access
    assert new.refresh not in ("", old.refresh)
    with pytest.raises(Unauthorized):
        call(simulator, lambda http: XOAuth().refresh(app, credentials(old), http))


def test_a_wrong_app_secret_is_the_operators_and_not_the_accounts_fault(
    simulator: Simulator, app: App
):
    old = connected(simulator, app)
    wrong = App(app.client_id, "wrong")
    with pytest.raises(Unavailable) as caught:
        call(simulator, lambda http: XOAuth().refresh(wrong, credentials(old), http))
    assert (caught.value.code, caught.value.actor) == ("app_refused", "operator")


def test_an_unreachable_network_says_nothing_about_the_authorization(app: App):
    account = Credentials("77", "acme", "token", refresh_token="refresh")
    nowhere = Simulator("http://127.0.0.1:9", None)  # type: ignore[arg-type]
    with pytest.raises(Unavailable):
        call(nowhere, lambda http: XOAuth().refresh(app, account, http))


def test_an_access_token_ends_at_its_time(simulator: Simulator, app: App):
    tokens = connected(simulator, app)
    simulator.advance(7201)
    with pytest.raises(Unauthorized):
        call(simulator, lambda http: XOAuth().profiles(app, tokens, http))
