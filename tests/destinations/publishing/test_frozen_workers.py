"""A worker that was frozen, or whose machine slept, does not trust an uncertain lease."""

import time
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from destinations.dispatch import claims
from destinations.dispatch.claims import Lease
from destinations.models import Attempt, Destination
from destinations.publishing.commands import Start
from destinations.publishing.held_claims import HeldClaims
from destinations.publishing.run import _Run
from destinations.runtime import failpoints
from destinations.runtime.worker import event_loop
from destinations.runtime.worker.command_queue import Pending
from platforms.drafts import Draft, Media
from tests.destinations import at_failpoint
from tests.destinations.connected import connect
from tests.destinations.run_command import execute, run
from tests.factories import make_account, make_post, make_workspace

S = Destination.Status


@pytest.fixture
def clock():
    with time_machine.travel(datetime.now(UTC), tick=True) as traveller:
        yield traveller


@pytest.fixture
def post(simulator, db):
    account = connect(simulator)
    return make_post(account.workspace, [account], content="Hello")


@pytest.mark.parametrize("point", [failpoints.SENDING, failpoints.LEAVING])
def test_a_call_held_up_by_a_sleeping_machine_does_not_leave_and_is_retried(
    simulator, post, clock, monkeypatch, point
):
    at_failpoint.at(monkeypatch, point, lambda: clock.shift(21))

    run()

    destination = post.destinations.get()
    assert simulator.posts() == []
    assert (destination.status, destination.error_code) == (S.PUBLISHING, "platform_unavailable")
    assert destination.error == "Nothing was sent: the worker was paused for too long."
    assert Attempt.objects.get().answered_at is not None
    Destination.objects.update(due_at=timezone.now() - timedelta(minutes=2))
    run()
    assert post.destinations.get().status == S.PUBLISHED
    assert len(simulator.posts()) == 1


def test_a_sleep_shorter_than_the_time_to_leave_is_harmless(simulator, post, clock, monkeypatch):
    at_failpoint.at(monkeypatch, failpoints.LEAVING, lambda: clock.shift(19))

    run()

    assert post.destinations.get().status == S.PUBLISHED
    assert len(simulator.posts()) == 1


def test_a_renewal_gives_an_announced_call_no_more_time_to_leave(clock):
    lease = Lease()
    lease.confirm(claims.read_clocks(), 60)
    assert not lease.may_leave()
    lease.announce(claims.read_clocks())
    assert lease.may_leave()
    clock.shift(21)
    lease.confirm(claims.read_clocks(), 60)

    assert lease.is_certain()
    assert not lease.may_leave()


def test_a_call_that_carries_files_may_go_on_for_as_long_as_its_lease_is_certain(db, clock):
    workspace = make_workspace()
    draft = Draft("Hello", media=(Media("a", "image", "image/png", "a.png", 9),))
    make_post(workspace, [make_account(workspace, "telegram")], draft=draft)
    (claimed,) = claims.claim(1)
    job = execute(Start(*claimed.key))
    call = _Run(event_loop.current(), job, execute)._checkpoint(lambda: None)
    job.lease.confirm(claims.read_clocks(), 60)
    job.lease.announce(claims.read_clocks())

    clock.shift(30)
    assert call.may_leave()
    clock.shift(11)
    assert not call.may_leave()


def test_the_clock_that_ran_furthest_counts(clock, settings):
    settings.LEASE_SECONDS = 60
    lease = Lease()
    assert not lease.is_certain()
    lease.confirm(claims.read_clocks(), 60)
    assert lease.is_certain()
    clock.shift(-1000)
    assert 0 <= claims.seconds_since(claims.read_clocks()) < 1
    assert lease.is_certain()

    lease.confirm(claims.read_clocks()._replace(running=time.monotonic() - 40), 60)
    assert not lease.is_certain()


def test_a_long_call_keeps_its_lease_while_it_is_renewed_and_ours(post, clock, settings):
    (claimed,) = claims.claim(1)
    held, start = HeldClaims(by="worker:a:1"), Pending(Start(*claimed.key))
    held.add([claimed])
    held.execute([start])
    job = start.result
    job.lease.confirm(claims.read_clocks(), settings.LEASE_SECONDS)
    for _ in range(3):
        clock.shift(25)
        held.keep()
        assert job.lease.is_certain()

    Destination.objects.update(claim=None)
    for _ in range(2):
        clock.shift(25)
        held.keep()

    assert not job.lease.is_certain()
