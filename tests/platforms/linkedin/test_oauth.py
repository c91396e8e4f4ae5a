"""Connecting LinkedIn: consent, tokens and whose fault a refusal is."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from platforms.drafts import Credentials
from platforms.errors import PlatformError, Unauthorized, Unavailable
from platforms.linkedin.oauth import OAUTH, LinkedInOAuth, MemberOAuth
from platforms.oauth import App, Tokens, missing
from tests.conftest import Simulator
from tests.platforms.linkedin.login import (
    ASKED,
    BACK,
    DAY,
    LOGIN,
    address,
    call,
    code_for,
    connected,
    exchange,
    make_member,
    profiles,
    refreshed,
    returned,
    seconds_left,
)


@pytest.fixture
def app(simulator: Simulator) -> App:
    return App(*simulator.app("linkedin", BACK))


@pytest.fixture
def ada(simulator: Simulator) -> str:
    """A member's id."""
    return make_member(simulator)


# The consent


def test_the_scopes_are_asked_for_in_one_list_joined_by_encoded_spaces(app: App):
    url = LOGIN.authorize_url(app, BACK, "s-1", "v" * 64)
    query = parse_qs(urlsplit(url).query)
    assert url.startswith("https://www.linkedin.com/oauth/v2/authorization?response_type=code&")
    assert "scope=openid%20profile%20w_member_social%20" in url
    assert set(query["scope"][0].split()) == ASKED
    assert (query["state"], query["redirect_uri"]) == (["s-1"], [BACK])
    assert "v" * 64 not in url


def test_a_consent_becomes_tokens_with_their_ends_and_scopes(
    simulator: Simulator, app: App, ada: str
):
    tokens = connected(simulator, app, ada)
    assert set(tokens.scopes) == ASKED
    assert missing(LOGIN, tokens.scopes) == ()
    assert abs(seconds_left(tokens.expires_at) - 60 * DAY) < 60
    assert abs(seconds_left(tokens.refresh_expires_at) - 365 * DAY) < 60
    assert tokens.access not in repr(tokens)
    assert tokens.refresh not in repr(tokens)


def test_a_refusal_of_the_member_comes_back_with_the_state(
    simulator: Simulator, app: App, ada: str
):
    back = returned(simulator.consent(address(simulator, app), ada, answer="deny"))
    assert (back["error"], back["state"]) == ("user_cancelled_authorize", "s-1")


def test_a_member_accepts_everything_or_nothing(simulator: Simulator, app: App, ada: str):
    form = {"account": ada, "scope": ["openid"], "answer": "allow"}
    answer = simulator.http.post(address(simulator, app), data=form)
    assert answer.status_code == 400


def test_an_app_that_is_not_approved_for_pages_is_sent_back(simulator: Simulator, app: App):
    simulator.set("linkedin", "approved_scopes", list(LinkedInOAuth.scopes))
    answer = simulator.http.get(address(simulator, app))
    assert returned(answer.headers["location"])["error"] == "unauthorized_scope_error"


def test_a_code_works_once_and_for_half_an_hour(simulator: Simulator, app: App, ada: str):
    code = code_for(simulator, app, ada)
    exchange(simulator, app, code)
    with pytest.raises(Unauthorized):
        exchange(simulator, app, code)
    late = code_for(simulator, app, ada)
    simulator.advance(1801)
    with pytest.raises(Unauthorized):
        exchange(simulator, app, late)


def test_a_code_is_of_one_app(simulator: Simulator, app: App, ada: str):
    other = App(*simulator.app("linkedin", BACK))
    with pytest.raises(Unauthorized):
        exchange(simulator, other, code_for(simulator, app, ada))


def test_consent_to_other_scopes_revokes_the_earlier_tokens(
    simulator: Simulator, app: App, ada: str, monkeypatch: Any
):
    monkeypatch.setattr("platforms.linkedin.oauth.SETTLING_SECONDS", (0,))
    old = connected(simulator, app, ada)
    fewer = address(simulator, app).partition("scope=")[0] + "scope=" + quote("openid profile")
    exchange(simulator, app, code_for(simulator, app, ada, fewer))
    with pytest.raises(Unauthorized) as caught:
        profiles(simulator, app, old)
    assert caught.value.platform_code == "REVOKED_ACCESS_TOKEN"


