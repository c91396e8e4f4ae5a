import uuid
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from destinations.models import Destination, Event
from platforms.drafts import Draft
from posts.models import Post
from tests.factories import make_account, make_post
from tests.posts.conftest import make_caller, make_media, make_workspace, refused

SOON = datetime(2099, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def x(ada):
    return make_account(ada.workspace, "x")


@pytest.fixture
def post(ada, x):
    return make_post(ada.workspace, [x], scheduled_for=SOON)


def snapshot() -> list:
    return [
        list(Post.objects.order_by("pk").values()),
        list(Destination.objects.order_by("pk").values()),
        list(Event.objects.order_by("pk").values()),
    ]


def test_an_edit_rewrites_what_will_be_sent_and_when(bo, ada, post):
    media = make_media(ada.workspace)

    response = bo.patch(
        f"/posts/{post.public_id}",
        {
            "content": "New",
            "scheduled_at": "2099-02-01T00:00:00Z",
            "media_ids": [str(media.pk)],
        },
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


def test_nothing_asked_is_nothing_changed(ada, post):
    before = snapshot()

    assert ada.patch(f"/posts/{post.public_id}", {}).status_code == 200
    assert snapshot() == before


def test_a_zone_alone_changes_the_label_only(ada, post):
    data = ada.patch(f"/posts/{post.public_id}", {"timezone": "Asia/Tokyo"}).json()["data"]

    post.refresh_from_db()
    assert data["scheduled_for"] == "2099-01-01T12:00:00Z"
    assert (post.timezone, post.scheduled_for) == ("Asia/Tokyo", SOON)


def test_a_time_without_offset_is_read_in_the_stored_zone(ada, post):
    ada.patch(f"/posts/{post.public_id}", {"timezone": "Asia/Tokyo"})

    body = {"scheduled_at": "2099-01-01T12:00:00"}
    data = ada.patch(f"/posts/{post.public_id}", body).json()["data"]

    assert data["scheduled_for"] == "2099-01-01T03:00:00Z"


def test_accounts_that_stay_keep_their_destination(ada, x):
    linkedin, threads = (make_account(ada.workspace, key) for key in ("linkedin", "threads"))
    post = make_post(ada.workspace, [x, linkedin], scheduled_for=SOON)
    staying = post.destinations.get(account=linkedin).pk

    ada.patch(f"/posts/{post.public_id}", {"account_ids": [threads.pk, linkedin.pk]})

    rows = list(post.destinations.order_by("position"))
    assert [row.account_number for row in rows] == [threads.pk, linkedin.pk]
    assert rows[1].pk == staying
    assert (rows[0].status, rows[0].due_at) == ("queued", SOON)


def test_new_accounts_are_checked_against_the_old_content(ada, post):
    Post.objects.update(content="a" * 1000)
    threads = make_account(ada.workspace, "threads")
    before = snapshot()

    response = ada.patch(f"/posts/{post.public_id}", {"account_ids": [threads.pk]})

    refused(response, 400, "content_too_long")
    assert snapshot() == before


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"scheduled_at": None}, "validation_error"),
        ({"scheduled_for": None}, "validation_error"),
        ({"scheduled_at": "2020-01-01T00:00:00Z"}, "past_schedule_time"),
        ({"content": " "}, "validation_error"),
        ({"account_ids": []}, "validation_error"),
        ({"account_ids": [999999999]}, "invalid_accounts"),
        ({"media_ids": [str(uuid.uuid4())]}, "invalid_media"),
        ({"timezone": "Nowhere"}, "invalid_timezone"),
        ({"scheduledAt": "2099-01-01T00:00:00Z"}, "invalid_field_name"),
        ({"content": "a" * 281}, "content_too_long"),
        ([], "validation_error"),
    ],
)
def test_a_refused_edit_changes_nothing(ada, post, body, code):
    before = snapshot()

    refused(ada.patch(f"/posts/{post.public_id}", body), 400, code)

    assert snapshot() == before


@pytest.mark.parametrize("status", ["publishing", "published", "partial", "failed"])
@pytest.mark.parametrize("body", [{}, {"content": "New"}])
def test_only_scheduled_and_draft_posts_change(ada, post, status, body):
    Post.objects.update(status=status)
    before = snapshot()

    refused(ada.patch(f"/posts/{post.public_id}", body), 409, "conflict")

    assert snapshot() == before


@pytest.mark.parametrize("fields", [{"claim": uuid.uuid4()}, {"status": "publishing"}])
def test_a_destination_that_a_worker_has_claimed_wins(ada, post, fields):
    Destination.objects.update(**fields)
    before = snapshot()

    refused(ada.patch(f"/posts/{post.public_id}", {"content": "New"}), 409, "conflict")
    refused(ada.delete(f"/posts/{post.public_id}"), 409, "conflict")

    assert snapshot() == before


def test_a_draft_keeps_its_time_as_a_note(ada, post):
    Post.objects.update(status="draft")
    Destination.objects.update(due_at=None)

    body = {"scheduled_at": "2099-02-01T00:00:00Z"}
    data = ada.patch(f"/posts/{post.public_id}", body).json()["data"]

    assert (data["status"], data["scheduled_for"]) == ("draft", "2099-02-01T00:00:00Z")
    assert Destination.objects.get().due_at is None


def test_a_stranger_finds_nothing_to_change(cy, post):
    before = snapshot()

    refused(cy.patch(f"/posts/{post.public_id}", {"content": "New"}), 404, "not_found")
    refused(cy.delete(f"/posts/{post.public_id}"), 404, "not_found")

    assert snapshot() == before


def test_deleting_removes_the_post_and_its_destinations(bo, ada, post):
    response = bo.delete(f"/posts/{post.public_id}")

    assert response.json()["data"] == {"id": post.public_id, "deleted": True}
    assert (Post.objects.count(), Destination.objects.count()) == (0, 0)
    refused(ada.delete(f"/posts/{post.public_id}"), 404, "not_found")


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("published", "post_already_published"),
        ("publishing", "conflict"),
        ("partial", "conflict"),
        ("failed", "conflict"),
    ],
)
def test_what_has_begun_is_not_deleted(ada, post, status, code):
    Post.objects.update(status=status)
    before = snapshot()

    refused(ada.delete(f"/posts/{post.public_id}"), 409, code)

    assert snapshot() == before


@pytest.mark.django_db(transaction=True)
def test_whoever_holds_the_lock_wins_and_nobody_waits(settings):
    ada = make_caller(make_workspace(), "Ada")
    late = timezone.now() - timedelta(minutes=1)
    post = make_post(ada.workspace, [make_account(ada.workspace)], scheduled_for=late)
    known = connection.get_connection_params()
    known = {key: known[key] for key in ("dbname", "user", "host", "port") if known.get(key)}
    before = snapshot()

    with psycopg.connect(**known) as worker:
        worker.execute("SELECT 1 FROM destinations_destination FOR UPDATE")
        refused(ada.patch(f"/posts/{post.public_id}", {"content": "New"}), 409, "conflict")
        refused(ada.delete(f"/posts/{post.public_id}"), 409, "conflict")

    assert snapshot() == before
    assert ada.patch(f"/posts/{post.public_id}", {"content": "New"}).status_code == 200
