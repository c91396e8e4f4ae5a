"""Posts kept for later: nothing of them is published until somebody schedules them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from destinations import due
from destinations.models import Destination, Event
from platforms.drafts import Draft
from posts import keys
from posts.models import Post
from tests.factories import make_account, make_post
from tests.posts.conftest import Caller, make_media, refused

FUTURE = "2099-03-15T14:00:00Z"
WHEN = datetime(2099, 3, 15, 14, tzinfo=UTC)


@pytest.fixture
def x(ada):
    return make_account(ada.workspace, "x")


def keep(caller, **fields) -> Post:
    response = caller.post("/posts", {"content": "Hi", "draft": True, **fields})
    assert response.status_code == 201, response.json()
    return Post.objects.get(pk=Post.objects.latest("created_at").pk)


def schedule(caller, post, **body):
    return caller.post(f"/posts/{post.public_id}/schedule", body)


def soon(**ahead) -> str:
    return (timezone.now() + timedelta(**ahead)).isoformat()


def snapshot() -> list:
    models = (Post, Destination, Event)
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_a_draft_answers_with_exactly_the_five_fields_and_needs_no_accounts(ada):
    response = ada.post("/posts", {"content": "Hi", "draft": True})

    post = Post.objects.get()
    path = f"/api/v1/posts/{post.public_id}"
    assert response.status_code == 201
    assert response.json()["data"] == {
        "post_id": post.public_id,
        "status": "draft",
        "scheduled_for": None,
        "message": "Draft saved; nothing is published until you schedule it.",
        "next_steps": [
            f"PATCH {path} changes it.",
            f"POST {path}/schedule publishes it, at a time or now.",
        ],
    }
    assert ada.get(f"/posts/{post.public_id}").json()["data"]["destinations"] == []


def test_a_draft_is_due_never_whatever_its_time(ada, x, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        post = keep(ada, account_ids=[x.pk], scheduled_for=FUTURE)
    Post.objects.update(scheduled_for=timezone.now() - timedelta(days=1))

    row = post.destinations.get()
    assert (row.status, row.due_at) == ("queued", None)
    assert (callbacks, due.claim(10)) == ([], [])
    assert post.scheduled_for == WHEN


def test_a_draft_does_not_count_as_queued_at_its_account(ada, x):
    def queued() -> int:
        activity = ada.get(f"/accounts/{x.pk}/health").json()["data"]["activity"]
        return activity["queued_count"]

    post = keep(ada, account_ids=[x.pk])
    assert queued() == 0

    schedule(ada, post, scheduled_for=FUTURE)
    assert queued() == 1


def test_a_post_that_is_no_draft_needs_accounts(ada):
    for body in ({}, {"draft": False}, {"draft": False, "account_ids": []}):
        refused(ada.post("/posts", {"content": "Hi", **body}), 400, "validation_error")
    assert Post.objects.count() == 0


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"draft": "true"}, "validation_error"),
        ({"draft": None}, "validation_error"),
        ({"content": ""}, "validation_error"),
        ({"scheduled_for": "2020-01-01T00:00:00Z"}, "past_schedule_time"),
        ({"account_ids": [999999999]}, "invalid_accounts"),
        ({"timezone": "Nowhere"}, "invalid_timezone"),
    ],
)
def test_a_draft_that_makes_no_sense_is_not_kept(ada, body, code):
    refused(ada.post("/posts", {"content": "Hi", "draft": True, **body}), 400, code)
    assert Post.objects.count() == 0


def test_a_draft_may_say_things_for_platforms_it_has_no_account_of_yet(ada, x):
    post = keep(ada, platform_content={"x": {"content": "For X"}})

    schedule(ada, post, scheduled_for=FUTURE, account_ids=[x.pk])

    assert Draft.from_json(post.destinations.get().draft).text == "For X"


def test_all_of_a_draft_can_be_changed_and_it_stays_one(ada, x):
    post = keep(ada)
    media = make_media(ada.workspace)

    body = {
        "content": "New",
        "account_ids": [x.pk],
        "scheduled_at": FUTURE,
        "timezone": "Asia/Tokyo",
        "media_ids": [str(media.pk)],
        "alt_texts": {str(media.pk): "A dove"},
        "platform_content": {"linkedin": {"content": "Later"}},
    }
    data = ada.patch(f"/posts/{post.public_id}", body).json()["data"]

    assert (data["status"], data["scheduled_for"], data["content"]) == ("draft", FUTURE, "New")
    row = post.destinations.get()
    draft = Draft.from_json(row.draft)
    assert (draft.text, draft.media[0].alt_text, row.due_at) == ("New", "A dove", None)
    assert ada.patch(f"/posts/{post.public_id}", {"account_ids": []}).status_code == 200
    assert post.destinations.count() == 0


def test_a_draft_is_deleted_with_its_destinations(ada, x):
    post = keep(ada, account_ids=[x.pk])

    response = ada.delete(f"/posts/{post.public_id}")

    assert response.json()["data"] == {"id": post.public_id, "deleted": True}
    assert (Post.objects.count(), Destination.objects.count()) == (0, 0)


def test_a_scheduled_draft_answers_with_its_destinations_and_is_due_at_its_time(ada, x):
    post = keep(ada, account_ids=[x.pk])

    response = schedule(ada, post, scheduled_for=FUTURE)

    row = post.destinations.get()
    assert response.status_code == 200
    assert response.json()["data"] == {
        "post_id": post.public_id,
        "status": "scheduled",
        "scheduled_for": FUTURE,
        "publish_now": False,
        "destinations": [{"account_id": x.pk, "platform": "x", "status": "queued"}],
        "message": "Post scheduled for 1 account",
    }
    assert (row.status, row.due_at, row.wanted_at) == ("queued", WHEN, WHEN)
    event = Event.objects.latest("id")
    assert (event.move, event.by) == ("schedule", f"key:{ada.key.prefix}")
    assert ada.get(f"/posts/{post.public_id}").json()["data"]["status"] == "scheduled"


def test_a_draft_published_now_starts_at_once(bo, ada, x, django_capture_on_commit_callbacks):
    post = keep(ada, account_ids=[x.pk], scheduled_for=FUTURE)

    with django_capture_on_commit_callbacks() as callbacks:
        data = schedule(bo, post, publish_now=True).json()["data"]

    assert (data["status"], data["scheduled_for"]) == ("publishing", None)
    assert (data["publish_now"], data["message"]) == (True, "Post publishing to 1 account")
    assert len(callbacks) == 1
    assert [each.id for each in due.claim(10)] == [post.destinations.get().pk]


def test_accounts_given_with_the_time_replace_the_drafts_own(ada, x):
    linkedin, threads = (make_account(ada.workspace, key) for key in ("linkedin", "threads"))
    post = keep(ada, account_ids=[x.pk, linkedin.pk])
    kept = post.destinations.get(platform="linkedin").pk

    body = {"scheduled_for": FUTURE, "account_ids": [threads.pk, linkedin.pk]}
    data = schedule(ada, post, **body).json()["data"]

    assert [row["account_id"] for row in data["destinations"]] == [threads.pk, linkedin.pk]
    assert post.destinations.get(platform="linkedin").pk == kept
    assert post.destinations.filter(due_at=WHEN).count() == 2


def test_a_time_without_offset_is_read_in_the_zone_given_or_the_drafts_own(ada, x):
    first, second = (keep(ada, account_ids=[x.pk], timezone="Asia/Tokyo") for _ in range(2))
    naive = "2099-01-01T12:00:00"

    own = schedule(ada, first, scheduled_for=naive).json()["data"]
    given = schedule(ada, second, scheduled_for=naive, timezone="UTC").json()["data"]

    assert own["scheduled_for"] == "2099-01-01T03:00:00Z"
    assert given["scheduled_for"] == "2099-01-01T12:00:00Z"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "validation_error"),
        ({"publish_now": False}, "validation_error"),
        ({"publish_now": True, "scheduled_for": FUTURE}, "validation_error"),
        ({"publish_now": "true"}, "validation_error"),
        ({"scheduled_for": None}, "validation_error"),
        ({"scheduled_for": FUTURE, "scheduled_at": "2099-01-01T00:00:00Z"}, "validation_error"),
        ({"scheduled_for": "2020-01-01T00:00:00Z"}, "past_schedule_time"),
        ({"scheduled_for": FUTURE, "timezone": "Nowhere"}, "invalid_timezone"),
        ({"scheduled_for": FUTURE, "timezone": ""}, "invalid_timezone"),
        ({"scheduled_for": FUTURE, "account_ids": []}, "validation_error"),
        ({"scheduled_for": FUTURE, "account_ids": [999999999]}, "invalid_accounts"),
        ({"scheduledFor": FUTURE}, "invalid_field_name"),
    ],
)
def test_a_schedule_that_makes_no_sense_changes_nothing(ada, x, body, code):
    post = keep(ada, account_ids=[x.pk])
    before = snapshot()

    refused(schedule(ada, post, **body), 400, code)

    assert snapshot() == before


def test_a_time_less_than_a_minute_ahead_is_refused(ada, x):
    post = keep(ada, account_ids=[x.pk])

    refused(schedule(ada, post, scheduled_for=soon(seconds=30)), 400, "past_schedule_time")
    assert schedule(ada, post, scheduled_for=soon(seconds=90)).status_code == 200


def test_a_draft_without_accounts_is_not_scheduled(ada):
    post = keep(ada)

    refused(schedule(ada, post, publish_now=True), 400, "validation_error")
    post.refresh_from_db()
    assert post.status == "draft"


def test_a_draft_that_no_longer_fits_is_not_scheduled(ada, x):
    post = keep(ada, content="a" * 281)

    body = {"publish_now": True, "account_ids": [x.pk]}
    refused(schedule(ada, post, **body), 400, "content_too_long")
    assert Destination.objects.count() == 0


@pytest.mark.parametrize("status", ["scheduled", "publishing", "published", "partial", "failed"])
def test_only_drafts_are_scheduled(ada, x, status):
    post = make_post(ada.workspace, [x], scheduled_for=WHEN)
    Post.objects.update(status=status)
    before = snapshot()

    refused(schedule(ada, post, publish_now=True), 409, "conflict")

    assert snapshot() == before


def test_a_second_schedule_of_the_same_draft_is_refused(ada, x):
    post = keep(ada, account_ids=[x.pk])

    assert schedule(ada, post, publish_now=True).status_code == 200
    refused(schedule(ada, post, publish_now=True), 409, "conflict")


def test_a_stranger_schedules_nothing(cy, ada, x):
    post = keep(ada, account_ids=[x.pk])

    refused(schedule(cy, post, publish_now=True), 404, "not_found")
    assert post.destinations.get().due_at is None


def test_a_draft_without_accounts_is_out_of_reach_of_a_key_for_some(ada, x):
    dee = Caller(ada.workspace, *keys.create(ada.workspace, "Dee", ["read", "write"], accounts=[x]))
    anybodys = keep(ada)
    own = keep(dee, account_ids=[x.pk])

    assert [each["id"] for each in dee.get("/posts").json()["data"]] == [own.public_id]
    refused(schedule(dee, anybodys, publish_now=True), 404, "not_found")
    refused(dee.post("/posts", {"content": "Hi", "draft": True}), 400, "validation_error")
    refused(dee.patch(f"/posts/{own.public_id}", {"account_ids": []}), 400, "validation_error")
    assert Post.objects.count() == 2
