"""The ways a connection ends without an account, and the page for each."""

from contextlib import ExitStack
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from destinations.accounts import connect_flow, encryption, sessions
from destinations.models import Account, Connection
from destinations.runtime import clock
from platforms.oauth import App
from platforms.x.oauth import XOAuth
from tests.destinations.accounts.connect_steps import (
    agree,
    callback,
    connect,
    consent,
    leave,
    link,
    says,
)


def test_declining_at_the_network_connects_nothing(simulator, ada, app, browser):
    path = link(ada)
    page = callback(simulator, browser, path, answer="deny")

    text = says(page, 200, "You declined")
    assert f'href="{path}"' in text
    assert not Account.objects.exists()
    says(connect(simulator, browser, path), 200, "@acme")


def test_another_error_of_the_network_is_shown_escaped(simulator, ada, app, browser):
    path = consent(simulator, browser, link(ada), answer="deny")
    page = browser.get(path.replace("access_denied", "%3Cb%3Eserver_error"))

    says(page, 400, "&lt;b&gt;server_error")


def test_a_scope_that_is_missing_is_named_and_nothing_is_saved(simulator, ada, app, browser):
    path = link(ada)
    some = [scope for scope in XOAuth.scopes if scope != "tweet.write"]
    page = browser.get(consent(simulator, browser, path, "77", *some), follow=True)

    says(page, 422, "tweet.write")
    assert not Account.objects.exists()


def test_a_callback_counts_once(simulator, ada, app, browser):
    path = consent(simulator, browser, link(ada))
    agree(browser, browser.get(path, follow=True))
    sealed = Account.objects.get().credentials

    page = browser.get(path)

    says(page, 409, "already received")
    assert Account.objects.get().credentials == sealed


def test_a_callback_that_comes_while_many_wait_can_be_loaded_again(simulator, ada, app, browser):
    path = consent(simulator, browser, link(ada))

    with ExitStack() as held:
        for _ in range(2):
            held.enter_context(connect_flow._room.enter(ada.workspace.pk))
        says(browser.get(path), 503, "Load this page again")

    says(browser.get(path, follow=True), 200, "@acme")


def test_a_callback_in_another_browser_is_refused(simulator, ada, app, browser):
    path = consent(simulator, browser, link(ada))

    says(Client().get(path), 403, "another browser")
    stranger = Client()
    leave(stranger, link(ada))
    says(stranger.get(path), 403, "another browser")
    assert not Account.objects.exists()
    says(browser.get(path, follow=True), 200, "@acme")


def test_only_the_newest_start_counts(simulator, ada, app, browser):
    path = link(ada)
    older = consent(simulator, browser, path)
    newer = consent(simulator, browser, path)

    says(browser.get(older), 400, "out of date")
    says(browser.get(newer, follow=True), 200, "@acme")


@pytest.mark.parametrize("state", ["", "state=unknown"])
def test_an_unsolicited_callback_is_refused(db, app, browser, state):
    says(browser.get(f"/connect/x/return?code=1&{state}"), 400, "out of date")


def test_a_callback_for_another_app_is_refused(simulator, ada, app, browser):
    path = consent(simulator, browser, link(ada))
    says(browser.get(path.replace("/x/", "/threads/")), 400, "out of date")


def test_an_expired_link_and_an_expired_callback_are_refused(simulator, ada, app, browser):
    path = link(ada)
    returned = consent(simulator, browser, path)
    Connection.objects.update(expires_at=clock.now())

    says(browser.get(path), 410, "expired")
    says(browser.get(returned), 410, "expired")
    assert not Account.objects.exists()


def test_an_unknown_link_is_not_found(db, browser):
    says(browser.get("/connect/never"), 404, "does not exist")


def test_a_used_link_does_not_work_again(simulator, ada, app, browser):
    path = link(ada)
    connect(simulator, browser, path)
    says(browser.get(path), 410, "already used")


def test_a_link_that_is_used_while_it_is_started_again_stays_used(ada, app, browser, monkeypatch):
    path = link(ada)
    seal = encryption.seal

    def used_meanwhile(data):
        Connection.objects.update(used_at=clock.now(), connected=[1])
        return seal(data)

    monkeypatch.setattr(encryption, "seal", used_meanwhile)

    says(browser.post(path), 410, "already used")

    row = Connection.objects.get()
    assert (row.connected, row.state_hash, row.verifier) == ([1], "", "")
    assert row.used_at is not None


def test_opening_a_link_many_times_changes_nothing(ada, app, browser):
    path = link(ada)
    before = Connection.objects.values().get()

    for _ in range(3):
        says(browser.get(path), 200, "Continue to X")
        assert browser.head(path).status_code == 200

    assert Connection.objects.values().get() == before
    assert not [name for name in browser.cookies if "connect" in name]


def test_a_link_cannot_be_kept_alive_forever(ada, app, browser):
    path = link(ada)
    Connection.objects.update(created_at=timezone.now() - timedelta(minutes=59))
    leave(browser, path)
    row = Connection.objects.get()
    assert row.expires_at - timezone.now() < timedelta(minutes=2)


def test_a_refused_code_does_not_blame_the_installation(simulator, ada, app, browser):
    path = consent(simulator, browser, link(ada))
    simulator.advance(31)
    says(browser.get(path), 400, "no longer accepts this login")


def test_a_refused_app_is_for_the_operator_to_fix(simulator, ada, app, browser, settings):
    settings.PLATFORM_APPS = {"x": App(app.client_id, "wrong")}
    page = callback(simulator, browser, link(ada))
    says(page, 409, "does not accept this installation")


def test_an_unreachable_network_can_be_tried_again(simulator, ada, app, browser, settings):
    path = consent(simulator, browser, link(ada))
    settings.SIMULATOR_URL = "http://127.0.0.1:9"
    text = says(browser.get(path), 503, "cannot be reached")
    assert "Start again" in text


def test_a_removed_app_is_reported(ada, app, browser, settings):
    path = link(ada)
    settings.PLATFORM_APPS = {}
    says(browser.get(path), 409, "not set up here")


def test_ended_connections_are_deleted_after_a_day(ada, app):
    link(ada)
    assert sessions.sweep() == 0
    Connection.objects.update(expires_at=timezone.now() - timedelta(hours=23))
    assert sessions.sweep() == 0
    Connection.objects.update(expires_at=timezone.now() - timedelta(hours=25))
    assert sessions.sweep() == 1
