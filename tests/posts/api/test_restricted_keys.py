from datetime import UTC, datetime
from typing import Any

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


def used_campaign(ada, account) -> tuple[str, dict[str, str]]:
    number = ada.post("/campaigns", {"name": "Spring"}).json()["data"]["id"]
    post = {"content": "Hi", "account_ids": [account.pk], "draft": True, "campaign_id": number}
    assert ada.post("/posts", post).status_code == 201
    return f"/campaigns/{number}", {"name": "Summer"}


def used_set(ada, account) -> tuple[str, dict[str, Any]]:
    made = ada.post("/hashtag-sets", {"name": "Spring", "hashtags": ["spring"]}).json()["data"]
    post = {"content": "Hi", "account_ids": [account.pk], "draft": True}
    assert ada.post("/posts", {**post, "hashtag_set_ids": [made["id"]]}).status_code == 201
    return f"/hashtag-sets/{made['id']}", {"hashtags": ["summer"]}


@pytest.mark.parametrize("used", [used_campaign, used_set])
def test_a_restricted_key_changes_and_deletes_nothing_that_posts_of_others_use(
    ada, dee, mine, other, used
):
    path, change = used(ada, other)
    before = ada.get(path).json()["data"]

    refused(dee.delete(path), 403, "insufficient_scope")
    refused(dee.patch(path, change), 403, "insufficient_scope")
    assert ada.get(path).json()["data"] == before
    assert ada.patch(path, change).status_code == 200


@pytest.mark.parametrize("used", [used_campaign, used_set])
def test_a_restricted_key_changes_and_deletes_what_only_its_own_posts_use(ada, dee, mine, used):
    path, change = used(ada, mine)

    assert dee.patch(path, change).status_code == 200
    assert dee.delete(path).status_code == 200


def test_a_restricted_key_deletes_no_campaign_and_no_set_of_a_rule_of_others(ada, dee, mine, other):
    number = ada.post("/campaigns", {"name": "Spring"}).json()["data"]["id"]
    made = ada.post("/hashtag-sets", {"name": "Spring", "hashtags": ["spring"]}).json()["data"]
    rule = {
        "content": "Hi",
        "account_ids": [other.pk],
        "scheduled_at": "2099-01-01T00:00:00Z",
        "recurrence": {"freq": "weekly"},
        "campaign_id": number,
        "hashtag_set_ids": [made["id"]],
    }
    assert ada.post("/posts", rule).status_code == 201, ada.post("/posts", rule).json()
    Post.objects.all().delete()

    refused(dee.delete(f"/campaigns/{number}"), 403, "insufficient_scope")
    refused(dee.delete(f"/hashtag-sets/{made['id']}"), 403, "insufficient_scope")
