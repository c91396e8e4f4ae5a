"""From a link to an account, and reconnecting an account that was lost."""

from datetime import timedelta
from time import monotonic
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from destinations.accounts import encryption, oauth_apps
from destinations.models import Account, Connection, Destination
from platforms.x.oauth import XOAuth
from tests.destinations.accounts.connect_steps import agree, callback, connect, leave, link, says
from tests.factories import make_account, make_post
from tests.posts.conftest import make_caller, refused

# The link


def test_a_link_needs_the_right_to_write(ada, app):
    reader = make_caller(ada.workspace, "Reader", ("read",))
    refused(reader.post("/accounts/connect-link", {"platform": "x"}), 403, "insufficient_scope")
    assert not Connection.objects.exists()


# The way


def test_a_consent_creates_an_account_that_can_post(simulator, ada, app, browser):
    page = connect(simulator, browser, link(ada))

    says(page, 200, "@acme")
    account = Account.objects.get()
    assert account.workspace_id == ada.workspace.pk
    assert (account.platform, account.platform_account_id, account.login) == ("x", "77", "x")
    assert (account.name, account.username) == ("@acme", "acme")
    assert set(account.scopes) == set(XOAuth.scopes)
    assert account.token_expires_at > timezone.now()
    assert account.connected_at is not None
    assert (account.is_refreshable, account.can_post) == (True, True)
    sealed = encryption.unseal(account.credentials)
    assert set(sealed) == {"token", "refresh_token", "extra"}
    shown = page.content.decode() + str(page.redirect_chain) + str(browser.cookies)
    for secret in (sealed["token"], sealed["refresh_token"]):
        assert secret not in shown
    row = Connection.objects.get()
    assert (row.connected, row.found, row.verifier) == ([account.pk], "", "")


def test_a_network_that_answers_for_ever_holds_no_thread(simulator, ada, app, browser, monkeypatch):
    monkeypatch.setattr(oauth_apps, "CALL_SECONDS", 0.2)
    simulator.fault("x", call="get_me", delay_seconds=60)
    began = monotonic()

    page = callback(simulator, browser, link(ada))

    says(page, 503, "X cannot be reached")
    # Each phase of a request may take ten seconds.
    assert monotonic() - began < 10


def test_the_cookie_is_for_this_browser_and_these_pages_alone(ada, app, browser):
    leave(browser, link(ada))

    [cookie] = browser.cookies.values()
    assert cookie["httponly"]
    assert (cookie["path"], cookie["samesite"]) == ("/connect", "Lax")


def test_without_a_simulator_a_link_leads_to_the_network(ada, app, browser, settings):
    settings.SIMULATOR_URL = ""
    away = leave(browser, link(ada))
    assert away.startswith("https://x.com/i/oauth2/authorize?")
    query = parse_qs(urlsplit(away).query)
    row = Connection.objects.get()
    assert query["state"][0] not in str(row.__dict__)
    assert "verifier" not in away


def test_connecting_again_updates_the_same_account(simulator, ada, app, browser):
    connect(simulator, browser, link(ada))
    Account.objects.update(
        needs_reconnection_since=timezone.now(), held_until=timezone.now() + timedelta(hours=1)
    )
    before = Account.objects.get()

    connect(simulator, Client(), link(ada))

    after = Account.objects.get()
    assert after.pk == before.pk
    assert after.credentials != before.credentials
    assert (after.needs_reconnection_since, after.held_until) == (None, None)
    assert after.connected_at > before.connected_at


def test_two_workspaces_may_connect_the_same_profile(simulator, ada, cy, app):
    connect(simulator, Client(), link(ada))
    connect(simulator, Client(), link(cy))

    assert Account.objects.count() == 2


def test_the_page_of_a_reconnection_names_the_account(ada, lost, browser):
    says(browser.get(relink(ada, lost)), 200, "Reconnect @acme on X?")


# Reconnecting


@pytest.fixture
def lost(ada, app) -> Account:
    """An account that can no longer post, with two missed posts and one that failed otherwise."""
    account = make_account(
        ada.workspace, "x", platform_account_id="77", name="@acme", username="acme"
    )
    codes = ("account_needs_reconnection", "permission_missing", "content_rejected")
    for code in codes:
        make_post(
            ada.workspace,
            [account],
            content=code,
            status=Destination.Status.FAILED,
            error_code=code,
            due_at=None,
        )
    account.needs_reconnection_since = timezone.now()
    account.save()
    return account


def relink(caller, account):
    made = caller.post(f"/accounts/{account.pk}/reconnect")
    assert made.status_code == 200, made.content
    return urlsplit(made.json()["data"]["url"]).path


def test_reconnecting_repairs_the_account_and_offers_what_it_missed(simulator, ada, browser, lost):
    page = connect(simulator, browser, relink(ada, lost))

    says(page, 200, "<strong>2</strong> posts failed while it was disconnected")
    lost.refresh_from_db()
    assert lost.can_post
    where = page.redirect_chain[-1][0]
    says(browser.post(where), 200, "<strong>2</strong> posts are being sent again now")
    assert Destination.objects.filter(status="queued").count() == 2
    assert "failed while" not in browser.get(where).content.decode()


def test_reconnecting_as_another_user_changes_nothing(simulator, ada, browser, lost):
    sealed = lost.credentials
    page = callback(simulator, browser, relink(ada, lost), "78")

    says(page, 409, "@other")
    lost.refresh_from_db()
    assert (lost.credentials, lost.can_post) == (sealed, False)
    assert Account.objects.count() == 1


def test_reconnecting_one_of_several_profiles_offers_that_one(simulator, ada, browser, lost, pages):
    pages += [("1", "One"), ("77", "Acme")]
    choice = callback(simulator, browser, relink(ada, lost))
    assert "One" not in says(choice, 200, "Acme")
    says(agree(browser, choice), 200, "Reconnected")
    assert Account.objects.get().name == "Acme"


def test_a_stranger_can_neither_reconnect_nor_retry(ada, cy, lost):
    for action in ("reconnect", "retry-missed"):
        refused(cy.post(f"/accounts/{lost.pk}/{action}"), 404, "not_found")
    refused(cy.get(f"/accounts/{lost.pk}/health"), 404, "not_found")


def test_one_call_retries_missed_posts_once_the_account_can_post(ada, lost):
    path = f"/accounts/{lost.pk}/retry-missed"
    refused(ada.post(path), 400, "validation_error")
    assert Destination.objects.filter(status="queued").count() == 0
    Account.objects.update(needs_reconnection_since=None)

    data = ada.post(path).json()["data"]

    assert data["retried_count"] == 2
    assert {each["new_status"] for each in data["destinations"]} == {"queued"}
    assert set(data["destinations"][0]) == {"id", "platform", "new_status"}
    assert ada.post(path).json()["data"] == {"retried_count": 0, "destinations": []}
