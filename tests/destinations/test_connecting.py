"""From a link to an account, as a browser and the network see it."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from destinations import clock, connections, consents, vault
from destinations.models import Account, Connection, Destination
from platforms.oauth import App, Profile
from platforms.registry import ADAPTERS
from platforms.x.oauth import XOAuth
from tests.factories import make_account, make_post
from tests.posts.conftest import _files, ada, bo, cy, make_caller, refused  # noqa: F401


@pytest.fixture
def app(simulator, settings) -> App:
    app = App(*simulator.app("x", f"{settings.PUBLIC_URL}/connect/x/return"))
    settings.PLATFORM_APPS = {"x": app}
    simulator.connect("x", "77", username="acme")
    simulator.connect("x", "78", username="other")
    return app


def link(caller, **body):
    made = caller.post("/accounts/connect-link", {"platform": "x", **body}).json()["data"]
    return urlsplit(made["url"]).path


def leave(browser, path):
    """Press the button of the link's page; the address of the network's consent page."""
    away = browser.post(path)
    assert away.status_code == 302, away.content
    return away.headers["location"]


def consent(simulator, browser, path, account="77", *scopes, **answer):
    """Follow the link to the network and answer there; the path to which the network returns."""
    parts = urlsplit(simulator.consent(leave(browser, path), account, *scopes, **answer))
    return f"{parts.path}?{parts.query}"


def come_back(simulator, browser, path, account="77", **answer):
    """The page on which the network's answer ends: the choice, if all went well."""
    return browser.get(consent(simulator, browser, path, account, **answer), follow=True)


def agree(browser, page):
    """Connect everything that the choice offers."""
    text = says(page, 200, "Nothing is saved yet")
    offered = re.findall(r'name="profile" value="([^"]+)"', text)
    return browser.post(page.redirect_chain[-1][0], {"profile": offered}, follow=True)


def connect(simulator, browser, path, account="77"):
    return agree(browser, come_back(simulator, browser, path, account))


def says(page, status, words):
    text = page.content.decode()
    assert page.status_code == status, text
    assert words in text
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "same-origin"
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["X-Frame-Options"] == "DENY"
    assert not re.search(r'(?:src|href)="(?!/|data:)', text), "something is loaded from elsewhere"
    return text


@pytest.fixture
def browser() -> Client:
    return Client()


# The link


def test_a_link_needs_the_right_to_write(ada, app):  # noqa: F811
    reader = make_caller(ada.workspace, "Reader", ("read",))
    refused(reader.post("/accounts/connect-link", {"platform": "x"}), 403, "insufficient_scope")
    assert not Connection.objects.exists()


# The way


def test_a_consent_becomes_an_account_that_can_post(simulator, ada, app, browser):  # noqa: F811
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
    sealed = vault.unseal(account.credentials)
    assert set(sealed) == {"token", "refresh_token", "extra"}
    shown = page.content.decode() + str(page.redirect_chain) + str(browser.cookies)
    for secret in (sealed["token"], sealed["refresh_token"]):
        assert secret not in shown
    row = Connection.objects.get()
    assert (row.connected, row.found, row.verifier) == ([account.pk], "", "")


def test_the_cookie_is_for_this_browser_and_these_pages_alone(ada, app, browser):  # noqa: F811
    leave(browser, link(ada))

    [cookie] = browser.cookies.values()
    assert cookie["httponly"]
    assert (cookie["path"], cookie["samesite"]) == ("/connect", "Lax")


def test_a_link_leads_to_the_network_itself_without_a_simulator(
    ada,  # noqa: F811
    app,
    browser,
    settings,
):
    settings.SIMULATOR_URL = ""
    away = leave(browser, link(ada))
    assert away.startswith("https://x.com/i/oauth2/authorize?")
    query = parse_qs(urlsplit(away).query)
    row = Connection.objects.get()
    assert query["state"][0] not in str(row.__dict__)
    assert "verifier" not in away


