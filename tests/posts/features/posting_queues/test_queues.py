"""Queues: made, read, changed and deleted."""

import json
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from posts.features.posting_queues import queues
from posts.models import Post, PostingQueue
from tests.factories import make_account
from tests.posts.cases import apart
from tests.posts.conftest import refused
from tests.posts.features.posting_queues.conftest import EACH_HOUR, hours, make_queue, put

NINE = [{"day_of_week": 1, "time": "09:00"}]
FIELDS = {
    "id",
    "name",
    "timezone",
    "slots",
    "active",
    "is_default",
    "account_ids",
    "max_posts_per_slot",
    "jitter_minutes",
    "created_at",
    "updated_at",
}


def test_a_new_queue_has_what_was_said_and_sensible_defaults(ada):
    made = make_queue(ada, name=" Mornings ", slots=NINE)

    assert set(made) == FIELDS
    assert {**made, "id": 0, "created_at": 0, "updated_at": 0} == {
        "id": 0,
        "name": "Mornings",
        "timezone": "UTC",
        "slots": NINE,
        "active": True,
        "is_default": False,
        "account_ids": None,
        "max_posts_per_slot": 1,
        "jitter_minutes": 0,
        "created_at": 0,
        "updated_at": 0,
    }
    assert ada.get(f"/queues/{made['id']}").json()["data"] == made


def test_slots_are_sorted_and_duplicates_count_once(ada):
    slots = [
        {"day_of_week": 6, "time": "08:00"},
        {"day_of_week": 0, "time": "23:59"},
        {"day_of_week": 6, "time": "08:00"},
        {"day_of_week": 0, "time": "00:00"},
    ]
    assert make_queue(ada, slots=slots)["slots"] == [slots[3], slots[1], slots[0]]


def test_the_list_begins_with_the_default_queue_and_has_pages(ada, cy):
    make_queue(cy)
    first = ada.get("/queues").json()["data"]
    assert [each["is_default"] for each in first["queues"]] == [True]
    second = make_queue(ada)

    page = ada.get("/queues?limit=1&offset=1").json()["data"]

    assert [each["id"] for each in page["queues"]] == [second["id"]]
    assert page["pagination"] == {"limit": 1, "offset": 1, "total": 2, "has_more": False}


def test_what_makes_no_queue_is_refused(ada):
    for body, code in (
        ({"slots": NINE}, "validation_error"),
        ({"name": "A"}, "validation_error"),
        ({"name": " ", "slots": NINE}, "validation_error"),
        ({"name": "a" * 101, "slots": NINE}, "validation_error"),
        ({"name": "A", "slots": []}, "validation_error"),
        ({"name": "A", "slots": NINE * 337}, "validation_error"),
        ({"name": "A", "slots": [{"day_of_week": 7, "time": "09:00"}]}, "validation_error"),
        ({"name": "A", "slots": [{"day_of_week": "1", "time": "09:00"}]}, "validation_error"),
        ({"name": "A", "slots": [{"day_of_week": 1, "time": "9:00"}]}, "validation_error"),
        ({"name": "A", "slots": [{"day_of_week": 1, "time": "24:00"}]}, "validation_error"),
        ({"name": "A", "slots": [{"day_of_week": 1, "time": "09:00\n"}]}, "validation_error"),
        ({"name": "A", "slots": [{"day_of_week": 1, "time": 900}]}, "validation_error"),
        ({"name": "A", "slots": [{"day_of_week": 1}]}, "validation_error"),
        ({"name": "A", "slots": {"day_of_week": 1, "time": "09:00"}}, "validation_error"),
        ({"name": "A", "slots": [{**NINE[0], "zone": "UTC"}]}, "invalid_field_name"),
        ({"name": "A", "slots": NINE, "timezone": "Mars"}, "invalid_timezone"),
        ({"name": "A", "slots": NINE, "max_posts_per_slot": 0}, "validation_error"),
        ({"name": "A", "slots": NINE, "jitter_minutes": 61}, "validation_error"),
        ({"name": "A", "slots": NINE, "jitter_minutes": 1.5}, "validation_error"),
        ({"name": "A", "slots": NINE, "active": "yes"}, "validation_error"),
        ({"name": "A", "slots": NINE, "account_ids": []}, "validation_error"),
        ({"name": "A", "slots": NINE, "account_ids": [987654321]}, "invalid_accounts"),
        ({"name": "A", "slots": NINE, "reshuffle_existing": True}, "invalid_field_name"),
        ([], "validation_error"),
    ):
        with apart(body, code):
            refused(ada.post("/queues", body), 400, code)
            assert not PostingQueue.objects.filter(is_default=False).exists()


