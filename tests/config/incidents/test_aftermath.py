"""The page of an incident says what operators did, and what became of the posts."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import CHANGE, LogEntry

from config.admin import incidents
from config.incidents import touched
from config.models import Incident
from destinations.models import Attempt, Outage
from destinations.runtime import clock
from tests.factories import make_account, make_post, make_workspace

pytestmark = pytest.mark.django_db
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def make_incident(cause: str, *, ended_ago: timedelta | None = None, **fields) -> Incident:
    now = clock.now()
    values = {"level": "warning", "said": "It is late.", "seen_at": now, "opened_at": now - HOUR}
    closed_at = now - ended_ago if ended_ago else None
    return Incident.objects.create(cause=cause, closed_at=closed_at, **values | fields)


def attempt(account, wanted_at, late: timedelta, outcome: str = "published", number: int = 1):
    status = "published" if outcome == "published" else "failed"
    code = "" if outcome == "published" else outcome
    post = make_post(
        account.workspace, [account], status=status, due_at=None, wanted_at=wanted_at,
        error_code=code,
    )  # fmt: skip
    row = post.destinations.get()
    times = {"wanted_at": wanted_at, "started_at": wanted_at + late}
    Attempt.objects.create(destination=row, number=number, outcome=outcome, **times)
    return row


def test_posts_that_were_late_failed_or_still_wait_are_counted():
    now, workspace = clock.now(), make_workspace()
    account, other = make_account(workspace, "x"), make_account(workspace, "linkedin")
    at = now - timedelta(minutes=50)
    row = make_incident("outages:network:x", ended_ago=10 * MINUTE)
    for late in (timedelta(seconds=2), 14 * MINUTE, 45 * MINUTE):
        attempt(account, at, late)
    attempt(other, at, 30 * MINUTE)
    attempt(account, at, MINUTE, "content_rejected")
    for wanted_at in (at, now):
        make_post(workspace, [account], due_at=at, wanted_at=wanted_at)

    found = touched.outcome(row)

    assert found == (2, 45 * 60, 1, 1)
    assert str(found) == (
        "2 posts were published late, by 45 min at most; 1 failed; 1 post waits still."
    )
    assert touched.outcome(make_incident("lateness:linkedin")) == (1, 30 * 60, 0, 0)
    mine = f"outages:{Outage.Scope.ACCOUNT}:{other.pk}"
    assert touched.outcome(make_incident(mine)) == (1, 30 * 60, 0, 0)
    assert touched.outcome(make_incident("tick:")) == (3, 45 * 60, 1, 2)
    assert touched.outcome(make_incident("media:fetch")) is None


def test_a_post_that_was_tried_twice_is_late_from_its_first_wanted_time():
    now, account = clock.now(), make_account(make_workspace(), "x")
    at = now - timedelta(minutes=50)
    row = attempt(account, at, timedelta(seconds=1), "platform_unavailable")
    again = {"wanted_at": at + 20 * MINUTE, "started_at": at + 20 * MINUTE}
    Attempt.objects.create(destination=row, number=2, outcome="published", **again)
    row.error_code = ""
    row.save(update_fields=["error_code"])

    assert touched.outcome(make_incident("outages:network:x")) == (1, 20 * 60, 0, 0)


def test_what_goes_out_a_day_after_its_end_is_not_its_work():
    now, account = clock.now(), make_account(make_workspace(), "x")
    row = make_incident("tick:", opened_at=now - 96 * HOUR, ended_ago=72 * HOUR)
    for late in (20 * HOUR, 79 * HOUR):
        attempt(account, now - 80 * HOUR, late)

    assert touched.outcome(row) == (1, 20 * 60 * 60, 0, 0)


def test_what_operators_did_is_listed_if_it_concerns_the_incident(admin_client, admin_user):
    workspace = make_workspace()
    x = [make_post(workspace, [make_account(workspace, "x")]).destinations.get() for _ in "ab"]
    elsewhere = make_post(workspace, [make_account(workspace, "threads")]).destinations.get()
    [account] = [make_account(workspace, "x", name="@acme")]

    def log(said: str, *rows) -> None:
        LogEntry.objects.log_actions(admin_user.pk, rows, CHANGE, said)

    log("Before", x[0])
    LogEntry.objects.update(action_time=clock.now() - 2 * HOUR)
    log("Retry", *x)
    log("Retry", elsewhere)
    log("Name changed", workspace)
    log("Released", account)
    row = make_incident("outages:network:x")

    found = [str(each) for each in incidents.deeds(row)]

    assert [each.partition("UTC, ")[2] for each in found] == [
        f"admin: Released (“{account}”)",
        "admin: Retry (2 destinations)",
    ]
    page = admin_client.get(f"/admin/config/incident/{row.pk}/change/").text
    assert "Retry (2 destinations)" in page
    assert "0 posts were published late" in page
    assert list(incidents.deeds(make_incident("replica:"))) == []
