"""What the connect pages show, and what the owner of the account agrees to and chooses."""

import re
from datetime import timedelta

from django.conf import settings
from django.test import Client

from destinations.accounts import exchange, links, sessions
from destinations.models import Account, Connection
from destinations.runtime import clock
from tests.destinations.accounts.connect_steps import (
    agree,
    callback,
    connect,
    consent,
    leave,
    link,
    says,
)
from tests.factories import make_account

# What its owner sees and agrees to


def test_the_first_page_says_who_asks_for_what(ada, app, browser):
    ada.workspace.name = "Acme <b>"
    ada.workspace.save()

    page = browser.get(link(ada))

    text = says(page, 200, "<dd>Acme &lt;b&gt;</dd>")
    for words in ("<dd>X</dd>", f"<dd>API key {ada.key.prefix}…</dd>", "<dd>127.0.0.1</dd>"):
        assert words in text
    # Chromium would refuse to be sent on to the network by a form that may lead to us only.
    assert "form-action" not in page.headers["Content-Security-Policy"]


def test_the_button_works_from_the_page_itself_only(simulator, ada, app):
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
    simulator, ada, app, browser
):
    page = callback(simulator, browser, link(ada))

    text = says(page, 200, "@acme")
    assert f"<dd>{ada.workspace}</dd>" in text
    assert "<dd>X</dd>" in text
    assert not Account.objects.exists()
    says(browser.get(page.redirect_chain[-1][0]), 200, "@acme")
    assert not Account.objects.exists()
    says(agree(browser, page), 200, "can now post to X")
    assert Account.objects.get().name == "@acme"


def test_an_owner_who_declines_leaves_nothing_stored(simulator, ada, app, browser):
    path = link(ada)
    page = callback(simulator, browser, path)
    where = page.redirect_chain[-1][0]

    text = says(browser.post(where, {"profile": "77", "decline": "yes"}), 200, "Nothing was")

    row = Connection.objects.get()
    assert (row.found, row.verifier, row.used_at) == ("", "", None)
    assert not Account.objects.exists()
    says(browser.post(where, {"profile": "77"}), 403, "another browser")
    assert not Account.objects.exists()
    assert f'href="{path}"' in text
    says(connect(simulator, browser, path), 200, "@acme")


def test_a_login_is_not_offered_to_another_browser_that_started_meanwhile(
    simulator, ada, app, browser, monkeypatch
):
    path, other = link(ada), Client()
    returned = consent(simulator, browser, path)
    redeem = exchange.redeem

    def slowly(*args):
        found = redeem(*args)
        leave(other, path)
        return found

    monkeypatch.setattr(exchange, "redeem", slowly)

    says(browser.get(returned), 400, "out of date")
    row = Connection.objects.get()
    assert row.found == ""
    says(other.get(f"/connect/{row.pk}/choice"), 400, "out of date")


def test_tokens_of_profiles_that_were_not_chosen_are_deleted_at_expiry(
    simulator, ada, app, browser
):
    callback(simulator, browser, link(ada))
    sessions.sweep()
    assert Connection.objects.get().found != ""
    Connection.objects.update(expires_at=clock.now() - timedelta(seconds=1))

    sessions.sweep()

    row = Connection.objects.get()
    assert (row.found, row.verifier) == ("", "")


# Several profiles


def test_only_the_chosen_profiles_become_accounts(simulator, ada, browser, pages):
    pages += [("1", "One"), ("2", "Two"), ("3", "Three <b>")]
    make_account(ada.workspace, "x", platform_account_id="2")
    page = callback(simulator, browser, link(ada))
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


def test_profiles_with_any_names_are_shown_and_connected(simulator, ada, browser, pages):
    pages += [("1", "One\x00"), ("2", "Two\ud83d"), ("3", "x" * 201)]
    page = callback(simulator, browser, link(ada))
    says(page, 200, "Two\ufffd")

    page = browser.post(page.redirect_chain[-1][0], {"profile": ["1", "2", "3"]}, follow=True)

    says(page, 200, "One\ufffd")
    names = set(Account.objects.values_list("name", "username"))
    assert names == {("One\ufffd", "one\ufffd"), ("Two\ufffd", "two\ufffd"), ("x" * 200, "x" * 200)}


def test_a_choice_belongs_to_its_browser_and_its_time(simulator, ada, browser, pages):
    pages += [("1", "One"), ("2", "Two")]
    where = callback(simulator, browser, link(ada)).redirect_chain[-1][0]

    says(Client().post(where, {"profile": "1"}), 403, "another browser")
    assert Client(enforce_csrf_checks=True).post(where, {"profile": "1"}).status_code == 403
    done = where.replace("choice", "done")
    says(browser.get(done), 400, "out of date")
    Connection.objects.update(expires_at=clock.now())
    says(browser.post(where, {"profile": "1"}), 410, "expired")
    assert not Account.objects.exists()


def test_a_link_of_days_may_be_begun_again_and_connects_once(simulator, ada, app, browser):
    account = make_account(ada.workspace, "x", platform_account_id="77")
    valid = links.RECONNECT_TIME
    _, url = links.create_reconnect_link(account, by="operator:ada", valid=valid)
    path = url.removeprefix(settings.PUBLIC_URL)
    where = callback(simulator, browser, path).redirect_chain[-1][0]
    day = timedelta(days=1)
    Connection.objects.update(created_at=clock.now() - day, returned_at=clock.now() - day)

    says(browser.post(where, {"profile": "77"}), 410, "expired")
    sessions.sweep()
    assert Connection.objects.get().found == ""
    says(connect(simulator, browser, path), 200, "acme")
    says(browser.get(path), 410, "already used")
    assert Connection.objects.get().expires_at < clock.now() + timedelta(hours=1)


def test_a_login_without_profiles_says_so(simulator, ada, browser, pages):
    page = callback(simulator, browser, link(ada))
    says(page, 422, "nothing to post to")
