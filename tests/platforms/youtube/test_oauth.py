"""Connecting a YouTube channel, against the simulator's consent page."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from deploy.simulator.youtube import oauth as google
from platforms import oauth
from platforms.drafts import Credentials
from platforms.errors import PlatformError, RateLimited, Unauthorized, Unavailable
from platforms.oauth import App
from platforms.outcomes import Published
from platforms.youtube.adapter import YouTube
from platforms.youtube.oauth import SCOPE, GoogleOAuth
from tests.conftest import Simulator
from tests.platforms.connecting import ASKED, BACK, VERIFIER, Connecting, connecting
from tests.platforms.driver import Drive, published, video
from tests.platforms.youtube.steps import CHANNEL, make_draft, only_post

TOKEN = "/oauth2.googleapis.com/token"


@pytest.fixture
def c(simulator: Simulator) -> Connecting:
    return connecting(simulator, "youtube", "youtube")


def test_the_consent_page_is_asked_for_a_permission_that_lasts():
    address = GoogleOAuth().authorize_url(App("id", "secret"), ASKED)
    parts = urlsplit(address)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == (
        "https://accounts.google.com/o/oauth2/v2/auth"
    )
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert query == {
        "response_type": "code",
        "client_id": "id",
        "redirect_uri": BACK,
        "scope": f"{SCOPE}youtube.upload {SCOPE}youtube.readonly",
        "state": "state-1",
        "access_type": "offline",
        "prompt": "consent",
        "code_challenge": oauth.challenge(VERIFIER),
        "code_challenge_method": "S256",
    }
    assert "secret" not in address
    assert VERIFIER not in address


def test_a_consent_becomes_tokens_and_the_channel(c: Connecting):
    tokens = c.tokens()
    assert set(tokens.scopes) == set(GoogleOAuth.scopes)
    assert tokens.expires_at is not None
    assert tokens.refresh_expires_at is None
    [channel] = c.profiles(tokens)
    assert (channel.platform_account_id, channel.name, channel.username, channel.kind) == (
        CHANNEL,
        "Acme Videos",
        "acmeclips",
        "channel",
    )
    assert channel.tokens is tokens
    assert channel.avatar_url.startswith("https://yt3.ggpht.com/")
    assert channel.extra == {"uploads_playlist_id": f"UU{CHANNEL[2:]}"}


def test_what_was_connected_can_publish(c: Connecting):
    tokens = c.tokens()
    [channel] = c.profiles(tokens)
    account = Credentials(CHANNEL, channel.username, tokens.access, extra=channel.extra)
    drive = Drive(YouTube(), account, c.simulator)
    assert isinstance(drive.publish(make_draft(video())), Published)


def test_a_scope_that_was_unticked_is_missing(c: Connecting):
    back = c.returned(f"{SCOPE}youtube.readonly")
    assert back["scope"] == f"{SCOPE}youtube.readonly"
    tokens = c.exchange(back["code"])
    assert oauth.missing_scopes(GoogleOAuth(), tokens.scopes) == (f"{SCOPE}youtube.upload",)


def test_a_code_works_once(c: Connecting):
    code = c.returned()["code"]
    c.exchange(code)
    with pytest.raises(Unauthorized) as refused:
        c.exchange(code)
    assert refused.value.platform_code == "invalid_grant"


def test_another_redirect_address_is_the_operators_fault(c: Connecting):
    code = c.returned()["code"]
    with pytest.raises(Unavailable) as refused:
        c.exchange(code, back=BACK + "/")
    assert (refused.value.code, refused.value.platform_code) == (
        "app_refused",
        "redirect_uri_mismatch",
    )


def test_a_consent_that_gives_no_refresh_token_is_not_a_connection(c: Connecting):
    c.simulator.set("youtube", "gives_refresh_token", False)
    with pytest.raises(Unauthorized, match="no refresh token"):
        c.tokens()


@pytest.mark.parametrize(
    ("change", "gets"),
    [({"prompt": "none"}, False), ({"access_type": "online"}, False), ({}, True)],
)
def test_google_gives_a_second_refresh_token_only_for_a_new_consent(
    c: Connecting, change: dict[str, str], gets: bool
):
    c.tokens()
    code = c.returned(address=c.address(**change))["code"]
    if gets:
        assert c.exchange(code).refresh
    else:
        with pytest.raises(Unauthorized, match="no refresh token"):
            c.exchange(code)


def test_a_refresh_gives_a_new_access_token_and_the_old_refresh_token_goes_on(c: Connecting):
    old = c.tokens()
    for _ in range(2):
        new = c.refresh(old)
        assert new.access != old.access
        assert new.refresh == ""
        assert new.scopes == old.scopes
        assert c.profiles(new)


def test_an_access_token_ends_after_an_hour_and_a_refresh_brings_another(c: Connecting):
    tokens = c.tokens()
    c.simulator.advance(3600)
    with pytest.raises(Unauthorized):
        c.profiles(tokens)
    assert c.profiles(c.refresh(tokens))


def test_a_refresh_token_ends_after_half_a_year_without_use(c: Connecting):
    tokens = c.tokens()
    for _ in range(2):
        c.simulator.advance(150 * 24 * 3600)
        c.refresh(tokens)
    c.simulator.advance(190 * 24 * 3600)
    with pytest.raises(Unauthorized):
        c.refresh(tokens)


def test_a_permission_for_a_time_says_when_it_ends(c: Connecting):
    c.simulator.set("youtube", "refresh_seconds", 7 * 24 * 3600)
    tokens = c.tokens()
    assert tokens.refresh_expires_at is not None
    assert tokens.expires_at is not None
    assert tokens.refresh_expires_at > tokens.expires_at
    c.simulator.advance(6 * 24 * 3600)
    c.refresh(tokens)
    c.simulator.advance(2 * 24 * 3600)
    with pytest.raises(Unauthorized) as ended:
        c.refresh(tokens)
    assert ended.value.code == "account_needs_reconnection"


@pytest.mark.parametrize("which", ["access", "refresh"])
def test_a_revoked_permission_must_be_given_again(c: Connecting, which: str):
    tokens = c.tokens()
    revoke = "/oauth2.googleapis.com/revoke"
    answer = c.simulator.http.post(revoke, data={"token": getattr(tokens, which)})
    assert answer.status_code == 200
    assert c.simulator.http.post(revoke, data={"token": tokens.access}).status_code == 400
    with pytest.raises(Unauthorized) as refused:
        c.refresh(tokens)
    assert refused.value.platform_code == "invalid_grant"
    with pytest.raises(Unauthorized):
        c.profiles(tokens)


def test_one_refresh_token_more_than_google_keeps_ends_the_first(
    c: Connecting, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(google, "REFRESH_TOKENS", 2)
    first, second, _ = (c.tokens() for _ in range(3))
    with pytest.raises(Unauthorized):
        c.refresh(first)
    assert c.refresh(second).access


def test_a_wrong_app_secret_is_the_operators_and_not_the_accounts_fault(c: Connecting):
    tokens = c.tokens()
    for wrong in (App(c.app.client_id, "wrong"), App("unknown", c.app.client_secret)):
        with pytest.raises(Unavailable) as refused:
            c.refresh(tokens, app=wrong)
        assert (refused.value.code, refused.value.platform_code) == (
            "app_refused",
            "invalid_client",
        )


def test_a_refresh_token_is_bound_to_its_app(c: Connecting):
    tokens = c.tokens()
    other = App(*c.simulator.app("youtube", BACK))
    with pytest.raises(Unavailable) as refused:
        c.refresh(tokens, app=other)
    assert refused.value.code == "app_refused"


@pytest.mark.parametrize("kind", ["none", "signup"])
def test_a_google_account_without_a_channel_has_no_profiles(c: Connecting, kind: str):
    tokens = c.tokens()
    c.simulator.set("youtube", "channel", kind)
    assert c.profiles(tokens) == []


def test_identity_without_the_right_to_read_is_a_missing_permission(c: Connecting):
    tokens = c.tokens(f"{SCOPE}youtube.upload")
    with pytest.raises(Unauthorized) as refused:
        c.profiles(tokens)
    assert refused.value.code == "permission_missing"


#: An answer to a refresh → the error, our code.
REFUSALS = [
    (400, {"error": "invalid_grant"}, Unauthorized, "account_needs_reconnection"),
    (400, {"error": "admin_policy_enforced"}, Unauthorized, "account_restricted"),
    (401, {"error": "invalid_client"}, Unavailable, "app_refused"),
    (401, {"error": "deleted_client"}, Unavailable, "app_refused"),
    (401, {"error": "unauthorized_client"}, Unavailable, "app_refused"),
    (400, {"error": "redirect_uri_mismatch"}, Unavailable, "app_refused"),
    (400, {"error": "invalid_request"}, Unavailable, "app_refused"),
    (400, {"error": "somethingNew"}, Unavailable, "platform_unavailable"),
    (401, "<html>", Unavailable, "platform_unavailable"),
    (403, "", Unavailable, "platform_unavailable"),
    (429, {"error": "rate_limit_exceeded"}, RateLimited, "rate_limited"),
    (500, {"error": "internal_failure"}, Unavailable, "platform_unavailable"),
    (503, "<html>", Unavailable, "platform_unavailable"),
    (200, "<html>", Unavailable, "platform_unavailable"),
    (200, {"token_type": "Bearer"}, Unavailable, "platform_unavailable"),
]


def test_only_what_google_says_of_the_grant_is_the_accounts_fault(c: Connecting):
    tokens = c.tokens()
    for status, body, word, code in REFUSALS:
        text = body if isinstance(body, str) else json.dumps(body)
        c.simulator.fault("youtube", call="token", status=status, body=text, times=1)
        with pytest.raises(PlatformError) as refused:
            c.refresh(tokens)
        error = refused.value
        assert (status, body, type(error), error.code) == (status, body, word, code)
        shown = error.message + error.body + repr(error)
        assert not any(secret in shown for secret in (tokens.refresh, c.app.client_secret))


@pytest.mark.parametrize("drop", ["before", "after"])
def test_a_lost_refresh_costs_nothing_because_the_token_goes_on(c: Connecting, drop: str):
    tokens = c.tokens()
    c.simulator.fault("youtube", call="token", drop=drop, times=1)
    with pytest.raises(Unavailable):
        c.refresh(tokens)
    assert c.refresh(tokens).access


def test_a_long_upload_outlives_its_token(c: Connecting, long_clip: bytes):
    tokens = c.tokens()
    account = Credentials(CHANNEL, "acme", tokens.access, refresh_token=tokens.refresh)
    drive = Drive(YouTube(), account, c.simulator)
    draft = make_draft(long_clip)
    c.simulator.fault("youtube", call="put_bytes", status=503, skip=1, times=1)
    drive.raises(Unavailable, draft)
    session = drive.checkpoint["session"]
    c.simulator.advance(3600)
    assert drive.raises(Unauthorized, draft).code == "account_needs_reconnection"
    renewed = c.refresh(tokens)
    drive.account = Credentials(CHANNEL, "acme", renewed.access, refresh_token=tokens.refresh)
    result = published(drive.publish(draft))
    assert drive.checkpoint["session"] == session
    assert only_post(c.simulator)["id"] == result.id


@pytest.mark.parametrize(
    ("form", "status", "word"),
    [
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "authorization_code", "code": "nothing"}, 400, "invalid_grant"),
        ({"grant_type": "refresh_token"}, 400, "invalid_grant"),
    ],
)
def test_the_token_endpoint_refuses_what_it_does_not_know(
    c: Connecting, form: dict[str, str], status: int, word: str
):
    sent = {**form, "client_id": c.app.client_id, "client_secret": c.app.client_secret}
    answer = c.simulator.http.post(TOKEN, data=sent)
    assert (answer.status_code, answer.json()["error"]) == (status, word)
    assert c.simulator.http.post(TOKEN, json=sent).json()["error"] == "invalid_request"
