"""Filters, order, search and pages of GET /posts."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from destinations.models import Destination
from destinations.state import transitions
from posts.composing import status
from posts.keys import keys
from posts.models import Post, PostText
from tests.factories import make_account, make_post
from tests.posts.conftest import Caller
from tests.posts.media.states import made

NOON = datetime(2026, 3, 15, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def listed(caller, query: str) -> list[str]:
    response = caller.get(f"/posts?{query}")
    assert response.status_code == 200, response.json()
    return [item["id"] for item in response.json()["data"]]


@pytest.fixture
def x(ada):
    return make_account(ada.workspace, "x")


@pytest.fixture
def linkedin(ada):
    return make_account(ada.workspace, "linkedin")


def make(accounts, content="Hello", **fields) -> Post:
    post = make_post(accounts[0].workspace, accounts, content=content)
    Post.objects.filter(pk=post.pk).update(**fields)
    post.refresh_from_db()
    return post


def ids(*posts) -> list[str]:
    return [post.public_id for post in posts]


def test_a_search_uses_its_index(ada, x):
    make([x])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = PostText.objects.filter(text__icontains="hello").explain()

    assert "post_text" in plan


def test_a_search_follows_an_edit_and_forgets_what_is_deleted(ada, x):
    ada.post("/posts", {"content": "Old", "account_ids": [x.pk], "draft": True})
    post = Post.objects.get()

    ada.patch(f"/posts/{post.public_id}", {"content": "New"})

    assert (listed(ada, "search=new"), listed(ada, "search=old")) == (ids(post), [])
    ada.delete(f"/posts/{post.public_id}")
    assert PostText.objects.count() == 0


def test_a_move_leaves_the_searched_text_alone(ada, x):
    """Its index is dear to write, and every move writes the post."""
    post = make([x])
    with connection.cursor() as cursor:
        cursor.execute("SELECT xmin, ctid FROM posts_posttext")
        before = cursor.fetchall()
        status.roll_up([post.pk])
        cursor.execute("SELECT xmin, ctid FROM posts_posttext")

        assert cursor.fetchall() == before


def test_a_restricted_key_counts_only_what_it_sees(ada, x, linkedin):
    dee = Caller(ada.workspace, *keys.create(ada.workspace, "Dee", ["read"], accounts=[x]))
    own = make([x])
    make([x, linkedin])
    make([linkedin])

    response = dee.get("/posts?limit=1&search=hello&platform=x,linkedin").json()

    assert [item["id"] for item in response["data"]] == ids(own)
    assert response["meta"]["pagination"]["total"] == 1
    assert listed(dee, f"account_id={linkedin.pk}") == []


def test_a_post_is_published_when_its_first_destination_is(ada, x, linkedin):
    post = make_post(ada.workspace, [x, linkedin], status="publishing")
    rows = list(Destination.objects.order_by("position"))

    for row, at in zip(rows, (NOON + HOUR, NOON), strict=True):
        fields = {"platform_post_id": f"{row.position}", "published_at": at}
        assert transitions.move("succeed", row.pk, by="worker:a", **fields)
        post.refresh_from_db()
        assert post.published_at == at

    assert listed(ada, "published_after=2026-03-15T12:00:00Z") == ids(post)


def test_a_post_that_failed_was_never_published(ada, x):
    post = Post.objects.get(pk=made(x, "refused").post_id)

    assert (post.status, post.published_at) == ("failed", None)
