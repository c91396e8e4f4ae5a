"""Many at once: no two posts get the same place, and no change undoes a claim."""

from collections import Counter
from datetime import UTC, datetime

import psycopg
import pytest
from django.db import connection, transaction

from destinations.dispatch import claims
from destinations.models import Destination
from destinations.runtime import clock
from posts.features.posting_queues import retime
from posts.models import Post, PostingQueue
from tests.factories import make_account
from tests.posts.at_once import at_once
from tests.posts.conftest import Caller
from tests.posts.features.posting_queues.conftest import hours, make_queue, put

THREADS = 20
PAST = datetime(2026, 1, 1, tzinfo=UTC)


def one_of_many(caller) -> Caller:
    """The same key in a process of its own."""
    return Caller(caller.workspace, caller.key, caller.secret)


def posting(caller, account, **fields):
    body = {"content": "Hi", "account_ids": [account.pk], "use_queue": True, **fields}
    mine = one_of_many(caller)
    return lambda: mine.post("/posts", body)


@pytest.mark.parametrize("fields", [{}, {"max_posts_per_slot": 2}, {"jitter_minutes": 60}])
def test_twenty_at_once_get_twenty_slots(transactional_db, ada, fields):
    queue = make_queue(ada, **fields)["id"]
    account = make_account(ada.workspace)

    answers = at_once([posting(ada, account, queue_id=queue) for _ in range(THREADS)])

    assert [answer.status_code for answer in answers] == [201] * THREADS
    slots = Post.objects.order_by("slot_at").values_list("slot_at", flat=True)
    assert list(slots) == [hours(number) for number in range(THREADS)]


