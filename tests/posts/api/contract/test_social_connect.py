"""Connecting an account from a terminal: a link to open, and how far its owner has come."""

from datetime import timedelta

import pytest
from django.test import Client

from destinations.accounts import sessions
from destinations.models import Account, Connection
from destinations.runtime import clock
from platforms.oauth import App
from platforms.registry import ADAPTERS, APPS, BY_FORM
from posts.keys import keys
from tests.destinations.accounts.connect_steps import connect, consent, says
from tests.factories import make_account
from tests.platforms.bluesky.account import PASSWORD, SERVER, new_did
from tests.posts.api.cases import cases
from tests.posts.conftest import Caller, data_of, refused

NAMES = ", ".join(ADAPTERS)
ELSEWHERE = ("myspace", "MySpace")


def start(caller, **body):
    return data_of(caller.post("/auth/social-connect/start", {"platform": "x", **body}))


def state(caller, session):
    return data_of(caller.get(f"/auth/social-connect/poll/{session['session_id']}"))


def path_of(session, settings) -> str:
    return session["authorize_url"].removeprefix(settings.PUBLIC_URL)


def test_start_is_a_session_and_a_link(ada, app, settings):
    answer = ada.post("/auth/social-connect/start", {"platform": "twitter"})

    found = answer.json()["data"]
    assert set(found) == {"session_id", "authorize_url", "interval"}
    assert isinstance(found["session_id"], str)
    assert found["interval"] == 3
    assert path_of(found, settings).startswith("/connect/")
    assert answer.headers["Cache-Control"] == "no-store"
    assert Connection.objects.get().by == f"key:{ada.key.prefix}"
    assert state(ada, found) == {"status": "pending"}


def test_a_session_is_completed_once_the_owner_has_agreed(simulator, ada, app, browser, settings):
    session = start(ada)

    says(connect(simulator, browser, path_of(session, settings)), 200, "@acme")

    account = Account.objects.get()
    shown = {"id": account.pk, "platform": "x", "account_name": "@acme"}
    assert state(ada, session) == {"status": "completed", "account": shown, "accounts": [shown]}


def test_the_session_of_an_account_that_was_removed_since_is_completed_without_it(
    simulator, ada, app, browser, settings
):
    session = start(ada)
    connect(simulator, browser, path_of(session, settings))

    Account.objects.all().delete()

    assert state(ada, session) == {"status": "completed"}


def test_reconnecting_ends_at_the_same_account(simulator, ada, app, browser, settings):
    connect(simulator, browser, path_of(start(ada), settings))
    account = Account.objects.get()
    Account.objects.update(needs_reconnection_since=clock.now())

    session = start(ada, mode="reconnect", account_id=account.pk)
    says(connect(simulator, Client(), path_of(session, settings)), 200, "@acme")

    again = Account.objects.get()
    assert (again.pk, again.needs_reconnection_since) == (account.pk, None)
    assert state(ada, session)["account"]["id"] == account.pk


def test_reconnecting_as_another_person_changes_nothing(simulator, ada, app, browser, settings):
    connect(simulator, browser, path_of(start(ada), settings))
    account = Account.objects.get()
    session = start(ada, mode="reconnect", account_id=account.pk)
    other = Client()

    page = other.get(consent(simulator, other, path_of(session, settings), "78"))

    says(page, 409, "That is another account")
    assert Account.objects.get() == account
    assert state(ada, session) == {"status": "pending"}


def test_a_session_is_cancelled_when_the_owner_refuses_at_the_network(
    simulator, ada, app, browser, settings
):
    session = start(ada)
    path = path_of(session, settings)

    says(browser.get(consent(simulator, browser, path, answer="deny")), 200, "You declined")

    assert state(ada, session) == {"status": "cancelled"}
    assert Account.objects.count() == 0
    # The owner may think again; so may the program.
    connect(simulator, browser, path)
    assert state(ada, session)["status"] == "completed"


def test_a_session_is_cancelled_when_the_owner_refuses_what_was_found(
    simulator, ada, app, browser, settings
):
    session = start(ada)
    page = browser.get(
        consent(simulator, browser, path_of(session, settings)), follow=True
    ).redirect_chain[-1][0]

    browser.post(page, {"decline": "yes"})

    assert state(ada, session) == {"status": "cancelled"}


