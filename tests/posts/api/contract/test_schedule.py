"""POST /posts/{id}/schedule: when a draft goes out."""

from destinations.dispatch import claims
from destinations.models import Event
from posts.models import Post
from tests.factories import make_account, make_post
from tests.posts.api.cases import cases
from tests.posts.api.contract.conftest import stored
from tests.posts.api.test_drafts import FUTURE, WHEN, keep, schedule, soon
from tests.posts.conftest import refused


def test_schedule_answers_with_exactly_the_documented_fields(ada, x):
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


def test_schedule_with_publish_now_starts_at_once(bo, ada, x, django_capture_on_commit_callbacks):
    post = keep(ada, account_ids=[x.pk], scheduled_for=FUTURE)

    with django_capture_on_commit_callbacks() as callbacks:
        data = schedule(bo, post, publish_now=True).json()["data"]

    assert (data["status"], data["scheduled_for"]) == ("publishing", None)
    assert (data["publish_now"], data["message"]) == (True, "Post publishing to 1 account")
    assert len(callbacks) == 1
    assert [each.id for each in claims.claim(10)] == [post.destinations.get().pk]


def test_schedule_with_account_ids_overrides_the_drafts_own(ada, x):
    linkedin, threads = (make_account(ada.workspace, key) for key in ("linkedin", "threads"))
    post = keep(ada, account_ids=[x.pk, linkedin.pk])
    kept = post.destinations.get(platform="linkedin").pk

    body = {"scheduled_for": FUTURE, "account_ids": [threads.pk, linkedin.pk]}
    data = schedule(ada, post, **body).json()["data"]

    assert [row["account_id"] for row in data["destinations"]] == [threads.pk, linkedin.pk]
    assert post.destinations.get(platform="linkedin").pk == kept
    assert post.destinations.filter(due_at=WHEN).count() == 2


def test_schedule_with_timezone_reads_the_time_there_or_in_the_drafts_own(ada, x):
    first, second = (keep(ada, account_ids=[x.pk], timezone="Asia/Tokyo") for _ in range(2))
    naive = "2099-01-01T12:00:00"

    own = schedule(ada, first, scheduled_for=naive).json()["data"]
    given = schedule(ada, second, scheduled_for=naive, timezone="UTC").json()["data"]

    assert own["scheduled_for"] == "2099-01-01T03:00:00Z"
    assert given["scheduled_for"] == "2099-01-01T12:00:00Z"


@cases(
    ("body", "code"),
    [
        ({}, "validation_error"),
        ({"publish_now": False}, "validation_error"),
        ({"publish_now": True, "scheduled_for": FUTURE}, "validation_error"),
        ({"publish_now": "true"}, "validation_error"),
        ({"scheduled_for": None}, "validation_error"),
        ({"scheduled_for": FUTURE, "scheduled_at": "2099-01-01T00:00:00Z"}, "validation_error"),
        ({"scheduled_for": "2020-01-01T00:00:00Z"}, "past_schedule_time"),
        ({"scheduled_for": "9999-12-31T23:59:59Z"}, "validation_error"),
        ({"scheduled_for": FUTURE, "timezone": "Nowhere"}, "invalid_timezone"),
        ({"scheduled_for": FUTURE, "timezone": ""}, "invalid_timezone"),
        ({"scheduled_for": FUTURE, "account_ids": []}, "validation_error"),
        ({"scheduled_for": FUTURE, "account_ids": [999999999]}, "invalid_accounts"),
        ({"scheduledFor": FUTURE}, "invalid_field_name"),
    ],
)
def test_schedule_takes_one_of_a_time_and_publish_now(ada, x, body, code):
    post = keep(ada, account_ids=[x.pk])
    before = stored()

    refused(schedule(ada, post, **body), 400, code)

    assert stored() == before


def test_schedule_needs_a_time_at_least_a_minute_ahead(ada, x):
    post = keep(ada, account_ids=[x.pk])

    refused(schedule(ada, post, scheduled_for=soon(seconds=30)), 400, "past_schedule_time")
    assert schedule(ada, post, scheduled_for=soon(seconds=90)).status_code == 200


def test_schedule_of_a_draft_without_accounts_is_refused(ada):
    post = keep(ada)

    refused(schedule(ada, post, publish_now=True), 400, "validation_error")
    post.refresh_from_db()
    assert post.status == "draft"


@cases("status", ["scheduled", "publishing", "published", "partial", "failed"])
def test_schedule_takes_drafts_only(ada, x, status):
    post = make_post(ada.workspace, [x], scheduled_for=WHEN)
    Post.objects.update(status=status)
    before = stored()

    refused(schedule(ada, post, publish_now=True), 409, "conflict")

    assert stored() == before
