"""POST /posts/bulk: up to fifty posts, each for itself."""

from django.db import OperationalError

from destinations.models import Destination
from posts.composing import compose
from posts.models import ApiKey, Post
from tests.posts.api.cases import cases
from tests.posts.conftest import refused
from tests.posts.factories import FUTURE


def bulk(caller, *bodies):
    return caller.post("/posts/bulk", {"posts": list(bodies)})


def test_bulk_answers_201_when_all_are_made(ada, body, x):
    response = bulk(ada, body, {"content": "Later", "draft": True}, {**body, "content": "Third"})

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


def test_bulk_answers_207_when_some_are_refused_each_validated_alone(ada, body):
    wrong = {**body, "account_ids": [999999999]}

    response = bulk(ada, body, wrong, "Hi", None, {**body, "when": FUTURE}, body)

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


def test_bulk_answers_422_with_data_when_none_is_made(ada, body):
    response = bulk(ada, {**body, "content": "a" * 281})

    data = response.json()["data"]
    assert response.status_code == 422
    assert response.json()["error"] is None
    assert data["summary"] == {"total": 1, "succeeded": 0, "failed": 1}
    assert data["results"][0]["error"]["code"] == "content_too_long"
    assert Post.objects.count() == 0


def test_bulk_takes_fifty_and_refuses_more(ada, body):
    ApiKey.objects.update(post_limits="100/min")

    refused(bulk(ada, *[body] * 51), 400, "bulk_limit_exceeded")
    assert Post.objects.count() == 0

    assert bulk(ada, *[{"content": "Hi", "draft": True}] * 50).status_code == 201
    assert Post.objects.count() == 50


@cases(
    ("body", "code"),
    [
        ({}, "validation_error"),
        ([], "validation_error"),
        ({"posts": []}, "validation_error"),
        ({"posts": {}}, "validation_error"),
        ({"posts": None}, "validation_error"),
        ({"posts": [{}], "dryRun": True}, "invalid_field_name"),
    ],
)
def test_a_body_that_is_no_list_of_posts_is_refused(ada, body, code):
    refused(ada.post("/posts/bulk", body), 400, code)


def test_a_fault_in_the_middle_does_not_hide_what_was_made_before(ada, body, monkeypatch):
    """A client that got a bare 500 would send all of them again."""
    create, tried = compose.create, []

    def breaks(author, new):
        tried.append(new.content)
        if new.content == "Bad":
            raise RuntimeError("a bug")
        if new.content == "Away":
            raise OperationalError("the server closed the connection")
        return create(author, new)

    monkeypatch.setattr(compose, "create", breaks)

    texts = ["One", "Bad", "Two", "Away", "Three"]
    data = bulk(ada, *({**body, "content": text} for text in texts)).json()["data"]

    codes = [each.get("error", {}).get("code") for each in data["results"]]
    assert codes == [None, "internal_error", None, "service_unavailable", "service_unavailable"]
    assert tried == texts[:4]
    assert Post.objects.count() == 2


def test_a_stranger_posts_to_no_account_of_others(cy, body):
    data = bulk(cy, body).json()["data"]

    assert data["results"][0]["error"]["code"] == "invalid_accounts"
    assert Post.objects.count() == 0
