"""Connect by an application password: where a site's API is, and what is wrong with an answer."""

import asyncio
import json

import pytest

from deploy.simulator.wordpress.demo import HOST
from deploy.simulator.wordpress.site import PLAIN
from platforms.drafts import Credentials
from platforms.errors import PlatformError, Rejected, Unauthorized, Unavailable
from platforms.http.client import Client
from platforms.http.transport import Transport
from platforms.oauth import App, Profile
from platforms.wordpress.login import ApplicationPasswordLogin, place_named
from tests.conftest import Simulator
from tests.platforms.wordpress.account import PLAIN_ROOT, drive

LOGIN = ApplicationPasswordLogin()
NOWHERE = "http://127.0.0.1:9"
ROOT = f"https://{HOST}/wp-json/"


def signed_in(
    simulator: Simulator, password: str, site: str = HOST, name: str = "dora", url: str = ""
) -> Profile:
    answers = {"site_url": site, "username": name, "app_password": password}

    async def run() -> Profile:
        transport = Transport(gateway=url or simulator.url, timeout_seconds=5)
        try:
            http = Client(transport, explain=LOGIN.explain)
            [profile] = await LOGIN.sign_in(answers, http)
        finally:
            await transport.close()
        return profile

    return asyncio.run(run())


def refuses(simulator: Simulator, password: str, **more: str) -> PlatformError:
    with pytest.raises(PlatformError) as caught:
        signed_in(simulator, password, **more)
    error = caught.value
    assert password not in f"{error!r} {error.message} {error.body} {error.platform_code}"
    return error


@pytest.fixture
def front(simulator: Simulator):
    """Sets what the front page of all sites does."""

    def does(name: str, value: object) -> None:
        simulator.set("wordpress", name, value)

    yield does
    simulator.set("wordpress", "front", "")
    simulator.set("wordpress", "app_passwords", True)


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ("blog.example.com", "blog.example.com"),
        (" https://Blog.Example.com/ ", "blog.example.com"),
        ("http://example.com/blog/", "example.com/blog"),
        ("https://example.com/blog/wp-admin/profile.php?x=1#me", "example.com/blog"),
        ("https://example.com/wp-login.php", "example.com"),
        ("example.com/wp-json/wp/v2", "example.com"),
        ("b\u00fccher.example", "xn--bcher-kva.example"),
    ],
)
def test_a_site_may_be_written_as_people_copy_it(given: str, place: str):
    assert place_named(given) == place


@pytest.mark.parametrize(
    "given",
    [
        *("", "blog", "localhost", "127.0.0.1", "a b.example", "a..b", "[::1]", "https://"),
        *("x.example:8080", "user:word@x.example", "x.example/a/b/c/d/e", "x.example/<a>"),
        *("ftp://x.example", "x.example/../y", f"x.example/{'a' * 61}"),
        "\u00fc" * 70 + ".example",
    ],
)
def test_what_is_no_site_is_asked_of_no_one(given: str):
    with pytest.raises(Rejected) as caught:
        place_named(given)
    assert (caught.value.code, caught.value.actor) == ("handle_refused", "account owner")


def test_a_password_becomes_a_profile(simulator: Simulator):
    known = drive(simulator).account
    profile = signed_in(simulator, f" {known.token[:4]} {known.token[4:]}", f"https://{HOST}/")
    assert profile.platform_account_id == known.platform_account_id
    assert (profile.name, profile.username, profile.display_name) == ("Pigeons", "dora", "Acme")
    assert (profile.tokens.access, profile.tokens.expires_at) == (known.token, None)
    assert profile.extra == {"rest": ROOT}
    assert profile.avatar_url.startswith("https://")
    assert known.token not in repr(profile)


def test_a_site_without_pretty_links_says_where_its_api_is(simulator: Simulator):
    known = drive(simulator, PLAIN).account
    profile = signed_in(simulator, known.token, PLAIN)
    assert profile.platform_account_id == known.platform_account_id
    assert profile.extra == {"rest": PLAIN_ROOT}


def test_an_api_that_the_front_page_does_not_name_is_where_it_usually_is(simulator, front):
    known = drive(simulator).account
    front("front", "bare")
    assert signed_in(simulator, known.token).extra == {"rest": ROOT}


@pytest.mark.parametrize(("name", "word"), [("dora", "no-such"), ("no-one", "no-such")])
def test_a_wrong_password_says_so(simulator: Simulator, name: str, word: str):
    error = refuses(simulator, f"{word}-password", name=name)
    assert (type(error), error.code) == (Unauthorized, "account_needs_reconnection")
    assert "user name and application password" in error.message


def test_a_password_of_another_site_is_no_ones(simulator: Simulator):
    assert isinstance(refuses(simulator, drive(simulator, PLAIN).account.token), Unauthorized)


def test_a_redirect_says_which_address_to_enter_and_sends_nothing_on(simulator, front):
    front("front", "redirect")
    error = refuses(simulator, drive(simulator).account.token)
    assert (error.code, error.actor) == ("address_refused", "account owner")
    assert f"www.{HOST}" in error.message


