"""Connecting Pinterest: consent, tokens, boards, and whose fault a refusal is."""

import base64
from datetime import UTC, datetime, timedelta
from functools import partial
from urllib.parse import parse_qs, urlsplit

import pytest

from platforms import oauth
from platforms.errors import PlatformError, RateLimited, Unauthorized, Unavailable
from platforms.oauth import App
from platforms.pinterest.oauth import PinterestOAuth
from tests.platforms.connecting import ASKED, BACK, Connecting
from tests.platforms.pinterest import steps

LOGIN = PinterestOAuth()


def add_board(c: Connecting, name: str, **extra: object) -> str:
    """Another board of the person."""
    number = steps.new_number()
    fields = {"name": name, "extra": {"owner": c.account, **extra}}
    c.simulator.connect("pinterest", number, **fields)
    return number


# The consent


def test_the_consent_page_is_asked_for_with_commas_and_without_a_challenge():
    url = LOGIN.authorize_url(App("app-1", "s"), ASKED)
    query = parse_qs(urlsplit(url).query)
    assert url.startswith("https://www.pinterest.com/oauth/?")
    assert query == {
        "response_type": ["code"],
        "client_id": ["app-1"],
        "redirect_uri": [BACK],
        "scope": ["boards:read,boards:write,pins:read,pins:write,user_accounts:read"],
        "state": ["state-1"],
    }


def test_a_consent_becomes_tokens_that_end(c: Connecting):
    tokens, now = c.tokens(), datetime.now(UTC)
    assert set(tokens.scopes) == set(LOGIN.scopes)
    assert oauth.missing_scopes(LOGIN, tokens.scopes) == ()
    assert tokens.expires_at is not None
    assert tokens.refresh_expires_at is not None
    assert timedelta(days=29) < tokens.expires_at - now < timedelta(days=31)
    assert timedelta(days=59) < tokens.refresh_expires_at - now < timedelta(days=61)


def test_each_board_of_the_person_is_a_profile_with_the_same_consent(c: Connecting):
    second = add_board(c, "Feathers")
    add_board(c, "Ad-only Pins", is_ads_only=True)
    c.simulator.connect("pinterest", steps.new_number(), name="Of someone else")

    first, other = sorted(c.profiles(c.tokens()), key=lambda each: each.platform_account_id)
    assert {first.platform_account_id, other.platform_account_id} == {c.account, second}
    assert {first.name, other.name} == {"Acme", "Feathers"}
    assert (first.kind, first.username) == ("board", "acme")
    assert first.avatar_url.startswith("https://")
    assert first.tokens == other.tokens
    assert first.extra == other.extra != {}
    assert first.tokens.refresh not in str(first.extra)


def test_boards_are_read_page_by_page(c: Connecting):
    c.simulator.fault(
        "pinterest",
        call="list_boards",
        status=200,
        body='{"items": [{"id": "5", "name": "Lofts"}], "bookmark": "612"}',
        times=1,
    )
    c.simulator.fault(
        "pinterest",
        call="list_boards",
        status=200,
        body='{"items": [{"id": "6"}], "bookmark": null}',
        times=1,
    )
    found = [(each.platform_account_id, each.name) for each in c.profiles(c.tokens())]
    assert found == [("5", "Lofts"), ("6", "6")]


def test_what_a_person_did_not_grant_is_missed_where_it_is_needed(c: Connecting):
    tokens = c.tokens("user_accounts:read")
    assert oauth.missing_scopes(LOGIN, tokens.scopes) == LOGIN.scopes[:-1]
    with pytest.raises(Unauthorized) as caught:
        c.profiles(tokens)
    assert caught.value.code == "permission_missing"


def test_a_code_works_once_and_for_its_address_and_its_app(c: Connecting):
    code = c.returned()["code"]
    c.exchange(code)
    other = App(*c.simulator.app("pinterest", BACK))
    for work in (
        partial(c.exchange, code),
        partial(c.exchange, c.returned()["code"], back=f"{BACK}/x"),
        partial(c.exchange, c.returned()["code"], other),
    ):
        with pytest.raises(Unauthorized) as caught:
            work()
        assert (caught.value.platform_code, caught.value.http_status) == ("283", 401)


