"""A post's status is derived from its destinations."""

import threading
import time

import pytest
from django.db import connection, transaction

from destinations.state import transitions
from tests.factories import make_account, make_post, make_workspace


def make(*statuses, **fields):
    workspace = make_workspace()
    post = make_post(workspace, [make_account(workspace) for _ in statuses], **fields)
    for destination, status in zip(post.destinations.order_by("position"), statuses, strict=True):
        post.destinations.filter(pk=destination.pk).update(status=status)
    return post


def _a_session_waits_for_a_lock():
    with connection.cursor() as cursor:
        # A transaction sees the others as they were when it first looked.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return cursor.fetchone()[0]


def start_and_wait_for_its_lock(other: threading.Thread) -> None:
    other.start()
    give_up_at = time.monotonic() + 20
    while not _a_session_waits_for_a_lock():
        assert time.monotonic() < give_up_at
        time.sleep(0.01)


@pytest.mark.django_db(transaction=True)
def test_of_two_simultaneous_moves_the_second_counts_the_first():
    post = make("publishing", "publishing")
    first, second = post.destinations.order_by("position")
    moved = []

    def end_the_second():
        moved.append(transitions.move("succeed", second.pk, by="worker:b"))
        connection.close()

    other = threading.Thread(target=end_the_second)
    with transaction.atomic():
        assert transitions.move("succeed", first.pk, by="worker:a")
        start_and_wait_for_its_lock(other)
    other.join(20)

    post.refresh_from_db()
    assert (moved, post.status) == ([True], "published")


@pytest.mark.django_db(transaction=True)
def test_a_start_beside_an_outcome_leaves_the_post_publishing():
    """The outcome makes it partial, but does not see the start, which waits for it."""
    post = make("failed", "publishing")
    retried, other = post.destinations.order_by("position")
    post.destinations.filter(pk=retried.pk).update(next_retry_at=retried.due_at)
    post.status = "publishing"
    post.save()
    moved = []

    def start():
        moved.append(transitions.move("start", retried.pk, by="worker:b"))
        connection.close()

    starting = threading.Thread(target=start)
    with transaction.atomic():
        assert transitions.move("succeed", other.pk, by="worker:a")
        start_and_wait_for_its_lock(starting)
    starting.join(20)

    post.refresh_from_db()
    assert (moved, post.status) == ([True], "publishing")


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
