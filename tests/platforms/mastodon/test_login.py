"""Connect by a server's consent page or by a token: where the account lives, and what is wrong."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from platforms.drafts import Credentials
from platforms.errors import PlatformError, Rejected, Unauthorized, Unavailable
from platforms.http.client import Client
from platforms.http.transport import Transport
from platforms.mastodon.login import MastodonLogin, TokenLogin, host_named
from platforms.oauth import App, LoginMethod, Profile, Tokens
from tests.conftest import Simulator
from tests.platforms.connecting import BACK, connecting
from tests.platforms.mastodon.account import LONG, OLD, USUAL, drive

T = TypeVar("T")
LOGIN, BY_TOKEN = MastodonLogin(), TokenLogin()
NOWHERE = "http://127.0.0.1:9"


def call(url: str, login: LoginMethod, work: Callable[[Client], Awaitable[T]]) -> T:
    async def run() -> T:
        transport = Transport(gateway=url, timeout_seconds=5)
        try:
            return await work(Client(transport, explain=login.explain))
        finally:
            await transport.close()

    return asyncio.run(run())


def signed_in(simulator: Simulator, url: str = "", **answers: str) -> Profile:
    [profile] = call(url or simulator.url, BY_TOKEN, lambda http: BY_TOKEN.sign_in(answers, http))
    return profile


def refuses(
    simulator: Simulator, token: str, instance: str = USUAL, url: str = ""
) -> PlatformError:
    with pytest.raises(PlatformError) as caught:
        signed_in(simulator, url, instance=instance, access_token=token)
    assert token not in f"{caught.value!r} {caught.value.message} {caught.value.body}"
    return caught.value


@pytest.mark.parametrize(
    ("given", "host"),
    [
        ("mastodon.social", "mastodon.social"),
        (" Mastodon.Social. ", "mastodon.social"),
        ("https://mastodon.social/", "mastodon.social"),
        ("http://mastodon.social/@alice", "mastodon.social"),
        ("@alice@mastodon.social", "mastodon.social"),
        ("alice@mastodon.social", "mastodon.social"),
        ("b\u00fccher.example", "xn--bcher-kva.example"),
    ],
)
def test_a_server_may_be_written_as_people_copy_it(given: str, host: str):
    assert host_named(given) == host


@pytest.mark.parametrize(
    "given",
    ["", "alice", "localhost", "127.0.0.1", "a b.example", "a..b", "x.example:8080", "[::1]"],
)
def test_what_is_no_server_is_asked_of_no_one(given: str):
    with pytest.raises(Rejected) as caught:
        host_named(given)
    assert (caught.value.code, caught.value.actor) == ("handle_refused", "account owner")


@pytest.mark.parametrize("host", [USUAL, LONG, OLD])
def test_a_token_becomes_a_profile(simulator: Simulator, host: str):
    known = drive(simulator, host).account
    profile = signed_in(simulator, instance=f"https://{host}/", access_token=known.token)
    assert profile.platform_account_id == known.platform_account_id
    assert (profile.name, profile.username) == (f"@{known.username}", known.username)
    assert (profile.display_name, profile.tokens.expires_at) == ("Acme", None)
    assert profile.avatar_url.startswith(f"https://{host}/")
    assert known.token not in repr(profile)


def test_a_token_that_no_one_has_says_so(simulator: Simulator):
    error = refuses(simulator, "no-such-token")
    assert (type(error), error.code) == (Unauthorized, "account_needs_reconnection")
    assert USUAL in error.message


def test_a_token_of_another_server_is_no_ones(simulator: Simulator):
    assert isinstance(refuses(simulator, drive(simulator, LONG).account.token), Unauthorized)


def test_a_host_without_the_api_says_so(simulator: Simulator):
    error = refuses(simulator, "a-token", "video.bsky.app")
    assert (error.code, "does not speak" in error.message) == ("handle_refused", True)


def test_an_unreachable_server_says_nothing_about_the_token(simulator: Simulator):
    assert isinstance(refuses(simulator, "a-token", url=NOWHERE), Unavailable)


@pytest.mark.parametrize("status", [429, 500, 502])
def test_trouble_of_the_server_says_nothing_about_the_token(simulator: Simulator, status: int):
    known = drive(simulator)
    known.fault(account=known.account.platform_account_id, status=status, times=1)
    error = refuses(simulator, known.account.token)
    assert not isinstance(error, Unauthorized | Rejected)


def test_a_token_of_its_owner_is_not_renewed(simulator: Simulator):
    account = Credentials(f"1@{USUAL}", f"a@{USUAL}", "token")
    assert not BY_TOKEN.can_refresh(account)
    with pytest.raises(Unauthorized):
        call(simulator.url, BY_TOKEN, lambda http: BY_TOKEN.refresh(App("", ""), account, http))


def test_an_app_is_registered_and_known_again(simulator: Simulator):
    server = f"https://{USUAL}"
    app = call(simulator.url, LOGIN, lambda http: LOGIN.register(server, BACK, http))
    assert (app.server, bool(app.client_id and app.client_secret)) == (server, True)
    assert app.client_secret not in repr(app)
    assert call(simulator.url, LOGIN, lambda http: LOGIN.is_registered(app, http))
    gone = App("unknown", app.client_secret, server=server)
    assert not call(simulator.url, LOGIN, lambda http: LOGIN.is_registered(gone, http))


def test_a_server_that_gives_apps_no_tokens_counts_as_having_forgotten(simulator: Simulator):
    server = f"https://{OLD}"
    app = call(simulator.url, LOGIN, lambda http: LOGIN.register(server, BACK, http))
    assert not call(simulator.url, LOGIN, lambda http: LOGIN.is_registered(app, http))


def test_a_server_that_names_no_scopes_has_granted_those_that_were_asked_for(simulator: Simulator):
    c = connecting(simulator, "mastodon", "mastodon")
    [profile] = c.profiles(Tokens(c.tokens().access))
    assert profile.tokens.scopes == LOGIN.scopes


@pytest.mark.parametrize(
    ("said", "scopes"),
    [
        ("read write follow", LOGIN.scopes),
        ("read write:statuses write:media admin", LOGIN.scopes),
        ("read", LOGIN.scopes[:2]),
        ("follow push", ("follow", "push")),
        ("", ()),
    ],
)
def test_a_general_scope_stands_for_all_that_begin_with_it(simulator: Simulator, said, scopes):
    c = connecting(simulator, "mastodon", "mastodon")
    code = c.returned()["code"]
    body = f'{{"access_token": "a", "scope": "{said}"}}'
    simulator.fault("mastodon", account=c.account, call="token", status=200, body=body, times=1)
    assert c.exchange(code).scopes == scopes


@pytest.mark.parametrize("number", ["1@elsewhere.example", "../2", "3" * 200, ""])
def test_an_id_that_is_none_is_not_believed(simulator: Simulator, number: str):
    known = drive(simulator)
    known.fault(
        call="verify_credentials",
        status=200,
        body=f'{{"id": "{number}", "username": "a"}}',
        times=1,
    )
    assert isinstance(refuses(simulator, known.account.token), Unavailable)


def test_a_server_whose_tokens_expire_gets_its_own_app_again(simulator: Simulator):
    c = connecting(simulator, "mastodon", "mastodon")
    [profile] = c.profiles(Tokens(c.tokens().access, "to-renew"))
    assert profile.extra == {"client_id": c.app.client_id, "client_secret": c.app.client_secret}
    account = Credentials(c.account, "acme", "token", "to-renew", extra=profile.extra)
    assert LOGIN.can_refresh(account)
    assert c.app.client_secret in account.secrets()
    # Mastodon itself renews none.
    with pytest.raises(PlatformError):
        c.call(lambda http: LOGIN.refresh(App("", ""), account, http))
