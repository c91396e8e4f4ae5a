"""Connecting a TikTok account, against the simulator's consent page."""

import dataclasses
import hashlib
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from platforms.drafts import Credentials
from platforms.errors import PlatformError, RateLimited, Unauthorized, Unavailable
from platforms.oauth import Tokens, missing_scopes
from platforms.outcomes import Published
from platforms.tiktok.adapter import TikTok
from platforms.tiktok.oauth import TikTokOAuth
from tests.conftest import Simulator
from tests.platforms.connecting import ASKED, BACK, VERIFIER, Connecting, connecting
from tests.platforms.driver import Drive
from tests.platforms.tiktok.steps import OPEN_ID, make_draft

LOGIN = TikTokOAuth()
TOKEN = "/open.tiktokapis.com/v2/oauth/token/"
DAY_SECONDS = 24 * 3600


@pytest.fixture
def c(simulator: Simulator) -> Connecting:
    return connecting(simulator, "tiktok", "tiktok")


def test_the_consent_page_is_asked_in_tiktoks_own_words(c: Connecting):
    address = urlsplit(LOGIN.authorize_url(c.app, ASKED))
    assert f"{address.scheme}://{address.netloc}{address.path}" == (
        "https://www.tiktok.com/v2/auth/authorize/"
    )
    assert parse_qs(address.query) == {
        "client_key": [c.app.client_id],
        "response_type": ["code"],
        "scope": ["user.info.basic,video.publish,video.list"],
        "redirect_uri": [BACK],
        "state": ["state-1"],
        "code_challenge": [hashlib.sha256(VERIFIER.encode()).hexdigest()],
        "code_challenge_method": ["S256"],
    }


def test_a_consent_becomes_tokens_and_a_profile(c: Connecting):
    back = c.returned()
    assert back["scopes"] == "user.info.basic,video.publish,video.list"
    assert back["state"] == "state-1"
    tokens = c.exchange(back["code"])
    assert set(tokens.scopes) == {*LOGIN.scopes, *LOGIN.optional_scopes}
    assert tokens.expires_at is not None
    assert tokens.refresh_expires_at is not None
    now = datetime.now(UTC)
    assert 7190 < (tokens.expires_at - now).total_seconds() <= 7200
    assert (tokens.refresh_expires_at - now).days == 179
    (profile,) = c.profiles(tokens)
    assert dataclasses.replace(profile, avatar_url="") == dataclasses.replace(
        profile,
        platform_account_id=OPEN_ID,
        name="@pigeonpost",
        username="pigeonpost",
        display_name="Pigeon Post",
        avatar_url="",
    )
    assert profile.avatar_url.startswith("https://")


def test_a_connected_account_can_post(c: Connecting):
    tokens = c.tokens()
    account = Credentials(OPEN_ID, "pigeonpost", tokens.access, scopes=tokens.scopes)
    assert isinstance(Drive(TikTok(), account, c.simulator).finish(make_draft()), Published)


def test_a_subset_of_scopes_is_seen(c: Connecting):
    tokens = c.tokens("user.info.basic")
    assert missing_scopes(LOGIN, tokens.scopes) == ("video.publish",)
    with pytest.raises(Unauthorized) as caught:
        c.profiles(tokens)
    assert caught.value.code == "permission_missing"


def test_an_account_over_its_daily_cap_may_still_be_connected(c: Connecting):
    tokens = c.tokens()
    c.simulator.set("tiktok", "limits", {"posts_per_day": 0})
    (profile,) = c.profiles(tokens)
    assert (profile.platform_account_id, profile.username) == (OPEN_ID, "")


@pytest.mark.parametrize("status", [200, 400])
def test_a_code_works_once_for_any_status_of_the_refusal(c: Connecting, status: int):
    c.simulator.set("tiktok", "oauth_error_status", status)
    code = c.returned()["code"]
    c.exchange(code)
    with pytest.raises(Unauthorized) as caught:
        c.exchange(code)
    assert (caught.value.platform_code, caught.value.http_status) == ("invalid_grant", status)


def test_a_refresh_token_ends_at_its_time(c: Connecting):
    tokens = c.tokens()
    c.simulator.advance(180 * DAY_SECONDS + 1)
    with pytest.raises(Unauthorized):
        c.refresh(tokens)


