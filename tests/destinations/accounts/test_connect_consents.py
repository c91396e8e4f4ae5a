"""Connecting by a form that leads to a consent page, whose servers read about us at our address."""

from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from cryptography.fernet import Fernet

from destinations import servers
from destinations.accounts import encryption, oauth_apps, refresh
from destinations.models import Account, Connection, Server
from destinations.runtime import clock
from tests.destinations.accounts.connect_steps import agree, link, says
from tests.platforms.bluesky.account import SERVER, new_did

pytestmark = pytest.mark.django_db
HERE = "https://dovecote.example"
METADATA, KEYS = (f"/connect/bluesky/{name}.json" for name in ("client-metadata", "jwks"))


@pytest.fixture
def did(simulator, settings) -> str:
    settings.PUBLIC_URL = HERE
    number = new_did()
    simulator.connect("bluesky", number, username=f"{number[-12:]}.bsky.social", extra=SERVER)
    return number


@pytest.fixture
def form(simulator, browser, ada, did) -> str:
    """The page of the form, once the network has read what we serve."""
    found = {HERE + path: browser.get(path).json() for path in (METADATA, KEYS)}
    simulator.set("bluesky", "documents", found)
    return form_page(browser, ada)


def form_page(browser, ada) -> str:
    path = link(ada, platform="bluesky")
    return browser.post(path).headers["location"]


def named(browser, form: str, did: str) -> str:
    """Enter an account and no password; the address of the consent page."""
    away = browser.post(form, {"handle": did, "app_password": ""})
    assert away.status_code == 302, away.content.decode()
    assert "form-action" not in away.headers["Content-Security-Policy"]
    return away.headers["location"]


def back(simulator, browser, address: str, did: str, changes=None, **answer):
    """Answer the consent page; the page after the return."""
    parts = urlsplit(simulator.consent(address, did, **answer))
    query = {**dict(parse_qsl(parts.query)), **(changes or {})}
    return browser.get(f"{parts.path}?{urlencode(query)}", follow=True)


def connected(simulator, browser, form: str, did: str) -> Account:
    page = back(simulator, browser, named(browser, form, did), did)
    says(agree(browser, page), 200, "Connected")
    return Account.objects.get()


def test_an_account_is_connected_by_consent_and_renewed(simulator, browser, form, did):
    says(browser.get(form), 200, "asks for your permission next")
    account = connected(simulator, browser, form, did)
    assert (account.platform_account_id, account.login) == (did, "bluesky")
    assert (account.scopes, account.is_refreshable) == (["atproto", "transition:generic"], True)
    before = encryption.credentials(account)
    secrets = {before.extra["dpop_key"], before.extra["client_secret"], before.refresh_token}
    assert secrets < set(before.secrets())
    for row in (account, Connection.objects.get(), Server.objects.get()):
        shown = " ".join(map(str, vars(row).values()))
        assert not [secret for secret in secrets if secret in shown]

    Account.objects.update(token_expires_at=clock.now())
    assert refresh.tick() == 1

    after = encryption.credentials(Account.objects.get())
    assert (after.token != before.token, after.extra) == (True, before.extra)
    assert after.refresh_token != before.refresh_token


def test_what_we_serve_names_our_address_and_a_key_that_stays(browser, did, settings):
    metadata, known = browser.get(METADATA), browser.get(KEYS).json()
    assert metadata["Cache-Control"] == "max-age=300"
    assert metadata.json()["client_id"] == HERE + METADATA
    assert metadata.json()["jwks_uri"] == HERE + KEYS
    assert metadata.json()["redirect_uris"] == [f"{HERE}/connect/bluesky/return"]
    [key] = known["keys"]
    assert "d" not in key

    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode(), *settings.CREDENTIAL_KEYS]
    settings.PUBLIC_URL = "https://elsewhere.example"
    assert browser.get(KEYS).json() == known


def test_a_key_that_cannot_be_read_any_more_is_made_anew(browser, did, settings):
    known = browser.get(KEYS).json()
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]
    assert browser.get(KEYS).json() != known
    assert Server.objects.count() == 1


@pytest.mark.parametrize(
    "path", ["/connect/bluesky/other.json", "/connect/x/jwks.json", "/connect/unknown/jwks.json"]
)
def test_nothing_else_is_served(browser, did, path):
    assert browser.get(path).status_code == 404
    assert Server.objects.count() == 0


def test_an_installation_on_this_computer_serves_nothing_and_needs_nothing(
    simulator, browser, ada, did, settings
):
    settings.PUBLIC_URL = "http://127.0.0.1:8000"
    assert browser.get(METADATA).status_code == 404
    account = connected(simulator, browser, form_page(browser, ada), did)
    assert encryption.credentials(account).extra["client_id"].startswith("http://localhost?")
    assert Server.objects.count() == 0


def test_an_installation_without_https_asks_for_an_app_password(browser, ada, did, settings):
    settings.PUBLIC_URL = "http://dovecote.internal"
    page = browser.post(form_page(browser, ada), {"handle": did})
    says(page, 422, "Enter an app password")


def test_an_answer_of_another_server_connects_nothing(simulator, browser, form, did):
    address = named(browser, form, did)
    page = back(simulator, browser, address, did, {"iss": "https://pds.pigeons.example"})
    says(page, 400, "refused the login")
    assert Account.objects.count() == 0


def test_another_account_than_was_entered_connects_nothing(simulator, browser, form, did):
    other = new_did()
    simulator.connect("bluesky", other, username=f"{other[-12:]}.bsky.social", extra=SERVER)
    page = back(simulator, browser, named(browser, form, did), other)
    says(page, 422, "signed in another account")
    assert Account.objects.count() == 0


def test_who_declines_may_enter_a_handle_again(simulator, browser, form, did):
    page = back(simulator, browser, named(browser, form, did), did, answer="deny")
    says(page, 200, "You declined")
    assert connected(simulator, browser, form, did)


def test_a_server_that_takes_the_key_no_more_is_the_operators_matter(simulator, browser, form, did):
    connected(simulator, browser, form, did)
    simulator.set("bluesky", "documents", {})
    Account.objects.update(token_expires_at=clock.now())
    assert refresh.tick() == 1
    assert Account.objects.get().needs_reconnection_since is None


def test_limits_of_the_keys_row_are_asked_of_no_one(browser, did):
    browser.get(KEYS)
    assert servers.read_due() == 0
    assert oauth_apps.own_key(oauth_apps.usable("bluesky"))