# Refreshing


def test_a_refresh_gives_a_new_pair_and_the_old_refresh_token_works_no_more(c: Connecting):
    old = c.tokens()
    new = c.refresh(old)
    assert old.access != new.access
    assert old.refresh != new.refresh
    assert new.scopes == old.scopes
    assert c.profiles(new)[0].platform_account_id == c.account
    with pytest.raises(Unauthorized):
        c.refresh(old)
    assert c.refresh(new).access


def test_tokens_are_valid_for_their_time(c: Connecting):
    tokens = c.tokens()
    c.simulator.advance(31 * 24 * 3600)
    with pytest.raises(Unauthorized):
        c.profiles(tokens)
    assert c.profiles(c.refresh(tokens))
    other = c.tokens()
    c.simulator.advance(61 * 24 * 3600)
    with pytest.raises(Unauthorized):
        c.refresh(other)


# Whose fault it is


#: An answer to a refresh → the error, our code.
REFUSALS = [
    (401, '{"code": 283, "message": "The authorization grant is invalid"}', Unauthorized, None),
    (400, '{"error": "invalid_grant"}', Unauthorized, None),
    (401, '{"code": 2, "message": "Authentication failed."}', Unavailable, "app_refused"),
    (401, '{"error": "invalid_client"}', Unavailable, "app_refused"),
    (403, '{"code": 29, "message": "No."}', Unavailable, "app_refused"),
    (400, '{"code": 1, "message": "Invalid request."}', Unavailable, "platform_unavailable"),
    (400, "<html>", Unavailable, "platform_unavailable"),
    (404, "{}", Unavailable, "platform_unavailable"),
    (429, "{}", RateLimited, "rate_limited"),
    (500, '{"code": 283}', Unavailable, "platform_unavailable"),
    (503, "", Unavailable, "platform_unavailable"),
]


def test_only_a_proven_refusal_ends_an_authorization(c: Connecting):
    old = c.tokens()
    for status, body, error, code in REFUSALS:
        c.simulator.fault("pinterest", call="token", status=status, body=body, times=1)
        with pytest.raises(PlatformError) as caught:
            c.refresh(old)
        told, wanted = caught.value, code or "account_needs_reconnection"
        assert (status, body, type(told), told.code) == (status, body, error, wanted)
        assert old.refresh not in told.message + told.body
    assert c.refresh(old).access


def test_a_wrong_secret_is_the_apps_fault_and_is_shown_nowhere(c: Connecting):
    wrong = App(c.app.client_id, "a-wrong-secret-of-the-app")
    pair = base64.b64encode(f"{wrong.client_id}:{wrong.client_secret}".encode()).decode()
    with pytest.raises(Unavailable) as caught:
        c.exchange(c.returned()["code"], wrong)
    assert caught.value.code == "app_refused"
    assert pair not in repr(caught.value) + caught.value.body


@pytest.mark.parametrize(
    "change",
    [
        {"redirect_uri": "https://dovecote.example/other"},
        {"client_id": "unknown"},
        {"scope": ""},
        {"scope": "boards:read pins:read"},
        {"scope": "boards:read,fly"},
        {"response_type": "token"},
    ],
)
def test_the_consent_page_refuses_what_pinterest_refuses(c: Connecting, change: dict[str, str]):
    assert c.simulator.http.get(c.address(**change)).status_code == 400


def test_the_token_endpoint_wants_whole_forms_and_a_known_app(c: Connecting):
    post = partial(c.simulator.http.post, "/api.pinterest.com/v5/oauth/token")
    form = {"grant_type": "refresh_token", "refresh_token": c.tokens().refresh}
    pair = (c.app.client_id, c.app.client_secret)
    assert post(data=form).json()["code"] == 2
    assert post(data=form, auth=(c.app.client_id, "no")).json()["code"] == 2
    assert post(data={"grant_type": "refresh_token"}, auth=pair).json()["code"] == 1
    assert post(data={**form, "code": "x"}, auth=pair).json()["code"] == 1
    assert post(data={**form, "grant_type": "password"}, auth=pair).json()["code"] == 1
    assert post(json=form, auth=pair).json()["code"] == 1
    assert post(data=form, auth=pair).status_code == 200
