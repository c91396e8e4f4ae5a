"""Reading what networks say of published posts, network by network."""

import dataclasses

import pytest

from platforms import metrics
from platforms.adapter import Adapter
from platforms.errors import PlatformError
from platforms.metrics import Metrics
from platforms.registry import ADAPTERS
from tests.platforms.facts import all_facts, facts_of
from tests.platforms.test_deleting import connect, published

#: By network, the call that reads a post's numbers, and those that it gives.
NUMBERED = {key: facts.numbers for key, facts in all_facts().items() if facts.numbers}
FOLLOWED = [
    key for key, each in ADAPTERS.items() if type(each).read_followers is not Adapter.read_followers
]
WEEK = 7 * 24 * 3600


def given(found: Metrics) -> set[str]:
    return {name for name in metrics.NAMES if getattr(found, name) is not None}


@pytest.mark.parametrize("key", NUMBERED)
def test_the_numbers_of_a_post_grow_and_what_a_network_does_not_give_is_absent(simulator, key):
    drive, post_id = published(simulator, key)

    first = drive.read_metrics(post_id)[post_id]
    simulator.advance(WEEK)
    later = drive.read_metrics(post_id)[post_id]

    assert given(first) == given(later) == set(NUMBERED[key][1])
    assert all(getattr(later, name) >= getattr(first, name) for name in NUMBERED[key][1])
    assert later != first


@pytest.mark.parametrize("key", NUMBERED)
def test_a_post_that_is_gone_is_left_out(simulator, key):
    drive, post_id = published(simulator, key)
    drive.checkpoint = {}
    another = dataclasses.replace(facts_of(key).usual.draft, text="Another one")
    other = drive.finish(another).id
    simulator.http.delete(f"/control/posts/{key}/{other}").raise_for_status()

    found = [each for asked in _batches(key, post_id, other) for each in drive.read_metrics(*asked)]

    assert found == [post_id]


def _batches(key: str, *post_ids: str) -> list[tuple[str, ...]]:
    size = ADAPTERS[key].metrics_batch
    return [post_ids[at : at + size] for at in range(0, len(post_ids), size)]


@pytest.mark.parametrize("key", NUMBERED)
def test_what_a_network_does_not_say_is_no_number(simulator, key):
    drive, post_id = published(simulator, key)

    for fault in ({"status": 500}, {"drop": "before"}, {"status": 401}):
        drive.fault(call=NUMBERED[key][0], **fault, times=1)
        with pytest.raises(PlatformError):
            drive.read_metrics(post_id)
    for body in ("{}", '{"data": null}', '{"data": [{}]}', '{"data": 5}', "[]"):
        drive.fault(call=NUMBERED[key][0], status=200, body=body, times=1)
        try:
            found = drive.read_metrics(post_id)
        except PlatformError:
            continue
        assert (body, [given(each) for each in found.values() if given(each)]) == (body, [])


@pytest.mark.parametrize("key", FOLLOWED)
def test_the_followers_of_an_account_are_counted(simulator, key):
    drive = connect(simulator, key)

    first = drive.read_followers()
    simulator.advance(WEEK)

    assert first
    assert drive.read_followers() > first


def test_a_sum_of_numbers_of_which_one_is_missing_is_missing():
    assert metrics.complete_sum([1, 2]) == 3
    assert metrics.complete_sum([1, None, 2]) is None
