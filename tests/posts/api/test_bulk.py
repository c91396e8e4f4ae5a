import pytest
from django.db import OperationalError

from posts.composing import compose
from posts.models import Post
from tests.factories import make_account
from tests.posts.api.cases import cases
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


def test_a_fault_in_the_middle_does_not_hide_what_was_made_before(ada, good, monkeypatch):
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
    data = bulk(ada, *({**good, "content": text} for text in texts)).json()["data"]

    codes = [each.get("error", {}).get("code") for each in data["results"]]
    assert codes == [None, "internal_error", None, "service_unavailable", "service_unavailable"]
    assert tried == texts[:4]
    assert Post.objects.count() == 2


def test_a_stranger_posts_to_no_account_of_others(cy, good):
    data = bulk(cy, good).json()["data"]

    assert data["results"][0]["error"]["code"] == "invalid_accounts"
    assert Post.objects.count() == 0