def test_twenty_at_once_fill_the_slots_that_take_two(transactional_db, ada):
    queue = make_queue(ada, max_posts_per_slot=2)["id"]
    accounts = [make_account(ada.workspace) for _ in range(2)]

    answers = at_once(
        [posting(ada, accounts[number % 2], queue_id=queue) for number in range(THREADS)]
    )

    assert [answer.status_code for answer in answers] == [201] * THREADS
    places = Destination.objects.values_list("post__slot_at", "account_number")
    assert len(set(places)) == THREADS
    taken = Counter(slot for slot, _ in places)
    assert taken == {hours(number): 2 for number in range(THREADS // 2)}


def test_the_first_twenty_posts_of_a_workspace_make_one_default_queue(transactional_db, ada):
    account = make_account(ada.workspace)

    answers = at_once([posting(ada, account) for _ in range(THREADS)])

    assert [answer.status_code for answer in answers] == [201] * THREADS
    assert PostingQueue.objects.get().posts.values("slot_at").distinct().count() == THREADS


def test_posts_that_change_places_between_two_queues_do_not_block_each_other(transactional_db, ada):
    account = make_account(ada.workspace)
    queues = [make_queue(ada)["id"] for _ in range(2)]
    posts = [put(ada, account, queues[number % 2]) for number in range(THREADS)]

    def moving(number):
        mine = one_of_many(ada)
        wish = {"use_queue": True, "queue_id": queues[1 - number % 2]}
        return lambda: mine.patch(f"/posts/{posts[number].public_id}", wish)

    answers = at_once([moving(number) for number in range(THREADS)])

    assert [answer.status_code for answer in answers] == [200] * THREADS
    for queue in queues:
        mine = Post.objects.filter(posting_queue=queue)
        assert mine.values("slot_at").distinct().count() == mine.count() == THREADS // 2


def test_bulk_requests_with_crossed_queues_do_not_block_each_other(transactional_db, ada, account):
    queues = [make_queue(ada)["id"] for _ in range(2)]

    def sending(number):
        mine = one_of_many(ada)
        bodies = [
            {"content": "Hi", "account_ids": [account.pk], "use_queue": True, "queue_id": queue}
            for queue in (queues if number % 2 else queues[::-1]) * 2
        ]
        named = {"Idempotency-Key": f"bulk-{number}"}
        return lambda: mine.post("/posts/bulk", {"posts": bodies}, headers=named)

    answers = at_once([sending(number) for number in range(4)])

    assert [answer.status_code for answer in answers] == [201] * 4
    assert Post.objects.values("posting_queue", "slot_at").distinct().count() == 16


def make_due(posts) -> None:
    """Their slots have come, and no worker has taken them."""
    keys = [post.pk for post in posts]
    Post.objects.filter(pk__in=keys).update(scheduled_for=PAST, slot_at=PAST)
    Destination.objects.filter(post__in=keys).update(due_at=PAST, wanted_at=PAST)


def check_claimed_or_moved(moved_count: int) -> None:
    """Each post is claimed at its old time or has a new one, never both."""
    claimed = Destination.objects.exclude(claim=None)
    moved = Destination.objects.filter(claim=None)
    assert {row.wanted_at for row in claimed} <= {PAST}
    assert all(row.due_at == row.wanted_at > PAST for row in moved)
    assert len(moved) == moved_count


def test_a_reshuffle_and_a_claim_at_once_share_out_the_posts(transactional_db, ada):
    queue = make_queue(ada)["id"]
    make_due([put(ada, make_account(ada.workspace), queue) for _ in range(THREADS)])
    reshuffle = {"reshuffle_existing": True}

    changed, _ = at_once(
        [lambda: ada.patch(f"/queues/{queue}", reshuffle), lambda: claims.claim(10)]
    )

    check_claimed_or_moved(changed.json()["data"]["reshuffled_count"])


def test_a_reshuffle_leaves_what_is_claimed(transactional_db, ada):
    queue = make_queue(ada)["id"]
    make_due([put(ada, make_account(ada.workspace), queue) for _ in range(3)])
    (taken,) = claims.claim(1)

    changed = ada.patch(f"/queues/{queue}", {"reshuffle_existing": True})

    assert changed.json()["data"]["reshuffled_count"] == 2
    check_claimed_or_moved(2)
    assert Destination.objects.get(pk=taken.id).claim == taken.claim


@pytest.mark.parametrize("change", [{"reshuffle_existing": True}, {"active": False}])
def test_a_claim_takes_nothing_of_a_queue_that_is_being_changed(transactional_db, ada, change):
    queue = make_queue(ada)["id"]
    make_due([put(ada, make_account(ada.workspace), queue) for _ in range(3)])
    claimed = []

    def execute(run, sql, params, many, context):
        result = run(sql, params, many, context)
        if not claimed and sql == retime.LOCK_POSTS:
            claimed.extend(at_once([lambda: claims.claim(10)]))
        return result

    with connection.execute_wrapper(execute):
        assert ada.patch(f"/queues/{queue}", change).status_code == 200

    assert claimed == [[]]
    assert claims.claim(10) == []


def test_a_queue_that_gets_new_times_locks_nothing_that_a_worker_has(transactional_db, ada):
    queue = make_queue(ada)["id"]
    account = make_account(ada.workspace)
    claimed, waiting = (put(ada, account, queue) for _ in range(2))
    rows = Destination.objects.filter(post=claimed)
    rows.update(due_at=PAST, wanted_at=PAST)
    (found,) = claims.claim(10)
    row = PostingQueue.objects.get(pk=claimed.posting_queue_id)
    seen = []

    with transaction.atomic():
        retiming = retime.Retiming(row, was_active=True, by="x", request_id="", now=clock.now())
        movable = retiming._waiting()
        with psycopg.connect(**connection.get_connection_params()) as worker:
            worker.execute("SET lock_timeout = '5s'")
            for table, pk in (("destinations_destination", found.id), ("posts_post", claimed.pk)):
                seen += worker.execute(f"SELECT 1 FROM {table} WHERE id = %s FOR UPDATE", [pk])

    assert len(seen) == 2
    assert [each.id for each in movable] == [waiting.pk]