def test_connecting_again_repairs_the_same_account(simulator, ada, app, browser):  # noqa: F811
    connect(simulator, browser, link(ada))
    Account.objects.update(
        needs_reconnection_since=timezone.now(),
        held_until=timezone.now() + timedelta(hours=1),
    )
    before = Account.objects.get()

    connect(simulator, Client(), link(ada))

    after = Account.objects.get()
    assert after.pk == before.pk
    assert after.credentials != before.credentials
    assert (after.needs_reconnection_since, after.held_until) == (None, None)
    assert after.connected_at > before.connected_at


def test_two_workspaces_may_connect_the_same_profile(simulator, ada, cy, app):  # noqa: F811
    connect(simulator, Client(), link(ada))
    connect(simulator, Client(), link(cy))

    assert Account.objects.count() == 2


# What its owner sees and agrees to


def test_the_first_page_says_who_asks_for_what(ada, app, browser):  # noqa: F811
    ada.workspace.name = "Acme <b>"
    ada.workspace.save()

    page = browser.get(link(ada))

    text = says(page, 200, "<dd>Acme &lt;b&gt;</dd>")
    for words in ("<dd>X</dd>", f"<dd>API key {ada.key.prefix}…</dd>", "<dd>127.0.0.1</dd>"):
        assert words in text
    # Chromium would refuse to be sent on to the network by a form that may lead to us only.
    assert "form-action" not in page.headers["Content-Security-Policy"]


def test_the_page_of_a_reconnection_names_the_account(ada, lost, browser):  # noqa: F811
    says(browser.get(relink(ada, lost)), 200, "Reconnect @acme on X?")


def test_the_button_works_from_the_page_itself_only(simulator, ada, app):  # noqa: F811
    path = link(ada)
    browser = Client(enforce_csrf_checks=True)
    before = Connection.objects.values().get()
    stranger = Client(enforce_csrf_checks=True)
    stranger.get(path)
    stolen = stranger.cookies["csrftoken"].value

    assert browser.post(path).status_code == 403
    assert browser.post(path, {"csrfmiddlewaretoken": stolen}).status_code == 403
    assert Connection.objects.values().get() == before

    text = browser.get(path).content.decode()
    [token] = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', text)
    foreign = {"Origin": "https://evil.example"}
    assert browser.post(path, {"csrfmiddlewaretoken": token}, headers=foreign).status_code == 403
    assert browser.post(path, {"csrfmiddlewaretoken": token}).status_code == 302


def test_even_a_single_profile_is_connected_only_once_its_owner_agrees(
    simulator,
    ada,  # noqa: F811
    app,
    browser,
):
    page = come_back(simulator, browser, link(ada))

    text = says(page, 200, "@acme")
    assert f"<dd>{ada.workspace}</dd>" in text
    assert "<dd>X</dd>" in text
    assert not Account.objects.exists()
    says(browser.get(page.redirect_chain[-1][0]), 200, "@acme")
    assert not Account.objects.exists()
    says(agree(browser, page), 200, "can post to X from now on")
    assert Account.objects.get().name == "@acme"


def test_an_owner_who_does_not_agree_leaves_nothing_behind(
    simulator,
    ada,  # noqa: F811
    app,
    browser,
):
    path = link(ada)
    page = come_back(simulator, browser, path)
    where = page.redirect_chain[-1][0]

    text = says(browser.post(where, {"profile": "77", "decline": "yes"}), 200, "Nothing was")

    row = Connection.objects.get()
    assert (row.found, row.verifier, row.used_at) == ("", "", None)
    assert not Account.objects.exists()
    says(browser.post(where, {"profile": "77"}), 403, "another browser")
    assert not Account.objects.exists()
    assert f'href="{path}"' in text
    says(connect(simulator, browser, path), 200, "@acme")


def test_an_answer_that_comes_while_another_browser_begins_is_not_offered_to_that_one(
    simulator,
    ada,  # noqa: F811
    app,
    browser,
    monkeypatch,
):
    path, other = link(ada), Client()
    returned = consent(simulator, browser, path)
    redeem = consents.redeem

    def slowly(*args):
        found = redeem(*args)
        leave(other, path)
        return found

    monkeypatch.setattr(consents, "redeem", slowly)

    says(browser.get(returned), 400, "no request of ours")
    row = Connection.objects.get()
    assert row.found == ""
    says(other.get(f"/connect/{row.pk}/choice"), 400, "no request of ours")


