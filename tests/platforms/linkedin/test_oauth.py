"""Connecting LinkedIn: consent, tokens and whose fault a refusal is."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from platforms.drafts import Credentials
from platforms.errors import PlatformError, Unauthorized
from platforms.linkedin.oauth import OAUTH, LinkedInOAuth, MemberOAuth
from platforms.oauth import App, ConsentRequest, missing_scopes
from tests.platforms.connecting import BACK, Connecting
from tests.platforms.linkedin.login import ASKED, DAY, LOGIN, seconds_left

# The consent


def test_the_scopes_are_asked_for_in_one_list_joined_by_encoded_spaces(c: Connecting):
    url = LOGIN.authorize_url(c.app, ConsentRequest(BACK, "s-1", "v" * 64))
    query = parse_qs(urlsplit(url).query)
    assert url.startswith("https://www.linkedin.com/oauth/v2/authorization?response_type=code&")
    assert "scope=openid%20profile%20w_member_social%20" in url
    assert set(query["scope"][0].split()) == ASKED
    assert (query["state"], query["redirect_uri"]) == (["s-1"], [BACK])
    assert "v" * 64 not in url


def test_a_consent_becomes_tokens_with_their_ends_and_scopes(c: Connecting):
    tokens = c.tokens()
    assert set(tokens.scopes) == ASKED
    assert missing_scopes(LOGIN, tokens.scopes) == ()
    assert abs(seconds_left(tokens.expires_at) - 60 * DAY) < 60
    assert abs(seconds_left(tokens.refresh_expires_at) - 365 * DAY) < 60
    assert tokens.access not in repr(tokens)
    assert tokens.refresh not in repr(tokens)


def test_a_member_accepts_everything_or_nothing(c: Connecting):
    form = {"account": c.account, "scope": ["openid"], "answer": "allow"}
    assert c.simulator.http.post(c.address(), data=form).status_code == 400


def test_an_app_that_is_not_approved_for_pages_is_sent_back(c: Connecting):
    c.simulator.set("linkedin", "approved_scopes", list(LinkedInOAuth.scopes))
    answer = c.simulator.http.get(c.address())
    assert answer.headers["location"].startswith(BACK + "?")
    assert "error=unauthorized_scope_error&" in answer.headers["location"]


def test_a_code_is_of_one_app(c: Connecting):
    other = App(*c.simulator.app("linkedin", BACK))
    with pytest.raises(Unauthorized):
        c.exchange(c.returned()["code"], other)


def test_consent_to_other_scopes_revokes_the_earlier_tokens(c: Connecting, monkeypatch: Any):
    monkeypatch.setattr("platforms.linkedin.oauth.SETTLING_SECONDS", (0,))
    old = c.tokens()
    fewer = c.address(scope="openid profile")
    c.tokens(address=fewer)
    with pytest.raises(Unauthorized) as caught:
        c.profiles(old)
    assert caught.value.platform_code == "REVOKED_ACCESS_TOKEN"


# Refreshing


def test_a_refresh_gives_a_new_token_and_the_same_end(c: Connecting):
    old = c.tokens()
    c.simulator.advance(100 * DAY)
    new = c.refresh(old)
    assert new.access != old.access
    assert new.refresh == old.refresh
    assert abs(seconds_left(new.refresh_expires_at) - 265 * DAY) < 60
    assert c.profiles(new)[0].platform_account_id == c.account


def test_near_the_end_a_token_lives_as_long_as_the_refresh_token(c: Connecting):
    old = c.tokens()
    c.simulator.advance(360 * DAY)
    assert abs(seconds_left(c.refresh(old).expires_at) - 5 * DAY) < 60
    c.simulator.advance(6 * DAY)
    with pytest.raises(Unauthorized) as caught:
        c.refresh(old)
    assert (caught.value.platform_code, caught.value.http_status) == ("invalid_request", 400)


def test_an_app_without_refresh_tokens_must_be_consented_to_again(c: Connecting):
    c.simulator.set("linkedin", "refreshes", False)
    tokens = c.tokens()
    assert (tokens.refresh, tokens.refresh_expires_at) == ("", None)
    assert LOGIN.can_refresh(Credentials("1", "", tokens.access)) is False
    assert abs(seconds_left(tokens.expires_at) - 60 * DAY) < 60


def test_an_expired_token_is_refused(c: Connecting):
    tokens = c.tokens()
    c.simulator.advance(60 * DAY + 1)
    with pytest.raises(Unauthorized) as caught:
        c.profiles(tokens)
    assert caught.value.platform_code == "EXPIRED_ACCESS_TOKEN"


def test_what_is_revoked_ends_at_once(c: Connecting, monkeypatch: Any):
    monkeypatch.setattr("platforms.linkedin.oauth.SETTLING_SECONDS", (0,))
    tokens = c.tokens()
    form = {
        "client_id": c.app.client_id,
        "client_secret": c.app.client_secret,
        "token": tokens.access,
    }
    c.call(lambda http: http.post(f"{OAUTH}/revoke", data=form))
    with pytest.raises(Unauthorized) as caught:
        c.profiles(tokens)
    assert caught.value.platform_code == "REVOKED_ACCESS_TOKEN"
    with pytest.raises(Unauthorized):
        c.refresh(tokens)


# Whose fault it is


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_trouble_on_the_way_says_nothing_about_the_authorization(c: Connecting, status: int):
    tokens = c.tokens()
    c.simulator.fault("linkedin", call="userinfo", status=status)
    with pytest.raises(PlatformError) as caught:
        c.profiles(tokens)
    assert not isinstance(caught.value, Unauthorized)


def test_the_margin_of_a_refresh_is_short_against_sixty_days():
    assert timedelta(minutes=5) <= LOGIN.refresh_margin < timedelta(days=1)


def test_an_app_for_members_alone_asks_for_nothing_of_organizations():
    address = MemberOAuth().authorize_url(
        App("id", "secret"), ConsentRequest(BACK, "state", "verifier")
    )
    [scopes] = parse_qs(urlsplit(address).query)["scope"]
    assert scopes.split() == ["openid", "profile", "w_member_social"]
