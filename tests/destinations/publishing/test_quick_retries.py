"""Between the quick tries of a round: a destination stays `publishing`, and nothing is sent twice.

Its row says `publishing`, as during a try. Only `next_retry_at` tells them apart, so these tests
crash workers at every point around the next try.
"""

from datetime import timedelta

import pytest
from django.utils import timezone

from destinations.dispatch import claims
from destinations.models import Account, Attempt, Destination, Event
from destinations.publishing import plan, worker
from destinations.publishing.commands import SaveCheckpoint, Start
from destinations.state import consistency, restore
from tests.destinations.connected import connect
from tests.destinations.run_command import execute
from tests.factories import make_post

pytestmark = pytest.mark.django_db
S = Destination.Status


@pytest.fixture
def account(simulator):
    return connect(simulator)


@pytest.fixture
def waiting(simulator, account, settings) -> Destination:
    """Its first try met a network that was away; the second one follows in a second."""
    make_post(account.workspace, [account])
    settings.SIMULATOR_URL = "http://127.0.0.1:9"
    worker.publish(claim())
    settings.SIMULATOR_URL = simulator.url
    row = Destination.objects.get()
    assert (row.status, row.attempts, row.claim) == (S.PUBLISHING, 1, None)
    assert row.next_retry_at
    return row


def claim():
    """Make all waiting destinations due, as if their time or their worker's lease were over."""
    Destination.objects.filter(due_at__isnull=False).update(due_at=timezone.now())
    return claims.claim(10)


def published(simulator, attempts: int) -> bool:
    row = Destination.objects.get()
    assert (row.status, row.attempts, row.next_retry_at) == (S.PUBLISHED, attempts, None)
    assert consistency.find(consistency.CHECKS) == []
    return [post["id"] for post in simulator.posts("x")] == [row.platform_post_id]


def test_a_crash_before_the_next_try_costs_one_lease(simulator, waiting):
    claim()  # and its message is lost

    worker.publish(claim())

    assert published(simulator, attempts=2)


def test_a_crash_before_the_call_leaves_is_followed_by_another_try(simulator, waiting):
    (claimed,) = claim()
    assert execute(Start(*claimed.key)).look_for is None
    row = Destination.objects.get()
    assert (row.status, row.next_retry_at, row.error) == (S.PUBLISHING, None, "")

    worker.publish(claim())

    assert published(simulator, attempts=2)


def test_a_crash_after_the_call_left_leads_to_a_lookup(simulator, waiting):
    (claimed,) = claim()
    job = execute(Start(*claimed.key))
    execute(SaveCheckpoint(job, {}, sending=True, answered=False))

    worker.publish(claim())

    assert simulator.posts() == []
    assert [event.move for event in Event.objects.order_by("id")][-2:] == [
        "mark_unconfirmed",
        "check_again",
    ]
    assert Destination.objects.get().status == S.UNCONFIRMED


def test_a_lost_answer_is_found_and_not_sent_again(simulator, waiting):
    simulator.fault("x", call="create_post", drop="after", times=1)
    worker.publish(claim())
    assert Destination.objects.get().status == S.UNCONFIRMED

    worker.publish(claim())

    assert published(simulator, attempts=2)


def test_a_repeated_message_starts_one_try(simulator, waiting):
    message = claim()

    worker.publish(message)
    worker.publish(message)

    assert published(simulator, attempts=2)
    assert Attempt.objects.count() == 2


def test_a_retry_waits_while_its_account_is_limited(simulator, waiting):
    message = claim()
    Account.objects.update(held_until=timezone.now() + timedelta(minutes=10))

    worker.publish(message)

    row = Destination.objects.get()
    assert (row.status, row.attempts, row.claim) == (S.PUBLISHING, 1, None)
    assert (claims.claim(10), simulator.posts()) == ([], [])
    Account.objects.update(held_until=None)
    worker.publish(claim())
    assert published(simulator, attempts=2)


@pytest.mark.parametrize("begins", [0, 18])
def test_a_crash_at_the_start_of_a_retry_does_not_call_it_live(waiting, begins):
    (claimed,) = claim()
    Destination.objects.update(begun_count=begins)

    plan.crashed(claimed.id, claimed.claim, "worker:a")

    row = Destination.objects.get()
    ended = (S.FAILED, "internal_error") if begins else (S.PUBLISHING, "platform_unavailable")
    assert (row.status, row.error_code, row.claim) == (*ended, None)


def test_a_restored_database_does_not_send_a_waiting_retry(simulator, waiting):
    """The next try may have been made after the backup."""
    restore.mark_possibly_published("beat")

    row = Destination.objects.get()
    assert (row.status, row.error_code, row.due_at) == (S.FAILED, "outcome_unknown", None)
    assert (claim(), simulator.posts()) == ([], [])


def test_an_open_attempt_of_a_waiting_retry_is_inconsistent(waiting):
    """It would mean that a try may be running that the next one does not know of."""
    (claimed,) = claim()
    execute(Start(*claimed.key))
    assert consistency.find(consistency.CHECKS) == []

    Destination.objects.update(next_retry_at=timezone.now())

    assert [found.check.name for found in consistency.find(consistency.CHECKS)] == [
        "attempt_left_open"
    ]
