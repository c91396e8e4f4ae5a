"""The words for where a post and its destinations stand, and how the one follows from the other."""

from datetime import UTC, datetime, timedelta

import pytest

from destinations import public_ids
from destinations.models import Account, Destination
from destinations.runtime import clock
from destinations.state import transitions
from posts.composing import status as post_status
from posts.models import Post
from tests.destinations.connected import connect
from tests.destinations.run_command import work
from tests.factories import make_account, make_post
from tests.posts.api.cases import cases
from tests.posts.api.contract.conftest import connected

OLD = datetime(2026, 1, 1, tzinfo=UTC)


def make(caller, statuses: str, **fields) -> Post:
    """A post whose destinations have come to these statuses."""
    accounts = [make_account(caller.workspace) for _ in statuses.split()]
    post = make_post(caller.workspace, accounts, **fields)
    rows = post.destinations.order_by("position")
    for row, status in zip(rows, statuses.split(), strict=True):
        post.destinations.filter(pk=row.pk).update(status=status)
    return post


def status_of(caller, post) -> str:
    """As detail and list tell it, which agree."""
    status = caller.get(f"/posts/{post.public_id}").json()["data"]["status"]
    found = caller.get(f"/posts?status={status}").json()["data"]
    assert [item["status"] for item in found if item["id"] == post.public_id] == [status]
    return status


@cases(
    ("statuses", "seconds", "status"),
    [
        pytest.param("publishing failed published", -60, "publishing", id="2-any-publishing"),
        pytest.param("unconfirmed failed", -60, "publishing", id="2-any-found-out-about"),
        pytest.param("queued queued", -60, "publishing", id="2-any-queued-when-due"),
        pytest.param("queued published", 60, "publishing", id="2-any-queued-after-a-move"),
        pytest.param("queued failed", 60, "publishing", id="2-any-queued-being-retried"),
        pytest.param("queued queued", None, "publishing", id="2-any-queued-immediate"),
        pytest.param("queued queued", 60, "scheduled", id="3-any-queued-ahead"),
        pytest.param("published published", -60, "published", id="4-all-published"),
        pytest.param("failed failed", -60, "failed", id="5-all-failed"),
        pytest.param("published failed", -60, "partial", id="6-otherwise"),
    ],
)
def test_post_status_is_derived_by_rule(ada, statuses, seconds, status):
    ahead = None if seconds is None else clock.now() + timedelta(seconds=seconds)
    post = make(ada, statuses, scheduled_for=ahead)

    post_status.roll_up([post.pk])

    assert status_of(ada, post) == status


def test_post_status_is_derived_by_rule_1_a_flagged_draft(ada, x):
    ada.post("/posts", {"content": "Hi", "account_ids": [x.pk], "draft": True})
    draft, other = Post.objects.get(), make(ada, "failed")

    post_status.roll_up([draft.pk])

    assert [status_of(ada, post) for post in (draft, other)] == ["draft", "publishing"]


def test_post_status_and_updated_at_change_with_each_destination(ada):
    post = make(ada, "publishing publishing")
    told = []

    for row, move in zip(post.destinations.order_by("position"), ("succeed", "fail"), strict=True):
        Post.objects.update(updated_at=OLD)
        assert transitions.move(move, row.pk, by="worker:a")
        data = ada.get(f"/posts/{post.public_id}").json()["data"]
        told.append(data["status"])
        last = ada.get(f"/posts/{post.public_id}/events").json()["data"][-1]
        moments = [datetime.fromisoformat(text) for text in (data["updated_at"], last["at"])]
        assert max(moments) - min(moments) <= timedelta(seconds=1)

    assert told == ["publishing", "partial"]


def test_post_failed_is_of_none_published(ada, simulator):
    simulator.fault("x", status=400)
    account = connected(ada, simulator, "77")
    data = ada.post("/posts", {"content": "Hi", "account_ids": [account.pk]}).json()["data"]

    work()

    assert ada.get(f"/posts/{data['post_id']}").json()["data"]["status"] == "failed"


def destination(caller, post_id: str) -> dict:
    [row] = caller.get(f"/posts/{post_id}/results").json()["data"]
    return row


def test_destination_is_queued_then_published_and_then_its_link_exists(ada, simulator):
    account = connected(ada, simulator, "77")
    data = ada.post("/posts", {"content": "Hi", "account_ids": [account.pk]}).json()["data"]
    before = destination(ada, data["post_id"])

    work()

    after = destination(ada, data["post_id"])
    assert (before["status"], before["platform_post_url"]) == ("queued", None)
    assert (after["status"], after["error"]) == ("published", None)
    assert after["platform_post_url"].startswith("https://x.com/acme77/status/")