def test_a_workspace_has_a_bounded_number_of_queues(ada, monkeypatch):
    monkeypatch.setattr(queues, "MOST_QUEUES", 3)
    for _ in range(2):
        make_queue(ada)

    refused(ada.post("/queues", {"name": "A", "slots": NINE}), 409, "conflict")


def test_another_queue_becomes_the_default_one(ada):
    first = ada.get("/queues").json()["data"]["queues"][0]["id"]
    second = make_queue(ada, is_default=True)["id"]
    assert not ada.get(f"/queues/{first}").json()["data"]["is_default"]

    assert ada.patch(f"/queues/{first}", {"is_default": True}).json()["data"]["is_default"]

    assert PostingQueue.objects.get(is_default=True).pk.hex == first.replace("-", "")
    refused(ada.patch(f"/queues/{first}", {"is_default": False}), 409, "conflict")
    assert ada.patch(f"/queues/{second}", {"is_default": False}).status_code == 200


def test_the_default_queue_is_not_deleted(ada):
    first = ada.get("/queues").json()["data"]["queues"][0]["id"]
    refused(ada.delete(f"/queues/{first}"), 409, "conflict")
    make_queue(ada, is_default=True)

    assert ada.delete(f"/queues/{first}").json()["data"] == {"id": first, "deleted": True}
    refused(ada.get(f"/queues/{first}"), 404, "not_found")


def test_posts_of_a_deleted_queue_keep_their_times(ada, x, hourly):
    post = put(ada, x, hourly)

    ada.delete(f"/queues/{hourly}")

    at = post.scheduled_for
    post.refresh_from_db()
    assert (post.posting_queue, post.slot_at, post.scheduled_for) == (None, None, at)
    assert post.destinations.get().due_at == at
    assert "queue_id" not in ada.get(f"/posts/{post.public_id}").json()["data"]


def test_the_next_slot_and_the_preview_show_what_is_free(ada, x, hourly):
    put(ada, x, hourly)

    data = ada.get(f"/queues/{hourly}/next-slot").json()["data"]
    assert datetime.fromisoformat(data.pop("next_slot")) == hours(1)
    assert data == {"timezone": "UTC", "queue_id": hourly, "queue_name": "Hourly"}

    slots = ada.get(f"/queues/{hourly}/preview?count=3").json()["data"]["slots"]
    assert [datetime.fromisoformat(each) for each in slots] == [hours(1), hours(2), hours(3)]
    assert len(ada.get(f"/queues/{hourly}/preview").json()["data"]["slots"]) == 20
    for count in ("0", "101", "x"):
        refused(ada.get(f"/queues/{hourly}/preview?count={count}"), 400, "validation_error")


def test_a_full_queue_has_no_next_slot(ada, x):
    queue = make_queue(ada, slots=NINE)["id"]
    for _ in range(14):
        body = {"content": "Hi", "account_ids": [x.pk], "use_queue": True, "queue_id": queue}
        ada.post("/posts", body)

    assert ada.get(f"/queues/{queue}/next-slot").json()["data"]["next_slot"] is None
    assert ada.get(f"/queues/{queue}/preview").json()["data"]["slots"] == []


def test_the_short_way_to_the_default_queue_shows_its_next_posts(ada, x):
    queue = make_queue(ada, is_default=True)
    first, _ = put(ada, x, priority="high"), put(ada, x)

    data = ada.get("/queue?count=1").json()["data"]

    assert (data["queue_id"], data["queue_name"], data["active"]) == (queue["id"], "Hourly", True)
    assert data["slots"] == EACH_HOUR
    assert datetime.fromisoformat(data["next_slot"]) == hours(2)
    (post,) = data["posts"]
    at = hours(0).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert post == {
        "post_id": first.public_id,
        "content": "Hi",
        "scheduled_for": at,
        "slot": at,
        "priority": "high",
    }


