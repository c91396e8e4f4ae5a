"""Posts name the campaign that they are in."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from posts import read_models as rows
from posts.models import Campaign, Post
from tests.factories import make_campaign
from tests.posts.cases import apart
from tests.posts.conftest import data_of, refused
from tests.posts.factories import FUTURE


@pytest.fixture
def spring(ada) -> Campaign:
    return make_campaign(ada.workspace, "Spring")


def made(caller, account, **fields) -> Post:
    body = {"content": "Hi", "account_ids": [account.pk], "scheduled_at": FUTURE, **fields}
    data_of(caller.post("/posts", body), 201)
    return Post.objects.latest("created_at")


def shown(caller, post) -> int | None:
    row = rows.post(caller.key.reach, post.pk)
    assert row is not None
    return row.campaign_id


def listed(caller, query: str) -> list[str]:
    return [each["id"] for each in caller.get(f"/posts?{query}").json()["data"]]


@pytest.mark.parametrize("fields", [{}, {"draft": True}])
def test_a_post_or_a_draft_is_made_in_a_campaign(ada, account, spring, fields):
    post = made(ada, account, campaign_id=spring.pk, **fields)

    assert post.campaign == spring
    assert shown(ada, post) == spring.pk


def test_a_post_is_in_no_campaign_unless_it_names_one(ada, account):
    assert shown(ada, made(ada, account)) is None
    assert shown(ada, made(ada, account, campaign_id=None)) is None


def test_only_a_post_in_a_campaign_asks_about_it(ada, account, spring):
    with CaptureQueriesContext(connection) as without:
        made(ada, account)
    with CaptureQueriesContext(connection) as within:
        made(ada, account, campaign_id=spring.pk)

    assert [each for each in without if "posts_campaign" in each["sql"]] == []
    asked = [each["sql"] for each in within if "FROM posts_campaign" in each["sql"]]
    assert len(asked) == 1
    assert "FOR SHARE" in asked[0]


def test_a_bulk_call_puts_posts_into_campaigns_and_refuses_each_alone(ada, account, spring):
    body = {"content": "Hi", "account_ids": [account.pk], "scheduled_at": FUTURE}
    posts = [{**body, "campaign_id": number} for number in (spring.pk, 987654321)]

    response = ada.post("/posts/bulk", {"posts": posts})

    assert response.status_code == 207
    first, second = response.json()["data"]["results"]
    assert first["ok"]
    assert second["error"]["code"] == "invalid_campaign"
    assert Post.objects.get().campaign == spring


def test_a_patch_moves_a_post_into_a_campaign_and_null_takes_it_out(ada, account, spring):
    post = made(ada, account)
    path = f"/posts/{post.public_id}"

    assert ada.patch(path, {"campaign_id": spring.pk}).status_code == 200
    assert shown(ada, post) == spring.pk
    assert ada.patch(path, {"content": "Changed"}).status_code == 200
    assert shown(ada, post) == spring.pk
    assert ada.patch(path, {"campaign_id": None}).status_code == 200
    assert shown(ada, post) is None


def test_scheduling_a_draft_keeps_its_campaign(ada, account, spring):
    post = made(ada, account, campaign_id=spring.pk, draft=True)

    response = ada.post(f"/posts/{post.public_id}/schedule", {"scheduled_for": FUTURE})

    assert response.status_code == 200
    assert shown(ada, post) == spring.pk


@pytest.fixture
def unusable(ada, cy, spring) -> dict[str, int]:
    return {
        "unknown": spring.pk + 1000,
        "foreign": make_campaign(cy.workspace).pk,
        "archived": make_campaign(ada.workspace, status="archived").pk,
        "deleted": make_campaign(ada.workspace, deleted_at=spring.created_at).pk,
        "zero": 0,
        "negative": -1,
        "huge": 2**70,
    }


def test_a_campaign_that_takes_no_posts_is_refused(ada, account, unusable):
    for which in ("unknown", "foreign", "archived", "deleted", "zero", "negative", "huge"):
        with apart(which):
            body = {"content": "Hi", "account_ids": [account.pk], "campaign_id": unusable[which]}
            post = made(ada, account)

            refused(ada.post("/posts", body), 400, "invalid_campaign")
            refused(ada.post("/posts/validate", body), 400, "invalid_campaign")
            path = f"/posts/{post.public_id}"
            refused(ada.patch(path, {"campaign_id": unusable[which]}), 400, "invalid_campaign")
            assert Post.objects.get().campaign is None


def test_a_campaign_is_named_by_an_integer(ada, account):
    for value in ("1", 1.0, True, [1], {}):
        with apart(value):
            body = {"content": "Hi", "account_ids": [account.pk], "campaign_id": value}

            refused(ada.post("/posts", body), 400, "validation_error")


def test_posts_of_an_archived_campaign_stay_in_it_and_can_be_edited(ada, account, spring):
    post = made(ada, account, campaign_id=spring.pk)
    Campaign.objects.update(status=Campaign.Status.ARCHIVED)

    assert ada.patch(f"/posts/{post.public_id}", {"content": "Changed"}).status_code == 200
    assert shown(ada, post) == spring.pk


def test_posts_of_a_deleted_campaign_are_in_none(ada, account, spring):
    post = made(ada, account, campaign_id=spring.pk)
    Campaign.objects.update(deleted_at=spring.created_at)

    assert shown(ada, post) is None
    assert listed(ada, f"campaign_id={spring.pk}") == []


def test_posts_are_listed_by_campaign(ada, cy, account, spring):
    first, second = (made(ada, account, campaign_id=spring.pk) for _ in range(2))
    made(ada, account)
    autumn = made(ada, account, campaign_id=make_campaign(ada.workspace, "Autumn").pk)

    assert listed(ada, f"campaign_id={spring.pk}") == [second.public_id, first.public_id]
    assert listed(ada, f"campaign_id={autumn.campaign_id}&status=scheduled") == [autumn.public_id]
    assert len(listed(ada, "campaign_id=")) == 4
    assert listed(ada, "campaign_id=999999999") == listed(ada, "campaign_id=-1") == []
    assert listed(cy, f"campaign_id={spring.pk}") == []
    refused(ada.get("/posts?campaign_id=spring"), 400, "validation_error")
