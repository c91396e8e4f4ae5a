"""The steps of a login at a server that its owner names first: its consent page comes next."""

import asyncio
from urllib.parse import parse_qs, urlsplit

import pytest

from destinations import servers
from destinations.accounts import encryption, oauth_apps
from destinations.models import Account, Connection, Server
from destinations.runtime import clock
from platforms.registry import ADAPTERS
from tests.destinations.accounts.connect_steps import agree, link, says
from tests.platforms.mastodon.account import LONG, OLD, USUAL, new_id

pytestmark = pytest.mark.django_db


@pytest.fixture
def dove(simulator) -> str:
    return made(simulator, USUAL)


def made(simulator, host: str) -> str:
    number = new_id(host)
    simulator.connect("mastodon", number, username=f"dove@{host}")
    return number


def form_page(browser, ada) -> str:
    """The page of the form, once the link's button was pressed."""
    path = link(ada, platform="mastodon")
    says(browser.get(path), 200, "You enter how to log in next.")
    form = browser.post(path).headers["location"]
    says(browser.get(form), 200, "asks for your permission next")
    return form


def named(browser, form: str, host: str = USUAL) -> str:
    """Name the server; the address of its consent page."""
    away = browser.post(form, {"instance": host})
    assert away.status_code == 302, away.content.decode()
    assert "form-action" not in away.headers["Content-Security-Policy"]
    return away.headers["location"]


def back(simulator, browser, address: str, number: str, **answer):
    """Answer the consent page; the page after the return."""
    parts = urlsplit(simulator.consent(address, number, **answer))
    return browser.get(f"{parts.path}?{parts.query}", follow=True)


def test_an_account_is_connected_at_the_server_that_its_owner_names(simulator, browser, ada, dove):
    address = named(browser, form_page(browser, ada), f"https://{USUAL}/@dove")
    asked = parse_qs(urlsplit(address).query)
    assert asked["scope"] == ["read:accounts read:statuses write:statuses write:media"]
    assert asked["code_challenge_method"] == ["S256"]

    says(agree(browser, back(simulator, browser, address, dove)), 200, "Connected")

    account = Account.objects.get()
    assert (account.platform, account.platform_account_id) == ("mastodon", dove)
    assert (account.name, account.login) == (f"@dove@{USUAL}", "mastodon")
    assert (account.is_refreshable, account.token_expires_at) == (False, None)
    assert account.scopes == asked["scope"][0].split()


def test_the_app_at_a_server_is_kept_encrypted_and_used_again(simulator, browser, ada, dove):
    first = named(browser, form_page(browser, ada))
    assert Server.objects.count() == 0, "nothing is kept of a server without accounts"
    agree(browser, back(simulator, browser, first, dove))
    row = Server.objects.get()
    kept = encryption.unseal(row.app)
    assert (row.host, kept["client_id"] in first) == (USUAL, True)
    assert kept["client_id"] not in row.app
    assert kept["client_secret"] not in row.app

    assert kept["client_id"] in named(browser, form_page(browser, ada))


def test_an_app_that_its_server_has_forgotten_is_registered_again(simulator, browser, ada, dove):
    first = named(browser, form_page(browser, ada))
    agree(browser, back(simulator, browser, first, dove))
    row = Server.objects.get()
    kept = encryption.unseal(row.app)
    row.app = encryption.seal({**kept, "client_secret": "forgotten"})
    row.save()

    second = named(browser, form_page(browser, ada))
    assert kept["client_id"] not in second
    says(agree(browser, back(simulator, browser, second, dove)), 200, "Connected")
    assert encryption.unseal(Server.objects.get().app)["client_id"] in second


def test_an_app_of_another_public_url_is_not_used(simulator, browser, ada, dove, settings):
    agree(browser, back(simulator, browser, named(browser, form_page(browser, ada)), dove))
    login = oauth_apps.usable("mastodon")
    assert oauth_apps.registered(login, f"https://{USUAL}")
    settings.PUBLIC_URL = "https://elsewhere.example"
    assert oauth_apps.registered(login, f"https://{USUAL}") is None


def test_a_server_of_an_old_release_is_connected_too(simulator, browser, ada):
    number = made(simulator, OLD)
    address = named(browser, form_page(browser, ada), OLD)
    says(agree(browser, back(simulator, browser, address, number)), 200, "Connected")


@pytest.mark.parametrize(
    ("host", "words"),
    [
        ("", "is missing"),
        ("no server", "such as mastodon.social"),
        ("localhost", "such as mastodon.social"),
        ("127.0.0.1", "such as mastodon.social"),
        ("video.bsky.app", "does not speak the API of Mastodon"),
    ],
)
def test_what_is_no_server_is_asked_for_again(simulator, browser, ada, host, words):
    form = form_page(browser, ada)
    says(browser.post(form, {"instance": host}), 422, words)
    assert named(browser, form)


