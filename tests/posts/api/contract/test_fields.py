"""Which answer carries which fields, and which of them may be null."""

from datetime import UTC, datetime

import pytest
from django.core.files.storage import default_storage

from destinations.runtime import clock
from posts.models import PostMedia
from tests.destinations.run_command import work
from tests.factories import make_account, make_post
from tests.posts.api.cases import cases
from tests.posts.api.contract.conftest import connected
from tests.posts.factories import make_media

SOON = datetime(2099, 1, 1, 12, 0, 0, 987654, tzinfo=UTC)
STAMP = "%Y-%m-%dT%H:%M:%SZ"
#: What is null until something has happened.
NULLABLE = ("published_at", "platform_post_id", "platform_post_url", "error", "next_retry_at")


@pytest.fixture
def post(ada):
    accounts = [
        make_account(ada.workspace, "x", name="@acme"),
        make_account(ada.workspace, "linkedin", name="Acme Inc."),
    ]
    post = make_post(ada.workspace, accounts, scheduled_for=SOON)
    PostMedia.objects.create(post=post, media=make_media(ada.workspace), position=0)
    return post


def of_list(row) -> dict:
    return {
        "id": row.public_id,
        "platform": row.platform,
        "status": "queued",
        "account_name": row.account_name,
    }


def of_detail(row) -> dict:
    return of_list(row) | {
        "account_id": row.account_number,
        "published_at": None,
        "platform_post_id": None,
        "error": None,
        "attempts": 0,
    }


def of_post(post) -> dict:
    """What list and detail have in common, but for files and destinations."""
    return {
        "id": post.public_id,
        "content": "Hello",
        "scheduled_for": "2099-01-01T12:00:00Z",
        "timezone": "UTC",
        "status": "scheduled",
        "created_at": post.created_at.strftime(STAMP),
        "updated_at": post.updated_at.strftime(STAMP),
    }


def test_list_carries_exactly_nine_fields_and_four_of_each_destination(ada, post):
    [item] = ada.get("/posts").json()["data"]

    assert len(item.pop("media")) == 1
    assert item == of_post(post) | {
        "destinations": [of_list(row) for row in post.destinations.order_by("position")]
    }


def test_detail_carries_the_same_nine_and_nine_of_each_destination(bo, post):
    data = bo.get(f"/posts/{post.public_id}").json()["data"]

    assert len(data.pop("media")) == 1
    assert data == of_post(post) | {
        "destinations": [of_detail(row) for row in post.destinations.order_by("position")]
    }


def test_results_carry_exactly_eleven_fields_of_each_destination(ada, post):
    data = ada.get(f"/posts/{post.public_id}/results").json()["data"]

    more = {"platform_post_url": None, "next_retry_at": None}
    assert data == [of_detail(row) | more for row in post.destinations.order_by("position")]
    assert {len(row) for row in data} == {11}


@cases("path", ["/posts", "/posts/{id}"])
def test_media_item_is_exactly_id_type_and_url(ada, post, path):
    data = ada.get(path.format(id=post.public_id)).json()["data"]
    media = post.attachments.get().media

    [file] = (data[0] if path == "/posts" else data)["media"]

    assert file.pop("url").startswith(default_storage.url(media.storage_key).partition("?")[0])
    assert file == {"id": str(media.pk), "type": "image"}


def test_media_is_an_empty_list_when_there_is_none(ada):
    ada.post("/posts", {"content": "Hi", "draft": True})

    [item] = ada.get("/posts").json()["data"]

    assert item["media"] == []
    assert ada.get(f"/posts/{item['id']}").json()["data"]["media"] == []


def results(caller, *accounts) -> list[dict]:
    """The results of a post to these accounts, once it was worked on."""
    body = {"content": "Hi", "account_ids": [account.pk for account in accounts]}
    post = caller.post("/posts", body).json()["data"]["post_id"]
    work()
    return caller.get(f"/posts/{post}/results").json()["data"]


def test_nullable_fields_of_what_was_published(ada, simulator):
    [row] = results(ada, connected(ada, simulator, "77"))

    [public] = simulator.posts("x")
    assert (row["status"], row["attempts"]) == ("published", 1)
    assert row["platform_post_id"] == public["id"]
    assert row["platform_post_url"] == f"https://x.com/acme77/status/{public['id']}"
    published_at = datetime.fromisoformat(row["published_at"])
    assert (row["published_at"], published_at.microsecond) == (published_at.strftime(STAMP), 0)
    assert abs((clock.now() - published_at).total_seconds()) < 60
    assert [row[name] for name in NULLABLE[3:]] == [None, None]


def test_nullable_fields_of_what_failed_for_good(ada, simulator):
    simulator.fault("x", status=400)

    [row] = results(ada, connected(ada, simulator, "77"))

    assert (row["status"], row["attempts"], type(row["error"])) == ("failed", 1, str)
    assert row["error"] != ""
    assert [row[name] for name in NULLABLE if name != "error"] == [None] * 4


def test_nullable_fields_of_what_is_tried_again(ada, simulator):
    simulator.fault("x", rate_limit_reset_seconds=600, times=1)

    [row] = results(ada, connected(ada, simulator, "77"))

    assert (row["status"], row["attempts"], type(row["error"])) == ("failed", 1, str)
    wait = (datetime.fromisoformat(row["next_retry_at"]) - clock.now()).total_seconds()
    assert 590 < wait < 670
    assert [row[name] for name in NULLABLE[:3]] == [None] * 3
