"""Destinations that crash workers or wait for too long end."""

from datetime import timedelta

import pytest
from django.utils import timezone

from destinations.dispatch import claims, crash_loop
from destinations.models import Attempt, Destination, Event
from destinations.publishing import plan, worker
from destinations.publishing.commands import SaveCheckpoint
from destinations.publishing.complete import Complete
from platforms.outcomes import Processing
from tests.destinations.run_command import execute
from tests.factories import make_account, make_post, make_workspace

pytestmark = pytest.mark.django_db
S = Destination.Status
DEATHS = crash_loop.MAX_STARTS - len(crash_loop.SUSPECT)


@pytest.fixture
def account():
    return make_account(make_workspace(), "x")


@pytest.fixture
def post(account):
    return make_post(account.workspace, [account])


def come_due() -> None:
    """End the lease, or the delay."""
    Destination.objects.filter(due_at__isnull=False).update(due_at=timezone.now())


def begin():
    """A worker claims what is due; its jobs."""
    come_due()
    found = plan.start([(row.id, row.claim) for row in claims.claim(100)], "worker:1")
    return {pk: job for pk, job in found.items() if job}


def send(job) -> None:
    """Commit that the publishing call is about to be sent."""
    execute(SaveCheckpoint(job, {}, sending=True, answered=False))


def die_until_the_end(post, *, sending=False) -> int:
    """Crash a worker at every job; how many crashed."""
    deaths = 0
    for _ in range(3 * crash_loop.MAX_STARTS):
        for job in begin().values():
            deaths += 1
            if sending and job.look_for is None:
                send(job)
        row = post.destinations.get()
        if row.due_at is None:
            return deaths
    raise AssertionError(f"Still {row.status} after {deaths} deaths.")


def test_a_crash_loop_before_the_call_ends_as_failed_not_as_maybe_live(post):
    assert die_until_the_end(post) == DEATHS

    row = post.destinations.get()
    assert (row.status, row.error_code, row.attempts) == (S.FAILED, "internal_error", 1)
    assert "may be live" not in row.error
    assert Attempt.objects.get().outcome == "internal_error"
    assert Event.objects.latest("id").reason == row.error


def test_a_crash_loop_after_the_call_is_looked_up_and_ends_as_maybe_live(post):
    assert die_until_the_end(post, sending=True) == DEATHS

    row = post.destinations.get()
    assert (row.status, row.error_code, row.attempts) == (S.FAILED, "outcome_unknown", 1)
    assert "may be live" in row.error
    assert [event.move for event in Event.objects.order_by("id")] == [
        "start",
        "mark_unconfirmed",
        "fail",
    ]


def test_a_lookup_that_crashes_its_worker_ends_too(post):
    job = begin()[post.destinations.get().pk]
    send(job)
    begin()
    assert post.destinations.get().status == S.UNCONFIRMED

    die_until_the_end(post)

    assert post.destinations.get().error_code == "outcome_unknown"


def test_a_recorded_result_resets_the_crash_count(post):
    begin()
    for _ in range(crash_loop.MAX_STARTS + 2):
        (job,) = begin().values()
        done = Complete(job, Processing(1), {}, answered=False)
        execute(done)
        assert post.destinations.get().begun_count == 0
    assert post.destinations.get().status == S.PUBLISHING


def test_rows_that_crashed_together_twice_return_at_different_times(account):
    others = [make_account(account.workspace, "x") for _ in range(30)]
    make_post(account.workspace, others)
    assert [len(begin()), len(begin())] == [30, 30]

    assert begin() == {}

    pauses = Destination.objects.values_list("due_at", flat=True)
    assert len({round(at.timestamp()) for at in pauses}) > 10
    assert max(pauses) <= timezone.now() + timedelta(seconds=crash_loop.MAX_DELAY_SECONDS)
    assert not Destination.objects.exclude(claim=None).exists()


@pytest.mark.parametrize(("hours", "moved"), [(47, False), (49, True)])
def test_repeated_rate_limits_do_not_hold_a_queue_forever(account, hours, moved):
    account.held_until = timezone.now() + timedelta(hours=20)
    account.save()
    wanted_at = timezone.now() - timedelta(hours=hours)
    post = make_post(account.workspace, [account], scheduled_for=wanted_at)

    worker.publish(claims.claim(10))

    row = post.destinations.get()
    ended = (S.FAILED, "rate_limited", None) if moved else (S.QUEUED, "", wanted_at)
    assert (row.status, row.error_code, row.due_at) == ended
    assert row.attempts == 0


def test_an_automatic_retry_of_a_rate_limited_account_ends_too(account):
    now = timezone.now()
    account.held_until = now + timedelta(hours=20)
    account.save()
    begun_at = now - timedelta(hours=49)
    waiting = {"status": S.FAILED, "next_retry_at": now, "begun_at": begun_at, "attempts": 3}
    post = make_post(account.workspace, [account], **waiting)

    assert begin() == {}

    row = post.destinations.get()
    assert (row.status, row.due_at, row.next_retry_at) == (S.FAILED, None, None)
    assert row.error_code == "rate_limited"


@pytest.mark.parametrize(
    ("fields", "is_claimed"),
    [
        ({"status": S.UNCONFIRMED}, True),
        ({"status": S.PUBLISHING}, True),
        ({"status": S.PUBLISHING, "next_retry_at": 1}, False),
        ({"status": S.FAILED, "next_retry_at": 1}, False),
        ({"status": S.QUEUED}, False),
    ],
)
@pytest.mark.parametrize("look_ahead", [2000, 1])
def test_what_a_limited_account_has_begun_is_polled_and_looked_up(
    account, settings, fields, is_claimed, look_ahead
):
    settings.CLAIM_LOOK_AHEAD = look_ahead
    now = timezone.now()
    account.held_until = now + timedelta(hours=20)
    account.save()
    fields = {**fields, "begun_at": now, "attempts": 1}
    if "next_retry_at" in fields:
        fields["next_retry_at"] = now
    make_post(account.workspace, [account], **fields)

    assert bool(claims.claim(10)) is is_claimed


@pytest.mark.parametrize(("hours", "error_code"), [(47, ""), (49, "internal_error")])
def test_a_file_that_is_never_converted_is_not_awaited_forever(account, unmade, hours, error_code):
    wanted_at = timezone.now() - timedelta(hours=hours)
    post = make_post(account.workspace, [account], draft=unmade, wanted_at=wanted_at)

    assert begin() == {}

    row = post.destinations.get()
    assert (row.error_code, row.due_at is None) == (error_code, bool(error_code))


def test_a_file_that_disappears_midway_is_not_awaited_forever(account, unmade):
    begun_at = timezone.now() - timedelta(hours=49)
    started = {"status": S.PUBLISHING, "begun_at": begun_at, "attempts": 1}
    post = make_post(account.workspace, [account], draft=unmade, **started)
    attempt = {"number": 1, "wanted_at": begun_at, "started_at": begun_at}
    Attempt.objects.create(destination=post.destinations.get(), **attempt)

    assert begin() == {}

    row = post.destinations.get()
    assert (row.status, row.error_code) == (S.FAILED, "internal_error")
