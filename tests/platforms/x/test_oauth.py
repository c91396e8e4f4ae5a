"""Connecting an X account, against the simulator's consent page."""

import base64
from functools import partial

import pytest

from platforms import oauth
from platforms.errors import PlatformError, RateLimited, Unauthorized, Unavailable
from platforms.x.oauth import XOAuth
from tests.platforms.connecting import BACK, Connecting

REVOKE = "https://api.x.com/2/oauth2/revoke"


def test_a_consent_becomes_tokens_and_a_profile(c: Connecting):
    tokens = c.tokens()
    assert set(tokens.scopes) == set(XOAuth.scopes)
    assert tokens.expires_at is not None
    profiles = c.profiles(tokens)
    assert [(p.platform_account_id, p.name) for p in profiles] == [("77", "@acme")]


def test_a_profile_carries_what_publishing_may_want_to_know(c: Connecting):
    tokens = c.tokens()
    [profile] = c.profiles(tokens)
    assert profile.avatar_url.startswith("https://")
    assert profile.extra == {"subscription": "None"}
    assert (profile.name, profile.display_name) == (f"@{profile.username}", "Acme")


def test_without_offline_access_there_is_no_refresh_token(c: Connecting):
    code = c.returned("tweet.read", "tweet.write", "users.read")["code"]
    tokens = c.exchange(code)
    assert tokens.refresh == ""
    assert not XOAuth().can_refresh(c.credentials(tokens))
    assert oauth.missing_scopes(XOAuth(), tokens.scopes) == ("media.write", "offline.access")


def test_a_granted_scope_that_is_missing_is_missed_where_it_is_needed(c: Connecting):
    code = c.returned("tweet.read", "tweet.write")["code"]
    tokens = c.exchange(code)
    with pytest.raises(Unauthorized) as caught:
        c.profiles(tokens)
    assert (caught.value.code, caught.value.http_status) == ("permission_missing", 403)


def test_a_code_is_bound_to_its_address(c: Connecting):
    code = c.returned()["code"]
    with pytest.raises(Unauthorized):
        c.exchange(code, back=f"{BACK}/x")


def test_a_revoked_token_takes_its_other_half_with_it(c: Connecting):
    tokens = c.tokens()
    pair = base64.b64encode(f"{c.app.client_id}:{c.app.client_secret}".encode()).decode()
    headers, data = {"Authorization": f"Basic {pair}"}, {"token": tokens.access}
    c.call(lambda http: http.post(REVOKE, headers=headers, data=data))
    with pytest.raises(Unauthorized):
        c.profiles(tokens)
    with pytest.raises(Unauthorized):
        c.refresh(tokens)


@pytest.mark.parametrize(("drop", "error"), [("before", None), ("after", Unauthorized)])
def test_a_refresh_whose_answer_is_lost_may_have_spent_the_token(
    c: Connecting, drop: str, error: type[Exception] | None
):
    old = c.tokens()
    c.simulator.fault("x", call="token", drop=drop, times=1)
    with pytest.raises(Unavailable):
        c.refresh(old)
    if error is None:
        assert c.refresh(old).access
        return
    with pytest.raises(error):
        c.refresh(old)


GONE = '{"error":"%s","error_description":"Value passed for the token was invalid."}'
APP = '{"error":"%s","error_description":"Missing valid authorization header"}'


#: An answer to a refresh → the error, our code.
REFUSALS = [
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
]


def test_only_a_proven_refusal_ends_an_authorization(c: Connecting):
    old = c.tokens()
    for status, body, error, code in REFUSALS:
        c.simulator.fault("x", call="token", status=status, body=body, times=1)
        with pytest.raises(PlatformError) as caught:
            c.refresh(old)
        told = caught.value
        assert (status, body, type(told), told.code) == (status, body, error, code)
        assert old.refresh not in told.message + told.body
    assert c.refresh(old).access


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
def test_the_consent_page_refuses_what_x_refuses(c: Connecting, change: dict[str, str]):
    assert c.simulator.http.get(c.address(**change)).status_code == 400


def test_the_token_endpoint_wants_whole_forms_and_a_known_app(c: Connecting):
    post = partial(c.simulator.http.post, "/api.x.com/2/oauth2/token")
    form = {"grant_type": "authorization_code", "code": "x", "client_id": c.app.client_id}
    assert post(data=form).json()["error"] == "unauthorized_client"
    pair = (c.app.client_id, c.app.client_secret)
    assert "redirect_uri" in post(data=form, auth=pair).json()["error_description"]
    other = post(data={"grant_type": "password"}, auth=pair).json()
    assert other["error"] == "unsupported_grant_type"
    revoked = c.simulator.http.post("/api.x.com/2/oauth2/revoke", data={"token": "x"})
    assert revoked.status_code == 401
