"""A group of failures is retried by an operator who saw what that does and what it does not."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from config.admin.overview import retry
from destinations import pauses
from destinations.admin.actions import retry as admin_retry
from destinations.models import Destination, Event
from tests.destinations.admin.action_steps import messages_of, staff, status
from tests.factories import make_account, make_post, make_workspace

pytestmark = pytest.mark.django_db
PAGE = "/admin/overview/failures/retry/"
FAILURES = "/admin/overview/failures/"


def fail(account, code="platform_unavailable", **fields) -> Destination:
    failed = {"status": "failed", "due_at": None, "error_code": code, "attempts": 3, **fields}
    return make_post(account.workspace, [account], **failed).destinations.get()


def account(platform="facebook", **fields):
    return make_account(make_workspace(), platform, **fields)


def group(**fields) -> dict[str, str]:
    since = (timezone.now() - timedelta(hours=1)).isoformat()
    return {"platform": "facebook", "code": "platform_unavailable", "since": since, **fields}


def confirm(client, **fields):
    """Look at the page and press its button; the page that follows."""
    asked = client.get(PAGE, group(**fields))
    until = asked.context["chosen"].until.isoformat()
    return client.post(PAGE, group(until=until, **fields), follow=True)


def test_the_page_of_failures_leads_to_the_retry_of_each_group(admin_client):
    fail(account())
    [found] = admin_client.get(FAILURES).context["failures"]

    assert (found.network, found.code, found.count) == ("Facebook", "platform_unavailable", "1")
    address = urlsplit(found.retry_url)
    assert address.path == PAGE
    assert parse_qs(address.query)["code"] == ["platform_unavailable"]
    assert admin_client.get(found.retry_url).status_code == 200


def test_it_asks_before_it_does_anything(admin_client):
    failed = fail(account(name="Acme page"), error="It answered 503.")

    asked = admin_client.get(PAGE, group())

    shown = asked.content.decode()
    for words in ("Retry 1 post", "Acme page on Facebook", "Hello", "It answered 503."):
        assert words in shown
    assert status(failed) == "failed"


def test_what_an_account_cannot_publish_is_left_and_said(admin_client):
    good = fail(account())
    lost = fail(account(needs_reconnection_since=timezone.now()))
    inactive = fail(account(is_active=False))
    gone = fail(account())
    gone.account.delete()

    asked = admin_client.get(PAGE, group()).content.decode()
    page = confirm(admin_client)

    assert "3 are not retried:" in asked
    assert messages_of(page) == [
        "1 destination queued again. 3 left: their account is disconnected or inactive."
    ]
    assert status(good) == "queued"
    assert {status(each) for each in (lost, inactive, gone)} == {"failed"}


def test_what_may_be_live_is_not_retried(admin_client):
    doubtful = fail(account(), code="outcome_unknown")

    asked = admin_client.get(PAGE, group(code="outcome_unknown")).content.decode()
    page = confirm(admin_client, code="outcome_unknown")

    assert "1 are not retried:" in asked
    assert "look at each" in asked
    assert messages_of(page) == [
        "0 destinations queued again. 1 left: they may be live, look at each."
    ]
    assert status(doubtful) == "failed"


def test_what_is_paused_is_queued_and_waits(admin_client):
    failed = fail(account())
    pauses.pause("network", "facebook", by="operator:ada", reason="It is down")

    asked = admin_client.get(PAGE, group()).content.decode()
    [said] = messages_of(confirm(admin_client))

    assert "1 of them wait:" in asked
    assert said.endswith("1 of them wait until the pause of Facebook ends.")
    assert status(failed) == "queued"


def test_what_failed_after_the_page_was_opened_is_left(admin_client):
    asked = admin_client.get(PAGE, group())
    until = asked.context["chosen"].until
    later = fail(account(), updated_at=until + timedelta(milliseconds=1))

    admin_client.post(PAGE, group(until=until.isoformat()))

    assert status(later) == "failed"


def test_batches_are_logged_in_the_operators_name_and_bounded(admin_client, monkeypatch):
    monkeypatch.setattr(admin_retry, "BATCH", 2)
    monkeypatch.setattr(retry, "MOST", 5)
    for _ in range(6):
        fail(account())

    [said] = messages_of(confirm(admin_client))

    assert said == "5 destinations queued again. More of this group are left: retry again."
    assert Event.objects.filter(move="requeue", by="operator:admin").count() == 5
    assert LogEntry.objects.filter(change_message="Retry of a group").count() == 5


def test_only_the_group_is_retried(admin_client):
    others = [
        fail(account("x")),
        fail(account(), code="content_rejected"),
        fail(account(), updated_at=timezone.now() - timedelta(hours=2)),
        fail(account(), next_retry_at=timezone.now(), due_at=timezone.now()),
    ]
    confirm(admin_client)

    assert {status(each) for each in others} == {"failed"}


@pytest.mark.parametrize("rights", [[], ["change_post"]])
def test_a_read_only_operator_retries_nothing(client, rights):
    failed = fail(account())
    viewer = staff(client, *rights)

    assert viewer.get(PAGE, group()).status_code == 403
    assert viewer.post(PAGE, group()).status_code == 403
    assert status(failed) == "failed"


def test_an_operator_who_may_change_destinations_retries(client):
    failed = fail(account())
    confirm(staff(client, "change_destination"))

    assert status(failed) == "queued"


@pytest.mark.parametrize(
    "wrong",
    [{"platform": "myspace"}, {"code": "no_such_code"}, {"since": "yesterday"}, {"since": ""}],
)
def test_a_group_that_cannot_be_is_a_bad_request(admin_client, wrong):
    assert admin_client.get(PAGE, group(**wrong)).status_code == 400
    assert admin_client.post(PAGE, group(**wrong)).status_code == 400
