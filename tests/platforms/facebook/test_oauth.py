"""Connecting Pages, against the simulator's login dialog."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import pytest

from platforms.drafts import Credentials, Draft
from platforms.errors import PlatformError, Rejected, Unauthorized, Unavailable
from platforms.facebook.adapter import Facebook
from platforms.facebook.oauth import FacebookOAuth
from platforms.http.client import Client
from platforms.http.transport import Transport
from platforms.meta.oauth import proof
from platforms.oauth import App, Profile, Tokens, missing
from platforms.outcomes import Published
from tests.conftest import Simulator
from tests.platforms.driver import Drive

T = TypeVar("T")
BACK = "https://dovecote.example/connect/facebook/return"
PAGE, SECOND = "102938475610293", "102938475610294"
LOGIN = FacebookOAuth()


def call(simulator: Simulator, work: Callable[[Client], Awaitable[T]]) -> T:
    async def run() -> T:
        transport = Transport(gateway=simulator.url)
        try:
            return await work(Client(transport, explain=LOGIN.explain))
        finally:
            await transport.close()

    return asyncio.run(run())


@pytest.fixture
def owner() -> str:
    """A person of this test alone: accounts outlive it."""
    return uuid.uuid4().hex


@pytest.fixture
def app(simulator: Simulator, owner: str) -> App:
    simulator.connect("facebook", PAGE, extra={"owner": owner})
    return App(*simulator.app("facebook", BACK))


def returned(simulator: Simulator, app: App, *scopes: str, **answer: Any) -> dict[str, str]:
    address = LOGIN.authorize_url(app, BACK, "state-1", "")
    resolved = Transport(gateway=simulator.url).resolve(address)
    location = simulator.consent(resolved, PAGE, *scopes, **answer)
    assert location.startswith(BACK + "?")
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def exchange(simulator: Simulator, app: App, code: str, back: str = BACK) -> Tokens:
    return call(simulator, lambda http: LOGIN.exchange(app, code, back, "", http))


def connected(simulator: Simulator, app: App, *scopes: str) -> Tokens:
    return exchange(simulator, app, returned(simulator, app, *scopes)["code"])


def profiles(simulator: Simulator, app: App, tokens: Tokens) -> Sequence[Profile]:
    return call(simulator, lambda http: LOGIN.profiles(app, tokens, http))


def drive(simulator: Simulator, profile: Profile, **extra: str) -> Drive:
    account = Credentials(
        profile.platform_account_id,
        profile.username,
        profile.tokens.access,
        extra={**profile.extra, **extra},
    )
    return Drive(Facebook(), account, simulator.url)


def test_the_dialog_is_asked_for_every_scope(app: App):
    query = parse_qs(urlsplit(LOGIN.authorize_url(app, BACK, "s", "")).query)
    assert query["scope"] == [",".join((*LOGIN.scopes, *LOGIN.optional_scopes))]
    assert (query["response_type"], query["state"]) == (["code"], ["s"])


def test_a_consent_becomes_a_long_user_token(simulator: Simulator, app: App):
    tokens = connected(simulator, app)
    assert tokens.expires_at is not None
    left = tokens.expires_at - datetime.now(UTC)
    assert timedelta(days=59) < left < timedelta(days=61)
    assert missing(LOGIN, tokens.scopes) == ()


def test_what_was_not_granted_is_known(simulator: Simulator, app: App):
    tokens = connected(simulator, app, "pages_show_list", "pages_read_engagement")
    assert missing(LOGIN, tokens.scopes) == ("pages_manage_posts",)


def test_every_page_is_a_profile_with_a_token_that_lasts(
    simulator: Simulator, app: App, owner: str
):
    simulator.connect("facebook", SECOND, name="Bakery", extra={"owner": owner})
    simulator.connect("facebook", "999", name="Stranger", extra={"owner": "cy"})
    tokens = connected(simulator, app)
    found = profiles(simulator, app, tokens)
    assert [(page.platform_account_id, page.kind) for page in found] == [
        (PAGE, "page"),
        (SECOND, "page"),
    ]
    assert {page.tokens.expires_at for page in found} == {None}
    assert tokens.access not in {page.tokens.access for page in found}
    assert found[0].name == "Acme"
    assert found[0].avatar_url.startswith("https://")
    simulator.advance(400 * 24 * 3600)
    assert isinstance(drive(simulator, found[1]).finish(Draft("Years later")), Published)
    (post,) = simulator.posts("facebook", SECOND)
    assert post["text"] == "Years later"


def test_pages_of_every_page_of_the_list_are_found(simulator: Simulator, app: App, owner: str):
    for number in range(120):
        extra = {"owner": owner}
        simulator.connect("facebook", f"5550{number:03}", name=f"Page {number}", extra=extra)
    found = profiles(simulator, app, connected(simulator, app))
    assert len({page.platform_account_id for page in found}) == 121


def test_a_page_where_nothing_may_be_created_is_left_out(
    simulator: Simulator, app: App, owner: str
):
    extra = {"owner": owner, "tasks": ["ANALYZE"]}
    simulator.connect("facebook", SECOND, extra=extra)
    found = profiles(simulator, app, connected(simulator, app))
    assert [page.platform_account_id for page in found] == [PAGE]


@pytest.mark.parametrize("has_scope", [True, False])
def test_pages_of_a_portfolio_are_found_although_the_list_is_empty(
    simulator: Simulator, app: App, owner: str, has_scope: bool
):
    simulator.connect("facebook", PAGE, extra={"owner": owner, "portfolio": True})
    scopes = () if has_scope else LOGIN.scopes
    found = profiles(simulator, app, connected(simulator, app, *scopes))
    assert [page.platform_account_id for page in found] == [PAGE]
    assert isinstance(drive(simulator, found[0]).finish(Draft("Hello")), Published)


def test_a_person_without_pages_has_no_profiles(simulator: Simulator, app: App):
    tokens = connected(simulator, app, "pages_manage_posts")
    assert profiles(simulator, app, tokens) == []


def test_a_denial_comes_back_as_facebook_words_it(simulator: Simulator, app: App):
    back = returned(simulator, app, answer="deny")
    assert (back["error"], back["error_code"], back["error_reason"], back["state"]) == (
        "access_denied",
        "200",
        "user_denied",
        "state-1",
    )


def test_a_code_works_once(simulator: Simulator, app: App):
    code = returned(simulator, app)["code"]
    exchange(simulator, app, code)
    with pytest.raises(Unauthorized):
        exchange(simulator, app, code)


def test_a_code_that_is_too_old_is_refused(simulator: Simulator, app: App):
    code = returned(simulator, app)["code"]
    simulator.advance(601)
    with pytest.raises(Unauthorized):
        exchange(simulator, app, code)


@pytest.mark.parametrize("wrong", ["id", "secret", "redirect"])
def test_a_fault_of_the_app_is_the_operators(simulator: Simulator, app: App, wrong: str):
    code = returned(simulator, app)["code"]
    client_id = "1" if wrong == "id" else app.client_id
    bad = App(client_id, "wrong" if wrong == "secret" else app.client_secret)
    with pytest.raises(Unavailable) as caught:
        exchange(simulator, bad, code, "https://other.example" if wrong == "redirect" else BACK)
    assert (caught.value.code, caught.value.actor) == ("app_refused", "operator")
    assert code not in str(caught.value) + caught.value.body
    assert app.client_secret not in str(caught.value) + caught.value.body


def test_a_user_token_ends_at_its_time(simulator: Simulator, app: App):
    tokens = connected(simulator, app)
    simulator.advance(5183945)
    with pytest.raises(Unauthorized):
        profiles(simulator, app, tokens)


def test_a_page_is_never_refreshed(simulator: Simulator, app: App):
    (page,) = profiles(simulator, app, connected(simulator, app))
    account = Credentials(PAGE, "acme", page.tokens.access, refresh_token="x")
    assert not LOGIN.can_refresh(account)
    with pytest.raises(Unavailable):
        call(simulator, lambda http: LOGIN.refresh(app, account, http))


def test_trouble_at_facebook_says_nothing_about_the_authorization(simulator: Simulator, app: App):
    code = returned(simulator, app)["code"]
    simulator.fault("facebook", call="permissions", status=500, times=1)
    with pytest.raises(Unavailable) as caught:
        exchange(simulator, app, code)
    assert caught.value.code == "platform_unavailable"
    tokens = connected(simulator, app)
    simulator.fault("facebook", call="list_pages", status=500, times=1)
    with pytest.raises(Unavailable):
        profiles(simulator, app, tokens)


def test_an_unreachable_network_says_nothing_about_the_authorization(app: App):
    nowhere = Simulator("http://127.0.0.1:9", None)  # type: ignore[arg-type]
    with pytest.raises(Unavailable):
        exchange(nowhere, app, "code")


# The proof of the app


def test_the_proof_is_an_hmac_of_the_token(app: App):
    known = App("1", "secret")
    assert proof(known, "token") == (
        "e941110e3d2bfe82621f0e3e1434730d7305d106c5f68c87165d0b27a4611a4a"
    )


def test_an_app_that_demands_a_proof_gets_it_with_every_call(simulator: Simulator, app: App):
    simulator.set("facebook", "require_appsecret_proof", True)
    (page,) = profiles(simulator, app, connected(simulator, app))
    draft = Draft("Hello", settings={"firstComment": "Coo!"})
    result = drive(simulator, page).finish(draft)
    assert isinstance(result, Published)
    assert result.notes == ()


@pytest.mark.parametrize("sent", ["", "0" * 64])
def test_a_missing_or_wrong_proof_is_refused(simulator: Simulator, app: App, sent: str):
    simulator.set("facebook", "require_appsecret_proof", True)
    (page,) = profiles(simulator, app, connected(simulator, app))
    with pytest.raises(PlatformError) as caught:
        drive(simulator, page, appsecret_proof=sent).finish(Draft("Hello"))
    assert isinstance(caught.value, Rejected)
    assert caught.value.platform_code == "100"
    assert page.extra["appsecret_proof"] not in caught.value.body
