"""In any order of what people, queues, workers and time do, only what is approved is published."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from destinations.models import Destination
from destinations.state import consistency
from posts.composing import consistency as posts_consistency
from posts.models import Post, Workspace
from tests.posts.features.approval.walk import S, Walk

pytestmark = pytest.mark.django_db

Mode = Workspace.ApprovalMode
ACTS = {
    "write": 4,
    "edit": 4,
    "approve": 6,
    "refuse": 2,
    "ask": 2,
    "schedule": 1,
    "publish_now": 1,
    "override": 1,
    "hold": 1,
    "resume": 1,
    "work": 2,
    "retry": 1,
    "let_time_pass": 2,
    "sweep": 1,
    "repair": 1,
}
NAMES = [name for name, weight in ACTS.items() for _ in range(weight)]
STEPS = st.lists(st.tuples(st.sampled_from(NAMES), st.integers(0, 11)), min_size=15, max_size=30)
CHECKS = [*consistency.CHECKS, *posts_consistency.CHECKS]


MODES = st.sampled_from([Mode.REQUIRED_INTERNAL, Mode.REQUIRED_INTERNAL_AND_CLIENT])


def walks(count: int) -> settings:
    return settings(
        max_examples=count,
        phases=[Phase.generate],
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )


@walks(3)
@given(mode=MODES, acts=STEPS)
def test_only_what_is_approved_is_ever_due(mode, acts):
    go(mode, acts)


@pytest.mark.thorough
@walks(20)
@given(mode=MODES, acts=STEPS)
def test_only_what_is_approved_is_ever_due_in_many_more_walks(mode, acts):
    go(mode, acts)


def go(mode: str, acts: list[tuple[str, int]]) -> None:
    with transaction.atomic():
        walk = Walk(mode)
        for name, pick in [("write", 0), *acts]:
            walk.do(name, pick)
            check(walk)
        transaction.set_rollback(True)


def check(walk: Walk) -> None:
    """Nothing is due that is not approved, and what is approved and not held is due."""
    for row in Destination.objects.select_related("post__posting_queue"):
        post: Post = row.post
        if not walk.is_approved(post.pk):
            assert row.due_at is None, f"due, but not approved: {walk.trail}"
        elif row.status == S.QUEUED and post.status != Post.Status.DRAFT and not post.is_held:
            assert row.due_at is not None, f"approved, but not due: {walk.trail}"
    assert consistency.find(CHECKS) == []
