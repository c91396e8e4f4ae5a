"""Events of transactions that are open while others count."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from destinations.jobs import new_events
from destinations.models import DurationHistogram, Event, OutcomeCount, StatisticsProgress
from destinations.statistics import counting
from tests.destinations.statistics.attempt_factories import end, make, start

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def another_process(work) -> Iterator[threading.Event]:
    """Do `work` in an open transaction of another connection; set the event to commit it."""
    is_done, may_commit = threading.Event(), threading.Event()

    def run() -> None:
        with transaction.atomic():
            work()
            is_done.set()
            may_commit.wait(20)
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    assert is_done.wait(20)
    try:
        yield may_commit
    finally:
        may_commit.set()
        thread.join(20)


def published() -> int:
    row = OutcomeCount.objects.filter(minute=None, kind="published").first()
    return row.count if row else 0


def test_an_event_that_is_committed_late_is_counted_all_the_same(monkeypatch):
    monkeypatch.setattr(new_events, "WAIT_SECONDS", 0.1)
    late, early = start(make()), start(make())
    with another_process(lambda: end(late, "succeed", "published")) as may_commit:
        end(early, "succeed", "published")
        newest = Event.objects.latest("id").pk
        assert new_events.newest_event() is None
        counting.run()
        assert published() == 0
        may_commit.set()
        monkeypatch.setattr(new_events, "WAIT_SECONDS", 20)
        assert new_events.newest_event() == newest

    counting.run()

    assert published() == 2


def test_two_that_count_at_once_count_nothing_twice():
    end(start(make()), "succeed", "published")
    StatisticsProgress.objects.create()

    def count() -> None:
        StatisticsProgress.objects.select_for_update().get()

    with another_process(count):
        counting.run()
        assert published() == 0

    counting.run()
    assert published() == 1


def test_readers_are_not_waited_for():
    row = start(make())
    end(row, "succeed", "published")

    with another_process(lambda: list(Event.objects.all())):
        assert new_events.newest_event() == Event.objects.latest("id").pk


def test_nothing_is_missed_or_counted_twice_while_several_write():
    rows = [make() for _ in range(60)]
    is_over = threading.Event()

    def write(mine) -> None:
        for number, row in enumerate(mine):
            start(row)
            with transaction.atomic():
                end(row, "succeed", "published")
                # Some commit after others that began later.
                time.sleep(0.002 * (number % 4))
        connection.close()

    def count() -> None:
        while not is_over.is_set():
            counting.run()
        connection.close()

    with ThreadPoolExecutor(5) as threads:
        counters = [threads.submit(count) for _ in range(2)]
        writers = [threads.submit(write, rows[place::3]) for place in range(3)]
        for writer in writers:
            writer.result()
        is_over.set()
        for counter in counters:
            counter.result()

    counting.run()

    assert published() == 60
    minutes = OutcomeCount.objects.filter(minute__isnull=False, kind="published")
    assert sum(row.count for row in minutes) == 60
    lags = DurationHistogram.objects.get(minute=None, measure="lag")
    assert sum(lags.counts) == 60
