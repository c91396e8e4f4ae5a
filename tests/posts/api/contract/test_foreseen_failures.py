"""What is certain to fail is refused; what fails at some accounts is told in `meta.warnings`."""

from dataclasses import replace

import pytest

from posts.models import Post
from tests.factories import make_account
from tests.posts.api.contract.sample_posts import IMAGE, VIDEO, give, post
from tests.posts.conftest import refused
from tests.posts.factories import FUTURE

REQUIRED = {"instagram": "Instagram", "tiktok": "TikTok", "youtube": "YouTube"}


@pytest.mark.parametrize("platform", REQUIRED)
def test_a_post_that_no_network_takes_without_a_file_is_refused(ada, platform):
    accounts = [make_account(ada.workspace, platform) for _ in range(2)]
    body = {"content": "Hi", "account_ids": [each.pk for each in accounts]}
    told = ada.get("/platform-rules").json()["data"]["platforms"][platform]["media"]["required"]
    sentence = f"{REQUIRED[platform]} accepts no post without a file."

    validated = ada.post("/posts/validate", body).json()
    error = refused(ada.post("/posts", body), 400, "post_creation_failed")
    bulk = ada.post("/posts/bulk", {"posts": [body]}).json()["data"]["results"][0]

    assert told is True
    assert Post.objects.count() == 0
    assert error["details"]["validation_errors"] == [
        {
            "code": "media_required",
            "account_id": each.pk,
            "platform": platform,
            "message": f"{each.name}: {sentence}",
        }
        for each in accounts
    ]
    assert (bulk["ok"], bulk["error"]["code"]) == (False, "post_creation_failed")
    assert validated["data"]["valid"] is False
    assert [each["valid"] for each in validated["data"]["accounts"]] == [False, False]
    assert [each["warnings"] for each in validated["data"]["accounts"]] == [[], []]
    assert "warnings" not in validated["meta"]


@pytest.mark.parametrize("platform", REQUIRED)
def test_a_draft_may_get_its_file_later_and_is_warned(ada, platform):
    account = make_account(ada.workspace, platform)
    warning = {
        "code": "media_required",
        "message": f"{REQUIRED[platform]} accepts no post without a file.",
        "account_id": account.pk,
        "platform": platform,
    }

    made = ada.post("/posts", {"content": "Hi", "account_ids": [account.pk], "draft": True})
    path = f"/posts/{made.json()['data']['post_id']}"
    edited = ada.patch(path, {"content": "Hello"})

    assert (made.status_code, edited.status_code) == (201, 200)
    assert made.json()["meta"]["warnings"] == edited.json()["meta"]["warnings"] == [warning]
    refused(ada.post(f"{path}/schedule", {"publish_now": True}), 400, "post_creation_failed")
    assert Post.objects.get().status == "draft"
    assert "warnings" not in ada.patch(path, {"media_ids": [give(ada, VIDEO)]}).json()["meta"]
    assert ada.post(f"{path}/schedule", {"publish_now": True}).status_code == 200


def test_an_edit_that_leaves_no_network_a_file_is_refused(ada):
    made = post(ada, "instagram", IMAGE)
    path = f"/posts/{made.json()['data']['post_id']}"

    refused(ada.patch(path, {"media_ids": []}), 400, "post_creation_failed")
    assert Post.objects.get().attachments.count() == 1
    x = make_account(ada.workspace, "x")
    ids = [x.pk, Post.objects.get().destinations.get().account_number]
    edited = ada.patch(path, {"media_ids": [], "account_ids": ids})
    assert [each["account_id"] for each in edited.json()["meta"]["warnings"]] == [ids[1]]


@pytest.mark.parametrize("mount", ["/api/v1", "/compat/api/v1"])
def test_what_fails_at_one_account_of_several_is_accepted_with_a_warning(ada, mount):
    there = replace(ada, mount=mount)
    x, instagram = (make_account(ada.workspace, each) for each in ("x", "instagram"))
    body = {"content": "Hi", "account_ids": [x.pk, instagram.pk], "scheduled_for": FUTURE}
    warning = {
        "code": "media_required",
        "message": "Instagram accepts no post without a file.",
        "account_id": instagram.pk,
        "platform": "instagram",
    }

    made = there.post("/posts", body)
    validated = there.post("/posts/validate", body).json()
    previewed = there.post("/posts/preview", body).json()
    bulk = there.post("/posts/bulk", {"posts": [{**body, "account_ids": [x.pk]}, body]})

    assert (made.status_code, bulk.status_code) == (201, 201)
    assert made.json()["meta"]["warnings"] == [warning]
    assert validated["meta"]["warnings"] == previewed["meta"]["warnings"] == [warning]
    assert validated["data"]["valid"] is True
    assert bulk.json()["meta"]["warnings"] == [{**warning, "index": 1}]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"is_active": False}, "account_inactive"),
        ({"needs_reconnection_since": "2026-01-01T00:00:00Z"}, "account_needs_reconnection"),
        ({"token_expires_at": "2026-01-01T00:00:00Z"}, "account_needs_reconnection"),
    ],
)
def test_an_account_that_cannot_be_posted_to_is_accepted_with_a_warning(ada, fields, code):
    account = make_account(ada.workspace, "x", **fields)
    body = {"content": "Hi", "account_ids": [account.pk]}

    made = ada.post("/posts", body)

    assert made.status_code == 201
    [warning] = made.json()["meta"]["warnings"]
    assert (warning["code"], warning["account_id"]) == (code, account.pk)
    assert warning["message"].startswith(f"{account.name} cannot be posted to now.")
    [verdict] = ada.post("/posts/validate", body).json()["data"]["accounts"]
    assert verdict["warnings"] == [warning["message"]]
    assert verdict["valid"] is True
