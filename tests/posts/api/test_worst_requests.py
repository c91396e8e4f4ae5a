"""No request that the size limits let in takes long or is answered with more than it deserves.

`python -m tests.bench.requests` sends all of them and prints what each costs.
"""

import time
from itertools import groupby

import pytest

from posts.models import IdempotencyRecord, Post
from tests import worst_requests
from tests.worst_requests import ANSWER_BYTES, CPU_SECONDS, TEXTS

#: How many times slower a machine may be than the one that the bound was measured on.
SLOWER = 5


@pytest.fixture
def world(ada):
    return worst_requests.make_world(ada.workspace)


def over(caller, wanted, **headers):
    """Those that cost more than their bound, with what they cost."""
    found = []
    for each in wanted:
        began = time.thread_time()
        answer = caller.client.generic(
            each.method,
            f"/api/v1{each.path}",
            each.body,
            content_type="application/json",
            headers={"Authorization": f"Bearer {caller.secret}", **headers},
        )
        cost = time.thread_time() - began
        size = len(answer.content) if answer.status_code >= 400 else 0
        assert answer.status_code < 500, (each.name, answer.content[:500])
        if cost > CPU_SECONDS * SLOWER or size > ANSWER_BYTES:
            found.append((each.name, answer.status_code, cost, size))
    return found


def kind(wanted):
    return wanted.name.partition(":")[0]


def one_in_turn(groups):
    """Of each group the next of its requests, so that each of as many as there are groups is
    sent."""
    for number, group in enumerate(groups):
        requests = list(group)
        yield requests[number % len(requests)]


SHAPES = ("lists", "fewer words", "500 wrong", "long numbers", "objects by id", "a long word")


def test_each_text_costs_little_somewhere_and_each_kind_of_request_with_some_text(ada, world):
    wanted = list(one_in_turn(worst_requests.texts(world, [text]) for text in TEXTS))
    wanted += [
        each
        for each in worst_requests.texts(world, ["letters"])
        if kind(each) not in map(kind, wanted)
    ]

    assert over(ada, wanted) == []


def test_each_shape_of_wrong_values_costs_little_in_some_fields(ada, world):
    wanted = [
        each
        for number, shape in enumerate(SHAPES)
        for each in list(worst_requests.shapes(world, [shape]))[number :: 4 * len(SHAPES)]
    ]

    assert over(ada, wanted) == []
    assert Post.objects.count() == 2


@pytest.mark.thorough
@pytest.mark.parametrize("text", TEXTS)
def test_a_text_costs_little_in_every_field_and_with_any_content(ada, world, text):
    assert over(ada, worst_requests.texts(world, [text])) == []


@pytest.mark.thorough
@pytest.mark.parametrize("shape", SHAPES)
def test_wrong_values_cost_little_and_are_answered_briefly_in_every_field(ada, world, shape):
    assert over(ada, worst_requests.shapes(world, [shape])) == []
    assert Post.objects.count() == 2


def test_bodies_of_any_form_cost_little_and_are_answered_briefly(ada, world):
    assert over(ada, worst_requests.forms(world)) == []
    assert Post.objects.count() == 2


def test_the_kinds_of_text_requests_are_those_that_take_text(world):
    kinds = [name for name, _ in groupby(worst_requests.texts(world, ["letters"]), key=kind)]

    assert kinds == [
        *(
            "post",
            "validate",
            "preview",
            "edit",
            "bulk",
            "smaller bulk",
            "each network its own",
            "its own in a preview",
            "thread",
            "search",
            "link",
        )
    ]


def test_a_large_wrong_list_with_an_idempotency_key_leaves_little_behind(ada, world):
    wanted = [
        each for each in worst_requests.shapes(world, ["500 wrong"]) if "account_ids" in each.name
    ]
    for number, each in enumerate(wanted):
        assert over(ada, [each], **{"Idempotency-Key": f"large-{number}"}) == []

    kept = [len(each.answer) for each in IdempotencyRecord.objects.all()]
    assert len(kept) == len(wanted)
    assert max(kept) < ANSWER_BYTES
