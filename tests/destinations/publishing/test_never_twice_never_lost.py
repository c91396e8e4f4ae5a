"""Never twice, never lost, never reported wrongly, in any order of what workers and people do.

Two workers and people of three workspaces, each with a database connection of their own, do what
the product's own functions let them do, now and then at the same moment, with networks that never
lie. Processes die, freeze, go on later and are taken over; networks go down and are probed;
accounts are paused and limited; posts are edited and deleted. After every step nothing may be
public twice unless a person who was wrong asked for it, and the database must not contradict
itself. At the end healthy workers bring everything to a final, true state.
"""

from dataclasses import replace

import pytest

from tests.destinations.publishing.model_machine import HEALTHY, AnyOrder, play


@pytest.mark.django_db(transaction=True)
def test_nothing_is_published_twice_or_lost_or_reported_wrongly(workers):
    play(lambda: AnyOrder(workers))


@pytest.mark.django_db(transaction=True)
def test_a_call_that_a_process_taken_for_gone_makes_late_is_made_once(workers):
    played = AnyOrder(workers)
    try:
        played.game.sleep_through(replace(HEALTHY, pick=5))
    finally:
        played.teardown()
    assert played.game.network.publications()