@cases("stored", ["publishing", "unconfirmed"])
def test_destination_reads_publishing_while_it_may_still_become_either(ada, stored):
    post = make(ada, "queued")
    Destination.objects.update(status=stored, error="It may be live.", attempts=1)

    row = destination(ada, post.public_id)

    assert (row["status"], row["error"], row["attempts"]) == ("publishing", "It may be live.", 1)


def test_destination_failed_comes_after_all_attempts_and_is_left_through_retry(ada, simulator):
    # A fault of this post, as far as one can tell; an outage spends no attempts.
    simulator.fault("facebook", status=500, times=100)
    account = connect(simulator, "facebook", "77", ada.workspace)
    post = ada.post("/posts", {"content": "Hi", "account_ids": [account.pk]}).json()["data"]
    path = f"/posts/{post['post_id']}"

    work()
    while destination(ada, post["post_id"])["next_retry_at"]:
        work()

    row = destination(ada, post["post_id"])
    assert (row["status"], row["attempts"], row["next_retry_at"]) == ("failed", 9, None)
    assert ada.post(f"{path}/retry").json()["data"]["retried_count"] == 1
    assert (destination(ada, post["post_id"])["status"]) == "queued"
    assert ada.get(path).json()["data"]["status"] == "publishing"


def publish(caller, account) -> str:
    """The id of a post that is under way."""
    data = caller.post("/posts", {"content": "Hi", "account_ids": [account.pk]}).json()["data"]
    return data["post_id"]


def told(caller, post_id: str) -> tuple[str, str]:
    """What the post and its only destination say; the list's filter agrees."""
    status = status_of(caller, Post.objects.get(pk=public_ids.decode(public_ids.POST, post_id)))
    return status, destination(caller, post_id)["status"]


def test_between_the_quick_tries_of_a_round_it_reads_publishing(ada, simulator, settings):
    settings.SIMULATOR_URL = "http://127.0.0.1:9"  # nothing listens there
    account = connected(ada, simulator, "77")
    post_id = publish(ada, account)

    seen = []
    for _ in range(3):
        work()
        row = destination(ada, post_id)
        assert row["next_retry_at"]
        seen.append((*told(ada, post_id), row["attempts"]))

    assert seen == [
        ("publishing", "publishing", 1),
        ("publishing", "publishing", 2),
        ("failed", "failed", 3),
    ]


def test_a_poller_that_stops_at_failed_is_not_lied_to(ada, simulator, settings):
    settings.SIMULATOR_URL = "http://127.0.0.1:9"  # nothing listens there
    account = connected(ada, simulator, "77")
    post_id = publish(ada, account)
    path = f"/posts/{post_id}"

    work()

    # It is still on its way: nothing to retry, and too late to change or to cancel.
    assert ada.post(f"{path}/retry").json()["data"]["retried_count"] == 0
    assert ada.patch(path, {"content": "Ho"}).status_code == 409
    assert ada.delete(path).status_code == 409
    assert told(ada, post_id) == ("publishing", "publishing")
    settings.SIMULATOR_URL = simulator.url
    work()
    assert told(ada, post_id) == ("published", "published")
    row = destination(ada, post_id)
    assert (row["attempts"], row["error"], row["next_retry_at"]) == (2, None, None)
    assert len(simulator.posts("x")) == 1


def test_a_rate_limit_that_ends_within_a_minute_reads_publishing_and_a_longer_one_failed(
    ada, simulator
):
    account = connected(ada, simulator, "77")
    post_id = publish(ada, account)
    seen = []
    for seconds in (5, 600):
        simulator.fault("x", rate_limit_reset_seconds=seconds, times=1)
        Account.objects.update(held_until=None)
        work()
        seen.append(told(ada, post_id))

    assert seen == [("publishing", "publishing"), ("failed", "failed")]


def test_an_account_that_cannot_be_posted_to_any_more_ends_what_waits_for_a_quick_try(
    ada, simulator, settings
):
    settings.SIMULATOR_URL = "http://127.0.0.1:9"  # nothing listens there
    account = connected(ada, simulator, "77")
    post_id = publish(ada, account)
    work()
    Account.objects.update(is_active=False)

    work()

    row = destination(ada, post_id)
    assert (row["status"], row["attempts"], row["next_retry_at"]) == ("failed", 1, None)
    assert row["error"].startswith(f"The account {account.name} is switched off.")
