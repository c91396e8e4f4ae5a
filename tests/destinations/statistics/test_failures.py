from datetime import timedelta

import pytest

from destinations.models import Destination
from destinations.statistics import failures
from tests.destinations.statistics.attempt_factories import end, make, start, wait

pytestmark = pytest.mark.django_db


def fail(platform: str, code: str) -> Destination:
    row = start(make(platform))
    end(row, "fail", code)
    return row


def test_final_failures_are_grouped_by_network_and_code(now):
    first = fail("x", "content_rejected")
    now.advance(minutes=3)
    newest = fail("x", "content_rejected")
    fail("x", "text_too_long")
    fail("threads", "content_rejected")
    wait(start(make()), "retry", "content_rejected", minutes=5)
    end(start(make()), "succeed", "published")

    found = failures.groups()

    assert {(group.platform, group.code, group.count) for group in found} == {
        ("x", "content_rejected", 2),
        ("x", "text_too_long", 1),
        ("threads", "content_rejected", 1),
    }
    largest = found[0]
    assert (largest.first_seen, largest.last_seen) == (first.updated_at, newest.updated_at)
    assert (largest.example, largest.example_id) == ("It said content_rejected.", newest.pk)
    assert not largest.is_at_least
    assert failures.ids("x", "content_rejected") == [first.pk, newest.pk]
    assert failures.ids("x", "content_rejected", limit=1) == [first.pk]


def test_a_window_has_a_default_and_an_end(now):
    fail("x", "text_too_long")
    now.advance(days=2)
    recent = fail("x", "content_rejected")

    assert [group.code for group in failures.groups()] == ["content_rejected"]
    assert len(failures.groups(now.at - timedelta(days=3))) == 2

    now.advance(days=6)
    assert [group.example_id for group in failures.groups(now.at - timedelta(days=30))] == [
        recent.pk
    ]
    assert failures.ids("x", "text_too_long", now.at - timedelta(days=30)) == []


def test_large_groups_are_counted_at_least(monkeypatch):
    monkeypatch.setattr(failures, "COUNTED_ROWS", 2)
    for _ in range(2):
        fail("x", "content_rejected")
    (group,) = failures.groups()
    assert (group.count, group.is_at_least) == (2, False)

    for _ in range(2):
        fail("x", "content_rejected")
    (group,) = failures.groups()
    assert (group.count, group.is_at_least) == (3, True)


def test_each_group_says_how_the_next_try_can_succeed():
    for code in ("outcome_unknown", "content_rejected"):
        fail("x", code)

    assert all(group.to_do for group in failures.groups())
