"""The small version of `make chaos`: a whole stack under a storm, and the books compared."""

import pytest

from tests.chaos import table
from tests.chaos.played import play


@pytest.mark.thorough
def test_nothing_is_public_twice_lost_or_told_wrongly_in_a_storm():
    played = play("storm", n=1, seed=20, lease=5)

    assert played.failure == ""
    assert table.harm({played.name: played.verdicts}) == []
    assert sum(verdict.word == "once" for verdict in played.verdicts) >= 7 * 6
