"""The page behind a share link: it shows, and only its form changes anything."""

import io
import logging
import re
from datetime import timedelta

import pytest
from django.test import Client

from destinations.runtime import clock
from posts.features.approval.models import Approval, ApprovalEvent, ShareLink
from posts.features.approval.share import page
from tests.posts.conftest import data_of
from tests.posts.factories import FUTURE
from tests.posts.features.approval.conftest import Mode, due, require, state, write
from tests.posts.features.approval.test_api import path


@pytest.fixture
def browser(monkeypatch) -> Client:
    monkeypatch.setattr(page, "OPENS", ())
    monkeypatch.setattr(page, "SENDS", ())
    return Client(raise_request_exception=False, enforce_csrf_checks=True)


@pytest.fixture
def post(ada, account, required):
    return write(ada, account, content="Our loft <b>opens</b>", scheduled_at=FUTURE)


def share(caller, post, **fields) -> str:
    """The path of a new link."""
    body = {"can_decide": True, **fields}
    url = data_of(caller.post(path(post, "share-links"), body), 201)["url"]
    return "/share/" + url.rsplit("/", 1)[1]


def note(browser, link) -> str:
    found = re.search(r'name="note" value="([^"]+)"', browser.get(link).content.decode())
    assert found
    return found[1]


def send(browser, link, action, *, name="Ann", comment="", seen=None):
    form = {"note": seen or note(browser, link), "action": action, "name": name}
    return browser.post(link, {**form, "comment": comment})


def test_it_shows_the_post_and_opening_it_changes_nothing(browser, boss, post):
    link = share(boss, post)
    before = list(ApprovalEvent.objects.values()), Approval.objects.values().get()

    for method in (browser.get, browser.head, browser.get):
        answer = method(link)
        assert answer.status_code == 200

    page = answer.content.decode()
    assert "Our loft &lt;b&gt;opens" in page
    assert "Approve" in page
    assert (list(ApprovalEvent.objects.values()), Approval.objects.values().get()) == before
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert not answer.cookies


def test_its_time_is_told_in_the_zone_that_it_was_written_for(
    browser, boss, ada, account, required
):
    at, zone = "2030-01-07T10:00:00", "Europe/Berlin"
    berlin = write(ada, account, content="Monday", scheduled_at=at, timezone=zone)

    page = browser.get(share(boss, berlin)).content.decode()
    assert "(Mon 7 Jan 2030, 10:00 in Europe/Berlin)" in page
    assert 'datetime="2030-01-07T09:00:00+00:00"' in page


def test_a_client_approves_without_a_login_or_a_cookie(browser, boss, post):
    link = share(boss, post)

    answer = send(browser, link, "approve", comment="Lovely")

    assert (answer.status_code, answer.headers["Location"]) == (303, link)
    assert state(post) == ("scheduled", "approved")
    assert due(post) is not None
    said = ApprovalEvent.objects.latest("id")
    assert (said.name, said.text, said.visibility) == ("Ann", "Lovely", "client")
    assert said.by == f"link:{ShareLink.objects.get().pk}"
    page = browser.get(link).content.decode()
    assert 'value="approve"' not in page
    assert "Lovely" in page


def test_asking_for_changes_and_rejecting_need_words(browser, boss, post):
    link = share(boss, post)
    assert send(browser, link, "changes").status_code == 400
    assert send(browser, link, "approve", name=" ").status_code == 400
    assert state(post)[1] == "pending"

    assert send(browser, link, "changes", comment="Shorter").status_code == 303
    assert state(post)[1] == "changes_requested"
    assert send(browser, link, "reject", comment="No").status_code == 303
    assert state(post)[1] == "rejected"


def test_what_was_edited_since_it_was_opened_is_shown_again(browser, ada, boss, post):
    link = share(boss, post)
    seen = note(browser, link)
    data_of(ada.patch(f"/posts/{post.public_id}", {"content": "Another text"}))

    answer = send(browser, link, "approve", seen=seen)

    assert answer.status_code == 409
    assert "Another text" in answer.content.decode()
    assert state(post)[1] == "pending"
    assert send(browser, link, "approve").status_code == 303


