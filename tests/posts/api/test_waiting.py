"""What waits says so: for a limited account, for a lookup; and until when."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from destinations.dispatch import claims
from destinations.models import Account, Destination
from destinations.runtime import clock
from tests.destinations.run_command import work
from tests.factories import make_account, make_post
from tests.posts.conftest import data_of

S = Destination.Status


def on_x(caller, simulator, number="77", **fields):
    token = simulator.connect("x", number, username=f"acme{number}")
    known = {"platform_account_id": number, "name": f"@acme{number}", **fields}
    return make_account(caller.workspace, "x", token=token, **known)


def send(caller, account, **fields) -> str:
    body = {"content": "Hi", "account_ids": [account.pk], **fields}
    return data_of(caller.post("/posts", body), 201)["post_id"]


def result(caller, post_id) -> dict:
    [row] = caller.get(f"/posts/{post_id}/results").json()["data"]
    return row


def notes(caller, post_id) -> list[str]:
    meta = caller.get(f"/posts/{post_id}/results").json()["meta"]
    return [note["note"] for note in meta.get("notes", ())]


def listed_health(caller, account) -> dict:
    found = caller.get("/accounts").json()["data"]["accounts"]
    [health] = [each["health"] for each in found if each["id"] == account.pk]
    assert caller.get(f"/accounts/{account.pk}").json()["data"]["health"] == health
    return health


def told(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture
def limited(ada, simulator):
    """An account that X limits for sixteen minutes, and a post of it that waits behind another."""
    account = on_x(ada, simulator)
    simulator.fault("x", rate_limit_reset_seconds=960, times=1)
    first = send(ada, account)
    work()
    second = send(ada, account)
    work()
    account.refresh_from_db()
    return account, first, second


def test_a_limited_account_says_so_and_until_when(ada, limited):
    account, _, _ = limited
    until = told(account.held_until)
    assert timedelta(minutes=15) < account.held_until - clock.now() < timedelta(minutes=18)

    health = ada.get(f"/accounts/{account.pk}/health").json()["data"]

    limits = {"status": "rate_limited", "can_post": True, "rate_limited_until": until}
    assert listed_health(ada, account) == limits
    assert (health["status"], health["can_post"]) == ("warning", True)
    assert (health["reasons"], health["rate_limited_until"]) == (["rate_limited"], until)


def test_a_limit_that_is_over_is_told_no_more(ada, limited):
    account, _, second = limited
    Account.objects.update(held_until=timezone.now() - timedelta(seconds=1))

    assert listed_health(ada, account) == {"status": "healthy", "can_post": True}
    health = ada.get(f"/accounts/{account.pk}/health").json()["data"]
    assert (health["status"], "rate_limited_until" in health) == ("healthy", False)
    assert (result(ada, second)["next_retry_at"], notes(ada, second)) == (None, [])


def test_what_cannot_be_posted_to_at_all_counts_more_than_a_limit(ada, limited):
    account, _, _ = limited
    Account.objects.update(needs_reconnection_since=timezone.now())

    assert listed_health(ada, account) == {"status": "expired", "can_post": False}
    health = ada.get(f"/accounts/{account.pk}/health").json()["data"]
    assert (health["status"], health["reasons"]) == (
        "broken",
        ["needs_reconnection", "rate_limited"],
    )


def test_what_waits_for_a_limited_account_says_when_it_is_tried(ada, limited):
    account, first, second = limited
    until = told(account.held_until)

    assert [result(ada, post)["next_retry_at"] for post in (first, second)] == [until, until]
    assert result(ada, second)["status"] == "queued"
    assert notes(ada, second) == [f"X limits @acme77; its posts wait until {until}."]


def test_a_late_post_that_waits_for_others_of_its_account_says_when_it_begins(ada):
    now = timezone.now()
    rows = {"wanted_at": now - timedelta(hours=1), "due_at": now + timedelta(minutes=4)}
    post = make_post(ada.workspace, [make_account(ada.workspace)], **rows).public_id
    at = told(rows["due_at"])

    assert (result(ada, post)["status"], result(ada, post)["next_retry_at"]) == ("queued", at)
    rule = "late posts of an account begin up to 5 minutes apart"
    assert notes(ada, post) == [f"The post is late and begins at {at}: {rule}."]


@pytest.mark.parametrize("what", ["later", "draft", "published", "other account"])
def test_what_does_not_wait_for_it_says_nothing(ada, limited, simulator, what):
    account, _, _ = limited
    later = (timezone.now() + timedelta(hours=1)).isoformat()
    if what == "published":
        rows = {"status": S.PUBLISHED, "published_at": timezone.now(), "due_at": None}
        post = make_post(ada.workspace, [account], **rows).public_id
    elif what == "other account":
        post = send(ada, on_x(ada, simulator, "78"))
    else:
        post = send(
            ada, account, **({"scheduled_at": later} if what == "later" else {"draft": True})
        )

    assert (result(ada, post)["next_retry_at"], notes(ada, post)) == (None, [])


@pytest.mark.parametrize("status", [S.FAILED, S.PUBLISHING])
def test_a_retry_that_its_account_holds_up_says_the_later_time(ada, limited, status):
    account, _, second = limited
    soon = timezone.now() + timedelta(seconds=2)
    row = Destination.objects.filter(status=S.QUEUED)
    row.update(status=status, next_retry_at=soon, due_at=soon)

    assert result(ada, second)["next_retry_at"] == told(account.held_until)


def test_what_is_under_way_is_not_held_up_any_more(ada, limited):
    _, _, second = limited
    Destination.objects.filter(status=S.QUEUED).update(status=S.PUBLISHING)

    assert (result(ada, second)["next_retry_at"], notes(ada, second)) == (None, [])


def test_results_ask_no_more_for_more_destinations(ada, simulator, django_assert_num_queries):
    accounts = [on_x(ada, simulator, str(number)) for number in range(80, 86)]
    body = {"content": "Hi", "account_ids": [account.pk for account in accounts]}
    many = ada.post("/posts", body).json()["data"]["post_id"]
    one = send(ada, accounts[0])
    ada.get(f"/posts/{one}/results")

    with django_assert_num_queries(8, exact=False) as asked:
        ada.get(f"/posts/{one}/results")
    with django_assert_num_queries(len(asked)):
        ada.get(f"/posts/{many}/results")


@pytest.mark.parametrize(
    ("at", "waits"), [(None, True), (timedelta(minutes=5), True), (timedelta(hours=1), False)]
)
def test_validate_says_of_a_limited_account_that_a_post_will_wait(ada, limited, at, waits):
    account, _, _ = limited
    when = {"scheduled_at": (timezone.now() + at).isoformat()} if at else {}

    answer = ada.post("/posts/validate", {"content": "Hi", "account_ids": [account.pk], **when})

    [verdict] = answer.json()["data"]["accounts"]
    said = f"X limits @acme77; its posts wait until {told(account.held_until)}."
    assert verdict["notes"] == ([said] if waits else [])
    assert (verdict["valid"], verdict["warnings"]) == (True, [])


def test_a_lookup_in_progress_is_told_with_the_time_of_the_next_look(ada, simulator):
    simulator.fault("x", call="create_post", drop="after", times=1)
    simulator.set("x", "listing_lag_seconds", 3600)
    post = send(ada, on_x(ada, simulator))
    said = []
    for _ in range(2):
        work()
        row = Destination.objects.get()
        assert row.status == S.UNCONFIRMED
        assert result(ada, post)["status"] == "publishing"
        at = told(row.due_at)
        assert notes(ada, post) == [
            f"X gave no answer; it is asked at {at} whether the post is public."
        ]
        said.append(at)
    assert said[0] != said[1]

    now = "X gave no answer; it is asked now whether the post is public."
    Destination.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    assert notes(ada, post) == [now]
    claims.claim(10)
    assert notes(ada, post) == [now]

    Destination.objects.update(claim=None)
    simulator.set("x", "listing_lag_seconds", 0)
    work()
    assert (result(ada, post)["status"], notes(ada, post)) == ("published", [])
