from datetime import UTC, datetime

import pytest
from django.core.files.storage import default_storage

from destinations.models import Destination
from posts.models import ApiKey, Post, PostMedia
from tests.factories import make_account, make_post
from tests.posts.conftest import make_media, refused

SOON = datetime(2099, 1, 1, 12, 0, 0, 987654, tzinfo=UTC)


@pytest.fixture
def post(ada):
    accounts = [make_account(ada.workspace, key) for key in ("x", "linkedin")]
    post = make_post(ada.workspace, accounts, scheduled_for=SOON)
    PostMedia.objects.create(post=post, media=make_media(ada.workspace), position=0)
    return post


def listed(row: Destination) -> dict:
    return {
        "id": row.public_id,
        "platform": row.platform,
        "status": "queued",
        "account_name": row.account_name,
    }


def detailed(row: Destination) -> dict:
    return listed(row) | {
        "account_id": row.account_number,
        "published_at": None,
        "platform_post_id": None,
        "error": None,
        "attempts": 0,
    }


def test_a_list_and_a_detail_have_exactly_the_documented_fields(ada, bo, post):
    rows = list(post.destinations.order_by("position"))
    media = post.attachments.get().media

    [item] = ada.get("/posts").json()["data"]
    detail = bo.get(f"/posts/{post.public_id}").json()["data"]

    stamp = "%Y-%m-%dT%H:%M:%SZ"
    [file] = item.pop("media")
    assert file.pop("url").startswith(default_storage.url(media.storage_key).partition("?")[0])
    assert file == {"id": str(media.pk), "type": "image"}
    assert item == {
        "id": post.public_id,
        "content": "Hello",
        "scheduled_for": "2099-01-01T12:00:00Z",
        "timezone": "UTC",
        "status": "scheduled",
        "destinations": [listed(row) for row in rows],
        "created_at": post.created_at.strftime(stamp),
        "updated_at": post.updated_at.strftime(stamp),
    }
    detail.pop("media")
    assert detail == item | {"destinations": [detailed(row) for row in rows]}


def test_results_have_exactly_the_documented_fields(ada, post):
    response = ada.get(f"/posts/{post.public_id}/results")

    rows = post.destinations.order_by("position")
    nothing = {"platform_post_url": None, "next_retry_at": None}
    assert response.json()["data"] == [detailed(row) | nothing for row in rows]


def test_an_outcome_we_are_finding_out_reads_publishing(ada, post):
    Destination.objects.update(status="unconfirmed", error="It may be live.", attempts=1)

    [first, _] = ada.get(f"/posts/{post.public_id}/results").json()["data"]

    assert (first["status"], first["error"], first["attempts"]) == (
        "publishing",
        "It may be live.",
        1,
    )


def test_either_form_of_an_id_finds_the_post(ada, post):
    assert ada.get(f"/posts/{post.pk}").json()["data"]["id"] == post.public_id


@pytest.mark.parametrize("path", ["", "/results"])
@pytest.mark.parametrize(
    "name", ["post_zz", "post_", "dest_1", "post_A", "1", "%00", "post_" + "z" * 5000, "%F0%9F"]
)
def test_an_id_that_is_none_is_not_found(ada, post, name, path):
    refused(ada.get(f"/posts/{name}{path}"), 404, "not_found")


def test_a_stranger_sees_nothing(cy, post):
    assert cy.get("/posts").json()["data"] == []
    refused(cy.get(f"/posts/{post.public_id}"), 404, "not_found")
    refused(cy.get(f"/posts/{post.public_id}/results"), 404, "not_found")


def test_pages_step_through_all_posts_newest_first(ada):
    account = make_account(ada.workspace)
    posts = [make_post(ada.workspace, [account]) for _ in range(5)]
    same = posts[0].created_at
    Post.objects.update(created_at=same)

    pages = [ada.get(f"/posts?limit=2&offset={n}").json()["data"] for n in (0, 2, 4, 6)]

    ids = [post["id"] for page in pages for post in page]
    assert ids == [post.public_id for post in sorted(posts, key=lambda post: post.pk)]
    assert [len(page) for page in pages] == [2, 2, 1, 0]


def test_filters_match_exactly_and_list_every_destination(ada, post):
    other = make_post(ada.workspace, [make_account(ada.workspace, "threads")])
    Post.objects.filter(pk=other.pk).update(status="partial")

    def ids(query: str) -> list[str]:
        return [item["id"] for item in ada.get(f"/posts?{query}").json()["data"]]

    assert ids("status=scheduled") == ids("platform=linkedin") == [post.public_id]
    assert ids("status=partial") == ids("platform=threads") == [other.public_id]
    assert ids("status=published") == ids("platform=tiktok") == []
    assert ids("platform=twitter") == ids("platform=x&status=scheduled") == [post.public_id]
    assert len(ada.get("/posts?platform=x").json()["data"][0]["destinations"]) == 2


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=101",
        "limit=",
        "limit=ten",
        "limit=5.0",
        "limit=%D9%A3",
        "limit=" + "9" * 400,
        "offset=-1",
        "offset=99999999999999999",
        "status=",
        "status=done",
        "status=draft,",
        "status=draft,done",
        "platform=x,",
        "account_id=one",
        "account_id=",
        "created_after=yesterday",
        "updated_after=2026-01-01",
        "published_before=0001-01-01T00:00:00%2B14:00",
        "search=",
        "search=%20",
        "search=%00",
        "search=" + "a" * 201,
        "sort=content",
        "sort=-created_at",
        "order=up",
        "status=%00",
        "platform=myspace",
        "platform=%F0%9F",
    ],
)
def test_a_query_that_makes_no_sense_is_refused(ada, query):
    refused(ada.get(f"/posts?{query}"), 400, "validation_error")


@pytest.mark.parametrize("count", [1, 7])
def test_reading_takes_the_same_queries_however_many_there_are(
    ada, count, django_assert_num_queries
):
    accounts = [make_account(ada.workspace, key) for key in ("x", "threads", "linkedin")]
    for _ in range(count):
        post = make_post(ada.workspace, accounts)
        for position in range(3):
            media = make_media(ada.workspace)
            PostMedia.objects.create(post=post, media=media, position=position)
    ada.get("/posts")  # writes last_used_at, once a minute

    with django_assert_num_queries(4):  # key, posts, destinations, files
        assert len(ada.get("/posts").json()["data"]) == count
    with django_assert_num_queries(4):
        ada.get(f"/posts/{post.public_id}")
    assert ApiKey.objects.get().last_used_at is not None
