"""PATCH /posts/{id}, row by row."""

import uuid
from datetime import UTC, datetime

import pytest

from destinations.models import Destination, Event
from platforms.drafts import Draft
from posts.models import Post
from tests.factories import make_account, make_post
from tests.posts.api.cases import cases
from tests.posts.api.contract.conftest import stored
from tests.posts.conftest import refused
from tests.posts.factories import make_media

SOON = datetime(2099, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def post(ada, x):
    return make_post(ada.workspace, [x], scheduled_for=SOON)


def test_edit_answers_with_exactly_five_fields_and_rewrites_what_will_be_sent(bo, media, post):
    response = bo.patch(
        f"/posts/{post.public_id}",
        {"content": "New", "scheduled_at": "2099-02-01T00:00:00Z", "media_ids": [str(media.pk)]},
    )

    post.refresh_from_db()
    assert response.json()["data"] == {
        "id": post.public_id,
        "content": "New",
        "scheduled_for": "2099-02-01T00:00:00Z",
        "status": "scheduled",
        "updated_at": post.updated_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    row = post.destinations.get()
    draft = Draft.from_json(row.draft)
    assert (draft.text, draft.media[0].key) == ("New", media.storage_key)
    assert row.due_at == row.wanted_at == datetime(2099, 2, 1, tzinfo=UTC)
    event = Event.objects.get()
    assert (event.move, event.by) == ("edit", f"key:{bo.key.prefix}")


def test_edit_of_nothing_is_a_200_that_changes_nothing(ada, post):
    before = stored()

    assert ada.patch(f"/posts/{post.public_id}", {}).status_code == 200
    assert stored() == before


def test_edit_of_timezone_alone_changes_the_label_and_not_the_instant(ada, post):
    data = ada.patch(f"/posts/{post.public_id}", {"timezone": "Asia/Tokyo"}).json()["data"]

    post.refresh_from_db()
    assert data["scheduled_for"] == "2099-01-01T12:00:00Z"
    assert (post.timezone, post.scheduled_for) == ("Asia/Tokyo", SOON)


@cases("is_stored", [True, False])
def test_edit_of_scheduled_at_without_offset_is_read_in_the_stored_or_its_own_timezone(
    ada, post, is_stored
):
    path, zone = f"/posts/{post.public_id}", {"timezone": "Asia/Tokyo"}
    if is_stored:
        ada.patch(path, zone)

    body = {"scheduled_at": "2099-02-01T09:00:00"} | ({} if is_stored else zone)

    assert ada.patch(path, body).json()["data"]["scheduled_for"] == "2099-02-01T00:00:00Z"


def test_edit_of_account_ids_replaces_the_list_and_those_that_stay_keep_their_id(ada, x):
    linkedin, threads = (make_account(ada.workspace, key) for key in ("linkedin", "threads"))
    post = make_post(ada.workspace, [x, linkedin], scheduled_for=SOON)
    staying = post.destinations.get(account=linkedin).pk

    ada.patch(f"/posts/{post.public_id}", {"account_ids": [threads.pk, linkedin.pk]})

    rows = list(post.destinations.order_by("position"))
    assert [row.account_number for row in rows] == [threads.pk, linkedin.pk]
    assert rows[1].pk == staying
    assert (rows[0].status, rows[0].due_at) == ("queued", SOON)


def test_edit_of_account_ids_checks_the_content_against_the_new_set(ada, post):
    Post.objects.update(content="a" * 1000)
    threads = make_account(ada.workspace, "threads")
    before = stored()

    response = ada.patch(f"/posts/{post.public_id}", {"account_ids": [threads.pk]})

    refused(response, 400, "content_too_long")
    assert stored() == before


@cases(
    ("body", "code"),
    [
        ({"scheduled_at": None}, "validation_error"),
        ({"scheduled_for": None}, "validation_error"),
        ({"scheduled_at": "2020-01-01T00:00:00Z"}, "past_schedule_time"),
        ({"scheduled_at": "9999-12-31T23:59:59Z"}, "validation_error"),
        ({"content": " "}, "validation_error"),
        ({"account_ids": []}, "validation_error"),
        ({"account_ids": [999999999]}, "invalid_accounts"),
        ({"media_ids": [str(uuid.uuid4())]}, "invalid_media"),
        ({"timezone": "Nowhere"}, "invalid_timezone"),
        ({"timezone": ""}, "invalid_timezone"),
        ({"scheduledAt": "2099-01-01T00:00:00Z"}, "invalid_field_name"),
        ({"content": "a" * 281}, "content_too_long"),
        ([], "validation_error"),
    ],
)
def test_edit_that_is_refused_changes_nothing(ada, post, body, code):
    before = stored()

    refused(ada.patch(f"/posts/{post.public_id}", body), 400, code)

    assert stored() == before


@cases("status", ["publishing", "published", "partial", "failed"])
@cases("body", [{}, {"content": "New"}])
def test_edit_is_only_of_scheduled_and_draft_posts(ada, post, status, body):
    Post.objects.update(status=status)
    before = stored()

    refused(ada.patch(f"/posts/{post.public_id}", body), 409, "conflict")

    assert stored() == before


def test_edit_of_a_drafts_time_never_publishes_it(ada, post):
    Post.objects.update(status="draft")
    Destination.objects.update(due_at=None)

    body = {"scheduled_at": "2099-02-01T00:00:00Z"}
    data = ada.patch(f"/posts/{post.public_id}", body).json()["data"]

    assert (data["status"], data["scheduled_for"]) == ("draft", "2099-02-01T00:00:00Z")
    assert Destination.objects.get().due_at is None


def shown(caller, post) -> dict:
    """A post's fields as PATCH calls them."""
    data = caller.get(f"/posts/{post.public_id}").json()["data"]
    return {
        "content": data["content"],
        "scheduled_at": data["scheduled_for"],
        "timezone": data["timezone"],
        "account_ids": [row["account_id"] for row in data["destinations"]],
        "media_ids": [item["id"] for item in data["media"]],
    }


@cases("field", ["content", "scheduled_at", "timezone", "account_ids", "media_ids"])
def test_edit_changes_only_what_is_sent(ada, post, field):
    new = {
        "content": "New",
        "scheduled_at": "2099-02-01T00:00:00Z",
        "timezone": "Asia/Tokyo",
        "account_ids": [make_account(ada.workspace, "linkedin").pk],
        "media_ids": [str(make_media(ada.workspace).pk)],
    }
    before = shown(ada, post)

    assert ada.patch(f"/posts/{post.public_id}", {field: new[field]}).status_code == 200

    assert before[field] != new[field]
    assert shown(ada, post) == {**before, field: new[field]}


def test_edit_of_media_ids_replaces_the_list(ada, post):
    first, second, third = (str(make_media(ada.workspace).pk) for _ in range(3))
    ada.patch(f"/posts/{post.public_id}", {"media_ids": [first, second]})

    ada.patch(f"/posts/{post.public_id}", {"media_ids": [third, second]})
    assert shown(ada, post)["media_ids"] == [third, second]

    ada.patch(f"/posts/{post.public_id}", {"media_ids": []})
    assert shown(ada, post)["media_ids"] == []
