"""Beat goes on while the database is away, with the entries it has read before."""

import sys
import time
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.db import InterfaceError, OperationalError, ProgrammingError, connection
from django_celery_beat.models import PeriodicTask

from config.celery import app
from config.queue import beat, has_work, heartbeats
from config.queue.beat import Scheduler
from config.queue.schedule import PERIODIC_TASKS, REST_SECONDS, TICK_TASK
from tests import programs

# The scheduler closes connections, as beat has no request to end.
pytestmark = pytest.mark.django_db(transaction=True)
#: At rest; twice as many as it takes. Two tasks are asked about each second, others at their times.
MOST_STEPS_A_SECOND = 10
#: django-celery-beat reads everything again after five minutes.
LATER = timedelta(minutes=6)


def answers_nothing(error):
    def refuse(*_):
        raise error("the database is away")

    return connection.execute_wrapper(refuse)


def started() -> Scheduler:
    """A scheduler that writes nothing at the end of this process, when the tables are gone."""
    scheduler = Scheduler(app=app, lazy=True)
    scheduler._finalize.cancel()
    return scheduler


def test_beat_is_started_with_this_scheduler():
    assert app.conf.beat_scheduler == "config.queue.beat:Scheduler"


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_beat_outlives_its_database_and_reads_again_as_soon_as_it_answers(error):
    with time_machine.travel(datetime.now(UTC)) as clock:
        scheduler = started()
        before = set(scheduler.schedule)
        clock.shift(LATER)

        with answers_nothing(error):
            assert set(scheduler.schedule) == before
            assert scheduler.tick() == 0, "the tick was not sent"
        PeriodicTask.objects.filter(name="Refresh tokens").update(enabled=False)

        assert set(scheduler.schedule) == before - {"Refresh tokens"}


def test_beat_that_starts_while_the_database_is_away_waits_for_it(monkeypatch):
    waits = []
    with ExitStack() as away:
        away.enter_context(answers_nothing(OperationalError))

        def wait(seconds):
            waits.append(seconds)
            if len(waits) == 3:
                away.close()

        monkeypatch.setattr(beat.time, "sleep", wait)
        scheduler = started()

        assert "Enqueue what is due" in scheduler.schedule
    assert waits == [beat.WAIT_SECONDS] * 3


def test_beat_that_starts_and_finds_no_tables_says_so():
    scheduler = started()

    with answers_nothing(ProgrammingError), pytest.raises(ProgrammingError):
        scheduler.schedule  # noqa: B018


def test_a_running_beat_has_a_heartbeat_and_one_that_ended_has_none(no_workers):
    scheduler = started()
    scheduler.tick()

    [told] = heartbeats.known()
    assert told.name.startswith("beat@")
    assert (told.queues, told.is_alive) == (frozenset(), True)

    scheduler.close()
    assert heartbeats.known() == []


def test_a_clock_that_is_set_back_is_no_day_without_a_tick():
    with time_machine.travel(datetime.now(UTC)) as clock:
        entry = started().schedule["Enqueue what is due"]
        clock.shift(-timedelta(days=1))

        assert entry.is_due().next <= 1
        clock.shift(timedelta(seconds=1))
        assert entry.is_due().is_due


def test_beat_on_a_host_that_is_behind_ticks_at_once():
    ahead = datetime.now(UTC) + timedelta(seconds=90)
    PeriodicTask.objects.update(last_run_at=ahead)

    assert started().schedule["Enqueue what is due"].is_due().next <= 1


STOPPED = """
import os, signal
import django
django.setup()
from celery.beat import Service
from config.celery import app
from config.queue.beat import DatabaseScheduler, Scheduler
Scheduler.all_as_schedule = lambda self: {}
def step(self):
    os.kill(os.getpid(), signal.SIGTERM)
    print("whole")
    return 100
DatabaseScheduler.tick = step
Service(app, max_interval=5, scheduler_cls=app.conf.beat_scheduler).start()
print("ended")
"""
STOPPED_AT_ITS_START = """
import os, signal
import django
django.setup()
from celery.beat import Service
from django.db import OperationalError
from config.celery import app
from config.queue import beat, heartbeats
def away(self):
    raise OperationalError("the database is away")
beat.DatabaseScheduler.all_as_schedule = away
beat.database.is_away = lambda failure: True
beat.time.sleep = lambda seconds: os.kill(os.getpid(), signal.SIGTERM)
Service(app, max_interval=5, scheduler_cls=app.conf.beat_scheduler).start()
print("went on")
"""


def run(code: str) -> list[str]:
    done = programs.run([sys.executable, "-c", code], timeout=60, check=True)
    return [line for line in done.stdout.splitlines() if "database_away" not in line]


def test_a_signal_in_the_middle_of_a_step_ends_beat_after_it():
    assert run(STOPPED) == ["whole", "ended"]


def test_beat_that_waits_for_its_database_can_be_stopped():
    assert run(STOPPED_AT_ITS_START) == []


def test_an_edit_is_looked_for_every_few_seconds_not_at_each_step(django_assert_num_queries):
    scheduler = started()
    scheduler.tick()

    with django_assert_num_queries(0):
        scheduler.tick()


def test_beat_sends_little_while_nothing_is_to_do(monkeypatch):
    """At rest what has work of its own is asked about, in one statement each second."""
    monkeypatch.setattr(has_work, "time", SimpleNamespace(monotonic=lambda: time.time()))
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        scheduler, sent = started(), Counter[str]()
        scheduler.apply_async = lambda entry, **_: sent.update([entry.task])
        end = time.time() + 120
        for _ in range(120 * MOST_STEPS_A_SECOND):
            clock.shift(scheduler.tick())
            if time.time() >= end:
                break
        else:
            pytest.fail("it asks again without a pause")

    assert 120 / REST_SECONDS <= sent.pop(TICK_TASK) <= 120 / REST_SECONDS + 2
    others = {each.task for each in PERIODIC_TASKS.values() if each.when} - {TICK_TASK}
    assert {sent[task] for task in others} <= {1, 2, 3}
