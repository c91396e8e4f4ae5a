"""COLLAPSE_SECONDS: an identical POST /posts without a key, soon after the first one."""

from datetime import timedelta

import pytest
from django.db.models import F

from posts.models import KeptAnswer, Post
from tests.factories import make_account
from tests.posts.conftest import refused

FUTURE = "2099-03-15T14:00:00Z"


@pytest.fixture
def body(ada):
    account = make_account(ada.workspace, "x")
    return {"content": "Hi", "account_ids": [account.pk], "scheduled_at": FUTURE}


@pytest.fixture
def _on(settings):
    settings.COLLAPSE_SECONDS = 60


def is_replay(answer) -> bool:
    assert answer.status_code == 201, answer.json()
    return answer.headers.get("Idempotent-Replayed") == "true"


@pytest.mark.usefixtures("_on")
def test_an_identical_post_is_answered_like_the_first_one(ada, body):
    first, again = ada.post("/posts", body), ada.post("/posts", dict(reversed(body.items())))

    assert (is_replay(first), is_replay(again)) == (False, True)
    assert again.json()["data"] == first.json()["data"]
    assert Post.objects.count() == 1


@pytest.mark.usefixtures("_on")
def test_it_is_a_new_one_after_these_seconds(ada, body):
    ada.post("/posts", body)
    KeptAnswer.objects.update(expires_at=F("expires_at") - timedelta(seconds=60))

    assert not is_replay(ada.post("/posts", body))
    assert Post.objects.count() == 2


@pytest.mark.usefixtures("_on")
def test_whatever_differs_is_another_post(ada, bo, body):
    ada.post("/posts", body)
    keyed = {"headers": {"Idempotency-Key": "one"}}

    others = [
        ada.post("/posts", {**body, "content": "Other"}),
        bo.post("/posts", body),
        ada.post("/posts", body, **keyed),
    ]

    assert [is_replay(answer) for answer in others] == [False] * 3
    assert Post.objects.count() == 4


@pytest.mark.usefixtures("_on")
def test_a_refusal_is_not_repeated(ada, body):
    body["account_ids"] = [make_account(ada.workspace).pk + 1]
    refused(ada.post("/posts", body), 400, "invalid_accounts")

    make_account(ada.workspace)

    assert not is_replay(ada.post("/posts", body))


@pytest.mark.usefixtures("_on")
def test_other_writes_are_not_collapsed(ada):
    announced = {"filename": "a.png", "content_type": "image/png", "size": 5}

    assert [is_replay(ada.post("/media/upload", announced)) for _ in range(2)] == [False, False]


@pytest.mark.usefixtures("_on")
def test_reading_and_strangers_are_as_ever(ada, body):
    assert ada.get("/posts").status_code == 200
    refused(ada.client.post("/api/v1/posts", body), 401, "unauthorized")
