"""Connecting Pages, against the simulator's login dialog."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from platforms.drafts import Credentials, Draft
from platforms.errors import PlatformError, Rejected, Unavailable
from platforms.facebook.adapter import Facebook
from platforms.facebook.oauth import FacebookOAuth
from platforms.meta.oauth import proof
from platforms.oauth import App, ConsentRequest, Profile, missing_scopes
from platforms.outcomes import Published
from tests.conftest import Simulator
from tests.platforms.connecting import BACK, Connecting, connecting
from tests.platforms.driver import Drive, published

SECOND = "102938475610294"
LOGIN = FacebookOAuth()


@pytest.fixture
def c(simulator: Simulator) -> Connecting:
    return connecting(simulator, "facebook", "facebook")


def drive(c: Connecting, profile: Profile, **extra: str) -> Drive:
    account = Credentials(
        profile.platform_account_id,
        profile.username,
        profile.tokens.access,
        extra={**profile.extra, **extra},
    )
    return Drive(Facebook(), account, c.simulator)


def test_the_dialog_is_asked_for_every_scope(c: Connecting):
    query = parse_qs(urlsplit(LOGIN.authorize_url(c.app, ConsentRequest(BACK, "s", ""))).query)
    assert query["scope"] == [",".join((*LOGIN.scopes, *LOGIN.optional_scopes))]
    assert (query["response_type"], query["state"]) == (["code"], ["s"])


def test_a_consent_becomes_a_long_user_token(c: Connecting):
    tokens = c.tokens()
    assert tokens.expires_at is not None
    left = tokens.expires_at - datetime.now(UTC)
    assert timedelta(days=59) < left < timedelta(days=61)
    assert missing_scopes(LOGIN, tokens.scopes) == ()


def test_what_was_not_granted_is_known(c: Connecting):
    tokens = c.tokens("pages_show_list", "pages_read_engagement")
    assert missing_scopes(LOGIN, tokens.scopes) == ("pages_manage_posts",)


def test_every_page_is_a_profile_with_a_token_that_lasts(c: Connecting):
    c.simulator.connect("facebook", SECOND, name="Bakery", extra={"owner": c.person})
    c.simulator.connect("facebook", "999", name="Stranger", extra={"owner": "cy"})
    tokens = c.tokens()
    found = c.profiles(tokens)
    assert [(page.platform_account_id, page.kind) for page in found] == [
        (c.account, "page"),
        (SECOND, "page"),
    ]
    assert {page.tokens.expires_at for page in found} == {None}
    assert tokens.access not in {page.tokens.access for page in found}
    assert found[0].name == "Acme"
    assert found[0].avatar_url.startswith("https://")
    c.simulator.advance(400 * 24 * 3600)
    assert isinstance(drive(c, found[1]).finish(Draft("Years later")), Published)
    (post,) = c.simulator.posts("facebook", SECOND)
    assert post["text"] == "Years later"


def test_pages_of_every_page_of_the_list_are_found(c: Connecting):
    for number in range(120):
        extra = {"owner": c.person}
        c.simulator.connect("facebook", f"5550{number:03}", name=f"Page {number}", extra=extra)
    assert len({page.platform_account_id for page in c.profiles(c.tokens())}) == 121


def test_a_page_where_nothing_may_be_created_is_left_out(c: Connecting):
    extra = {"owner": c.person, "tasks": ["ANALYZE"]}
    c.simulator.connect("facebook", SECOND, extra=extra)
    assert [page.platform_account_id for page in c.profiles(c.tokens())] == [c.account]


@pytest.mark.parametrize("has_scope", [True, False])
def test_pages_of_a_portfolio_are_found_although_the_list_is_empty(c: Connecting, has_scope: bool):
    c.simulator.connect("facebook", c.account, extra={"owner": c.person, "portfolio": True})
    scopes = () if has_scope else LOGIN.scopes
    found = c.profiles(c.tokens(*scopes))
    assert [page.platform_account_id for page in found] == [c.account]
    assert isinstance(drive(c, found[0]).finish(Draft("Hello")), Published)


def test_a_person_without_pages_has_no_profiles(c: Connecting):
    tokens = c.tokens("pages_manage_posts")
    assert c.profiles(tokens) == []


@pytest.mark.parametrize("wrong", ["id", "secret", "redirect"])
def test_a_fault_of_the_app_is_the_operators(c: Connecting, wrong: str):
    code = c.returned()["code"]
    client_id = "1" if wrong == "id" else c.app.client_id
    bad = App(client_id, "wrong" if wrong == "secret" else c.app.client_secret)
    with pytest.raises(Unavailable) as caught:
        c.exchange(code, bad, "https://other.example" if wrong == "redirect" else BACK)
    assert (caught.value.code, caught.value.actor) == ("app_refused", "operator")
    assert code not in str(caught.value) + caught.value.body
    assert c.app.client_secret not in str(caught.value) + caught.value.body


def test_a_page_is_never_refreshed(c: Connecting):
    (page,) = c.profiles(c.tokens())
    account = Credentials(c.account, "acme", page.tokens.access, refresh_token="x")
    assert not LOGIN.can_refresh(account)
    with pytest.raises(Unavailable):
        c.call(lambda http: LOGIN.refresh(c.app, account, http))


def test_trouble_at_facebook_says_nothing_about_the_authorization(c: Connecting):
    code = c.returned()["code"]
    c.simulator.fault("facebook", call="permissions", status=500, times=1)
    with pytest.raises(Unavailable) as caught:
        c.exchange(code)
    assert caught.value.code == "platform_unavailable"
    tokens = c.tokens()
    c.simulator.fault("facebook", call="list_pages", status=500, times=1)
    with pytest.raises(Unavailable):
        c.profiles(tokens)


# The proof of the app


def test_the_proof_is_an_hmac_of_the_token(c: Connecting):
    known = App("1", "secret")
    assert proof(known, "token") == (
        "e941110e3d2bfe82621f0e3e1434730d7305d106c5f68c87165d0b27a4611a4a"
    )


def test_an_app_that_demands_a_proof_gets_it_with_every_call(c: Connecting):
    c.simulator.set("facebook", "require_appsecret_proof", True)
    (page,) = c.profiles(c.tokens())
    draft = Draft("Hello", settings={"firstComment": "Coo!"})
    assert published(drive(c, page).finish(draft)).notes == ()


@pytest.mark.parametrize("sent", ["", "0" * 64])
def test_a_missing_or_wrong_proof_is_refused(c: Connecting, sent: str):
    c.simulator.set("facebook", "require_appsecret_proof", True)
    (page,) = c.profiles(c.tokens())
    with pytest.raises(PlatformError) as caught:
        drive(c, page, appsecret_proof=sent).finish(Draft("Hello"))
    assert isinstance(caught.value, Rejected)
    assert caught.value.platform_code == "100"
    assert page.extra["appsecret_proof"] not in caught.value.body
