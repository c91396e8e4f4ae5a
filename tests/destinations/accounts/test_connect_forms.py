"""Connecting by a form: what a network needs is entered here, behind the same first page."""

import re
from urllib.parse import urlsplit

import pytest

from destinations.accounts import connect_flow, encryption, links, refresh
from destinations.models import Account, Connection
from destinations.runtime import clock
from tests.destinations.accounts.connect_steps import agree, link, says
from tests.platforms.bluesky.account import PASSWORD, SERVER, new_did


@pytest.fixture
def did(simulator) -> str:
    return new_did()


@pytest.fixture
def handle(simulator, did) -> str:
    name = f"{did[-12:]}.bsky.social"
    facts = {**SERVER, "password": PASSWORD}
    simulator.connect("bluesky", did, username=name, extra=facts)
    return name


def form_page(browser, ada):
    """Press the button of the link's page; the path of the form."""
    path = link(ada, platform="bluesky")
    says(browser.get(path), 200, "You enter how to log in next")
    away = browser.post(path)
    assert away.status_code == 302
    return away.headers["location"]


def send(browser, page, handle, password=PASSWORD):
    return browser.post(page, {"handle": handle, "app_password": password}, follow=True)


def test_an_account_is_connected_without_any_app_of_the_operator(
    browser, ada, handle, did, settings
):
    settings.PLATFORM_APPS = {}
    page = form_page(browser, ada)
    text = says(browser.get(page), 200, "App password")
    assert re.search(r'name="app_password" type="password"', text)
    assert Account.objects.count() == 0

    choice = send(browser, page, handle)
    says(choice, 200, f"@{handle}")
    assert Account.objects.count() == 0
    says(agree(browser, choice), 200, "Connected")

    account = Account.objects.get()
    assert (account.platform, account.platform_account_id) == ("bluesky", did)
    assert (account.is_refreshable, account.login) == (True, "bluesky")
    kept = encryption.credentials(account)
    assert kept.extra == {"pds": SERVER["pds"], "password": PASSWORD}
    assert PASSWORD in kept.secrets()
    for row in (account, Connection.objects.get()):
        assert not [value for value in vars(row).values() if PASSWORD in str(value)]


def test_a_wrong_password_is_asked_for_again_and_never_shown(browser, ada, handle):
    page = form_page(browser, ada)
    wrong = "abcd-abcd-abcd-abcd"
    text = says(send(browser, page, handle, wrong), 422, "does not accept this app password")
    assert handle in text
    assert wrong not in text
    says(send(browser, page, handle), 200, "Nothing is saved yet")


@pytest.mark.parametrize("handle", ["", "not a handle", "a" * 400])
def test_what_the_form_cannot_take_is_said_before_anyone_is_asked(browser, ada, handle, settings):
    settings.SIMULATOR_URL = "http://127.0.0.1:9"
    page = form_page(browser, ada)
    says(send(browser, page, handle), 422, 'role="alert"')


def test_a_network_that_is_away_changes_nothing(browser, ada, handle, settings):
    page = form_page(browser, ada)
    settings.SIMULATOR_URL = "http://127.0.0.1:9"
    says(send(browser, page, handle), 422, "could not be reached")
    assert Connection.objects.get().found == ""


def test_another_browser_cannot_fill_in_the_form(browser, ada, client, handle):
    page = form_page(browser, ada)
    says(client.get(page), 403, "another browser")
    says(send(client, page, handle), 403, "another browser")


def test_a_form_that_was_begun_again_elsewhere_is_out_of_date(browser, ada, client, handle):
    page = form_page(browser, ada)
    connection = Connection.objects.get()
    Connection.objects.update(state_hash="another")
    with pytest.raises(connect_flow.ConnectError) as caught:
        connect_flow.submit(connection, {"handle": handle, "app_password": PASSWORD})
    assert caught.value.why == "unknown_state"
    assert page.endswith("/form")


def test_a_login_with_a_consent_page_has_no_form(browser, ada, app):
    path = link(ada)
    browser.post(path)
    number = Connection.objects.get().pk
    says(browser.get(f"/connect/{number}/form"), 400, "out of date")


def test_a_repair_by_another_account_changes_nothing(simulator, browser, ada, handle, did):
    says(agree(browser, send(browser, form_page(browser, ada), handle)), 200, "Connected")
    account = Account.objects.get()
    Account.objects.update(needs_reconnection_since=clock.now())
    _, url = links.create_reconnect_link(account, by="key:test")
    other = new_did()
    name = f"{other[-12:]}.bsky.social"
    simulator.connect("bluesky", other, username=name, extra={**SERVER, "password": PASSWORD})

    page = browser.post(urlsplit(url).path)
    form = page.headers["location"]
    says(send(browser, form, name), 409, "That is another account")
    says(agree(browser, send(browser, form, handle)), 200, "Connected")
    again = Account.objects.get()
    assert (again.pk, again.needs_reconnection_since) == (account.pk, None)


def test_its_tokens_are_refreshed_like_others(simulator, browser, ada, handle, settings):
    settings.PLATFORM_APPS = {}
    agree(browser, send(browser, form_page(browser, ada), handle))
    account = Account.objects.get()
    before = encryption.credentials(account)
    Account.objects.update(token_expires_at=clock.now())

    assert refresh.tick() == 1

    account.refresh_from_db()
    after = encryption.credentials(account)
    assert after.token != before.token
    assert after.extra == before.extra
    assert account.needs_reconnection_since is None
