"""Connecting a YouTube channel, against the simulator's consent page."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from platforms import oauth
from platforms.drafts import Credentials
from platforms.errors import PlatformError, RateLimited, Unauthorized, Unavailable
from platforms.http.client import Client
from platforms.http.transport import Transport
from platforms.oauth import App, Tokens
from platforms.outcomes import Published
from platforms.simulator.youtube import oauth as google
from platforms.youtube.adapter import YouTube
from platforms.youtube.oauth import SCOPE, GoogleOAuth
from tests.conftest import Simulator
from tests.platforms.driver import Drive, video
from tests.platforms.youtube.steps import CHANNEL, make_draft, only_post

T = TypeVar("T")
BACK = "https://dovecote.example/connect/youtube/return"
VERIFIER = "v" * 64
TOKEN = "/oauth2.googleapis.com/token"


def call(simulator: Simulator, work: Callable[[Client], Awaitable[T]]) -> T:
    async def run() -> T:
        transport = Transport(gateway=simulator.url)
        try:
            return await work(Client(transport, explain=GoogleOAuth().explain))
        finally:
            await transport.close()

    return asyncio.run(run())


@pytest.fixture
def app(simulator: Simulator) -> App:
    simulator.connect("youtube", CHANNEL, name="Acme Videos", username="acmeclips")
    return App(*simulator.app("youtube", BACK))


def returned(simulator: Simulator, app: App, *scopes: str, **answer: Any) -> dict[str, str]:
    address = GoogleOAuth().authorize_url(app, BACK, "state-1", VERIFIER)
    return answered(simulator, address, *scopes, **answer)


def answered(simulator: Simulator, address: str, *scopes: str, **answer: Any) -> dict[str, str]:
    resolved = Transport(gateway=simulator.url).resolve(address)
    location = simulator.consent(resolved, CHANNEL, *scopes, **answer)
    assert location.startswith(BACK + "?")
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def exchange(simulator: Simulator, app: App, code: str, back: str = BACK, verifier: str = VERIFIER):
    return call(simulator, lambda http: GoogleOAuth().exchange(app, code, back, verifier, http))


def connected(simulator: Simulator, app: App, *scopes: str) -> Tokens:
    return exchange(simulator, app, returned(simulator, app, *scopes)["code"])


def refresh(simulator: Simulator, app: App, refresh_token: str) -> Tokens:
    account = Credentials(CHANNEL, "acme", "gone", refresh_token=refresh_token)
    return call(simulator, lambda http: GoogleOAuth().refresh(app, account, http))


def profiles(simulator: Simulator, app: App, tokens: Tokens) -> list[oauth.Profile]:
    return list(call(simulator, lambda http: GoogleOAuth().profiles(app, tokens, http)))


def test_the_consent_page_is_asked_for_a_permission_that_lasts():
    address = GoogleOAuth().authorize_url(App("id", "secret"), BACK, "state-1", VERIFIER)
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


def test_a_consent_becomes_tokens_and_the_channel(simulator: Simulator, app: App):
    tokens = connected(simulator, app)
    assert set(tokens.scopes) == set(GoogleOAuth.scopes)
    assert tokens.expires_at is not None
    assert tokens.refresh_expires_at is None
    [channel] = profiles(simulator, app, tokens)
    assert (channel.platform_account_id, channel.name, channel.username, channel.kind) == (
        CHANNEL,
        "Acme Videos",
        "acmeclips",
        "channel",
    )
    assert channel.tokens is tokens
    assert channel.avatar_url.startswith("https://yt3.ggpht.com/")
    assert channel.extra == {"uploads_playlist_id": f"UU{CHANNEL[2:]}"}


def test_what_was_connected_can_publish(simulator: Simulator, app: App):
    tokens = connected(simulator, app)
    [channel] = profiles(simulator, app, tokens)
    account = Credentials(CHANNEL, channel.username, tokens.access, extra=channel.extra)
    drive = Drive(YouTube(), account, simulator.url)
    assert isinstance(drive.publish(make_draft(video())), Published)


def test_a_denial_comes_back_as_access_denied_with_the_state(simulator: Simulator, app: App):
    assert returned(simulator, app, answer="deny") == {"error": "access_denied", "state": "state-1"}


def test_a_scope_that_was_unticked_is_missing(simulator: Simulator, app: App):
    back = returned(simulator, app, f"{SCOPE}youtube.readonly")
    assert back["scope"] == f"{SCOPE}youtube.readonly"
    tokens = exchange(simulator, app, back["code"])
    assert oauth.missing(GoogleOAuth(), tokens.scopes) == (f"{SCOPE}youtube.upload",)


def test_a_code_works_once(simulator: Simulator, app: App):
    code = returned(simulator, app)["code"]
    exchange(simulator, app, code)
    with pytest.raises(Unauthorized) as refused:
        exchange(simulator, app, code)
    assert refused.value.platform_code == "invalid_grant"


def test_a_code_is_worth_nothing_without_its_verifier(simulator: Simulator, app: App):
    code = returned(simulator, app)["code"]
    with pytest.raises(Unauthorized):
        exchange(simulator, app, code, verifier="w" * 64)


def test_another_redirect_address_is_the_operators_fault(simulator: Simulator, app: App):
    code = returned(simulator, app)["code"]
    with pytest.raises(Unavailable) as refused:
        exchange(simulator, app, code, back=BACK + "/")
    assert (refused.value.code, refused.value.platform_code) == (
        "app_refused",
        "redirect_uri_mismatch",
    )


def test_a_consent_that_gives_no_refresh_token_is_not_a_connection(simulator: Simulator, app: App):
    simulator.set("youtube", "gives_refresh_token", False)
    with pytest.raises(Unauthorized, match="no refresh token"):
        connected(simulator, app)


@pytest.mark.parametrize(
    ("change", "gets"),
    [({"prompt": "none"}, False), ({"access_type": "online"}, False), ({}, True)],
)
def test_google_gives_a_second_refresh_token_only_for_a_new_consent(
    simulator: Simulator, app: App, change: dict[str, str], gets: bool
):
    connected(simulator, app)
    address = GoogleOAuth().authorize_url(app, BACK, "state-1", VERIFIER)
    query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    changed = f"{address.partition('?')[0]}?{urlencode({**query, **change})}"
    code = answered(simulator, changed)["code"]
    if gets:
        assert exchange(simulator, app, code).refresh
    else:
        with pytest.raises(Unauthorized, match="no refresh token"):
            exchange(simulator, app, code)


def test_a_refresh_gives_a_new_access_token_and_the_old_refresh_token_goes_on(
    simulator: Simulator, app: App
):
    old = connected(simulator, app)
    for _ in range(2):
        new = refresh(simulator, app, old.refresh)
        assert new.access != old.access
        assert new.refresh == ""
        assert new.scopes == old.scopes
        assert profiles(simulator, app, new)


def test_an_access_token_ends_after_an_hour_and_a_refresh_brings_another(
    simulator: Simulator, app: App
):
    tokens = connected(simulator, app)
    simulator.advance(3600)
    with pytest.raises(Unauthorized):
        profiles(simulator, app, tokens)
    assert profiles(simulator, app, refresh(simulator, app, tokens.refresh))


def test_a_refresh_token_ends_after_half_a_year_without_use(simulator: Simulator, app: App):
    tokens = connected(simulator, app)
    for _ in range(2):
        simulator.advance(150 * 24 * 3600)
        refresh(simulator, app, tokens.refresh)
    simulator.advance(190 * 24 * 3600)
    with pytest.raises(Unauthorized):
        refresh(simulator, app, tokens.refresh)


def test_a_permission_for_a_time_says_when_it_ends(simulator: Simulator, app: App):
    simulator.set("youtube", "refresh_seconds", 7 * 24 * 3600)
    tokens = connected(simulator, app)
    assert tokens.refresh_expires_at is not None
    assert tokens.expires_at is not None
    assert tokens.refresh_expires_at > tokens.expires_at
    simulator.advance(6 * 24 * 3600)
    refresh(simulator, app, tokens.refresh)
    simulator.advance(2 * 24 * 3600)
    with pytest.raises(Unauthorized) as ended:
        refresh(simulator, app, tokens.refresh)
    assert ended.value.code == "account_needs_reconnection"


@pytest.mark.parametrize("which", ["access", "refresh"])
def test_a_revoked_permission_must_be_given_again(simulator: Simulator, app: App, which: str):
    tokens = connected(simulator, app)
    revoke = "/oauth2.googleapis.com/revoke"
    answer = simulator.http.post(revoke, data={"token": getattr(tokens, which)})
    assert answer.status_code == 200
    assert simulator.http.post(revoke, data={"token": tokens.access}).status_code == 400
    with pytest.raises(Unauthorized) as refused:
        refresh(simulator, app, tokens.refresh)
    assert refused.value.platform_code == "invalid_grant"
    with pytest.raises(Unauthorized):
        profiles(simulator, app, tokens)


def test_one_refresh_token_more_than_google_keeps_ends_the_first(
    simulator: Simulator, app: App, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(google, "REFRESH_TOKENS", 2)
    first, second, _ = (connected(simulator, app) for _ in range(3))
    with pytest.raises(Unauthorized):
        refresh(simulator, app, first.refresh)
    assert refresh(simulator, app, second.refresh).access


def test_a_wrong_app_secret_is_the_operators_and_not_the_accounts_fault(
    simulator: Simulator, app: App
):
    tokens = connected(simulator, app)
    for wrong in (App(app.client_id, "wrong"), App("unknown", app.client_secret)):
        with pytest.raises(Unavailable) as refused:
            refresh(simulator, wrong, tokens.refresh)
        assert (refused.value.code, refused.value.platform_code) == (
            "app_refused",
            "invalid_client",
        )


def test_a_refresh_token_is_bound_to_its_app(simulator: Simulator, app: App):
    tokens = connected(simulator, app)
    other = App(*simulator.app("youtube", BACK))
    with pytest.raises(Unavailable) as refused:
        refresh(simulator, other, tokens.refresh)
    assert refused.value.code == "app_refused"


@pytest.mark.parametrize("kind", ["none", "signup"])
def test_a_google_account_without_a_channel_has_no_profiles(
    simulator: Simulator, app: App, kind: str
):
    tokens = connected(simulator, app)
    simulator.set("youtube", "channel", kind)
    assert profiles(simulator, app, tokens) == []


def test_identity_without_the_right_to_read_is_a_missing_permission(simulator: Simulator, app: App):
    tokens = connected(simulator, app, f"{SCOPE}youtube.upload")
    with pytest.raises(Unauthorized) as refused:
        profiles(simulator, app, tokens)
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


def test_only_what_google_says_of_the_grant_is_the_accounts_fault(simulator: Simulator, app: App):
    tokens = connected(simulator, app)
    for status, body, word, code in REFUSALS:
        text = body if isinstance(body, str) else json.dumps(body)
        simulator.fault("youtube", call="token", status=status, body=text, times=1)
        with pytest.raises(PlatformError) as refused:
            refresh(simulator, app, tokens.refresh)
        error = refused.value
        assert (status, body, type(error), error.code) == (status, body, word, code)
        shown = error.message + error.body + repr(error)
        assert not any(secret in shown for secret in (tokens.refresh, app.client_secret))


@pytest.mark.parametrize("drop", ["before", "after"])
def test_a_lost_refresh_costs_nothing_because_the_token_goes_on(
    simulator: Simulator, app: App, drop: str
):
    tokens = connected(simulator, app)
    simulator.fault("youtube", call="token", drop=drop, times=1)
    with pytest.raises(Unavailable):
        refresh(simulator, app, tokens.refresh)
    assert refresh(simulator, app, tokens.refresh).access


def test_an_unreachable_network_says_nothing_about_the_authorization(app: App):
    nowhere = Simulator("http://127.0.0.1:9", None)  # type: ignore[arg-type]
    with pytest.raises(Unavailable):
        refresh(nowhere, app, "refresh")


def test_a_long_upload_outlives_its_token(simulator: Simulator, app: App, long_clip: bytes):
    tokens = connected(simulator, app)
    account = Credentials(CHANNEL, "acme", tokens.access, refresh_token=tokens.refresh)
    drive = Drive(YouTube(), account, simulator.url)
    draft = make_draft(long_clip)
    simulator.fault("youtube", call="put_bytes", status=503, skip=1, times=1)
    with pytest.raises(Unavailable):
        drive.publish(draft)
    session = drive.checkpoint["session"]
    simulator.advance(3600)
    with pytest.raises(Unauthorized) as ended:
        drive.publish(draft)
    assert ended.value.code == "account_needs_reconnection"
    renewed = refresh(simulator, app, tokens.refresh)
    drive.account = Credentials(CHANNEL, "acme", renewed.access, refresh_token=tokens.refresh)
    result = drive.publish(draft)
    assert isinstance(result, Published)
    assert drive.checkpoint["session"] == session
    assert only_post(simulator)["id"] == result.id


@pytest.mark.parametrize(
    ("form", "status", "word"),
    [
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "authorization_code", "code": "nothing"}, 400, "invalid_grant"),
        ({"grant_type": "refresh_token"}, 400, "invalid_grant"),
    ],
)
def test_the_token_endpoint_refuses_what_it_does_not_know(
    simulator: Simulator, app: App, form: dict[str, str], status: int, word: str
):
    sent = {**form, "client_id": app.client_id, "client_secret": app.client_secret}
    answer = simulator.http.post(TOKEN, data=sent)
    assert (answer.status_code, answer.json()["error"]) == (status, word)
    assert simulator.http.post(TOKEN, json=sent).json()["error"] == "invalid_request"
