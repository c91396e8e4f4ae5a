"""A queue that is switched off holds its posts; switched on again it lets none go at once."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from destinations.dispatch import claims
from destinations.models import Destination, Event
from destinations.state import consistency
from posts.composing import consistency as posts_consistency
from posts.features.operations import operations
from posts.models import Post
from tests.factories import make_account
from tests.posts.conftest import refused
from tests.posts.features.posting_queues.conftest import hours, make_queue, put
from tests.posts.features.webhooks.webhook_factories import make_webhook, told

PAST = datetime(2026, 1, 1, tzinfo=UTC)


def switch(caller, queue, *, on: bool, **fields) -> int:
    response = caller.patch(f"/queues/{queue}", {"active": on, **fields})
    assert response.status_code == 200, response.json()
    assert response.json()["data"]["active"] is on
    return response.json()["data"]["reshuffled_count"]


def pass_slots(*posts) -> None:
    """Time goes by: the slots of these posts have come."""
    keys = [post.pk for post in posts]
    Post.objects.filter(pk__in=keys).update(scheduled_for=PAST, slot_at=PAST)
    Destination.objects.filter(post__in=keys, due_at__isnull=False).update(due_at=PAST)
    Destination.objects.filter(post__in=keys).update(wanted_at=PAST)


def test_its_posts_are_not_claimed_and_wait_without_a_finding(ada, x, hourly):
    post = put(ada, x, hourly)
    assert switch(ada, hourly, on=False) == 0
    pass_slots(post)

    assert claims.claim(10) == []
    assert claims.seconds_to_next_due() is None
    row = Destination.objects.get()
    assert (row.status, row.due_at, row.claim) == ("queued", None, None)
    assert ada.get(f"/posts/{post.public_id}").json()["data"]["status"] == "scheduled"
    assert consistency.find([*consistency.CHECKS, *posts_consistency.CHECKS]) == []
    moves = Event.objects.order_by("id").values_list("move", flat=True)
    assert list(moves) == ["compose", "hold"]


def test_switched_on_again_what_is_past_gets_future_slots_in_order(ada, x, hourly):
    posts = [put(ada, x, hourly, priority=each) for each in ("low", "medium", "high", "medium")]
    switch(ada, hourly, on=False)
    pass_slots(*posts[:3])

    assert switch(ada, hourly, on=True) == 3

    assert claims.claim(10) == []
    for post in posts:
        post.refresh_from_db()
    low, medium, high, later = posts
    assert later.slot_at == hours(3)
    assert [high.slot_at, medium.slot_at, low.slot_at] == [hours(0), hours(1), hours(2)]
    for post in posts:
        row = post.destinations.get()
        assert row.due_at == row.wanted_at == post.scheduled_for == post.slot_at


def test_new_posts_get_slots_and_wait_too(ada, x, hourly):
    switch(ada, hourly, on=False)

    post = put(ada, x, hourly)

    assert (post.slot_at, post.status) == (hours(0), "scheduled")
    assert Destination.objects.get().due_at is None
    switch(ada, hourly, on=True)
    assert Destination.objects.get().due_at == hours(0)


def test_an_edited_post_goes_on_to_wait(ada, x, hourly):
    post = put(ada, x, hourly)
    switch(ada, hourly, on=False)
    pass_slots(post)

    data = ada.patch(f"/posts/{post.public_id}", {"content": "Ho"}).json()["data"]

    assert (data["content"], data["queue_id"]) == ("Ho", hourly)
    assert Destination.objects.get().due_at is None


def test_a_post_that_leaves_it_is_published(ada, x, hourly):
    moved, now, deleted = [put(ada, x, hourly) for _ in range(3)]
    switch(ada, hourly, on=False)

    ada.patch(f"/posts/{moved.public_id}", {"scheduled_at": "2099-03-15T14:00:00Z"})
    operations.publish_now([now.pk], by="operator:ada")
    assert ada.delete(f"/posts/{deleted.public_id}").status_code == 200

    assert moved.destinations.get().due_at == datetime(2099, 3, 15, 14, tzinfo=UTC)
    assert [each.id for each in claims.claim(10)] == [now.destinations.get().pk]


def test_a_draft_is_scheduled_into_it_and_waits(ada, x, hourly):
    switch(ada, hourly, on=False)
    ada.post("/posts", {"content": "Hi", "account_ids": [x.pk], "draft": True})
    draft = Post.objects.get()

    ada.post(f"/posts/{draft.public_id}/schedule", {"use_queue": True, "queue_id": hourly})

    assert Destination.objects.get().due_at is None


def test_it_is_deleted_only_once_nothing_waits_in_it(ada, x, hourly):
    post = put(ada, x, hourly)
    switch(ada, hourly, on=False)
    refused(ada.delete(f"/queues/{hourly}"), 409, "conflict")

    ada.delete(f"/posts/{post.public_id}")

    assert ada.delete(f"/queues/{hourly}").status_code == 200


def test_the_latest_start_follows_the_new_time(ada, x, hourly):
    ada.workspace.missed_after_minutes = 30
    ada.workspace.save()
    post = put(ada, x, hourly)
    switch(ada, hourly, on=False)
    pass_slots(post)

    switch(ada, hourly, on=True)

    row = Destination.objects.get()
    assert row.not_after == row.due_at + timedelta(minutes=30)


def test_a_switch_that_changes_nothing_moves_nothing(ada, x, hourly):
    post = put(ada, x, hourly)
    pass_slots(post)
    assert switch(ada, hourly, on=True) == 0
    assert Destination.objects.get().due_at == PAST


def test_what_waits_is_reshuffled_and_goes_on_to_wait(ada, x, hourly):
    first, second = put(ada, x, hourly, priority="low"), put(ada, x, hourly)

    assert switch(ada, hourly, on=False, reshuffle_existing=True) == 2

    assert set(Destination.objects.values_list("due_at", flat=True)) == {None}
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.slot_at, second.slot_at) == (hours(1), hours(0))


class TestReshuffle:
    def test_posts_follow_new_slots_by_priority_and_creation(self, ada, x, hourly):
        ranks = ["low", "medium", "high", "medium"]
        posts = [put(ada, x, hourly, priority=rank) for rank in ranks]
        soon = timezone.now() + timedelta(minutes=5)
        slots = [{"day_of_week": day, "time": f"{soon:%H:%M}"} for day in range(7)]

        body = {"slots": slots, "reshuffle_existing": True}
        assert ada.patch(f"/queues/{hourly}", body).json()["data"]["reshuffled_count"] == 4
        order = list(Post.objects.order_by("slot_at").values_list("pk", flat=True))
        assert order == [posts[number].pk for number in (2, 1, 3, 0)]
        first = soon.replace(second=0, microsecond=0)
        times = Post.objects.order_by("slot_at").values_list("slot_at", flat=True)
        assert list(times) == [first + timedelta(days=number) for number in range(4)]
        assert (
            list(Event.objects.order_by("-id").values_list("move", flat=True)[:4]) == ["edit"] * 4
        )

    def test_without_the_wish_posts_stay_where_they_are(self, ada, x, hourly):
        post = put(ada, x, hourly)
        slots = [{"day_of_week": 1, "time": "09:17"}]

        data = ada.patch(f"/queues/{hourly}", {"slots": slots}).json()["data"]

        assert (data["reshuffled_count"], data["slots"]) == (0, slots)
        post.refresh_from_db()
        assert post.slot_at == hours(0)

    def test_too_few_slots_change_nothing(self, ada, x, hourly):
        posts = [put(ada, x, hourly) for _ in range(14)]
        body = {"slots": [{"day_of_week": 1, "time": "09:17"}], "reshuffle_existing": True}

        refused(ada.patch(f"/queues/{hourly}", body), 409, "queue_full")

        assert ada.get(f"/queues/{hourly}").json()["data"]["slots"] != body["slots"]
        times = list(Post.objects.order_by("created_at").values_list("slot_at", flat=True))
        assert times == [hours(number) for number in range(len(posts))]

    def test_accounts_are_not_put_into_one_slot_twice(self, ada, x, hourly):
        other = make_account(ada.workspace)
        for account in (x, x, other, x):
            put(ada, account, hourly)

        ada.patch(f"/queues/{hourly}", {"max_posts_per_slot": 3, "reshuffle_existing": True})

        places = list(Destination.objects.values_list("post__slot_at", "account_number"))
        assert len(set(places)) == 4
        assert (hours(0), other.pk) in places
        assert {slot for slot, _ in places} == {hours(0), hours(1), hours(2)}

    def test_a_post_that_has_begun_keeps_its_slot(self, ada, x, hourly):
        begun, waiting = put(ada, x, hourly), put(ada, x, hourly)
        Destination.objects.filter(post=begun).update(claim="00000000-0000-0000-0000-000000000001")

        ada.patch(f"/queues/{hourly}", {"reshuffle_existing": True})

        waiting.refresh_from_db()
        assert waiting.slot_at == hours(1)

    @pytest.mark.parametrize("zone", ["America/New_York", "Australia/Lord_Howe"])
    def test_posts_follow_a_new_zone(self, ada, x, zone):
        slots = [{"day_of_week": day, "time": "09:00"} for day in range(7)]
        queue = make_queue(ada, slots=slots)["id"]
        post = put(ada, x, queue)

        ada.patch(f"/queues/{queue}", {"timezone": zone, "reshuffle_existing": True})

        post.refresh_from_db()
        preview = ada.get(f"/queues/{queue}/preview?count=1").json()["data"]["slots"]
        day = datetime.fromisoformat(preview[0]) - post.slot_at
        assert timedelta(hours=23) <= day <= timedelta(hours=25)


def test_webhooks_are_told_of_posts_that_got_another_time(ada, x, hourly):
    make_webhook(ada.workspace, "post.updated")
    low, high = put(ada, x, hourly, priority="low"), put(ada, x, hourly, priority="high")
    put(ada, x, hourly, priority="low")

    ada.patch(f"/queues/{hourly}", {"reshuffle_existing": True})

    updated = [data for _, data in told(ada.workspace, "post.updated")]
    assert {each["post_id"] for each in updated} == {str(low.pk), str(high.pk)}
    assert all(each["changed"] == ["scheduled_for"] for each in updated)


def test_a_reshuffle_that_moves_nothing_leaves_no_trace(ada, x, hourly):
    post = put(ada, x, hourly)

    assert switch(ada, hourly, on=True, reshuffle_existing=True) == 0

    assert list(Event.objects.values_list("move", flat=True)) == ["compose"]
    before = post.updated_at
    post.refresh_from_db()
    assert post.updated_at == before
