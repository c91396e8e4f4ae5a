import threading
import time

import pytest

from destinations.runtime import broker
from destinations.runtime.broker import CircuitBreaker


@pytest.fixture(autouse=True)
def _long_pause(monkeypatch):
    monkeypatch.setattr(broker, "PAUSE_SECONDS", 3600)


def test_after_a_pause_one_caller_asks_again():
    breaker = CircuitBreaker()
    assert not breaker.is_open()
    breaker.failed()
    assert breaker.is_open()

    breaker._retry_at = time.monotonic()

    assert [breaker.is_open() for _ in range(3)] == [False, True, True]


def test_of_many_at_once_one_asks_again():
    breaker, start, answers = CircuitBreaker(), threading.Barrier(8), []
    breaker.failed()
    breaker._retry_at = time.monotonic()

    def ask():
        start.wait()
        answers.append(breaker.is_open())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == [False, *[True] * 7]


def test_it_is_news_once_and_at_its_end_it_is_told_how_many_did_without():
    breaker = CircuitBreaker()
    assert breaker.succeeded() == 0

    assert [breaker.failed(), breaker.failed()] == [True, False]
    assert breaker.is_open()

    assert [breaker.succeeded(), breaker.succeeded()] == [3, 0]
    assert not breaker.is_open()
    assert breaker.failed()
