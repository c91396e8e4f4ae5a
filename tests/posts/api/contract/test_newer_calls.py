"""POST /posts as newer programs send it: drafts, publish_now, another name of the time."""

from datetime import timedelta

from django.utils import timezone

from destinations.dispatch import claims
from destinations.models import Destination
from posts.models import Post
from tests.factories import make_post
from tests.posts.api.cases import cases
from tests.posts.api.contract.conftest import is_nothing_made
from tests.posts.api.test_drafts import FUTURE, WHEN, keep
from tests.posts.conftest import refused


def test_publish_now_publishes_at_once(ada, x):
    body = {"content": "Hi", "account_ids": [x.pk]}

    now = ada.post("/posts", {**body, "publish_now": True}).json()["data"]
    later = ada.post("/posts", {**body, "publish_now": False, "scheduled_at": FUTURE}).json()

    assert (now["status"], later["data"]["status"]) == ("publishing", "scheduled")


@cases(
    "body",
    [
        {"publish_now": True, "scheduled_at": FUTURE},
        {"publish_now": True, "draft": True},
        {"publish_now": False},
        {"publish_now": False, "scheduled_at": None},
        {"publish_now": "true"},
    ],
)
def test_publish_now_that_contradicts_the_rest_publishes_nothing(ada, x, body):
    body = {"content": "Hi", "account_ids": [x.pk], **body}

    refused(ada.post("/posts", body), 400, "validation_error")
    assert is_nothing_made()


def test_draft_answers_with_exactly_the_five_fields_and_needs_no_accounts(ada):
    response = ada.post("/posts", {"content": "Hi", "draft": True})

    post = Post.objects.get()
    path = f"/api/v1/posts/{post.public_id}"
    assert response.status_code == 201
    assert response.json()["data"] == {
        "post_id": post.public_id,
        "status": "draft",
        "scheduled_for": None,
        "message": "Draft saved; nothing is published until you schedule it.",
        "next_steps": {
            "review": f"GET {path} shows it, PATCH {path} changes it.",
            "publish": f"POST {path}/schedule publishes it, at a time or now.",
        },
    }
    assert ada.get(f"/posts/{post.public_id}").json()["data"]["destinations"] == []


def test_a_draft_is_never_due_at_any_time(ada, x, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        post = keep(ada, account_ids=[x.pk], scheduled_for=FUTURE)
    Post.objects.update(scheduled_for=timezone.now() - timedelta(days=1))

    row = post.destinations.get()
    assert (row.status, row.due_at) == ("queued", None)
    assert (callbacks, claims.claim(10)) == ([], [])
    assert post.scheduled_for == WHEN


@cases("more", [{}, {"draft": True}, {"scheduled_for": FUTURE}])
def test_cover_photo_is_refused_by_name(ada, x, more):
    body = {"content": "Hi", "account_ids": [x.pk], "cover_photo": "a.png", **more}

    error = refused(ada.post("/posts", body), 400, "invalid_field_name")

    assert error["details"] == {"field": "cover_photo"}
    assert is_nothing_made()


def test_an_unknown_campaign_is_refused_of_a_post_and_finds_none(ada, x):
    body = {"content": "Hi", "account_ids": [x.pk], "campaign_id": 7}

    error = refused(ada.post("/posts", body), 400, "invalid_campaign")

    assert error["details"] == {"campaign_id": 7}
    assert is_nothing_made()
    make_post(ada.workspace, [x])
    assert ada.get("/posts?campaign_id=7").json()["data"] == []


@cases("word", ["myspace", "x,", "x,all", ",", "X"])
def test_delete_on_an_unknown_platform_is_refused_and_deletes_nothing(ada, x, word):
    post = make_post(ada.workspace, [x], scheduled_for=WHEN)

    path = f"/posts/{post.public_id}?delete_on_platforms={word}"
    refused(ada.delete(path), 400, "validation_error")

    assert Post.objects.count() == Destination.objects.count() == 1


def test_bulk_schedule_is_not_here(ada, x):
    post = {"date": "2099-03-15", "time": "14:00", "content": "Hi", "platforms": f"x+{x.pk}"}
    body = {"posts": [post], "timezone": "UTC"}

    refused(ada.post("/posts/bulk-schedule", body), 404, "not_found")

    assert is_nothing_made()