def test_another_server_may_be_named_and_only_the_newest_counts(simulator, browser, ada, dove):
    form = form_page(browser, ada)
    first = named(browser, form)
    second = named(browser, form, LONG)
    says(back(simulator, browser, first, dove), 400, "out of date")
    number = made(simulator, LONG)
    says(agree(browser, back(simulator, browser, second, number)), 200, "Connected")


def test_who_declines_may_name_a_server_again(simulator, browser, ada, dove):
    form = form_page(browser, ada)
    says(back(simulator, browser, named(browser, form), dove, answer="deny"), 200, "You declined")
    says(agree(browser, back(simulator, browser, named(browser, form), dove)), 200, "Connected")


def test_another_browser_cannot_name_a_server(simulator, browser, ada, client, dove):
    form = form_page(browser, ada)
    says(client.post(form, {"instance": USUAL}), 403, "another browser")
    says(back(simulator, client, named(browser, form), dove), 403, "another browser")


def test_a_missing_permission_is_named(simulator, browser, ada, dove):
    address = named(browser, form_page(browser, ada))
    parts = urlsplit(simulator.consent(address, dove, "read:accounts", "read:statuses"))
    page = browser.get(f"{parts.path}?{parts.query}", follow=True)
    says(page, 422, "write:statuses, write:media")


def test_a_secret_of_an_app_is_in_no_row_and_no_page(simulator, browser, ada, dove):
    address = named(browser, form_page(browser, ada))
    sealed = Connection.objects.get().verifier
    secret = encryption.unseal(sealed)["app"]["client_secret"]
    page = back(simulator, browser, address, dove)
    assert secret not in page.content.decode() + sealed + address
    agree(browser, page)
    assert Connection.objects.get().verifier == ""


def test_what_a_server_takes_is_read_and_kept_for_a_day(simulator, browser, ada):
    for host in (LONG, OLD):
        address = named(browser, form_page(browser, ada), host)
        agree(browser, back(simulator, browser, address, made(simulator, host)))
    before = clock.now()

    assert servers.read_due() == 2
    assert servers.read_due() == 0

    found = {row.host: row for row in Server.objects.all()}
    assert found[LONG].limits["text_chars"] == 5000
    assert (found[OLD].limits["text_chars"], found[OLD].limits["has_quotes"]) == (500, False)
    assert all(row.read_due_at >= before + servers.KEPT for row in found.values())


def test_a_server_that_does_not_answer_is_asked_later_and_keeps_what_is_known(ada, settings):
    Account.objects.create(
        workspace=ada.workspace,
        platform="mastodon",
        platform_account_id=f"1@{LONG}",
        name="A",
        credentials="",
    )
    row = Server.objects.create(
        platform="mastodon", host=LONG, limits={"text_chars": 9}, read_due_at=clock.now()
    )
    settings.SIMULATOR_URL = "http://127.0.0.1:9"

    assert servers.read_due() == 1

    row.refresh_from_db()
    assert row.limits == {"text_chars": 9}
    assert row.read_due_at > clock.now() + servers.AGAIN / 2


def test_a_server_that_never_ends_its_answer_keeps_no_other_from_being_read(ada, monkeypatch):
    for host in (LONG, OLD):
        Account.objects.create(
            workspace=ada.workspace,
            platform="mastodon",
            platform_account_id=f"1@{host}",
            name="A",
            credentials="",
        )
        Server.objects.create(platform="mastodon", host=host, read_due_at=clock.now())

    async def read(host: str, http: object) -> dict[str, int]:
        if host == LONG:
            await asyncio.sleep(60)
        return {"text_chars": 9}

    monkeypatch.setattr(servers, "SECONDS", 0.1)
    monkeypatch.setattr(ADAPTERS["mastodon"], "read_server", read)

    assert servers.read_due() == 2

    found = {row.host: row.limits for row in Server.objects.all()}
    assert found == {LONG: {}, OLD: {"text_chars": 9}}


def test_a_server_without_accounts_is_forgotten():
    Server.objects.create(platform="mastodon", host=LONG, read_due_at=clock.now())
    assert servers.read_due() == 0
    assert Server.objects.count() == 0


def test_limits_are_those_of_each_accounts_server():
    Server.objects.create(
        platform="mastodon", host=LONG, limits={"text_chars": 5000}, read_due_at=clock.now()
    )
    asked = [("mastodon", f"1@{LONG}"), ("mastodon", f"2@{USUAL}"), ("x", "3")]
    assert servers.limits_of(asked) == {("mastodon", f"1@{LONG}"): {"text_chars": 5000}}