def test_both_mounts_have_the_same_queues(ada, hourly):
    paths = ("/queues", f"/queues/{hourly}", f"/queues/{hourly}/preview", "/queue")
    for path in paths:
        other = ada.client.get(
            f"/compat/api/v1{path}", headers={"Authorization": f"Bearer {ada.secret}"}
        )
        # The compatibility mount tells more of the next post's queue.
        told, own = other.json()["data"], ada.get(path).json()["data"]
        assert {**told, **own} == told
        more = {"queue", "upcoming", "exhausted"} if path == "/queue" else set()
        assert set(told) - set(own) == more


def test_wall_times_follow_the_zone_of_the_queue(ada, x):
    """Nine in New York is another time in UTC after its clocks have changed."""
    slots = [{"day_of_week": day, "time": "09:00"} for day in range(7)]
    queue = make_queue(ada, slots=slots, timezone="America/New_York")["id"]

    found = ada.get(f"/queues/{queue}/preview?count=89").json()["data"]["slots"]

    times = [datetime.fromisoformat(each) for each in found]
    assert {each.hour for each in times} <= {13, 14}
    assert all(
        timedelta(hours=23) <= other - one <= timedelta(hours=25) for one, other in pairwise(times)
    )


class TestRestrictedKeys:
    @pytest.fixture
    def other(self, ada):
        return make_account(ada.workspace)

    @pytest.fixture
    def bob(self, bo, x):
        """Bo may use X only."""
        bo.key.is_restricted = True
        bo.key.save()
        bo.key.accounts.add(x)
        return bo

    def test_they_use_queues_that_take_their_accounts(self, ada, bob, x, other):
        shared = make_queue(ada, account_ids=[x.pk, other.pk])["id"]
        theirs = make_queue(ada, account_ids=[other.pk])["id"]
        put(ada, other, shared)

        assert put(bob, x, shared).slot_at == hours(1)
        assert bob.get(f"/queues/{shared}").json()["data"]["account_ids"] == [x.pk]
        assert theirs not in json.dumps(bob.get("/queues").json())
        for path in ("", "/next-slot", "/preview"):
            refused(bob.get(f"/queues/{theirs}{path}"), 404, "not_found")
        body = {"content": "Hi", "account_ids": [x.pk], "use_queue": True, "queue_id": theirs}
        refused(bob.post("/posts", body), 400, "validation_error")

    def test_they_change_queues_of_their_accounts_only(self, ada, bob, x, other):
        shared = make_queue(ada, account_ids=[x.pk, other.pk])["id"]
        for queue in (shared, make_queue(ada)["id"]):
            refused(bob.patch(f"/queues/{queue}", {"name": "Mine"}), 403, "insufficient_scope")
            refused(bob.delete(f"/queues/{queue}"), 403, "insufficient_scope")
        body = {"name": "Mine", "slots": NINE}
        refused(bob.post("/queues", body), 400, "validation_error")
        own = {**body, "account_ids": [x.pk]}
        refused(bob.post("/queues", {**own, "is_default": True}), 403, "insufficient_scope")

        mine = bob.post("/queues", own).json()["data"]["id"]

        path = f"/queues/{mine}"
        assert bob.patch(path, {"name": "Ours"}).status_code == 200
        refused(bob.patch(path, {"account_ids": None}), 400, "validation_error")
        refused(bob.patch(path, {"account_ids": [other.pk]}), 400, "invalid_accounts")
        refused(bob.patch(path, {"is_default": True}), 403, "insufficient_scope")
        assert bob.delete(path).status_code == 200

    def test_they_see_no_posts_of_others(self, ada, bob, x, other):
        hers, his = put(ada, other), put(bob, x)

        shown = json.dumps(bob.get("/queue").json())

        assert his.public_id in shown
        assert hers.public_id not in shown
        assert Post.objects.count() == 2