def test_a_session_expires_with_its_link(ada, app):
    session = start(ada)

    Connection.objects.update(expires_at=clock.now() - timedelta(seconds=1))

    assert state(ada, session) == {"status": "expired"}
    sessions.sweep()
    assert state(ada, session) == {"status": "expired"}


def test_a_session_is_of_its_workspace(ada, bo, cy, app):
    session = start(ada)

    assert state(bo, session) == {"status": "pending"}
    path = "/auth/social-connect/poll/"
    refused(cy.get(path + session["session_id"]), 404, "not_found")
    for odd in ("0", "9" * 19, "987654321"):
        refused(ada.get(path + odd), 404, "not_found")
    for odd in ("9" * 20, "-1", "1.5", "a", "%F0%9F%98%80", "%00"):
        refused(ada.get(path + odd), 404, "not_found")


def test_a_key_for_some_accounts_repairs_those_and_connects_no_others(ada, app):
    mine, other = make_account(ada.workspace, "x"), make_account(ada.workspace, "x")
    dee = Caller(ada.workspace, *keys.create(ada.workspace, "D", ["write"], accounts=[mine]))
    hers = start(ada)

    body = {"platform": "x", "mode": "reconnect"}
    path = "/auth/social-connect/start"
    refused(dee.post(path, {"platform": "x"}), 403, "insufficient_scope")
    refused(dee.post(path, {**body, "account_id": other.pk}), 404, "not_found")
    refused(dee.get(f"/auth/social-connect/poll/{hers['session_id']}"), 404, "not_found")
    assert state(dee, start(dee, **body, account_id=mine.pk)) == {"status": "pending"}


@cases(
    ("body", "code"),
    [
        ({}, "validation_error"),
        ({"platform": 5}, "validation_error"),
        ({"platform": ""}, "validation_error"),
        ({"platform": None}, "validation_error"),
        ({"platform": "x" * 51}, "validation_error"),
        ({"platform": "x", "mode": "repair"}, "validation_error"),
        ({"platform": "x", "mode": "reconnect"}, "validation_error"),
        ({"platform": "x", "account_id": 1}, "validation_error"),
        ({"platform": "x", "mode": "reconnect", "account_id": "1.5"}, "validation_error"),
        ({"platform": "x", "login": "x"}, "invalid_field_name"),
        ([1], "validation_error"),
        *(({"platform": name}, "unsupported_platform") for name in ELSEWHERE),
    ],
)
def test_what_cannot_be_begun_is_refused(ada, app, body, code):
    error = refused(ada.post("/auth/social-connect/start", body), 400, code)

    assert Connection.objects.count() == 0
    if code == "unsupported_platform":
        assert NAMES in error["message"]


def test_an_account_is_reconnected_where_it_is(ada, cy, app):
    account, his = make_account(ada.workspace, "linkedin"), make_account(cy.workspace, "x")
    body = {"platform": "x", "mode": "reconnect"}

    for number in (his.pk, 987654321, 10**18 - 1):
        answer = ada.post("/auth/social-connect/start", {**body, "account_id": number})
        refused(answer, 404, "not_found")
    answer = ada.post("/auth/social-connect/start", {**body, "account_id": account.pk})
    assert "This account is on linkedin" in refused(answer, 400, "validation_error")["message"]
    assert Connection.objects.count() == 0


def test_credentials_of_a_network_that_is_not_here_are_refused_and_repeated_nowhere(ada, caplog):
    body = {"platform": "myspace", "bot_token": "hush-hush"}

    error = refused(ada.post("/accounts/connect-credential", body), 400, "unsupported_platform")

    assert error["message"].startswith("myspace")
    assert NAMES in error["message"]
    assert error["details"] == {"supported": list(ADAPTERS)}
    assert "hush-hush" not in str(error) + caplog.text
    assert Account.objects.count() == 0


