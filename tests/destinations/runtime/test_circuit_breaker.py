import threading
import time

import pytest

from destinations.runtime import circuit_breaker
from destinations.runtime.circuit_breaker import Absence


@pytest.fixture(autouse=True)
def _long_pause(monkeypatch):
    monkeypatch.setattr(circuit_breaker, "PAUSE_SECONDS", 3600)


def test_after_a_pause_one_caller_asks_again():
    away = Absence()
    assert not away.is_known()
    away.note()
    assert away.is_known()

    away._ask_at = time.monotonic()

    assert [away.is_known() for _ in range(3)] == [False, True, True]


def test_of_many_at_once_one_asks_again():
    away, start, answers = Absence(), threading.Barrier(8), []
    away.note()
    away._ask_at = time.monotonic()

    def ask():
        start.wait()
        answers.append(away.is_known())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == [False, *[True] * 7]


def test_it_is_news_once_and_at_its_end_it_is_told_how_many_did_without():
    away = Absence()
    assert away.end() == 0

    assert [away.note(), away.note()] == [True, False]
    assert away.is_known()

    assert [away.end(), away.end()] == [3, 0]
    assert not away.is_known()
    assert away.note()
