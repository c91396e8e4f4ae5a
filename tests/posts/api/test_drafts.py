"""Posts kept for later: nothing of them is published until they are scheduled."""

from datetime import UTC, datetime, timedelta

from django.utils import timezone

from destinations.models import Destination
from platforms.drafts import Draft
from posts.keys import keys
from posts.models import Post
from tests.posts.api.cases import cases
from tests.posts.conftest import Caller, data_of, refused
from tests.posts.factories import FUTURE, make_media

WHEN = datetime(2099, 3, 15, 14, tzinfo=UTC)


def keep(caller, **fields) -> Post:
    data_of(caller.post("/posts", {"content": "Hi", "draft": True, **fields}), 201)
    return Post.objects.get(pk=Post.objects.latest("created_at").pk)


def schedule(caller, post, **body):
    return caller.post(f"/posts/{post.public_id}/schedule", body)


def soon(**ahead) -> str:
    return (timezone.now() + timedelta(**ahead)).isoformat()


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


@cases(
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


def test_a_draft_that_no_longer_fits_is_not_scheduled(ada, x):
    post = keep(ada, content="a" * 281)

    body = {"publish_now": True, "account_ids": [x.pk]}
    refused(schedule(ada, post, **body), 400, "content_too_long")
    assert Destination.objects.count() == 0


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
    unrestricted = keep(ada)
    own = keep(dee, account_ids=[x.pk])

    assert [each["id"] for each in dee.get("/posts").json()["data"]] == [own.public_id]
    refused(schedule(dee, unrestricted, publish_now=True), 404, "not_found")
    refused(dee.post("/posts", {"content": "Hi", "draft": True}), 400, "validation_error")
    refused(dee.patch(f"/posts/{own.public_id}", {"account_ids": []}), 400, "validation_error")
    assert Post.objects.count() == 2
