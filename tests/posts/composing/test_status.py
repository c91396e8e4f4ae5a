"""A post's status is derived from its destinations."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from destinations.models import Destination
from destinations.state import transitions
from tests.factories import make_account, make_post, make_workspace
from tests.psql import psql
from tests.until import until


def make(*statuses, **fields):
    workspace = make_workspace()
    post = make_post(workspace, [make_account(workspace) for _ in statuses], **fields)
    for destination, status in zip(post.destinations.order_by("position"), statuses, strict=True):
        post.destinations.filter(pk=destination.pk).update(status=status)
    return post


def _a_session_waits_for_a_lock():
    # A transaction sees the others as they were when it first looked.
    psql("SELECT pg_stat_clear_snapshot()")
    return psql(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )[0][0]


def moved_at_once(first: str, row: Destination, second: str, other: Destination) -> bool:
    """Whether `other` was moved; its move waits for the transaction that has moved `row`."""

    def elsewhere() -> bool:
        try:
            return transitions.move(second, other.pk, by="worker:b")
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            assert transitions.move(first, row.pk, by="worker:a")
            moving = pool.submit(elsewhere)
            until(_a_session_waits_for_a_lock)
        return moving.result(20)


@pytest.mark.django_db(transaction=True)
def test_of_two_simultaneous_moves_the_second_counts_the_first():
    post = make("publishing", "publishing")
    first, second = post.destinations.order_by("position")

    moved = moved_at_once("succeed", first, "succeed", second)

    post.refresh_from_db()
    assert (moved, post.status) == (True, "published")


@pytest.mark.django_db(transaction=True)
def test_a_start_beside_an_outcome_leaves_the_post_publishing():
    """The outcome makes it partial, but does not see the start, which waits for it."""
    post = make("failed", "publishing")
    retried, other = post.destinations.order_by("position")
    post.destinations.filter(pk=retried.pk).update(next_retry_at=retried.due_at)
    post.status = "publishing"
    post.save()

    moved = moved_at_once("succeed", other, "start", retried)

    post.refresh_from_db()
    assert (moved, post.status) == (True, "publishing")


@pytest.mark.django_db
def test_a_start_makes_its_post_publishing_once():
    post = make("queued", "queued", "queued")
    post.status = "scheduled"
    post.save()
    seen = []

    for destination in post.destinations.order_by("position"):
        transitions.move("start", destination.pk, by="worker:a")
        post.refresh_from_db()
        seen.append((post.status, post.updated_at))

    assert [status for status, _ in seen] == ["publishing"] * 3
    assert len({updated_at for _, updated_at in seen}) == 1
