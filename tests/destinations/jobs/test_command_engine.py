"""An engine of commands begins a round for each wake-up, whenever it comes."""

from typing import Any

from destinations.deleting import claims
from destinations.jobs.command_engine import CommandEngine


class Counting(CommandEngine[Any]):
    """Counts its rounds. Another thread wakes it right after `interrupted` looks at its flag."""

    name = "counting"
    by = "test"
    rows = claims.ROWS

    def __init__(self) -> None:
        self.rounds = 0
        self.interrupted = 0
        super().__init__(threads=0)

    def begin(self) -> None:
        self.rounds += 1

    @property
    def _is_woken(self) -> bool:
        found = self._flag
        if self.interrupted:
            self.interrupted -= 1
            self.wake()
        return found

    @_is_woken.setter
    def _is_woken(self, value: bool) -> None:
        self._flag = value


def steps(engine: Counting, count: int) -> int:
    """Return the rounds of so many steps, none of which waits."""
    for _ in range(count):
        engine.commands.poke()
        engine.step()
    return engine.rounds


def test_a_wake_up_while_the_engine_looks_whether_it_is_woken_begins_a_round():
    engine = Counting()
    engine.interrupted = 1

    assert steps(engine, 2) == 1


def test_a_wake_up_between_the_look_and_the_round_is_served_by_that_round():
    engine = Counting()
    engine.wake()
    engine.interrupted = 1

    assert steps(engine, 3) == 1


def test_without_a_wake_up_or_a_command_no_round_begins():
    assert steps(Counting(), 2) == 0
