"""Connecting an X account, against the simulator's consent page."""

import asyncio
import base64
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import pytest

from platforms import oauth
from platforms.drafts import Credentials
from platforms.errors import PlatformError, RateLimited, Unauthorized, Unavailable
from platforms.http.client import Client
from platforms.http.transport import Transport
from platforms.oauth import App, Tokens
from platforms.x.oauth import XOAuth
from tests.conftest import Simulator

T = TypeVar("T")
BACK = "https://dovecote.example/connect/x/return"
VERIFIER = "v" * 64
REVOKE = "https://api.x.com/2/oauth2/revoke"


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


def returned(
    simulator: Simulator, app: App, scopes: tuple[str, ...] = (), **answer: Any
) -> dict[str, str]:
    simulator.connect("x", "77", username="acme")
    address = XOAuth().authorize_url(app, BACK, "state-1", VERIFIER)
    resolved = Transport(gateway=simulator.url).resolve(address)
    location = simulator.consent(resolved, "77", *scopes, **answer)
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


def test_a_profile_carries_what_publishing_may_want_to_know(simulator: Simulator, app: App):
    tokens = connected(simulator, app)
    [profile] = call(simulator, lambda http: XOAuth().profiles(app, tokens, http))
    assert profile.avatar_url.startswith("https://")
    assert profile.extra == {"subscription": "None"}
    assert (profile.name, profile.display_name) == (f"@{profile.username}", "Acme")


def test_without_offline_access_there_is_no_refresh_token(simulator: Simulator, app: App):
    code = returned(simulator, app, scopes=("tweet.read", "tweet.write", "users.read"))["code"]
    tokens = call(simulator, lambda http: XOAuth().exchange(app, code, BACK, VERIFIER, http))
    assert tokens.refresh == ""
    assert not XOAuth().can_refresh(credentials(tokens))
    assert oauth.missing(XOAuth(), tokens.scopes) == ("media.write", "offline.access")


def test_a_granted_scope_that_is_missing_is_missed_where_it_is_needed(
    simulator: Simulator, app: App
):
    code = returned(simulator, app, scopes=("tweet.read", "tweet.write"))["code"]
    tokens = call(simulator, lambda http: XOAuth().exchange(app, code, BACK, VERIFIER, http))
    with pytest.raises(Unauthorized) as caught:
        call(simulator, lambda http: XOAuth().profiles(app, tokens, http))
    assert (caught.value.code, caught.value.http_status) == ("permission_missing", 403)


def test_a_code_lives_thirty_seconds(simulator: Simulator, app: App):
    code = returned(simulator, app)["code"]
    simulator.advance(31)
    with pytest.raises(Unauthorized):
        call(simulator, lambda http: XOAuth().exchange(app, code, BACK, VERIFIER, http))


def test_a_code_is_bound_to_its_address(simulator: Simulator, app: App):
    code = returned(simulator, app)["code"]
    with pytest.raises(Unauthorized):
        call(simulator, lambda http: XOAuth().exchange(app, code, f"{BACK}/x", VERIFIER, http))


def test_a_revoked_token_takes_its_other_half_with_it(simulator: Simulator, app: App):
    tokens = connected(simulator, app)
    pair = base64.b64encode(f"{app.client_id}:{app.client_secret}".encode()).decode()
    headers, data = {"Authorization": f"Basic {pair}"}, {"token": tokens.access}
    call(simulator, lambda http: http.post(REVOKE, headers=headers, data=data))
    with pytest.raises(Unauthorized):
        call(simulator, lambda http: XOAuth().profiles(app, tokens, http))
    with pytest.raises(Unauthorized):
        call(simulator, lambda http: XOAuth().refresh(app, credentials(tokens), http))


@pytest.mark.parametrize(("drop", "error"), [("before", None), ("after", Unauthorized)])
def test_a_refresh_whose_answer_is_lost_may_have_spent_the_token(
    simulator: Simulator, app: App, drop: str, error: type[Exception] | None
):
    account = credentials(connected(simulator, app))
    simulator.fault("x", call="token", drop=drop, times=1)
    with pytest.raises(Unavailable):
        call(simulator, lambda http: XOAuth().refresh(app, account, http))
    if error is None:
        assert call(simulator, lambda http: XOAuth().refresh(app, account, http)).access
        return
    with pytest.raises(error):
        call(simulator, lambda http: XOAuth().refresh(app, account, http))


GONE = '{"error":"%s","error_description":"Value passed for the token was invalid."}'
APP = '{"error":"%s","error_description":"Missing valid authorization header"}'


@pytest.mark.parametrize(
    ("status", "body", "error", "code"),
    [
        (400, GONE % "invalid_request", Unauthorized, "account_needs_reconnection"),
        (400, GONE % "invalid_grant", Unauthorized, "account_needs_reconnection"),
        (400, APP % "invalid_request", Unavailable, "app_refused"),
        (401, APP % "invalid_client", Unavailable, "app_refused"),
        (401, APP % "unauthorized_client", Unavailable, "app_refused"),
        (400, "<html>", Unavailable, "platform_unavailable"),
        (404, "{}", Unavailable, "platform_unavailable"),
        (429, "{}", RateLimited, "rate_limited"),
        (500, APP % "server_error", Unavailable, "platform_unavailable"),
        (503, "", Unavailable, "platform_unavailable"),
    ],
)
def test_only_a_proven_refusal_ends_an_authorization(
    simulator: Simulator, app: App, status: int, body: str, error: type, code: str
):
    account = credentials(connected(simulator, app))
    simulator.fault("x", call="token", status=status, body=body, times=1)
    with pytest.raises(PlatformError) as caught:
        call(simulator, lambda http: XOAuth().refresh(app, account, http))
    assert (type(caught.value), caught.value.code) == (error, code)
    assert account.refresh_token not in caught.value.message + caught.value.body
    assert call(simulator, lambda http: XOAuth().refresh(app, account, http)).access


@pytest.mark.parametrize(
    "change",
    [
        {"redirect_uri": "https://dovecote.example/other"},
        {"client_id": "unknown"},
        {"code_challenge_method": "plain"},
        {"scope": ""},
        {"scope": "tweet.read fly"},
        {"state": "s" * 501},
    ],
)
def test_the_consent_page_refuses_what_x_refuses(
    simulator: Simulator, app: App, change: dict[str, str]
):
    address = XOAuth().authorize_url(app, BACK, "state-1", VERIFIER)
    query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    answer = simulator.http.get("/x.com/i/oauth2/authorize", params={**query, **change})
    assert answer.status_code == 400


def test_the_token_endpoint_wants_whole_forms_and_a_known_app(simulator: Simulator, app: App):
    post = partial(simulator.http.post, "/api.x.com/2/oauth2/token")
    form = {"grant_type": "authorization_code", "code": "x", "client_id": app.client_id}
    assert post(data=form).json()["error"] == "unauthorized_client"
    pair = (app.client_id, app.client_secret)
    assert "redirect_uri" in post(data=form, auth=pair).json()["error_description"]
    other = post(data={"grant_type": "password"}, auth=pair).json()
    assert other["error"] == "unsupported_grant_type"
    revoked = simulator.http.post("/api.x.com/2/oauth2/revoke", data={"token": "x"})
    assert revoked.status_code == 401
