"""Threads that take turns; one may pass its turn on before it has ended."""

import threading

import pytest

from destinations.jobs.turns import Turns
from tests.until import until

pytestmark = pytest.mark.django_db


class Waiting:
    """A thread that takes a turn, and keeps it until it is told to end."""

    def __init__(self, turns: Turns) -> None:
        self.has_begun, self._may_end = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, args=(turns,), daemon=True)
        self._thread.start()

    def _run(self, turns: Turns) -> None:
        with turns.take():
            self.has_begun.set()
            self._may_end.wait()

    def end(self) -> None:
        self._may_end.set()
        self._thread.join()


def test_a_turn_that_is_passed_on_is_the_next_threads_before_its_block_ends():
    turns = Turns()
    with turns.take() as pass_on:
        second = Waiting(turns)
        assert not second.has_begun.wait(0.05)

        pass_on()

        until(second.has_begun.is_set)
    second.end()


def test_a_block_that_has_passed_its_turn_on_ends_no_other_turn():
    turns = Turns()
    with turns.take() as pass_on:
        pass_on()
        second = Waiting(turns)
        until(second.has_begun.is_set)
        third = Waiting(turns)

    assert not third.has_begun.wait(0.05)
    second.end()
    until(third.has_begun.is_set)
    third.end()
