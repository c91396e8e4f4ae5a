"""GET /posts, row by row. Its other filters, its sorting and its search: tests/posts."""

import pytest

from posts.models import Post, PostMedia
from tests.factories import make_account, make_post
from tests.posts.api.cases import cases
from tests.posts.conftest import data_of, refused
from tests.posts.factories import make_media


@pytest.fixture
def accounts(ada):
    return [make_account(ada.workspace, key) for key in ("x", "linkedin", "threads")]


@pytest.fixture
def post(ada, accounts):
    return make_post(ada.workspace, accounts[:2], content="Hello " * 40)


def ids(caller, query: str = "") -> list[str]:
    return [item["id"] for item in data_of(caller.get(f"/posts?{query}"))]


def test_data_is_a_bare_array_of_whole_posts(ada, post, accounts):
    for position in range(3):
        media = make_media(ada.workspace)
        PostMedia.objects.create(post=post, media=media, position=position)

    data = ada.get("/posts").json()["data"]

    assert type(data) is list
    [item] = data
    assert item["content"] == "Hello " * 40
    assert len(item["media"]) == 3
    names = [row["account_name"] for row in item["destinations"]]
    assert names == [account.name for account in accounts[:2]]


def test_status_and_platform_are_all_by_default(ada, accounts):
    posts = [make_post(ada.workspace, [account]) for account in accounts]
    for post, status in zip(posts, ("draft", "published", "failed"), strict=True):
        Post.objects.filter(pk=post.pk).update(status=status)

    assert set(ids(ada)) == {post.public_id for post in posts}


@cases("status", Post.Status.values)
def test_status_matches_exactly(ada, accounts, status):
    posts = {each: make_post(ada.workspace, accounts[:1]) for each in Post.Status.values}
    for each, post in posts.items():
        Post.objects.filter(pk=post.pk).update(status=each)

    assert ids(ada, f"status={status}") == [posts[status].public_id]


def test_platform_finds_posts_with_at_least_one_such_destination_and_lists_all(ada, post, accounts):
    other = make_post(ada.workspace, accounts[2:])

    assert ids(ada, "platform=linkedin") == ids(ada, "platform=twitter") == [post.public_id]
    assert ids(ada, "platform=threads") == [other.public_id]
    assert ids(ada, "platform=tiktok") == []
    [item] = ada.get("/posts?platform=x").json()["data"]
    assert [row["platform"] for row in item["destinations"]] == ["x", "linkedin"]


@cases("platform", ["x", "instagram", "facebook", "linkedin", "youtube", "tiktok", "threads"])
def test_platform_is_one_of_seven(ada, platform):
    post = make_post(ada.workspace, [make_account(ada.workspace, platform)])

    assert ids(ada, f"platform={platform}") == [post.public_id]


def test_limit_is_20_by_default_and_100_at_most_and_offset_0(ada):
    for _ in range(101):
        make_post(ada.workspace, [])

    assert len(ids(ada)) == 20
    assert ids(ada) == ids(ada, "limit=20&offset=0")
    assert len(ids(ada, "limit=1")) == 1
    assert len(ids(ada, "limit=100")) == 100
    assert len(ids(ada, "limit=100&offset=100")) == 1
    refused(ada.get("/posts?limit=101"), 400, "validation_error")


def test_limit_and_offset_step_through_all_posts_newest_first(ada, account):
    posts = [make_post(ada.workspace, [account]) for _ in range(5)]
    same = posts[0].created_at
    Post.objects.update(created_at=same)

    pages = [ada.get(f"/posts?limit=2&offset={n}").json()["data"] for n in (0, 2, 4, 6)]

    ids = [post["id"] for page in pages for post in page]
    assert ids == [post.public_id for post in sorted(posts, key=lambda post: post.pk)]
    assert [len(page) for page in pages] == [2, 2, 1, 0]


@cases(
    "query",
    [
        "limit=0",
        "limit=101",
        "limit=ten",
        "limit=5.0",
        "limit=%D9%A3",
        "limit=" + "9" * 400,
        "offset=-1",
        "offset=99999999999999999",
        "status=done",
        "status=draft,",
        "status=draft,done",
        "platform=x,",
        "account_id=one",
        "created_after=yesterday",
        "updated_after=2026-01-01",
        "published_before=0001-01-01T00:00:00%2B14:00",
        "search=%E2%80%8B",
        "status=draft,all",
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
def test_query_that_makes_no_sense_is_refused(ada, query):
    refused(ada.get(f"/posts?{query}"), 400, "validation_error")
