"""COLLAPSE_SECONDS: an identical POST /posts without a key, soon after the first one."""

from datetime import timedelta

import pytest
from django.db.models import F

from destinations.dispatch import claims
from destinations.models import Account, Destination
from destinations.publishing import plan
from posts.models import IdempotencyRecord, Post
from tests.factories import make_account
from tests.posts.conftest import refused
from tests.posts.factories import FUTURE, make_media


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
    IdempotencyRecord.objects.update(expires_at=F("expires_at") - timedelta(seconds=60))

    assert not is_replay(ada.post("/posts", body))
    assert Post.objects.count() == 2


def first_and_again(ada, body, between) -> tuple:
    """The answers to the same request before and after `between`, a call on the first's post."""
    first = ada.post("/posts", body)
    method, path, change = between
    path = f"/posts/{first.json()['data']['post_id']}{path}"
    assert ada.call(method, path, change).status_code == 200
    return first, ada.post("/posts", body)


@pytest.mark.usefixtures("_on")
@pytest.mark.parametrize("draft", [False, True])
@pytest.mark.parametrize(
    "between",
    [
        ("DELETE", "", None),
        ("PATCH", "", {"content": "Other"}),
        ("PATCH", "", {"scheduled_at": "2099-03-16T14:00:00Z"}),
        ("PATCH", "", {"timezone": "Asia/Tokyo"}),
        ("PATCH", "", {"platform_content": {"x": {"content": "Other"}}}),
    ],
)
def test_a_post_that_is_gone_or_edited_is_made_anew(ada, body, between, draft):
    body["draft"] = draft

    first, again = first_and_again(ada, body, between)
    third = ada.post("/posts", body)

    assert [is_replay(answer) for answer in (first, again, third)] == [False, False, True]
    made = again.json()["data"]
    assert made["post_id"] != first.json()["data"]["post_id"]
    assert third.json()["data"] == made
    assert ada.get(f"/posts/{made['post_id']}").json()["data"]["content"] == "Hi"


@pytest.mark.usefixtures("_on")
def test_a_post_that_goes_elsewhere_or_shows_other_files_by_now_is_made_anew(ada, body):
    account, media = make_account(ada.workspace, "linkedin"), make_media(ada.workspace)
    for change in ({"account_ids": [account.pk]}, {"media_ids": [str(media.pk)]}):
        _, again = first_and_again(ada, body, ("PATCH", "", change))

        assert not is_replay(again)


@pytest.mark.usefixtures("_on")
def test_a_draft_that_was_scheduled_is_made_anew(ada, body):
    body["draft"] = True

    _, again = first_and_again(ada, body, ("POST", "/schedule", {"scheduled_for": FUTURE}))

    assert not is_replay(again)


@pytest.mark.usefixtures("_on")
def test_what_happens_to_a_post_by_itself_is_no_edit(ada, body):
    """Or a client that did not hear of the first one would publish it twice."""
    del body["scheduled_at"]
    ada.post("/posts", body)
    begun = plan.start([claimed.key for claimed in claims.claim(10)], "worker:a")
    assert len(begun) == 1

    assert is_replay(ada.post("/posts", body))
    Destination.objects.get().account.delete()
    assert is_replay(ada.post("/posts", body))


@pytest.mark.usefixtures("_on")
def test_an_edit_that_changed_nothing_is_no_edit(ada, body):
    for change in ({}, {"content": "Hi"}):
        assert is_replay(first_and_again(ada, body, ("PATCH", "", change))[1])


@pytest.mark.usefixtures("_on")
def test_a_request_that_is_refused_now_leaves_nothing_behind(ada, body):
    post_id = ada.post("/posts", body).json()["data"]["post_id"]
    ada.delete(f"/posts/{post_id}")
    Account.objects.all().delete()

    for _ in range(2):
        refused(ada.post("/posts", body), 400, "invalid_accounts")
    assert Post.objects.count() == 0


def test_a_named_request_gets_its_answer_even_if_the_post_changed(ada, body):
    keyed = {"headers": {"Idempotency-Key": "one"}}
    first = ada.post("/posts", body, **keyed)
    ada.delete(f"/posts/{first.json()['data']['post_id']}")

    again = ada.post("/posts", body, **keyed)

    assert is_replay(again)
    assert again.json()["data"] == first.json()["data"]
    assert Post.objects.count() == 0


@pytest.mark.usefixtures("_on")
def test_any_difference_is_another_post(ada, bo, body):
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