def test_tokens_that_nobody_chose_are_forgotten_when_their_time_is_over(
    simulator,
    ada,  # noqa: F811
    app,
    browser,
):
    come_back(simulator, browser, link(ada))
    connections.sweep()
    assert Connection.objects.get().found != ""
    Connection.objects.update(expires_at=clock.now() - timedelta(seconds=1))

    connections.sweep()

    row = Connection.objects.get()
    assert (row.found, row.verifier) == ("", "")


# The ways it ends


def test_a_no_at_the_network_is_taken_for_a_no(simulator, ada, app, browser):  # noqa: F811
    path = link(ada)
    page = come_back(simulator, browser, path, answer="deny")

    text = says(page, 200, "You said no")
    assert f'href="{path}"' in text
    assert not Account.objects.exists()
    says(connect(simulator, browser, path), 200, "@acme")


def test_another_error_of_the_network_is_shown_escaped(simulator, ada, app, browser):  # noqa: F811
    path = consent(simulator, browser, link(ada), answer="deny")
    page = browser.get(path.replace("access_denied", "%3Cb%3Eserver_error"))

    says(page, 400, "&lt;b&gt;server_error")


def test_a_scope_that_is_missing_is_named_and_nothing_is_saved(
    simulator,
    ada,  # noqa: F811
    app,
    browser,
):
    path = link(ada)
    some = [scope for scope in XOAuth.scopes if scope != "tweet.write"]
    page = browser.get(consent(simulator, browser, path, "77", *some), follow=True)

    says(page, 422, "tweet.write")
    assert not Account.objects.exists()


def test_an_answer_counts_once(simulator, ada, app, browser):  # noqa: F811
    path = consent(simulator, browser, link(ada))
    agree(browser, browser.get(path, follow=True))
    sealed = Account.objects.get().credentials

    page = browser.get(path)

    says(page, 409, "received before")
    assert Account.objects.get().credentials == sealed


def test_an_answer_in_another_browser_is_refused(simulator, ada, app, browser):  # noqa: F811
    path = consent(simulator, browser, link(ada))

    says(Client().get(path), 403, "another browser")
    stranger = Client()
    leave(stranger, link(ada))
    says(stranger.get(path), 403, "another browser")
    assert not Account.objects.exists()
    says(browser.get(path, follow=True), 200, "@acme")


def test_only_the_newest_beginning_counts(simulator, ada, app, browser):  # noqa: F811
    path = link(ada)
    older = consent(simulator, browser, path)
    newer = consent(simulator, browser, path)

    says(browser.get(older), 400, "no request of ours")
    says(browser.get(newer, follow=True), 200, "@acme")


@pytest.mark.parametrize("state", ["", "state=unknown"])
def test_an_answer_nobody_asked_for_is_refused(db, app, browser, state):
    says(browser.get(f"/connect/x/return?code=1&{state}"), 400, "no request of ours")


def test_an_answer_to_another_app_is_refused(simulator, ada, app, browser):  # noqa: F811
    path = consent(simulator, browser, link(ada))
    says(browser.get(path.replace("/x/", "/threads/")), 400, "no request of ours")


def test_an_expired_link_and_an_expired_answer_are_refused(
    simulator,
    ada,  # noqa: F811
    app,
    browser,
):
    path = link(ada)
    returned = consent(simulator, browser, path)
    Connection.objects.update(expires_at=clock.now())

    says(browser.get(path), 410, "expired")
    says(browser.get(returned), 410, "expired")
    assert not Account.objects.exists()


def test_a_link_that_was_never_made_leads_nowhere(db, browser):
    says(browser.get("/connect/never"), 404, "leads nowhere")


def test_a_used_link_is_used(simulator, ada, app, browser):  # noqa: F811
    path = link(ada)
    connect(simulator, browser, path)
    says(browser.get(path), 410, "done its work")


