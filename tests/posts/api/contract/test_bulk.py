"""POST /posts/bulk: up to fifty posts, each for itself."""

import pytest

from destinations.models import Destination
from posts.models import ApiKey, Post
from tests.posts.api.test_bulk import FUTURE, bulk
from tests.posts.conftest import refused


@pytest.fixture
def good(x):
    return {"content": "Hi", "account_ids": [x.pk], "scheduled_at": FUTURE}


def test_bulk_answers_201_when_all_are_made(ada, good, x):
    response = bulk(ada, good, {"content": "Later", "draft": True}, {**good, "content": "Third"})

    first, draft, third = Post.objects.order_by("created_at")
    data = response.json()["data"]
    assert response.status_code == 201
    assert set(response.json()) == {"data", "meta"}
    assert data["summary"] == {"total": 3, "succeeded": 3, "failed": 0}
    assert data["results"][0] == {
        "index": 0,
        "ok": True,
        "post": {
            "post_id": first.public_id,
            "status": "scheduled",
            "scheduled_for": FUTURE,
            "accounts_count": 1,
            "message": "Post scheduled for 1 account",
        },
    }
    assert [each["post"]["post_id"] for each in data["results"]] == [
        first.public_id,
        draft.public_id,
        third.public_id,
    ]
    assert data["results"][1]["post"]["status"] == "draft"
    assert [first.content, draft.content, third.content] == ["Hi", "Later", "Third"]


def test_bulk_answers_207_when_some_are_refused_each_validated_alone(ada, good):
    wrong = {**good, "account_ids": [999999999]}

    response = bulk(ada, good, wrong, "Hi", None, {**good, "when": FUTURE}, good)

    data = response.json()["data"]
    assert response.status_code == 207
    assert data["summary"] == {"total": 6, "succeeded": 2, "failed": 4}
    assert [(each["index"], each["ok"]) for each in data["results"]] == [
        (0, True),
        (1, False),
        (2, False),
        (3, False),
        (4, False),
        (5, True),
    ]
    assert data["results"][1] == {
        "index": 1,
        "ok": False,
        "error": {
            "code": "invalid_accounts",
            "message": "This workspace has no such accounts.",
            "status": 400,
            "details": {"account_ids": [999999999]},
        },
    }
    codes = [each["error"]["code"] for each in data["results"][2:5]]
    assert codes == ["validation_error", "validation_error", "invalid_field_name"]
    assert Post.objects.count() == Destination.objects.count() == 2


def test_bulk_answers_422_with_data_when_none_is_made(ada, good):
    response = bulk(ada, {**good, "content": "a" * 281})

    data = response.json()["data"]
    assert response.status_code == 422
    assert response.json()["error"] is None
    assert data["summary"] == {"total": 1, "succeeded": 0, "failed": 1}
    assert data["results"][0]["error"]["code"] == "content_too_long"
    assert Post.objects.count() == 0


def test_bulk_takes_fifty_and_refuses_more(ada, good):
    ApiKey.objects.update(post_limits="100/min")

    refused(bulk(ada, *[good] * 51), 400, "bulk_limit_exceeded")
    assert Post.objects.count() == 0

    assert bulk(ada, *[{"content": "Hi", "draft": True}] * 50).status_code == 201
    assert Post.objects.count() == 50
