"""When a failed delivery is tried again."""

from datetime import UTC, datetime

import pytest

from posts.features.webhooks.delivery import record
from tests.posts.cases import named

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
PLAN = [60, 300, 1800, 7200, 43200, 43200]


def test_the_pauses_grow_and_are_up_to_a_tenth_longer() -> None:
    for tries, seconds in list(enumerate(PLAN, 1)):
        with named(tries, seconds):
            found = [record.delay_seconds(tries, 500, 0) for _ in range(50)]
            assert all(delay and seconds <= delay <= seconds * 1.1 for delay in found)
            assert len(set(found)) > 1


def test_the_seventh_attempt_is_the_last_and_more_than_a_day_after_the_first() -> None:
    assert record.delay_seconds(7, 500, 0) is None
    assert sum(PLAN) > 24 * 3600


def test_410_has_no_other_attempt() -> None:
    assert record.delay_seconds(1, 410, 0) is None


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_pushes_back_but_never_brings_forward(status: int) -> None:
    assert record.delay_seconds(1, status, 3600) == 3600
    assert 60 <= (record.delay_seconds(1, status, 5) or 0) <= 66
    assert record.delay_seconds(1, status, 10**9) == 86400


def test_retry_after_of_other_answers_does_not_count() -> None:
    assert (record.delay_seconds(1, 500, 3600) or 0) <= 66


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        ("Thu, 26 Nov 2026 12:02:00 GMT", 120),
        ("Thu, 26 Nov 2026 11:00:00 GMT", 0),
        ("", 0),
        ("soon", 0),
        ("-5", 0),
        ("²", 0),
        ("9" * 400, 9999999999),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str, seconds: float) -> None:
    assert record.asked_seconds(header, NOW) == seconds
