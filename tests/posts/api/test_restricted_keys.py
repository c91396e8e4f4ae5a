from datetime import UTC, datetime

import pytest

from posts.composing import compose
from posts.composing.destinations import Author
from posts.errors import RequestRefused
from posts.keys import keys
from posts.models import Post
from tests.factories import make_account, make_post, make_workspace
from tests.posts.api.cases import cases
from tests.posts.conftest import Caller, refused

SOON = datetime(2099, 1, 1, tzinfo=UTC)


@pytest.fixture
def mine(ada):
    return make_account(ada.workspace, "x")


@pytest.fixture
def other(ada):
    return make_account(ada.workspace, "linkedin")


@pytest.fixture
def dee(ada, mine) -> Caller:
    """Her key is of Ada's workspace, and for one account of it."""
    made = keys.create(ada.workspace, "Dee", ["read", "write", "approve"], accounts=[mine])
    return Caller(ada.workspace, *made)


def test_a_restricted_key_sees_its_accounts_only(ada, dee, mine, other):
    assert [each["id"] for each in dee.get("/accounts").json()["data"]["accounts"]] == [mine.pk]
    assert dee.get(f"/accounts/{mine.pk}/health").status_code == 200
    assert len(ada.get("/accounts").json()["data"]["accounts"]) == 2


def test_a_restricted_key_sees_posts_all_of_whose_destinations_are_its_own(ada, dee, mine, other):
    own = make_post(ada.workspace, [mine])
    make_post(ada.workspace, [other])
    make_post(ada.workspace, [mine, other])

    assert [each["id"] for each in dee.get("/posts").json()["data"]] == [own.public_id]
    assert [each["id"] for each in dee.get("/posts?platform=x").json()["data"]] == [own.public_id]
    assert dee.get(f"/posts/{own.public_id}/results").status_code == 200
    assert len(ada.get("/posts").json()["data"]) == 3


@cases("path", ["/posts", "/posts/validate", "/posts/preview"])
def test_a_restricted_key_posts_to_its_accounts_only(dee, mine, other, path):
    body = {"content": "Hi", "scheduled_at": "2099-01-01T00:00:00Z"}

    response = dee.post(path, {**body, "account_ids": [mine.pk, other.pk]})

    error = refused(response, 400, "invalid_accounts")
    assert error["details"] == {"account_ids": [other.pk]}
    assert Post.objects.count() == 0
    assert dee.post(path, {**body, "account_ids": [mine.pk]}).status_code in (200, 201)


def test_a_restricted_key_adds_no_account_of_others_to_its_post(ada, dee, mine, other):
    post = make_post(ada.workspace, [mine], scheduled_for=SOON)

    response = dee.patch(f"/posts/{post.public_id}", {"account_ids": [other.pk]})

    refused(response, 400, "invalid_accounts")
    assert post.destinations.get().account == mine


def test_a_post_that_went_out_of_reach_meanwhile_is_not_edited(ada, dee, mine, other):
    """Another key gave it a second account between her look and her change."""
    post = make_post(ada.workspace, [mine, other], scheduled_for=SOON)
    author = Author(ada.workspace.pk, "key:dee", only=dee.key.reach.only)

    for change in (
        lambda: compose.edit(author, post.pk, {"content": "Mine"}),
        lambda: compose.cancel(author, post.pk),
    ):
        with pytest.raises(RequestRefused) as caught:
            change()
        assert caught.value.code == "not_found"
    post.refresh_from_db()
    assert post.content == "Hello"


def test_a_restricted_key_retries_no_post_that_also_goes_to_others(ada, dee, mine, other):
    why = {"status": "failed", "error_code": "account_needs_reconnection", "due_at": None}
    own = make_post(ada.workspace, [mine], **why).destinations.get()
    shared = make_post(ada.workspace, [mine, other], **why).destinations.get(account=mine)
    path = f"/accounts/{mine.pk}/retry-missed"

    first, again = (dee.post(path).json()["data"] for _ in range(2))

    assert [each["id"] for each in first["destinations"]] == [own.public_id]
    assert again == {"retried_count": 0, "destinations": []}
    shared.refresh_from_db()
    assert (shared.status, shared.events.count()) == ("failed", 0)
    assert [each["id"] for each in ada.post(path).json()["data"]["destinations"]] == [
        shared.public_id
    ]


def test_a_restricted_key_connects_no_other_accounts(dee, mine):
    response = dee.post("/accounts/connect-link", {"platform": "x"})

    refused(response, 403, "insufficient_scope")


def test_a_key_whose_accounts_are_all_gone_sees_nothing(dee, mine, other):
    mine.delete()

    assert dee.get("/accounts").json()["data"] == {"accounts": []}
    refused(dee.get(f"/accounts/{other.pk}"), 404, "not_found")


def test_a_key_is_for_accounts_of_its_own_workspace(ada):
    foreign = make_account(make_workspace("Elsewhere"))

    with pytest.raises(RequestRefused) as caught:
        keys.create(ada.workspace, "Dee", ["read"], accounts=[foreign])

    assert caught.value.details["validation_errors"][0]["field"] == "accounts"
    assert ada.workspace.api_keys.count() == 1
