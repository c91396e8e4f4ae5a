from datetime import UTC, datetime, timedelta

import pytest

from platforms.errors import (
    MediaHostAway,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
    Unsupported,
)
from platforms.policy.retry import RetryPolicy

NOW = datetime(2026, 3, 15, 14, 0, tzinfo=UTC)
POLICY = RetryPolicy()


def seconds_until(error, *, failures=1, spread=0.0, begun_at=NOW, policy=POLICY):
    at = policy.next_try(error, failures=failures, begun_at=begun_at, now=NOW, spread=spread)
    return None if at is None else (at - NOW).total_seconds()


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(1, 1), (2, 2), (3, 900), (4, 1), (5, 2), (6, 900), (7, 1), (8, 2), (9, None), (10, None)],
)
def test_three_quick_tries_make_a_round_and_there_are_three_rounds(failures, seconds):
    assert seconds_until(Unavailable("down"), failures=failures) == seconds


@pytest.mark.parametrize("error", [Rejected, Unauthorized, Unsupported, OutcomeUnknown])
def test_an_error_that_waiting_does_not_cure_is_final(error):
    assert seconds_until(error("no")) is None


@pytest.mark.parametrize(
    ("asked", "seconds"), [(None, 900), (5, 5), (7200, 7200), (10**9, 24 * 3600)]
)
def test_a_rate_limit_takes_the_networks_own_time_up_to_a_cap(asked, seconds):
    assert seconds_until(RateLimited("slow", retry_after_seconds=asked), failures=99) == seconds


@pytest.mark.parametrize(("minutes", "seconds"), [(0, 1), (10, 60), (150, 900), (600, 900)])
def test_a_rate_limit_that_is_over_in_a_second_for_hours_is_waited_for_longer(minutes, seconds):
    begun_at = NOW - timedelta(minutes=minutes)
    assert seconds_until(RateLimited("", retry_after_seconds=1), begun_at=begun_at) == seconds


@pytest.mark.parametrize(("hours", "seconds"), [(0, 15), (1, 15), (47, 15), (48, None)])
def test_our_own_web_host_is_waited_for_in_short_pauses_for_two_days(hours, seconds):
    begun_at = NOW - timedelta(hours=hours)
    assert seconds_until(MediaHostAway("away"), failures=99, begun_at=begun_at) == seconds


def test_a_time_beyond_any_calendar_is_a_final_failure_and_no_crash():
    never = Unavailable("down", retry_after_seconds=10**30)
    assert seconds_until(never, begun_at=NOW - timedelta(seconds=1)) is None


def test_the_networks_word_to_come_back_later_wins_over_a_shorter_delay():
    assert seconds_until(Unavailable("down", retry_after_seconds=60)) == 60
    assert seconds_until(Unavailable("down", retry_after_seconds=60), failures=3) == 900


@pytest.mark.parametrize(("spread", "seconds"), [(0.0, 900), (0.5, 945), (0.999, 989.91)])
def test_jitter_only_lengthens_and_stays_within_its_share(spread, seconds):
    assert seconds_until(Unavailable("down"), failures=3, spread=spread) == pytest.approx(seconds)


def test_nothing_is_tried_after_the_policy_gives_up():
    long_ago = NOW - timedelta(hours=47, minutes=50)
    assert seconds_until(RateLimited("slow"), begun_at=long_ago) is None
    assert seconds_until(Unavailable("down"), begun_at=long_ago) == 1