@pytest.mark.parametrize("platform", [*sorted(ADAPTERS.keys() - BY_FORM.keys()), "twitter"])
def test_our_networks_are_connected_by_a_link(ada, settings, platform):
    settings.PLATFORM_APPS = {name: App("id", "secret") for name in APPS}

    answer = ada.post("/accounts/connect-credential", {"platform": platform, "password": "a"})

    error = refused(answer, 400, "unsupported_platform")
    assert "/accounts/connect-link" in error["message"]


@cases("body", [{}, {"platform": 5}, {"platform": None}, [1], "a", None])
def test_credentials_without_a_network_are_refused(ada, body):
    refused(ada.post("/accounts/connect-credential", body), 400, "validation_error")


@pytest.fixture
def bluesky(simulator) -> dict[str, str]:
    """Return what a program sends of an account at the simulated network."""
    did = new_did()
    handle = f"{did[-12:]}.bsky.social"
    simulator.connect("bluesky", did, username=handle, extra={**SERVER, "password": PASSWORD})
    return {"platform": "bluesky", "handle": handle, "app_password": PASSWORD}


@pytest.mark.parametrize("path", ["/auth/social-connect/bluesky", "/accounts/connect-credential"])
def test_an_account_is_connected_by_its_credentials(ada, bluesky, path, caplog):
    answer = ada.post(path, bluesky)

    account = Account.objects.get()
    name = f"@{bluesky['handle']}"
    shown = {"id": account.pk, "platform": "bluesky", "account_name": name}
    assert data_of(answer) == {"account": shown}
    assert answer.headers["Cache-Control"] == "no-store"
    assert PASSWORD not in answer.content.decode() + caplog.text + account.credentials


def test_sending_the_credentials_again_repairs_the_account(ada, bluesky):
    ada.post("/accounts/connect-credential", bluesky)
    Account.objects.update(needs_reconnection_since=clock.now())

    again = data_of(ada.post("/accounts/connect-credential", bluesky))["account"]

    account = Account.objects.get()
    assert (again["id"], account.needs_reconnection_since) == (account.pk, None)


@pytest.mark.parametrize("path", ["/auth/social-connect/bluesky", "/accounts/connect-credential"])
def test_a_field_that_the_credentials_do_not_have_is_refused(ada, bluesky, path, caplog):
    for name, hint in (("app_pasword", "'app_password'"), ("name", ""), ("token", "")):
        answer = ada.post(path, {**bluesky, name: "never-to-be-repeated"})
        error = refused(answer, 400, "invalid_field_name")
        assert (error["details"]["field"], hint in error["message"]) == (name, True)
        assert "never-to-be-repeated" not in answer.content.decode() + caplog.text
    assert not Account.objects.exists()


def test_the_endpoint_of_a_network_takes_the_credentials_of_no_other(ada, bluesky):
    other = {**bluesky, "platform": "mastodon"}
    refused(ada.post("/auth/social-connect/bluesky", other), 400, "validation_error")
    assert not Account.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"app_password": "abcd-abcd-abcd-abcd"}, "does not accept this app password"),
        ({"handle": "no-such.bsky.social"}, "no account"),
        ({"handle": ""}, "Handle is missing"),
        ({"handle": 5}, "must be a text"),
        ({"app_password": 5}, "must be a text"),
        ({"app_password": None}, "Enter an app password"),
    ],
)
def test_credentials_that_the_network_refuses_store_nothing(ada, bluesky, wrong, words):
    error = refused(
        ada.post("/accounts/connect-credential", {**bluesky, **wrong}), 400, "validation_error"
    )

    assert words in error["message"]
    assert not {"abcd-abcd-abcd-abcd", PASSWORD} & {*str(error).split()}
    assert Account.objects.count() == 0


def test_a_network_that_is_away_may_be_asked_again(ada, bluesky, settings):
    settings.SIMULATOR_URL = "http://127.0.0.1:9"

    refused(ada.post("/accounts/connect-credential", bluesky), 503, "service_unavailable")


def test_a_key_for_some_accounts_connects_no_others_by_credentials(ada, bluesky):
    mine = make_account(ada.workspace, "x")
    dee = Caller(ada.workspace, *keys.create(ada.workspace, "D", ["write"], accounts=[mine]))

    refused(dee.post("/accounts/connect-credential", bluesky), 403, "insufficient_scope")
