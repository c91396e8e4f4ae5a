"""One dispatcher per worker process: wake-ups, ticks and due times."""

import threading
import time
from datetime import timedelta
from unittest.mock import Mock

import pytest
from celery import current_app
from django.db import OperationalError, connections
from django.utils import timezone

from destinations import tasks
from destinations.dispatch import claims, dispatcher, enqueue
from destinations.dispatch.restoring import restore_detector
from destinations.models import Destination, Heartbeat
from destinations.runtime.worker import shutdown
from tests.destinations.dispatch.rows import make_accounts, make_rows
from tests.destinations.dispatch.test_claims import claim_lock_held
from tests.until import until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def running():
    """This process has a dispatcher, as a worker's."""
    dispatcher.start()
    yield
    shutdown.request()
    dispatcher.stop(10)
    shutdown.reset()


@pytest.fixture(autouse=True)
def sent(monkeypatch) -> list[str]:
    """Messages go nowhere; their tasks."""
    names: list[str] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, **how: names.append(name))
    return names


def claimed() -> int:
    return Destination.objects.exclude(claim=None).count()


@pytest.mark.parametrize("wake", [dispatcher.wake, tasks.dispatch, tasks.enqueue_due])
def test_a_wake_up_has_what_is_due_claimed(running, wake):
    make_rows(make_accounts(3), 1)

    wake()

    until(lambda: claimed() == 3)


def test_a_tick_is_recorded_and_a_wake_up_is_not(running):
    make_rows(make_accounts(1), 1)
    before = timezone.now()

    dispatcher.wake()
    until(lambda: claimed() == 1)
    assert (restore_detector.last_tick() or before) <= before
    dispatcher.tick()

    until(lambda: restore_detector.last_tick() > before)


def test_a_tick_is_counted(running):
    restore_detector.check()

    dispatcher.tick()

    until(lambda: Heartbeat.objects.get().count == 2)


def test_a_process_without_a_dispatcher_serves_ticks_itself():
    make_rows(make_accounts(3), 1)

    dispatcher.wake()
    assert claimed() == 0
    tasks.enqueue_due()

    assert claimed() == 3


class Rounds:
    """Claims that take until they are let go on."""

    def __init__(self, monkeypatch) -> None:
        self.begun = threading.Semaphore(0)
        self.go_on = threading.Semaphore(0)
        self.count = 0
        monkeypatch.setattr(enqueue, "claim_and_send", self)

    def __call__(self, sweep) -> int:
        self.count += 1
        self.begun.release()
        assert self.go_on.acquire(timeout=20)
        return 0


def test_wake_ups_during_a_claim_lead_to_exactly_one_more(running, monkeypatch):
    rounds = Rounds(monkeypatch)
    dispatcher.wake()
    assert rounds.begun.acquire(timeout=20)
    for _ in range(10):
        dispatcher.wake()
    rounds.go_on.release()

    assert rounds.begun.acquire(timeout=20)
    rounds.go_on.release()

    assert not rounds.begun.acquire(timeout=0.3)
    assert rounds.count == 2


def test_a_wake_up_waits_for_another_claim_to_end(running):
    make_rows(make_accounts(1), 1)

    with claim_lock_held() as let_go:
        dispatcher.wake()
        time.sleep(0.1)
        assert claimed() == 0
        let_go.set()
        until(claimed)


def ticked(seconds_ago: float) -> None:
    """A tick found nothing due then."""
    at = timezone.now() - timedelta(seconds=seconds_ago)
    Heartbeat.objects.update_or_create(pk=1, defaults={"at": at})


def test_between_ticks_a_row_is_claimed_when_it_falls_due(running):
    restore_detector.check()
    ticked(seconds_ago=-60)
    make_rows(make_accounts(1), 1, due_in_seconds=0.5)
    dispatcher.wake()

    until(claimed)

    row = Destination.objects.get()
    claimed_at = row.due_at - timedelta(seconds=60)
    assert row.wanted_at <= claimed_at


def test_without_ticks_nothing_is_claimed_by_itself():
    make_rows(make_accounts(1), 1, due_in_seconds=60)
    ticked(seconds_ago=-59)
    assert claims.seconds_to_next_due() == pytest.approx(60, abs=30)

    ticked(seconds_ago=5)

    assert claims.seconds_to_next_due() is None


def test_a_long_backlog_is_claimed_in_full_claims_at_once(running, settings):
    settings.CLAIM_LIMIT = 10
    make_rows(make_accounts(60), 1)

    dispatcher.wake()

    until(lambda: claimed() == 60)


def test_a_stopping_worker_claims_nothing(running):
    make_rows(make_accounts(1), 1)
    shutdown.request()

    dispatcher.wake()
    dispatcher.stop(10)

    assert claimed() == 0
    assert not dispatcher.is_running()


def test_a_wake_up_survives_a_database_that_is_away(running, monkeypatch):
    monkeypatch.setattr(dispatcher, "AWAY_SECONDS", 0.05)
    claim_and_send, failures = enqueue.claim_and_send, [OperationalError("away")]

    def fail_once(sweep):
        if failures:
            raise failures.pop()
        return claim_and_send(sweep)

    monkeypatch.setattr(enqueue, "claim_and_send", fail_once)
    make_rows(make_accounts(1), 1)

    dispatcher.wake()

    until(claimed)


def test_a_tick_sends_lost_claims_although_its_own_claim_is_lost_too(running, monkeypatch):
    asked = []

    def fail(sweep):
        raise OperationalError("the connection was cut")

    monkeypatch.setattr(enqueue, "claim_and_send", fail)
    monkeypatch.setattr(enqueue, "send_lost", lambda: asked.append("lost"))

    dispatcher.tick()

    until(lambda: asked == ["lost"])


def test_a_dispatcher_goes_on_after_a_bug(running, monkeypatch):
    bug = Mock(side_effect=TypeError)
    with monkeypatch.context() as broken:
        broken.setattr(enqueue, "claim_and_send", bug)
        dispatcher.wake()
        until(lambda: bug.called)
    make_rows(make_accounts(1), 1)

    dispatcher.wake()

    until(claimed)


def test_a_dispatcher_keeps_one_connection(running):
    make_rows(make_accounts(1), 1)
    dispatcher.wake()
    until(claimed)
    before = sessions()
    for _ in range(5):
        dispatcher.tick()
        time.sleep(0.1)

    assert sessions() == before


def sessions() -> set[int]:
    with connections["default"].cursor() as cursor:
        # Not autovacuum, which comes and goes by itself.
        cursor.execute(
            "SELECT pid FROM pg_stat_activity"
            " WHERE datname = current_database() AND backend_type = 'client backend'"
        )
        return {pid for (pid,) in cursor.fetchall()}