@pytest.mark.parametrize("decision", ["reject", "request-changes", "approve"])
def test_a_page_that_was_opened_before_another_decision_decides_nothing(
    browser, boss, post, decision
):
    link = share(boss, post)
    seen = note(browser, link)
    data_of(boss.post(path(post, decision), {"comment": "secret words"}))
    decided = state(post)

    other = "reject" if decision == "approve" else "approve"
    answer = send(browser, link, other, comment="Mine", seen=seen)

    page = answer.content.decode()
    assert (answer.status_code, state(post)) == (409, decided)
    assert "Since you looked it was decided" in page
    assert "secret words" not in page
    assert send(browser, link, "reject", comment="No").status_code == 303


def test_what_is_decided_already_is_not_decided_twice(browser, boss, post):
    link = share(boss, post)
    seen = note(browser, link)
    send(browser, link, "approve")

    assert send(browser, link, "approve", seen=seen).status_code == 409
    assert ApprovalEvent.objects.filter(action="approved").count() == 1


def test_ended_links_say_so(browser, boss, post):
    link = share(boss, post)
    seen = note(browser, link)
    ShareLink.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    assert "expired" in browser.get(link).content.decode()
    assert send(browser, link, "approve", seen=seen).status_code == 410

    ShareLink.objects.update(revoked_at=clock.now())
    assert "revoked" in browser.get(link).content.decode()
    assert browser.get("/share/nothing").status_code == 404
    assert state(post)[1] == "pending"


def test_a_form_that_was_not_shown_for_this_link_decides_nothing(browser, boss, post):
    link, other = share(boss, post), share(boss, post)

    for seen in (note(browser, other), "forged", ""):
        answer = browser.post(link, {"note": seen, "action": "approve", "name": "Ann"})
        assert answer.status_code == 400
    assert state(post)[1] == "pending"


def test_a_link_that_may_not_decide_only_comments(browser, boss, post):
    link = share(boss, post, can_decide=False)
    assert 'value="approve"' not in browser.get(link).content.decode()

    assert send(browser, link, "approve").status_code == 409
    assert send(browser, link, "comment", comment="Nice").status_code == 303
    assert state(post)[1] == "pending"
    assert ApprovalEvent.objects.latest("id").text == "Nice"


def test_internal_words_and_names_are_not_shown(browser, ada, boss, post):
    data_of(ada.post(path(post, "comments"), {"text": "secret words"}), 201)
    data_of(ada.post(path(post, "comments"), {"text": "open words", "visibility": "client"}), 201)
    data_of(boss.post(path(post, "request-changes"), {"comment": "private words"}))

    page = browser.get(share(boss, post)).content.decode()

    assert "open words" in page
    for hidden in ("secret words", "private words", "pe_live_"):
        assert hidden not in page


def test_the_client_comes_second_where_there_are_two_stages(browser, ada, boss, account):
    require(ada, Mode.REQUIRED_INTERNAL_AND_CLIENT)
    post = write(ada, account, scheduled_at=FUTURE)
    link = share(boss, post)
    assert send(browser, link, "approve").status_code == 409

    data_of(boss.post(path(post, "approve"), {}))
    assert send(browser, link, "approve").status_code == 303
    assert state(post)[1] == "approved"


def test_a_link_of_who_edits_the_post_afterwards_cannot_approve_it(browser, boss, post):
    link = share(boss, post)
    data_of(boss.patch(f"/posts/{post.public_id}", {"content": "Mine"}))

    assert send(browser, link, "approve").status_code == 409
    assert state(post)[1] == "pending"


def test_the_difference_since_the_last_approval_is_readable(browser, ada, boss, post):
    data_of(boss.post(path(post, "approve"), {}))
    data_of(ada.patch(f"/posts/{post.public_id}", {"content": "Now new"}))

    page = browser.get(share(boss, post)).content.decode()

    assert "<del" in page
    assert "Now new</ins>" in page


def test_its_address_is_in_no_log(browser, boss, post, monkeypatch):
    link, written = share(boss, post), io.StringIO()
    [handler] = [each for each in logging.getLogger().handlers if each.name == "out"]
    monkeypatch.setattr(handler, "stream", written)

    browser.get(link)

    assert "path=/share/" in written.getvalue()
    assert link.rsplit("/", 1)[1] not in written.getvalue()


def test_one_address_cannot_try_for_ever(browser, boss, post, monkeypatch):
    from posts import rate_windows

    monkeypatch.setattr(page, "OPENS", rate_windows.parse("2/min"))
    link = share(boss, post)
    # Other tests open pages from this machine's own.
    address = {"REMOTE_ADDR": "198.51.100.7"}

    assert [browser.get(link, **address).status_code for _ in range(3)] == [200, 200, 429]
