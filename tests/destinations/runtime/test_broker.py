import time

import pytest

from destinations.runtime import broker
from destinations.runtime.broker import CircuitBreaker
from tests.posts.at_once import at_once


@pytest.fixture(autouse=True)
def _long_pause(monkeypatch):
    monkeypatch.setattr(broker, "PAUSE_SECONDS", 3600)


def test_after_a_pause_one_call_is_let_through():
    breaker = CircuitBreaker()
    assert not breaker.is_open()
    breaker.failed()
    assert breaker.is_open()

    breaker._retry_at = time.monotonic()

    assert [breaker.is_open() for _ in range(3)] == [False, True, True]


def test_of_many_callers_at_once_one_is_let_through():
    breaker = CircuitBreaker()
    breaker.failed()
    breaker._retry_at = time.monotonic()

    assert sorted(at_once([breaker.is_open] * 8)) == [False, *[True] * 7]


def test_an_outage_is_new_once_and_its_end_counts_the_skipped_calls():
    breaker = CircuitBreaker()
    assert breaker.succeeded() == 0

    assert [breaker.failed(), breaker.failed()] == [True, False]
    assert breaker.is_open()

    assert [breaker.succeeded(), breaker.succeeded()] == [3, 0]
    assert not breaker.is_open()
    assert breaker.failed()
