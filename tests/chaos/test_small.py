"""The small versions of `make chaos`: a whole stack under a storm, and the books compared."""

import pytest

from tests.acceptance.stack import SETTINGS, empty, up
from tests.chaos import table
from tests.chaos.ground import WORKERS, Ground
from tests.chaos.played import play
from tests.chaos.registry import SCENARIOS

#: `make test` runs beside other work on small machines.
PATIENCE = 1.5


def test_a_death_and_a_customer_whose_posts_fail_cost_others_nothing(tmp_path):
    scenario = SCENARIOS["small"]
    # On the tests' own servers, which run already.
    with empty(tmp_path, {**SETTINGS, **scenario.env}) as stack, up(stack, *WORKERS):
        ground = Ground(stack, scenario, 1, 20)
        ground.patience = PATIENCE
        scenario.play(ground)
        ground.settle()
        verdicts = ground.verdicts()

    assert table.harm({scenario.name: verdicts}) == []
    assert sum(verdict.word == "once" for verdict in verdicts) >= len(scenario.networks) * 2 * 4


@pytest.mark.thorough
def test_nothing_is_public_twice_lost_or_told_wrongly_in_a_storm():
    played = play("storm", n=1, seed=20, lease=5)

    assert played.failure == ""
    assert table.harm({played.name: played.verdicts}) == []
    assert sum(verdict.word == "once" for verdict in played.verdicts) >= 7 * 6
