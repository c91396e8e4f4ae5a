"""No request that the size limits let in takes long or is answered with more than it deserves.

`python -m tests.bench.requests` sends all of them and prints what each costs.
"""

import gc
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
        # What is collected meanwhile is everything that the tests have made.
        gc.disable()
        began = time.thread_time()
        answer = caller.client.generic(
            each.method,
            f"/api/v1{each.path}",
            each.body,
            content_type="application/json",
            headers={"Authorization": f"Bearer {caller.secret}", **headers},
        )
        cost = time.thread_time() - began
        gc.enable()
        size = len(answer.content) if answer.status_code >= 400 else 0
        assert answer.status_code < 500, (each.name, answer.content[:500])
        if cost > CPU_SECONDS * SLOWER or size > ANSWER_BYTES:
            found.append((each.name, answer.status_code, cost, size))
    return found


def kind(wanted):
    return wanted.name.partition(":")[0]


SHAPES = ("lists", "fewer words", "500 wrong", "long numbers", "objects by id", "a long word")


def some_in_turn(groups, step):
    """Of each group every so many requests; of each they are others."""
    return [each for number, group in enumerate(groups) for each in list(group)[number::step]]


def test_each_text_and_each_kind_of_request_costs_little(ada, world):
    texts = [worst_requests.texts(world, [text]) for text in TEXTS]
    wanted = some_in_turn(texts, step=len(TEXTS))

    assert over(ada, wanted) == []
    assert len(set(map(kind, wanted))) == 11


def test_each_shape_of_wrong_values_costs_little_in_some_fields(ada, world):
    shapes = [worst_requests.shapes(world, [shape]) for shape in SHAPES]

    assert over(ada, some_in_turn(shapes, step=20)) == []
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
