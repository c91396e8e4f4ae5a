"""Posts are deleted as long after their end as the operator says, if nothing needs them."""

from collections.abc import Callable
from datetime import timedelta

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from config import env
from config.queue.schedule import PERIODIC_TASKS
from destinations.models import Attempt, Deletion, Destination, Event
from destinations.runtime import clock
from posts import tasks
from posts.composing.changes import retention
from posts.features.repeating.models import Recycling
from posts.models import Post
from tests.factories import make_account, make_post, make_workspace
from tests.posts.cases import apart
from tests.psql import plan_of, psql

pytestmark = pytest.mark.django_db
PUBLISHED = {"status": "published", "due_at": None, "attempts": 1}


@pytest.fixture(autouse=True)
def _a_year(settings):
    settings.KEEP_POSTS_DAYS = 365


@pytest.fixture
def ended() -> Callable[..., Post]:
    """Makes a post that ended so many days ago, with an attempt and an event."""
    account = make_account(make_workspace())

    def make(days: float, of_post: str = "published", **fields) -> Post:
        post = make_post(account.workspace, [account], **{**PUBLISHED, **fields})
        row, at = post.destinations.get(), clock.now() - timedelta(days=days)
        Attempt.objects.create(
            destination=row, number=1, wanted_at=at, started_at=at, finished_at=at, outcome="ok"
        )
        Event.objects.create(destination=row, at=at, move="succeed", to_status="published", by="w")
        Post.objects.filter(pk=post.pk).update(status=of_post, created_at=at, updated_at=at)
        return post

    return make


def left() -> set:
    return set(Post.objects.values_list("pk", flat=True))


def test_old_posts_go_with_their_history_by_the_periodic_task(ended):
    old, young = ended(366), ended(364)

    tasks.forget_posts()

    assert left() == {young.pk}
    assert Destination.objects.get().post_id == young.pk != old.pk
    assert [Attempt.objects.count(), Event.objects.count()] == [1, 1]
    assert "posts.forget_posts" in {each.task for each in PERIODIC_TASKS.values()}


def test_a_post_that_cannot_be_deleted_keeps_no_other_from_being_deleted(ended, monkeypatch):
    bad, _ = ended(367), ended(366)
    needed = retention.lifecycle.needed

    def breaks(post_ids):
        if bad.pk in post_ids:
            raise ZeroDivisionError
        return needed(post_ids)

    monkeypatch.setattr(retention.lifecycle, "needed", breaks)

    assert retention.forget() == 1
    assert left() == {bad.pk}


def test_by_default_posts_are_kept_for_ever(ended, settings):
    settings.KEEP_POSTS_DAYS = 0
    ended(10_000)

    assert retention.forget() == 0
    assert Post.objects.count() == 1


def test_what_something_or_a_person_needs_stays_however_old(ended):
    for status, fields in (
        ("draft", {"status": "queued"}),
        ("scheduled", {"status": "queued"}),
        ("published", {"due_at": "2031-01-01T00:00:00Z"}),
        ("failed", {"status": "failed", "error_code": "outcome_unknown"}),
    ):
        with apart(status, fields):
            needed = ended(4000, status, **fields)

            assert retention.forget() == 0
            assert left() == {needed.pk}


def test_a_post_that_was_changed_lately_stays(ended):
    post = ended(4000)
    Post.objects.filter(pk=post.pk).update(updated_at=clock.now() - timedelta(days=2))

    assert retention.forget() == 0


def test_a_recycled_post_and_one_that_is_being_deleted_from_its_network_stay(ended):
    recycled, going, gone = ended(400), ended(400), ended(400)
    Recycling.objects.create(
        post_id=recycled.pk,
        workspace=recycled.workspace,
        gap=1,
        gap_unit="week",
        updated_at=clock.now(),
    )
    for post, due_at in ((going, clock.now()), (gone, None)):
        row = post.destinations.get()
        Deletion.objects.create(
            destination_id=row.pk,
            post_id=post.pk,
            workspace=post.workspace,
            account_number=row.account_number,
            platform="x",
            status="deleted" if due_at is None else "waiting",
            due_at=due_at,
            asked_at=clock.now(),
        )

    assert retention.forget() == 1
    assert left() == {recycled.pk, going.pk}


def test_records_of_deletions_go_as_well_but_for_failures(ended):
    workspace = ended(1).workspace
    for number, status in enumerate(("deleted", "left", "failed")):
        Deletion.objects.create(
            destination_id=f"00000000-0000-4000-8000-00000000000{number}",
            post_id=f"00000000-0000-4000-8000-00000000000{number}",
            workspace=workspace,
            account_number=1,
            platform="x",
            status=status,
            asked_at=clock.now() - timedelta(days=400),
        )

    retention.forget()

    assert [row.status for row in Deletion.objects.all()] == ["failed"]


def test_many_are_looked_at_in_steps_and_those_that_stay_are_passed(ended, monkeypatch):
    monkeypatch.setattr(retention, "LOOK", 2)
    monkeypatch.setattr(retention, "BATCH", 1)
    stay = {ended(500, "draft").pk for _ in range(5)}
    moment = clock.now() - timedelta(days=400)
    for _ in range(5):
        ended(400)
    # Bulk requests store posts of one instant.
    Post.objects.filter(status="published").update(created_at=moment)

    assert retention.forget() == 5
    assert left() == stay


def test_a_run_ends_after_its_time(ended, monkeypatch):
    ended(400)
    monkeypatch.setattr(retention, "MOST_SECONDS", 0)

    assert retention.forget() == 0


@pytest.mark.django_db(transaction=True)
def test_what_another_holds_is_neither_waited_for_nor_deleted(ended):
    held, locked, _ = ended(400), ended(400), ended(400)
    with psycopg.connect(**connection.get_connection_params()) as other:
        of_post = "SELECT 1 FROM destinations_destination WHERE post_id = %s FOR UPDATE"
        other.execute(of_post, [held.pk])
        other.execute("SELECT 1 FROM posts_post WHERE id = %s FOR UPDATE", [locked.pk])

        assert retention.forget() == 1
        assert left() == {held.pk, locked.pk}

    assert retention.forget() == 2


def test_the_oldest_are_found_by_an_index(ended):
    ended(400)
    values = {**retention.BEGINNING._asdict(), "before": clock.now(), "ended": ["x"], "look": 10}
    # With few rows, and as statistics happen to be, sorting them all seems as cheap.
    psql("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
    psql("SET LOCAL enable_bitmapscan = off")
    plan = plan_of(retention.OLDEST, values)

    assert "post_created" in plan
    assert "Index Cond: (created_at" in plan or "Index Cond: ((created_at" in plan


@pytest.mark.parametrize("value", ["30", "-1"])
def test_a_number_that_is_too_low_stops_the_start(value, monkeypatch):
    monkeypatch.setenv("KEEP_POSTS_DAYS", value)

    with pytest.raises(ImproperlyConfigured, match="at least 31"):
        env.days("KEEP_POSTS_DAYS", 0, least=31)
