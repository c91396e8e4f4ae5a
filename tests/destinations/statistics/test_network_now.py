import uuid
from datetime import timedelta

import pytest

from destinations.statistics import counting, network_now
from platforms.registry import ADAPTERS
from tests.destinations.statistics.attempt_factories import end, make, start, wait
from tests.factories import make_account, make_workspace

pytestmark = pytest.mark.django_db


def read() -> dict[str, network_now.NetworkNow]:
    counting.run()
    return {network.platform: network for network in network_now.read()}


def fail(platform: str, code: str, times: int, account=None) -> None:
    for _ in range(times):
        wait(start(make(platform, account)), "retry_soon", code, seconds=5)


def test_every_network_is_told_of_in_order_even_if_nothing_happens():
    found = network_now.read()

    assert [network.platform for network in found] == list(ADAPTERS)
    x = found[0]
    assert (x.due_now, x.oldest_seconds, x.running, x.retrying, x.may_be_live) == (0, 0, 0, 0, 0)
    assert (x.outcomes, x.failing_share, x.top_error, x.lag_p50) == (0, None, None, None)
    assert not x.looks_down


def test_what_waits_runs_and_retries_is_counted(now):
    held = make_account(make_workspace(), held_until=now.at + timedelta(hours=1))
    make(wanted_at=now.at - timedelta(seconds=40))
    make(wanted_at=now.at, due_at=now.at + timedelta(seconds=50), claim=uuid.uuid4())
    make(account=held)
    make(scheduled_for=now.at + timedelta(hours=1))
    make(status="publishing", claim=uuid.uuid4(), begun_at=now.at)
    fail("x", "platform_unavailable", times=1)
    make(status="failed", due_at=None, error_code="outcome_unknown")
    make("threads", wanted_at=now.at)
    make_account(make_workspace(), "threads", needs_reconnection_since=now.at)

    found = read()

    x = found["x"]
    assert (x.due_now, x.running, x.retrying, x.may_be_live, x.accounts_held) == (2, 1, 1, 1, 1)
    assert 40 <= x.oldest_seconds < 60
    assert (found["threads"].due_now, found["threads"].accounts_to_reconnect) == (1, 1)


def test_a_number_is_bounded(now, monkeypatch):
    monkeypatch.setattr(network_now.backlog, "COUNTED_ROWS", 3)
    for _ in range(4):
        make(wanted_at=now.at)

    assert read()["x"].due_now == 3


def test_the_share_and_the_most_frequent_error_are_of_the_last_minutes(now):
    fail("x", "content_rejected", times=9)
    now.advance(minutes=7)
    fail("x", "platform_unavailable", times=2)
    fail("x", "content_rejected", times=1)
    fail("x", "rate_limited", times=3)
    end(start(make()), "mark_unconfirmed", "")
    end(start(make()), "succeed", "published")

    x = read()["x"]

    assert (x.outcomes, x.failed, x.failing_share) == (8, 4, 0.5)
    assert x.top_error == ("platform_unavailable", 2)


def test_lags_are_those_of_tries_that_began(now):
    for _ in range(4):
        start(make(wanted_at=now.at - timedelta(seconds=20)))

    x = read()["x"]

    assert (x.lag_p50, x.lag_p99) == (pytest.approx(22.5), pytest.approx(29.85))


def test_a_network_looks_down_if_nearly_all_fails_by_its_fault():
    fail("facebook", "platform_unavailable", times=10)
    end(start(make("facebook")), "succeed", "published")
    # Others' faults, too few, and too many that succeed.
    fail("x", "content_rejected", times=10)
    fail("threads", "platform_unavailable", times=9)
    fail("linkedin", "platform_unavailable", times=10)
    for _ in range(10):
        end(start(make("linkedin")), "succeed", "published")

    assert [key for key, network in read().items() if network.looks_down] == ["facebook"]


def test_one_account_in_trouble_is_no_network_down():
    fail("x", "platform_unavailable", 20, make_account(make_workspace()))

    assert not read()["x"].looks_down


def test_tries_without_an_answer_are_the_networks_fault():
    for _ in range(10):
        end(start(make("tiktok")), "mark_unconfirmed", "")

    tiktok = read()["tiktok"]

    assert tiktok.looks_down
    assert tiktok.top_error == ("outcome_unknown", 10)