def test_an_access_token_ends_at_its_time(c: Connecting):
    c.simulator.set("tiktok", "access_seconds", 60)
    tokens = c.tokens()
    c.simulator.advance(61)
    with pytest.raises(Unauthorized) as caught:
        c.profiles(tokens)
    assert caught.value.platform_code == "access_token_invalid"


def test_a_refresh_whose_answer_was_lost_says_nothing_about_the_authorization(c: Connecting):
    old = c.tokens()
    c.simulator.fault("tiktok", call="token", drop="before", times=1)
    with pytest.raises(Unavailable):
        c.refresh(old)
    c.simulator.fault("tiktok", call="token", drop="after", times=1)
    with pytest.raises(Unavailable):
        c.refresh(old)
    with pytest.raises(Unauthorized):
        c.refresh(old)


#: An answer to a refresh → the error, our code.
REFUSALS = [
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
]


def test_each_refusal_of_the_login_has_its_meaning(c: Connecting):
    old = c.tokens()
    for status, word, error, code in REFUSALS:
        body = {"error": word, "error_description": f"About {old.refresh}", "log_id": "L1"}
        c.simulator.fault("tiktok", call="token", status=status, body=json.dumps(body), times=1)
        with pytest.raises(PlatformError) as caught:
            c.refresh(old)
        told = caught.value
        read = (type(told), told.code, told.platform_code, told.http_status)
        assert read == (error, code, word, status)
        assert all(old.refresh not in text for text in (told.message, told.body, repr(told)))


def test_a_gateway_page_says_nothing_about_the_authorization(c: Connecting):
    old = c.tokens()
    c.simulator.fault("tiktok", call="token", status=502, body="<html>Bad gateway</html>")
    with pytest.raises(Unavailable):
        c.refresh(old)


def test_new_tokens_without_a_lifetime_are_not_thrown_away(c: Connecting):
    old = c.tokens()
    body = '{"access_token":"act.new","refresh_token":"rft.new"}'
    c.simulator.fault("tiktok", call="token", status=200, body=body)
    assert c.refresh(old) == Tokens("act.new", "rft.new")


# The simulator


def keys(c: Connecting) -> dict[str, str]:
    return {"client_key": c.app.client_id, "client_secret": c.app.client_secret}


def posted(c: Connecting, **form: Any) -> dict[str, Any]:
    return dict(c.simulator.http.post(TOKEN, data={**keys(c), **form}).json())


def test_the_simulator_takes_forms_only(c: Connecting):
    answer = c.simulator.http.post(TOKEN, json={**keys(c), "grant_type": "refresh_token"})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_the_simulator_knows_two_kinds_of_grant(c: Connecting):
    unknown = posted(c, grant_type="password")
    assert unknown["error"] == "unsupported_grant_type"
    assert posted(c, grant_type="refresh_token")["error"] == "invalid_request"


def test_a_code_is_bound_to_its_redirect_address(c: Connecting):
    code = c.returned()["code"]
    other = {"redirect_uri": BACK + "/", "code_verifier": VERIFIER}
    answer = posted(c, grant_type="authorization_code", code=code, **other)
    assert answer["error"] == "invalid_grant"


def test_revoking_ends_the_tokens_and_what_is_still_being_posted(c: Connecting):
    tokens = c.tokens()
    c.simulator.set("tiktok", "processing_seconds", 60)
    account = Credentials(OPEN_ID, "pigeonpost", tokens.access)
    drive, draft = Drive(TikTok(), account, c.simulator), make_draft()
    drive.publish(draft)
    form = {**keys(c), "token": tokens.access}
    revoked = c.simulator.http.post("/open.tiktokapis.com/v2/oauth/revoke/", data=form)
    assert (revoked.status_code, revoked.json()) == (200, {})
    with pytest.raises(Unauthorized):
        c.refresh(tokens)
    assert c.simulator.posts() == []
    drive.account = dataclasses.replace(account, token=c.simulator.connect("tiktok", OPEN_ID))
    assert drive.raises(Unauthorized, draft).platform_code == "auth_removed"
    again = c.simulator.http.post("/open.tiktokapis.com/v2/oauth/revoke/", data=form)
    assert again.json()["error"] == "invalid_request"
