from datetime import timedelta

import pytest

from destinations.jobs import new_events
from destinations.models import DurationHistogram, Event, OutcomeCount, StatisticsProgress
from destinations.statistics import counting
from destinations.statistics.histogram import BOUNDS
from tests.destinations.statistics.attempt_factories import end, make, move, start, wait

pytestmark = pytest.mark.django_db


def totals() -> dict[tuple[str, str, str], int]:
    rows = OutcomeCount.objects.filter(minute=None)
    return {(row.platform, row.kind, row.code): row.count for row in rows}


def minutes(kind: str) -> dict:
    rows = OutcomeCount.objects.filter(minute__isnull=False, kind=kind)
    return {row.minute: row.count for row in rows}


def minute_of(moment):
    return moment.replace(second=0, microsecond=0)


def total(platform: str, measure: str) -> DurationHistogram:
    return DurationHistogram.objects.get(minute=None, platform=platform, measure=measure)


def interval(bound: float) -> int:
    return BOUNDS.index(bound)


def test_each_outcome_is_counted_by_network_and_code():
    end(start(make()), "succeed", "published")
    end(start(make()), "succeed", "published")
    end(start(make("threads")), "fail", "content_rejected")
    wait(start(make()), "retry_soon", "platform_unavailable", seconds=5)
    wait(start(make()), "retry", "platform_unavailable", minutes=5)
    move("refuse", make(), {"error_code": "account_inactive", "error": "It is off."})

    counting.run()

    assert totals() == {
        ("x", "published", ""): 2,
        ("threads", "failed", "content_rejected"): 1,
        ("x", "retried", "platform_unavailable"): 2,
        ("x", "failed", "account_inactive"): 1,
    }


def test_a_lookup_is_counted_beside_the_outcome_that_it_proves():
    row = start(make())
    end(row, "mark_unconfirmed", "")
    move("check_again", row, {"lookups": 1})
    end(row, "succeed", "published")

    counting.run()

    assert totals() == {
        ("x", "unconfirmed", ""): 1,
        ("x", "looked_up", "asked_again"): 1,
        ("x", "looked_up", "found"): 1,
        ("x", "published", ""): 1,
    }


def test_what_people_do_is_no_outcome():
    row = make(status="failed", due_at=None, error_code="outcome_unknown")
    move("confirm_not_published", row, {"error_code": "not_published"})

    counting.run()

    assert totals() == {}


def test_each_event_is_counted_once_in_the_minute_in_which_it_happened(now):
    first = now.at
    end(start(make()), "succeed", "published")
    counting.run()
    second = now.advance(minutes=1)
    end(start(make()), "succeed", "published")
    end(start(make()), "succeed", "published")

    counting.run()
    counting.run()

    assert minutes("published") == {minute_of(first): 1, minute_of(second): 2}
    assert totals()["x", "published", ""] == 3


def test_lag_and_duration_are_kept_as_histograms(now):
    for lag, took in [(0.75, 4), (0.8, 6), (1, 9000), (-30, 4)]:
        row = start(make(wanted_at=now.at - timedelta(seconds=lag)))
        now.advance(seconds=took)
        end(row, "succeed", "published")
    failed = start(make("threads", wanted_at=now.at))
    end(failed, "fail", "content_rejected")

    counting.run()

    lag, publish = total("x", "lag"), total("x", "publish")
    assert lag.counts[interval(0.75)] == 1
    assert lag.counts[interval(1)] == 2
    assert lag.counts[0] == 1
    assert (publish.counts[interval(5)], publish.counts[interval(7.5)], publish.counts[-1]) == (
        2,
        1,
        1,
    )
    assert (lag.seconds, publish.seconds) == (pytest.approx(2.55), pytest.approx(9014))
    assert not DurationHistogram.objects.filter(platform="threads", measure="publish").exists()


def test_histograms_grow(now):
    for _ in range(3):
        start(make(wanted_at=now.at - timedelta(seconds=4)))
        counting.run()

    lag = total("x", "lag")
    assert (lag.counts[interval(5)], sum(lag.counts), lag.seconds) == (3, 3, pytest.approx(12))


def test_after_a_pause_counting_goes_on_in_bounded_steps(now, monkeypatch):
    monkeypatch.setattr(new_events, "STEP", 2)
    monkeypatch.setattr(counting, "RUN_SECONDS", 0)
    for _ in range(3):
        end(start(make()), "succeed", "published")
    # What other tests have rolled back has taken ids too.
    StatisticsProgress.objects.create(pk=1, event_id=Event.objects.earliest("id").pk - 1)
    seen = []
    while not StatisticsProgress.objects.filter(counted_at=now.at).exists():
        counting.run()
        seen.append(totals().get(("x", "published", ""), 0))

    assert len(seen) >= 3
    assert seen == sorted(seen)
    assert seen[-1] == 3


def test_old_minutes_are_deleted_and_totals_stay(now):
    end(start(make()), "succeed", "published")
    counting.run()

    now.advance(days=15)
    counting.run()

    assert minutes("published") == {}
    assert totals() == {("x", "published", ""): 1}
    assert not DurationHistogram.objects.filter(minute__isnull=False).exists()


def test_of_a_long_history_only_totals_are_kept(now):
    end(start(make()), "succeed", "published")
    now.advance(days=15)

    counting.run()

    assert (minutes("published"), totals()) == ({}, {("x", "published", ""): 1})


def test_a_run_deletes_a_bounded_number_of_rows(now, monkeypatch):
    for _ in range(3):
        end(start(make()), "succeed", "published")
        now.advance(minutes=1)
    counting.run()
    monkeypatch.setattr(counting, "DELETED_ROWS", 2)
    now.advance(days=15)

    counting.run()
    assert len(minutes("published")) == 1

    counting.run()
    assert minutes("published") == {}
