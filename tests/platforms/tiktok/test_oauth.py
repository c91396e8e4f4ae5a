"""Connecting a TikTok account, against the simulator's consent page."""

import asyncio
import dataclasses
import hashlib
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import pytest

from platforms.drafts import Credentials
from platforms.errors import PlatformError, RateLimited, Unauthorized, Unavailable
from platforms.http.client import Client
from platforms.http.transport import Transport
from platforms.oauth import App, Tokens, missing
from platforms.outcomes import Published
from platforms.tiktok.adapter import TikTok
from platforms.tiktok.oauth import TikTokOAuth
from tests.conftest import Simulator
from tests.platforms.driver import Drive
from tests.platforms.tiktok.steps import OPEN_ID, make_draft

T = TypeVar("T")
BACK = "https://dovecote.example/connect/tiktok/return"
VERIFIER = "v" * 64
LOGIN = TikTokOAuth()
TOKEN = "/open.tiktokapis.com/v2/oauth/token/"
DAY_SECONDS = 24 * 3600


def call(simulator: Simulator, work: Callable[[Client], Awaitable[T]]) -> T:
    async def run() -> T:
        transport = Transport(gateway=simulator.url)
        try:
            return await work(Client(transport, explain=LOGIN.explain))
        finally:
            await transport.close()

    return asyncio.run(run())


@pytest.fixture
def app(simulator: Simulator) -> App:
    return App(*simulator.app("tiktok", BACK))


def returned(simulator: Simulator, app: App, *scopes: str, answer: str = "allow") -> dict[str, str]:
    simulator.connect("tiktok", OPEN_ID, name="Pigeon Post", username="pigeonpost")
    address = LOGIN.authorize_url(app, BACK, "state-1", VERIFIER)
    resolved = Transport(gateway=simulator.url).resolve(address)
    location = simulator.consent(resolved, OPEN_ID, *scopes, answer=answer)
    assert location.startswith(BACK + "?")
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def exchanged(simulator: Simulator, app: App, code: str, verifier: str = VERIFIER) -> Tokens:
    return call(simulator, lambda http: LOGIN.exchange(app, code, BACK, verifier, http))


def connected(simulator: Simulator, app: App, *scopes: str) -> Tokens:
    return exchanged(simulator, app, returned(simulator, app, *scopes)["code"])


def refreshed(simulator: Simulator, app: App, old: Tokens) -> Tokens:
    account = Credentials(OPEN_ID, "pigeonpost", old.access, refresh_token=old.refresh)
    return call(simulator, lambda http: LOGIN.refresh(app, account, http))


def test_the_consent_page_is_asked_in_tiktoks_own_words(app: App):
    address = urlsplit(LOGIN.authorize_url(app, BACK, "state-1", VERIFIER))
    assert f"{address.scheme}://{address.netloc}{address.path}" == (
        "https://www.tiktok.com/v2/auth/authorize/"
    )
    assert parse_qs(address.query) == {
        "client_key": [app.client_id],
        "response_type": ["code"],
        "scope": ["user.info.basic,video.publish,video.list"],
        "redirect_uri": [BACK],
        "state": ["state-1"],
        "code_challenge": [hashlib.sha256(VERIFIER.encode()).hexdigest()],
        "code_challenge_method": ["S256"],
    }


def test_a_consent_becomes_tokens_and_a_profile(simulator: Simulator, app: App):
    back = returned(simulator, app)
    assert back["scopes"] == "user.info.basic,video.publish,video.list"
    assert back["state"] == "state-1"
    tokens = exchanged(simulator, app, back["code"])
    assert set(tokens.scopes) == {*LOGIN.scopes, *LOGIN.optional_scopes}
    assert tokens.expires_at is not None
    assert tokens.refresh_expires_at is not None
    now = datetime.now(UTC)
    assert 7190 < (tokens.expires_at - now).total_seconds() <= 7200
    assert (tokens.refresh_expires_at - now).days == 179
    (profile,) = call(simulator, lambda http: LOGIN.profiles(app, tokens, http))
    assert dataclasses.replace(profile, avatar_url="") == dataclasses.replace(
        profile,
        platform_account_id=OPEN_ID,
        name="@pigeonpost",
        username="pigeonpost",
        display_name="Pigeon Post",
        avatar_url="",
    )
    assert profile.avatar_url.startswith("https://")


