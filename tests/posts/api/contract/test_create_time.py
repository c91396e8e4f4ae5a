"""POST /posts: scheduled_at and timezone, row by row."""

from django.utils import timezone

from destinations.models import Destination
from destinations.runtime import clock
from tests.factories import make_account
from tests.posts.api.cases import cases
from tests.posts.api.contract.conftest import is_nothing_made
from tests.posts.conftest import refused
from tests.posts.factories import FUTURE


@cases("none", [{}, {"scheduled_at": None}, {"scheduled_for": None}])
def test_scheduled_at_absent_or_null_publishes_at_once(ada, x, none):
    three = [x.pk, *(make_account(ada.workspace, key).pk for key in ("linkedin", "threads"))]

    response = ada.post("/posts", {"content": "Hi", "account_ids": three, **none})

    data = response.json()["data"]
    assert data == {
        "post_id": data["post_id"],
        "status": "publishing",
        "scheduled_for": None,
        "accounts_count": 3,
        "message": "Post publishing to 3 accounts",
    }
    read = ada.get(f"/posts/{data['post_id']}").json()["data"]
    assert (read["status"], read["scheduled_for"]) == ("publishing", None)
    assert all(row.due_at <= timezone.now() for row in Destination.objects.all())


def test_scheduled_at_absent_is_answered_before_any_platform_call(
    ada, x, simulator, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        data = ada.post("/posts", {"content": "Hi", "account_ids": [x.pk]}).json()["data"]

    assert data["message"] == "Post publishing to 1 account"
    assert len(callbacks) == 1
    [row] = ada.get(f"/posts/{data['post_id']}/results").json()["data"]
    assert (row["status"], row["attempts"]) == ("queued", 0)
    assert simulator.posts() == []


@cases("name", ["scheduled_at", "scheduled_for"])
def test_scheduled_at_has_another_name_and_scheduled_for_is_what_comes_back(ada, x, name):
    data = ada.post("/posts", {"content": "Hi", "account_ids": [x.pk], name: FUTURE}).json()["data"]

    assert (data["status"], data["scheduled_for"]) == ("scheduled", FUTURE)


def test_scheduled_at_of_two_different_times_is_refused(ada, x):
    body = {"content": "Hi", "account_ids": [x.pk], "scheduled_at": FUTURE}

    refused(
        ada.post("/posts", {**body, "scheduled_for": "2099-01-01T00:00:00Z"}),
        400,
        "validation_error",
    )
    assert is_nothing_made()
    assert ada.post("/posts", {**body, "scheduled_for": FUTURE}).status_code == 201


@cases(
    ("when", "zone", "instant"),
    [
        ("2099-03-15T14:00:00Z", "America/New_York", "2099-03-15T14:00:00Z"),
        ("2099-03-15T14:00:00+02:00", "America/New_York", "2099-03-15T12:00:00Z"),
        ("2099-01-15T14:00:00", "America/New_York", "2099-01-15T19:00:00Z"),
        ("2099-01-15T14:00", None, "2099-01-15T14:00:00Z"),
        ("2099-01-15 14:00:00.123456789z", None, "2099-01-15T14:00:00Z"),
        # Clocks go back on 2036-11-02 at 02:00: of two instants, the first.
        ("2036-11-02T01:30:00", "America/New_York", "2036-11-02T05:30:00Z"),
        ("2100-02-28T23:59:59Z", None, "2100-02-28T23:59:59Z"),
    ],
)
def test_scheduled_at_is_read_in_its_offset_or_else_in_timezone(ada, x, when, zone, instant):
    body = {"content": "Hi", "account_ids": [x.pk], "scheduled_at": when}

    response = ada.post("/posts", body | ({"timezone": zone} if zone else {}))

    data = response.json()["data"]
    assert data["scheduled_for"] == instant
    assert ada.get(f"/posts/{data['post_id']}").json()["data"]["timezone"] == (zone or "UTC")


@cases(
    ("when", "code"),
    [
        ("2036-03-09T02:30:00", "validation_error"),  # clocks skip it in New York
        ("2099-03-15", "validation_error"),
        ("2099-02-30T00:00:00Z", "validation_error"),
        ("2099-03-15T24:00:01Z", "validation_error"),
        ("2099-W01-1T00:00", "validation_error"),
        ("20990315T140000Z", "validation_error"),
        ("2099-03-15T14:00:00+99:00", "validation_error"),
        ("9999-12-31T23:59:59-12:00", "validation_error"),
        ("9999-12-31T23:59:59Z", "validation_error"),
        ("9999-12-31T23:59:59", "validation_error"),
        ("2999-01-01T00:00:00Z", "validation_error"),
        ("0001-01-01T00:00:00", "past_schedule_time"),
        ("tomorrow", "validation_error"),
        ("", "validation_error"),
        ("٢٠٩٩-03-15T14:00:00Z", "validation_error"),
        (4076503200, "validation_error"),
        (True, "validation_error"),
        (["2099-03-15T14:00:00Z"], "validation_error"),
        ({}, "validation_error"),
        ("2020-01-01T00:00:00Z", "past_schedule_time"),
    ],
)
def test_scheduled_at_that_is_no_future_time_is_refused(ada, x, when, code):
    body = {
        "content": "Hi",
        "account_ids": [x.pk],
        "scheduled_at": when,
        "timezone": "America/New_York",
    }

    refused(ada.post("/posts", body), 400, code)

    assert is_nothing_made()


def test_scheduled_at_must_be_in_the_future_and_now_is_not(ada, x):
    now = clock.now().isoformat()
    body = {"content": "Hi", "account_ids": [x.pk], "scheduled_at": now}

    refused(ada.post("/posts", body), 400, "past_schedule_time")


@cases("zone", ["Mars/Base", "EST5", "utc ", "", " ", "../etc/passwd", "localtime"])
def test_timezone_is_an_iana_name(ada, x, zone):
    body = {"content": "Hi", "account_ids": [x.pk], "timezone": zone}

    refused(ada.post("/posts", body), 400, "invalid_timezone")

    assert is_nothing_made()
