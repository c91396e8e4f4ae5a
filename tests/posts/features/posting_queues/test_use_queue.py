"""Posts that name no time get the next free slot of a queue."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from destinations.models import Destination
from posts.features.operations import operations
from posts.models import Post, PostingQueue
from tests.factories import make_account
from tests.posts.cases import apart
from tests.posts.conftest import refused
from tests.posts.factories import FUTURE
from tests.posts.features.posting_queues.conftest import hours, make_queue, put


def test_a_post_gets_the_next_slot_and_the_answer_says_which(ada, x, hourly):
    body = {"content": "Hi", "account_ids": [x.pk], "use_queue": True, "queue_id": hourly}

    data = ada.post("/posts", body).json()["data"]

    assert datetime.fromisoformat(data["scheduled_for"]) == hours(0)
    assert (data["status"], data["queue_id"]) == ("scheduled", hourly)
    row = Destination.objects.get()
    assert row.due_at == row.wanted_at == hours(0)
    assert Post.objects.get().slot_at == hours(0)


def test_posts_get_one_slot_after_the_other(ada, x, hourly):
    assert [put(ada, x, hourly).slot_at for _ in range(3)] == [hours(0), hours(1), hours(2)]


def test_other_posts_do_not_have_the_field(ada, x, hourly):
    plain = ada.post("/posts", {"content": "Hi", "account_ids": [x.pk], "scheduled_at": FUTURE})
    queued = put(ada, x, hourly)

    assert "queue_id" not in plain.json()["data"]
    listed = ada.get("/posts").json()["data"]
    assert [post.get("queue_id") for post in listed] == [hourly, None]
    assert "queue_id" not in listed[1]
    assert ada.get(f"/posts/{queued.public_id}").json()["data"]["queue_id"] == hourly


def test_without_a_queue_it_is_the_default_one_which_every_workspace_has(ada, x):
    post = put(ada, x)

    queue = PostingQueue.objects.get()
    assert (queue.is_default, queue.timezone, len(queue.slots)) == (True, "UTC", 21)
    assert post.posting_queue == queue
    assert post.slot_at.strftime("%H:%M") in ("09:00", "12:00", "17:00")
    put(ada, x)
    assert PostingQueue.objects.count() == 1


def test_a_slot_two_minutes_ahead_is_too_close(ada, x):
    soon = timezone.now() + timedelta(minutes=1, seconds=30)
    slots = [{"day_of_week": soon.isoweekday() % 7, "time": f"{soon:%H:%M}"}]
    queue = make_queue(ada, slots=slots)

    post = put(ada, x, queue["id"])

    assert post.slot_at - timezone.now() > timedelta(days=6)


def test_a_slot_takes_several_posts_of_different_accounts(ada, x, hourly):
    other = make_account(ada.workspace, "linkedin")
    queue = make_queue(ada, max_posts_per_slot=2)["id"]

    first, second = put(ada, x, queue), put(ada, x, queue)
    beside, third = put(ada, other, queue), put(ada, other, queue)

    assert [first.slot_at, second.slot_at] == [hours(0), hours(1)]
    assert [beside.slot_at, third.slot_at] == [hours(0), hours(1)]
    assert put(ada, make_account(ada.workspace), queue).slot_at == hours(2)


def test_jitter_is_added_to_the_slot_and_stays_the_same(ada, x):
    queue = make_queue(ada, jitter_minutes=30)["id"]

    posts = [put(ada, x, queue) for _ in range(6)]

    late = [post.scheduled_for - post.slot_at for post in posts]
    assert all(timedelta() <= each <= timedelta(minutes=30) for each in late)
    assert len(set(late)) > 1
    ada.patch(f"/posts/{posts[0].public_id}", {"use_queue": True, "content": "Ho"})
    posts[0].refresh_from_db()
    assert posts[0].scheduled_for - posts[0].slot_at == late[0]


def test_what_contradicts_a_queue_is_refused(ada, x):
    for more in (
        {"scheduled_at": FUTURE},
        {"scheduled_for": FUTURE},
        {"publish_now": True},
        {"draft": True},
        {"use_queue": False, "priority": "high"},
        {"use_queue": "true"},
        {"priority": "urgent"},
        {"queue_id": "mornings"},
        {"queue_id": "00000000-0000-0000-0000-000000000000"},
    ):
        with apart(more):
            body = {"content": "Hi", "account_ids": [x.pk], "use_queue": True, **more}

            for path in ("/posts", "/posts/validate"):
                refused(ada.post(path, body), 400, "validation_error")
            assert Post.objects.count() == 0


def test_null_and_false_are_no_wish(ada, x):
    body = {"content": "Hi", "account_ids": [x.pk], "scheduled_at": FUTURE}
    for value in (None, False):
        data = ada.post("/posts", {**body, "use_queue": value}).json()["data"]
        assert data["scheduled_for"] == FUTURE


def test_a_queue_of_another_workspace_is_unknown(ada, cy, x):
    theirs = make_queue(cy)["id"]
    body = {"content": "Hi", "account_ids": [x.pk], "use_queue": True, "queue_id": theirs}

    refused(ada.post("/posts", body), 400, "validation_error")


def test_a_full_queue_is_said(ada, x):
    queue = make_queue(ada, slots=[{"day_of_week": 1, "time": "09:00"}])["id"]
    body = {"content": "Hi", "account_ids": [x.pk], "use_queue": True, "queue_id": queue}
    assert [ada.post("/posts", body).status_code for _ in range(14)][:12] == [201] * 12
    error = refused(ada.post("/posts", body), 409, "queue_full")
    assert error["details"]["queue_id"] == queue
    refused(ada.post("/posts/validate", body), 409, "queue_full")


def test_validation_stores_nothing_and_takes_no_slot(ada, x, hourly):
    body = {"content": "Hi", "account_ids": [x.pk], "use_queue": True, "queue_id": hourly}

    assert ada.post("/posts/validate", body).json()["data"]["valid"] is True
    assert put(ada, x, hourly).slot_at == hours(0)


def test_bulk_items_take_slots_in_their_order(ada, x, hourly):
    body = {"content": "Hi", "account_ids": [x.pk], "use_queue": True, "queue_id": hourly}
    bodies = [body, {**body, "draft": True}, {**body, "content": "Ho"}]

    for headers in ({}, {"Idempotency-Key": "once"}):
        data = ada.post("/posts/bulk", {"posts": bodies}, headers=headers).json()["data"]
        assert [result["ok"] for result in data["results"]] == [True, False, True]
    slots = list(Post.objects.order_by("created_at").values_list("slot_at", flat=True))
    assert slots == [hours(number) for number in range(4)]


def test_a_draft_is_scheduled_into_a_queue(ada, x, hourly):
    ada.post("/posts", {"content": "Hi", "account_ids": [x.pk], "draft": True})
    draft = Post.objects.get()
    wish = {"use_queue": True, "queue_id": hourly, "priority": "high"}
    refused(ada.patch(f"/posts/{draft.public_id}", wish), 400, "validation_error")

    response = ada.post(f"/posts/{draft.public_id}/schedule", wish)

    data = response.json()["data"]
    assert response.status_code == 200, data
    assert (data["status"], data["queue_id"], data["publish_now"]) == ("scheduled", hourly, False)
    draft.refresh_from_db()
    assert (draft.slot_at, draft.queue_priority) == (hours(0), Post.QueuePriority.HIGH)
    assert Destination.objects.get().due_at == hours(0)


@pytest.mark.parametrize(
    "body", [{"use_queue": True, "publish_now": True}, {"use_queue": True, "scheduled_for": FUTURE}]
)
def test_a_draft_is_scheduled_in_one_way(ada, x, body):
    ada.post("/posts", {"content": "Hi", "account_ids": [x.pk], "draft": True})
    draft = Post.objects.get()
    refused(ada.post(f"/posts/{draft.public_id}/schedule", body), 400, "validation_error")


def test_a_deleted_post_frees_its_slot(ada, x, hourly):
    first, _ = put(ada, x, hourly), put(ada, x, hourly)
    assert ada.delete(f"/posts/{first.public_id}").status_code == 200

    assert put(ada, x, hourly).slot_at == hours(0)


def test_a_post_that_gets_a_time_leaves_its_queue(ada, x, hourly):
    first = put(ada, x, hourly)

    data = ada.patch(f"/posts/{first.public_id}", {"scheduled_at": FUTURE}).json()["data"]

    assert "queue_id" not in data
    first.refresh_from_db()
    assert (first.posting_queue, first.slot_at, first.queue_priority) == (None, None, None)
    assert put(ada, x, hourly).slot_at == hours(0)


def test_a_scheduled_post_enters_a_queue_and_moves_to_another(ada, x, hourly):
    other = make_queue(ada, name="Other")["id"]
    put(ada, x, other)
    ada.post("/posts", {"content": "Hi", "account_ids": [x.pk], "scheduled_at": FUTURE})
    post = Post.objects.latest("created_at")
    path = f"/posts/{post.public_id}"

    data = ada.patch(path, {"use_queue": True, "queue_id": hourly}).json()["data"]
    assert data["queue_id"] == hourly
    assert datetime.fromisoformat(data["scheduled_for"]) == hours(0)

    data = ada.patch(path, {"use_queue": True, "queue_id": other}).json()["data"]
    assert datetime.fromisoformat(data["scheduled_for"]) == hours(1)
    assert Destination.objects.get(post=post).due_at == hours(1)
    refused(ada.patch(path, {"use_queue": False}), 400, "validation_error")


def test_a_post_keeps_its_slot_when_only_its_text_or_priority_changes(ada, x, hourly):
    post, _ = put(ada, x, hourly), put(ada, x, hourly)

    ada.patch(f"/posts/{post.public_id}", {"content": "Ho"})
    ada.patch(f"/posts/{post.public_id}", {"use_queue": True, "priority": "low"})

    post.refresh_from_db()
    assert (post.slot_at, post.queue_priority) == (hours(0), Post.QueuePriority.LOW)


def test_new_accounts_that_are_in_the_slot_already_get_another_one(ada, x):
    queue = make_queue(ada, max_posts_per_slot=2)["id"]
    other = make_account(ada.workspace, "linkedin")
    put(ada, x, queue)
    beside = put(ada, other, queue)
    assert beside.slot_at == hours(0)

    ada.patch(f"/posts/{beside.public_id}", {"account_ids": [x.pk]})

    beside.refresh_from_db()
    assert beside.slot_at == beside.scheduled_for == hours(1)


def test_a_post_that_an_operator_publishes_or_moves_frees_its_slot(ada, x, hourly):
    first, second = put(ada, x, hourly), put(ada, x, hourly)

    operations.publish_now([first.pk], by="operator:ada")
    when = operations.Moment(datetime.fromisoformat(FUTURE))
    operations.move([second.pk], when, by="operator:ada")

    assert put(ada, x, hourly).slot_at == hours(0)
    assert put(ada, x, hourly).slot_at == hours(1)


def test_a_queue_of_some_accounts_takes_posts_of_these_only(ada, x):
    other = make_account(ada.workspace)
    queue = make_queue(ada, account_ids=[x.pk])["id"]
    put(ada, x, queue)
    for accounts in ([other.pk], [x.pk, other.pk]):
        body = {"content": "Hi", "account_ids": accounts, "use_queue": True, "queue_id": queue}
        refused(ada.post("/posts", body), 400, "validation_error")


def test_the_same_times_in_another_workspace_are_free(ada, cy, x):
    queue, theirs = make_queue(ada)["id"], make_queue(cy)["id"]
    put(ada, x, queue)

    assert put(cy, make_account(cy.workspace), theirs).slot_at == hours(0)


def test_the_same_request_with_the_same_key_takes_one_slot(ada, x, hourly):
    body = {"content": "Hi", "account_ids": [x.pk], "use_queue": True, "queue_id": hourly}
    answers = [
        ada.post("/posts", body, headers={"Idempotency-Key": "once"}).json()["data"]
        for _ in range(2)
    ]
    assert answers[0] == answers[1]
    assert Post.objects.count() == 1


def test_a_post_that_no_network_takes_leaves_no_trace(ada, x, hourly):
    body = {"content": "x" * 400, "account_ids": [x.pk], "use_queue": True, "queue_id": hourly}
    refused(ada.post("/posts", body), 400, "content_too_long")

    assert put(ada, x, hourly).slot_at == hours(0)