def test_opening_a_link_changes_nothing_however_often(ada, app, browser):  # noqa: F811
    path = link(ada)
    before = Connection.objects.values().get()

    for _ in range(3):
        says(browser.get(path), 200, "Continue to X")
        assert browser.head(path).status_code == 200

    assert Connection.objects.values().get() == before
    assert not [name for name in browser.cookies if "connect" in name]


def test_a_link_cannot_be_kept_alive_for_ever(ada, app, browser):  # noqa: F811
    path = link(ada)
    Connection.objects.update(created_at=timezone.now() - timedelta(minutes=59))
    leave(browser, path)
    row = Connection.objects.get()
    assert row.expires_at - timezone.now() < timedelta(minutes=2)


def test_a_code_that_is_refused_is_no_fault_of_the_installation(
    simulator,
    ada,  # noqa: F811
    app,
    browser,
):
    path = consent(simulator, browser, link(ada))
    simulator.advance(31)
    says(browser.get(path), 400, "taken its answer back")


def test_an_app_that_is_refused_is_the_operators_business(
    simulator,
    ada,  # noqa: F811
    app,
    browser,
    settings,
):
    settings.PLATFORM_APPS = {"x": App(app.client_id, "wrong")}
    page = come_back(simulator, browser, link(ada))
    says(page, 409, "does not know this installation")


def test_a_network_that_is_away_can_be_tried_again(
    simulator,
    ada,  # noqa: F811
    app,
    browser,
    settings,
):
    path = consent(simulator, browser, link(ada))
    settings.SIMULATOR_URL = "http://127.0.0.1:9"
    text = says(browser.get(path), 503, "cannot be reached")
    assert "Begin again" in text


def test_an_app_that_was_taken_away_is_told(ada, app, browser, settings):  # noqa: F811
    path = link(ada)
    settings.PLATFORM_APPS = {}
    says(browser.get(path), 409, "not set up here")


def test_connections_that_ended_are_forgotten_after_a_day(ada, app):  # noqa: F811
    link(ada)
    assert connections.sweep() == 0
    Connection.objects.update(expires_at=timezone.now() - timedelta(hours=23))
    assert connections.sweep() == 0
    Connection.objects.update(expires_at=timezone.now() - timedelta(hours=25))
    assert connections.sweep() == 1


# Several profiles


@pytest.fixture
def pages(app, monkeypatch):
    """X as a network where one login speaks for several pages."""
    found = []

    class Several(XOAuth):
        async def profiles(self, app, tokens, http):
            return [
                Profile(number, name, name.lower(), tokens, kind="page") for number, name in found
            ]

    monkeypatch.setattr(type(ADAPTERS["x"]), "logins", {"x": Several()})
    return found


def test_several_profiles_are_chosen_from_and_the_others_are_no_accounts(
    simulator,
    ada,  # noqa: F811
    browser,
    pages,
):
    pages += [("1", "One"), ("2", "Two"), ("3", "Three <b>")]
    make_account(ada.workspace, "x", platform_account_id="2")
    page = come_back(simulator, browser, link(ada))
    text = says(page, 200, "What should be connected?")
    assert "Three &lt;b&gt;" in text
    assert text.count("connected before") == 1
    assert Account.objects.count() == 1
    where = page.redirect_chain[-1][0]

    says(browser.post(where, {}), 400, "Choose at least one")
    says(browser.post(where, {"profile": ["9"]}), 400, "Choose at least one")
    page = browser.post(where, {"profile": ["1", "2"]}, follow=True)

    says(page, 200, "One")
    assert set(Account.objects.values_list("platform_account_id", flat=True)) == {"1", "2"}
    assert Connection.objects.get().found == ""
    again = browser.post(where, {"profile": ["3"]}, follow=True)
    says(again, 200, "One")
    assert Account.objects.count() == 2