# Refreshing


def test_a_refresh_gives_a_new_token_and_the_same_end(simulator: Simulator, app: App, ada: str):
    old = connected(simulator, app, ada)
    simulator.advance(100 * DAY)
    new = refreshed(simulator, app, old)
    assert new.access != old.access
    assert new.refresh == old.refresh
    assert abs(seconds_left(new.refresh_expires_at) - 265 * DAY) < 60
    assert profiles(simulator, app, new)[0].platform_account_id == ada


def test_near_the_end_a_token_lives_as_long_as_the_refresh_token(
    simulator: Simulator, app: App, ada: str
):
    old = connected(simulator, app, ada)
    simulator.advance(360 * DAY)
    assert abs(seconds_left(refreshed(simulator, app, old).expires_at) - 5 * DAY) < 60
    simulator.advance(6 * DAY)
    with pytest.raises(Unauthorized) as caught:
        refreshed(simulator, app, old)
    assert (caught.value.platform_code, caught.value.http_status) == ("invalid_request", 400)


def test_an_app_without_refresh_tokens_must_be_consented_to_again(
    simulator: Simulator, app: App, ada: str
):
    simulator.set("linkedin", "refreshes", False)
    tokens = connected(simulator, app, ada)
    assert (tokens.refresh, tokens.refresh_expires_at) == ("", None)
    assert LOGIN.can_refresh(Credentials("1", "", tokens.access)) is False
    assert abs(seconds_left(tokens.expires_at) - 60 * DAY) < 60


def test_an_expired_token_is_refused(simulator: Simulator, app: App, ada: str):
    tokens = connected(simulator, app, ada)
    simulator.advance(60 * DAY + 1)
    with pytest.raises(Unauthorized) as caught:
        profiles(simulator, app, tokens)
    assert caught.value.platform_code == "EXPIRED_ACCESS_TOKEN"


def test_what_is_revoked_ends_at_once(simulator: Simulator, app: App, ada: str, monkeypatch: Any):
    monkeypatch.setattr("platforms.linkedin.oauth.SETTLING_SECONDS", (0,))
    tokens = connected(simulator, app, ada)
    form = {"client_id": app.client_id, "client_secret": app.client_secret, "token": tokens.access}
    call(simulator, lambda http: http.post(f"{OAUTH}/revoke", data=form))
    with pytest.raises(Unauthorized) as caught:
        profiles(simulator, app, tokens)
    assert caught.value.platform_code == "REVOKED_ACCESS_TOKEN"
    with pytest.raises(Unauthorized):
        refreshed(simulator, app, tokens)


# Whose fault it is


def test_a_wrong_secret_is_the_operators_and_not_the_accounts_fault(
    simulator: Simulator, app: App, ada: str
):
    tokens = connected(simulator, app, ada)
    wrong = App(app.client_id, "wrong-secret")
    for app_id in (wrong, App("", "x")):
        with pytest.raises(Unavailable) as caught:
            refreshed(simulator, app_id, tokens)
        assert (caught.value.code, caught.value.actor) == ("app_refused", "operator")
        assert "wrong-secret" not in caught.value.message + caught.value.body


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_trouble_on_the_way_says_nothing_about_the_authorization(
    simulator: Simulator, app: App, ada: str, status: int
):
    tokens = connected(simulator, app, ada)
    simulator.fault("linkedin", call="userinfo", status=status)
    with pytest.raises(PlatformError) as caught:
        profiles(simulator, app, tokens)
    assert not isinstance(caught.value, Unauthorized)


def test_an_unreachable_network_says_nothing_about_the_authorization(app: App):
    nowhere = Simulator("http://127.0.0.1:9", None)  # type: ignore[arg-type]
    with pytest.raises(Unavailable):
        refreshed(nowhere, app, Tokens("access", "refresh"))


def test_the_margin_of_a_refresh_is_short_against_sixty_days():
    assert timedelta(minutes=5) <= LOGIN.refresh_margin < timedelta(days=1)


def test_an_app_for_members_alone_asks_for_nothing_of_organizations():
    address = MemberOAuth().authorize_url(App("id", "secret"), BACK, "state", "verifier")
    [scopes] = parse_qs(urlsplit(address).query)["scope"]
    assert scopes.split() == ["openid", "profile", "w_member_social"]