def test_a_connected_account_can_post(simulator: Simulator, app: App):
    tokens = connected(simulator, app)
    account = Credentials(OPEN_ID, "pigeonpost", tokens.access, scopes=tokens.scopes)
    assert isinstance(Drive(TikTok(), account, simulator.url).finish(make_draft()), Published)


def test_a_subset_of_scopes_is_seen(simulator: Simulator, app: App):
    tokens = connected(simulator, app, "user.info.basic")
    assert missing(LOGIN, tokens.scopes) == ("video.publish",)
    with pytest.raises(Unauthorized) as caught:
        call(simulator, lambda http: LOGIN.profiles(app, tokens, http))
    assert caught.value.code == "permission_missing"


def test_an_account_over_its_daily_cap_may_still_be_connected(simulator: Simulator, app: App):
    tokens = connected(simulator, app)
    simulator.set("tiktok", "limits", {"posts_per_day": 0})
    (profile,) = call(simulator, lambda http: LOGIN.profiles(app, tokens, http))
    assert (profile.platform_account_id, profile.username) == (OPEN_ID, "")


def test_a_denial_comes_back_with_the_state(simulator: Simulator, app: App):
    back = returned(simulator, app, answer="deny")
    assert (back["error"], back["state"]) == ("access_denied", "state-1")


@pytest.mark.parametrize("status", [200, 400])
def test_a_code_works_once_for_any_status_of_the_refusal(
    simulator: Simulator, app: App, status: int
):
    simulator.set("tiktok", "oauth_error_status", status)
    code = returned(simulator, app)["code"]
    exchanged(simulator, app, code)
    with pytest.raises(Unauthorized) as caught:
        exchanged(simulator, app, code)
    assert (caught.value.platform_code, caught.value.http_status) == ("invalid_grant", status)


def test_a_code_is_worth_nothing_without_its_verifier(simulator: Simulator, app: App):
    with pytest.raises(Unauthorized):
        exchanged(simulator, app, returned(simulator, app)["code"], "w" * 64)


def test_a_refresh_gives_a_new_pair_and_kills_the_old_refresh_token(simulator: Simulator, app: App):
    old = connected(simulator, app)
    new = refreshed(simulator, app, old)
    assert new.access != old.access
    assert new.refresh not in ("", old.refresh)
    assert new.scopes == old.scopes
    with pytest.raises(Unauthorized) as caught:
        refreshed(simulator, app, old)
    assert caught.value.code == "account_needs_reconnection"
    assert refreshed(simulator, app, new).access != new.access


def test_a_refresh_token_ends_at_its_time(simulator: Simulator, app: App):
    tokens = connected(simulator, app)
    simulator.advance(180 * DAY_SECONDS + 1)
    with pytest.raises(Unauthorized):
        refreshed(simulator, app, tokens)


def test_an_access_token_ends_at_its_time(simulator: Simulator, app: App):
    simulator.set("tiktok", "access_seconds", 60)
    tokens = connected(simulator, app)
    simulator.advance(61)
    with pytest.raises(Unauthorized) as caught:
        call(simulator, lambda http: LOGIN.profiles(app, tokens, http))
    assert caught.value.platform_code == "access_token_invalid"


def test_a_refresh_whose_answer_was_lost_says_nothing_about_the_authorization(
    simulator: Simulator, app: App
):
    old = connected(simulator, app)
    simulator.fault("tiktok", call="token", drop="before", times=1)
    with pytest.raises(Unavailable):
        refreshed(simulator, app, old)
    simulator.fault("tiktok", call="token", drop="after", times=1)
    with pytest.raises(Unavailable):
        refreshed(simulator, app, old)
    with pytest.raises(Unauthorized):
        refreshed(simulator, app, old)