@pytest.mark.parametrize(
    "root",
    [
        "https://elsewhere.example/wp-json/",
        f"http://{HOST}/wp-json/",
        f"https://{HOST}.elsewhere.example/",
        f"https://{HOST}@elsewhere.example/",
        "//elsewhere.example/wp-json/",
        "https://[x/wp-json/",
    ],
)
def test_an_api_on_another_host_gets_no_password(simulator: Simulator, monkeypatch, root: str):
    asked = []
    send = Transport.send

    async def answer(self, method, url, **options):
        asked.append((url, options.get("headers") or {}))
        found = await send(self, method, url, **options)
        link = {"link": f'<{root}>; rel="https://api.w.org/"'}
        return found._replace(headers=link) if url == f"https://{HOST}/" else found

    monkeypatch.setattr(Transport, "send", answer)
    error = refuses(simulator, drive(simulator).account.token)
    assert error.code == "address_refused"
    assert [url for url, _ in asked] == [f"https://{HOST}/"]
    assert all("Authorization" not in headers for _, headers in asked)


@pytest.mark.parametrize(
    ("home", "place"),
    [
        (f"https://{HOST}", HOST),
        (f"https://{HOST}/loft/", f"{HOST}/loft"),
        ("https://elsewhere.example", HOST),
        (f"https://{HOST}/{'a' * 200}", HOST),
        ("https://[x", HOST),
        (5, HOST),
    ],
)
def test_a_site_is_known_by_its_own_address_on_this_host(simulator, home: object, place: str):
    known = drive(simulator).account
    number = known.platform_account_id.partition("@")[0]
    ways = {"application-passwords": {}}
    told = {"name": "A &amp; B", "home": home, "namespaces": ["wp/v2"], "authentication": ways}
    simulator.fault("wordpress", call="index", status=200, body=json.dumps(told), times=1)
    profile = signed_in(simulator, known.token)
    assert (profile.platform_account_id, profile.name) == (f"{number}@{place}", "A & B")


@pytest.mark.parametrize("host", ["video.bsky.app", "mastodon.social"])
def test_a_host_without_wordpress_says_so(simulator: Simulator, host: str):
    error = refuses(simulator, "a-long-password", site=host)
    assert (error.code, "does not answer" in error.message) == ("handle_refused", True)


def test_switched_off_passwords_say_so(simulator: Simulator, front):
    known = drive(simulator).account
    front("app_passwords", False)
    error = refuses(simulator, known.token)
    assert (error.code, error.actor) == ("account_restricted", "account owner")


@pytest.mark.parametrize("role", ["contributor", "subscriber"])
def test_a_user_who_may_not_publish_is_not_connected(simulator: Simulator, role: str):
    known = drive(simulator)
    known.set("role", role)
    error = refuses(simulator, known.account.token)
    assert (type(error), error.code) == (Rejected, "permission_missing")
    assert "role of an author" in error.message


def test_a_front_page_that_lets_no_program_in_leaves_the_api(simulator: Simulator):
    known = drive(simulator).account
    simulator.fault("wordpress", call="front", status=403, body="<html>", times=1)
    assert signed_in(simulator, known.token).extra == {"rest": ROOT}


@pytest.mark.parametrize(
    ("call", "status"), [("front", 503), ("index", 403), ("index", 503), ("get_me", 403)]
)
def test_a_page_of_a_firewall_says_nothing_about_the_password(simulator, call: str, status: int):
    known = drive(simulator)
    known.fault(call=call, status=status, body="<html>Are you a robot?</html>", times=2)
    error = refuses(simulator, known.account.token)
    assert not isinstance(error, Unauthorized)
    assert error.code in ("account_restricted", "platform_unavailable", "handle_refused")
    simulator.http.delete("/control/faults")


def test_an_unreachable_site_says_nothing_about_the_password(simulator: Simulator):
    assert isinstance(refuses(simulator, "a-long-password", url=NOWHERE), Unavailable)


@pytest.mark.parametrize("number", ["1@elsewhere.example", "../2", "3" * 21, "-1", ""])
def test_an_id_that_is_none_is_not_believed(simulator: Simulator, number: str):
    known = drive(simulator)
    body = json.dumps({"id": number, "username": "dora"})
    known.fault(call="get_me", status=200, body=body, times=1)
    assert isinstance(refuses(simulator, known.account.token), Unavailable)


@pytest.mark.parametrize("capabilities", [None, [], {}, {"edit_posts": True}, "all"])
def test_rights_that_are_not_told_are_none(simulator: Simulator, capabilities: object):
    known = drive(simulator)
    body = json.dumps({"id": 7, "username": "dora", "capabilities": capabilities})
    known.fault(call="get_me", status=200, body=body, times=1)
    assert refuses(simulator, known.account.token).code == "permission_missing"


def test_a_password_is_not_renewed(simulator: Simulator):
    account = Credentials(f"1@{HOST}", "dora", "a-password")
    assert not LOGIN.can_refresh(account)

    async def run() -> None:
        transport = Transport(gateway=simulator.url)
        try:
            await LOGIN.refresh(App("", ""), account, Client(transport, explain=LOGIN.explain))
        finally:
            await transport.close()

    with pytest.raises(Unauthorized):
        asyncio.run(run())
