"""What waits is woken, no matter what other posts, accounts and workspaces do.

Games as in `test_never_twice_never_lost`, with more that stays wrong. After some acts, and at the
end, the world gets well: first what is down stays down and is probed, then networks answer again,
frozen processes stay frozen, and some accounts and posts stay bad. Meanwhile every second is judged
(`model_liveness`).
"""

from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.destinations.publishing.model_liveness import SECONDS, Judge
from tests.destinations.publishing.model_machine import HEALTHY, LONG, SHORT, Playing, acts, play

TROUBLE = """
    compose*8 compose_bad*8 live*6 work_on*3 let_time_pass repair go_down*2 spoil_account*2
    freeze*2 thaw deliver die lose take_over pause resume*2 reconnect retry
"""
#: A step plays minutes of model time.
FEW = settings(SHORT, max_examples=4, stateful_step_count=3)
LONG_GAMES = settings(LONG, max_examples=4, stateful_step_count=15)
#: How long a network stays down in a world that is well otherwise.
DOWN_SECONDS = 40


class Liveness(Playing):
    @rule(troubles=st.lists(acts(TROUBLE), min_size=3, max_size=12))
    def trouble_comes_and_the_world_gets_well(self, troubles):
        for act in troubles:
            self._do(act)
        self._get_well()

    def _run_off(self) -> None:
        self._get_well()
        super()._run_off()

    def _get_well(self) -> None:
        self.history.append("the world gets well")
        judge = Judge(self.game, lambda fault: self._check(False, fault))
        if self.game.network.trouble.networks:
            judge.play(DOWN_SECONDS, to_the_end=True)
        self.game.come_back()
        # A post may fall due in the middle.
        judge.play(2 * SECONDS)


@pytest.mark.django_db(transaction=True)
def test_two_bad_posts_of_a_customer_hold_no_post_of_others(workers):
    played = Liveness(workers)
    try:
        played.game.live(replace(HEALTHY, pick=2))
        for number in range(2):
            played.game.compose_bad(replace(HEALTHY, pick=3, who=number))
        played.game.live(replace(HEALTHY, pick=4))
        for number in (1, 2, 4):
            played.game.compose(replace(HEALTHY, pick=number))
    finally:
        played.teardown()


@pytest.mark.django_db(transaction=True)
def test_no_post_waits_for_the_fault_of_another(workers):
    play(lambda: Liveness(workers), FEW, LONG_GAMES)