@pytest.mark.parametrize(
    ("status", "word", "error", "code"),
    [
        (400, "invalid_grant", Unauthorized, "account_needs_reconnection"),
        (200, "invalid_grant", Unauthorized, "account_needs_reconnection"),
        (400, "access_denied", Unauthorized, "account_needs_reconnection"),
        (401, "invalid_client", Unavailable, "app_refused"),
        (400, "invalid_request", Unavailable, "app_refused"),
        (400, "invalid_scope", Unavailable, "app_refused"),
        (400, "unauthorized_client", Unavailable, "app_refused"),
        (400, "unsupported_grant_type", Unavailable, "app_refused"),
        (400, "unsupported_response_type", Unavailable, "app_refused"),
        (500, "server_error", Unavailable, "platform_unavailable"),
        (503, "temporarily_unavailable", Unavailable, "platform_unavailable"),
        (200, "temporarily_unavailable", Unavailable, "platform_unavailable"),
        (429, "rate_limit_exceeded", RateLimited, "rate_limited"),
    ],
)
def test_each_refusal_of_the_login_has_its_meaning(
    simulator: Simulator,
    app: App,
    status: int,
    word: str,
    error: type[PlatformError],
    code: str,
):
    old = connected(simulator, app)
    body = {"error": word, "error_description": f"About {old.refresh}", "log_id": "L1"}
    simulator.fault("tiktok", call="token", status=status, body=json.dumps(body))
    with pytest.raises(error) as caught:
        refreshed(simulator, app, old)
    told = caught.value
    assert (type(told), told.code, told.platform_code) == (error, code, word)
    assert told.http_status == status
    assert all(old.refresh not in text for text in (told.message, told.body, repr(told)))


def test_a_gateway_page_says_nothing_about_the_authorization(simulator: Simulator, app: App):
    old = connected(simulator, app)
    simulator.fault("tiktok", call="token", status=502, body="<html>Bad gateway</html>")
    with pytest.raises(Unavailable):
        refreshed(simulator, app, old)


def test_a_wrong_app_secret_is_the_operators_and_not_the_accounts_fault(
    simulator: Simulator, app: App
):
    old = connected(simulator, app)
    with pytest.raises(Unavailable) as caught:
        refreshed(simulator, App(app.client_id, "wrong"), old)
    assert (caught.value.code, caught.value.actor) == ("app_refused", "operator")


def test_new_tokens_without_a_lifetime_are_not_thrown_away(simulator: Simulator, app: App):
    old = connected(simulator, app)
    body = '{"access_token":"act.new","refresh_token":"rft.new"}'
    simulator.fault("tiktok", call="token", status=200, body=body)
    assert refreshed(simulator, app, old) == Tokens("act.new", "rft.new")


# The simulator


def posted(simulator: Simulator, app: App, **form: Any) -> dict[str, Any]:
    keys = {"client_key": app.client_id, "client_secret": app.client_secret}
    return dict(simulator.http.post(TOKEN, data={**keys, **form}).json())


def test_the_simulator_takes_forms_only(simulator: Simulator, app: App):
    keys = {"client_key": app.client_id, "client_secret": app.client_secret}
    answer = simulator.http.post(TOKEN, json={**keys, "grant_type": "refresh_token"})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_the_simulator_knows_two_kinds_of_grant(simulator: Simulator, app: App):
    unknown = posted(simulator, app, grant_type="password")
    assert unknown["error"] == "unsupported_grant_type"
    assert posted(simulator, app, grant_type="refresh_token")["error"] == "invalid_request"


def test_a_code_is_bound_to_its_redirect_address(simulator: Simulator, app: App):
    code = returned(simulator, app)["code"]
    other = {"redirect_uri": BACK + "/", "code_verifier": VERIFIER}
    answer = posted(simulator, app, grant_type="authorization_code", code=code, **other)
    assert answer["error"] == "invalid_grant"


def test_revoking_ends_the_tokens_and_what_is_still_being_posted(simulator: Simulator, app: App):
    tokens = connected(simulator, app)
    simulator.set("tiktok", "processing_seconds", 60)
    account = Credentials(OPEN_ID, "pigeonpost", tokens.access)
    drive, draft = Drive(TikTok(), account, simulator.url), make_draft()
    drive.publish(draft)
    keys = {"client_key": app.client_id, "client_secret": app.client_secret}
    form = {**keys, "token": tokens.access}
    revoked = simulator.http.post("/open.tiktokapis.com/v2/oauth/revoke/", data=form)
    assert (revoked.status_code, revoked.json()) == (200, {})
    with pytest.raises(Unauthorized):
        refreshed(simulator, app, tokens)
    assert simulator.posts() == []
    drive.account = dataclasses.replace(account, token=simulator.connect("tiktok", OPEN_ID))
    with pytest.raises(Unauthorized) as caught:
        drive.publish(draft)
    assert caught.value.platform_code == "auth_removed"
    again = simulator.http.post("/open.tiktokapis.com/v2/oauth/revoke/", data=form)
    assert again.json()["error"] == "invalid_request"