def test_profiles_are_shown_and_connected_whatever_their_names_are(
    simulator,
    ada,  # noqa: F811
    browser,
    pages,
):
    pages += [("1", "One\x00"), ("2", "Two\ud83d"), ("3", "x" * 201)]
    page = come_back(simulator, browser, link(ada))
    says(page, 200, "Two\ufffd")

    page = browser.post(page.redirect_chain[-1][0], {"profile": ["1", "2", "3"]}, follow=True)

    says(page, 200, "One\ufffd")
    names = set(Account.objects.values_list("name", "username"))
    assert names == {("One\ufffd", "one\ufffd"), ("Two\ufffd", "two\ufffd"), ("x" * 200, "x" * 200)}


def test_a_choice_belongs_to_its_browser_and_its_time(
    simulator,
    ada,  # noqa: F811
    browser,
    pages,
):
    pages += [("1", "One"), ("2", "Two")]
    where = come_back(simulator, browser, link(ada)).redirect_chain[-1][0]

    says(Client().post(where, {"profile": "1"}), 403, "another browser")
    assert Client(enforce_csrf_checks=True).post(where, {"profile": "1"}).status_code == 403
    done = where.replace("choice", "done")
    says(browser.get(done), 400, "no request of ours")
    Connection.objects.update(expires_at=clock.now())
    says(browser.post(where, {"profile": "1"}), 410, "expired")
    assert not Account.objects.exists()


def test_nobody_to_post_as_is_told(simulator, ada, browser, pages):  # noqa: F811
    page = come_back(simulator, browser, link(ada))
    says(page, 422, "nothing to post to")


# Reconnecting


@pytest.fixture
def lost(ada, app) -> Account:  # noqa: F811
    """An account that can no longer post, and three posts: two missed it, one failed otherwise."""
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


def test_reconnecting_repairs_the_account_and_offers_what_it_missed(
    simulator,
    ada,  # noqa: F811
    browser,
    lost,
):
    page = connect(simulator, browser, relink(ada, lost))

    says(page, 200, "<strong>2</strong> posts failed while it was disconnected")
    lost.refresh_from_db()
    assert lost.can_post
    where = page.redirect_chain[-1][0]
    says(browser.post(where), 200, "<strong>2</strong> posts are being sent again now")
    assert Destination.objects.filter(status="queued").count() == 2
    assert "failed while" not in browser.get(where).content.decode()


def test_reconnecting_as_somebody_else_changes_nothing(
    simulator,
    ada,  # noqa: F811
    browser,
    lost,
):
    sealed = lost.credentials
    page = come_back(simulator, browser, relink(ada, lost), "78")

    says(page, 409, "@other")
    lost.refresh_from_db()
    assert (lost.credentials, lost.can_post) == (sealed, False)
    assert Account.objects.count() == 1


def test_reconnecting_one_of_several_profiles_offers_that_one(
    simulator,
    ada,  # noqa: F811
    browser,
    lost,
    pages,
):
    pages += [("1", "One"), ("77", "Acme")]
    choice = come_back(simulator, browser, relink(ada, lost))
    assert "One" not in says(choice, 200, "Acme")
    says(agree(browser, choice), 200, "Reconnected")
    assert Account.objects.get().name == "Acme"


def test_a_stranger_can_neither_reconnect_nor_retry(ada, cy, lost):  # noqa: F811
    for action in ("reconnect", "retry-missed"):
        refused(cy.post(f"/accounts/{lost.pk}/{action}"), 404, "not_found")
    refused(cy.get(f"/accounts/{lost.pk}/health"), 404, "not_found")


def test_what_was_missed_is_retried_by_one_call_once_the_account_can_post(
    ada,  # noqa: F811
    lost,
):
    path = f"/accounts/{lost.pk}/retry-missed"
    refused(ada.post(path), 400, "validation_error")
    assert Destination.objects.filter(status="queued").count() == 0
    Account.objects.update(needs_reconnection_since=None)

    data = ada.post(path).json()["data"]

    assert data["retried_count"] == 2
    assert {each["new_status"] for each in data["destinations"]} == {"queued"}
    assert set(data["destinations"][0]) == {"id", "platform", "new_status"}
    assert ada.post(path).json()["data"] == {"retried_count": 0, "destinations": []}
