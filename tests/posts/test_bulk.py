import pytest
from django.db import OperationalError

from destinations.models import Destination
from posts import composing
from posts.models import ApiKey, Post
from tests.factories import make_account
from tests.posts.conftest import refused

FUTURE = "2099-03-15T14:00:00Z"


@pytest.fixture
def x(ada):
    return make_account(ada.workspace, "x")


@pytest.fixture
def good(x):
    return {"content": "Hi", "account_ids": [x.pk], "scheduled_at": FUTURE}


def bulk(caller, *bodies):
    return caller.post("/posts/bulk", {"posts": list(bodies)})


def test_every_post_is_made_and_answered_as_alone(ada, good, x):
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


def test_one_that_is_refused_keeps_no_other_from_being_made(ada, good):
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
            "message": "There are no such accounts in this workspace.",
            "status": 400,
            "details": {"account_ids": [999999999]},
        },
    }
    codes = [each["error"]["code"] for each in data["results"][2:5]]
    assert codes == ["validation_error", "validation_error", "invalid_field_name"]
    assert Post.objects.count() == Destination.objects.count() == 2


def test_none_made_is_unprocessable_and_tells_why_all_the_same(ada, good):
    response = bulk(ada, {**good, "content": "a" * 281})

    data = response.json()["data"]
    assert response.status_code == 422
    assert response.json()["error"] is None
    assert data["summary"] == {"total": 1, "succeeded": 0, "failed": 1}
    assert data["results"][0]["error"]["code"] == "content_too_long"
    assert Post.objects.count() == 0


def test_more_than_fifty_are_refused_and_fifty_are_not(ada, good):
    ApiKey.objects.update(post_limits="100/min")

    refused(bulk(ada, *[good] * 51), 400, "bulk_limit_exceeded")
    assert Post.objects.count() == 0

    assert bulk(ada, *[{"content": "Hi", "draft": True}] * 50).status_code == 201
    assert Post.objects.count() == 50


@pytest.mark.parametrize(
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


def test_a_fault_in_the_middle_does_not_hide_what_was_made_before(ada, good, monkeypatch):
    """Whoever got a bare 500 would send all of them again."""
    create, tried = composing.create, []

    def breaks(author, new):
        tried.append(new.content)
        if new.content == "Bad":
            raise RuntimeError("a bug")
        if new.content == "Away":
            raise OperationalError("the server closed the connection")
        return create(author, new)

    monkeypatch.setattr(composing, "create", breaks)

    texts = ["One", "Bad", "Two", "Away", "Three"]
    data = bulk(ada, *({**good, "content": text} for text in texts)).json()["data"]

    codes = [each.get("error", {}).get("code") for each in data["results"]]
    assert codes == [None, "internal_error", None, "service_unavailable", "service_unavailable"]
    assert tried == texts[:4]
    assert Post.objects.count() == 2


def test_a_stranger_posts_to_no_account_of_others(cy, good):
    data = bulk(cy, good).json()["data"]

    assert data["results"][0]["error"]["code"] == "invalid_accounts"
    assert Post.objects.count() == 0
