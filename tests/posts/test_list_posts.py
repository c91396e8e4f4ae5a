"""Filters, order, search and pages of GET /posts."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from destinations import transitions
from destinations.models import Destination
from posts import keys, rollup
from posts.models import Post, PostText
from tests.factories import make_account, make_post
from tests.posts.conftest import Caller
from tests.posts.states import made

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


def test_statuses_and_platforms_are_lists_of_which_one_must_match(ada, x, linkedin):
    first = make([x], status="published", created_at=NOON)
    second = make([linkedin], status="failed", created_at=NOON - HOUR)
    third = make([x, linkedin], status="draft", created_at=NOON - 2 * HOUR)

    assert listed(ada, "status=published,failed") == ids(first, second)
    assert listed(ada, "status=draft,failed,draft") == ids(second, third)
    assert listed(ada, "platform=twitter") == listed(ada, "platform=x") == ids(first, third)
    assert listed(ada, "platform=linkedin,threads") == ids(second, third)
    assert listed(ada, "platform=x,linkedin") == ids(first, second, third)
    assert listed(ada, "status=draft,failed&platform=x") == ids(third)


def test_an_account_narrows_to_posts_that_go_there(ada, x, linkedin):
    first = make([x], created_at=NOON)
    second = make([x, linkedin], created_at=NOON - HOUR)

    assert listed(ada, f"account_id={x.pk}") == ids(first, second)
    assert listed(ada, f"account_id={linkedin.pk}") == ids(second)
    assert listed(ada, "account_id=999999999") == listed(ada, "account_id=-1") == []


@pytest.mark.parametrize(
    ("word", "column"),
    [
        ("created", "created_at"),
        ("scheduled", "scheduled_for"),
        ("published", "published_at"),
        ("updated", "updated_at"),
    ],
)
def test_a_window_includes_its_beginning_and_not_its_end(ada, x, word, column):
    first, second, third = (make([x], **{column: NOON + n * HOUR}) for n in range(3))
    sort = f"sort={column}&order=asc"

    after = f"{word}_after=2026-03-15T13:00:00Z"
    assert listed(ada, f"{after}&{sort}") == ids(second, third)
    assert listed(ada, f"{word}_after=2026-03-15T15:00:00%2B02:00&{sort}") == ids(second, third)
    assert listed(ada, f"{word}_after=2026-03-15T13:00:00&{sort}") == ids(second, third)
    if word != "updated":
        assert listed(ada, f"{word}_before=2026-03-15T14:00:00Z&{sort}") == ids(first, second)
        assert listed(ada, f"{after}&{word}_before=2026-03-15T14:00:00Z") == ids(second)


@pytest.mark.parametrize("column", ["created_at", "scheduled_for", "published_at", "updated_at"])
def test_each_order_is_the_other_one_backwards(ada, x, column):
    posts = [make([x], **{column: NOON + n * HOUR}) for n in (1, 0, 2, 1)]
    if column in ("scheduled_for", "published_at"):
        posts += [make([x], **{column: None}) for _ in range(2)]

    def place(post):
        at = getattr(post, column)
        return (at is None, -at.timestamp() if at else 0, post.pk)

    newest_first = ids(*sorted(posts, key=place))
    assert listed(ada, f"sort={column}") == newest_first
    assert listed(ada, f"sort={column}&order=desc") == newest_first
    assert listed(ada, f"sort={column}&order=asc") == newest_first[::-1]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("HELLO", True),
        ("llo wo", True),
        ("y", True),
        ("100%25", True),
        ("100_", False),
        ("ÄRGER", True),
        ("%D0%B4%D0%9E%D0%9C%D0%BE", True),
        ("hello%20%20world", False),
        ("\\\\", False),
        ("'; --", False),
    ],
)
def test_a_search_finds_part_of_the_content_in_any_case(ada, x, text, found):
    post = make([x], content="Hello world, 100% Ärger by домой")
    make([x], content="Nothing of it")

    assert listed(ada, f"search={text}") == (ids(post) if found else [])


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
        rollup.roll_up([post.pk])
        cursor.execute("SELECT xmin, ctid FROM posts_posttext")

        assert cursor.fetchall() == before


def test_a_page_tells_how_many_there_are_and_whether_there_are_more(ada, x):
    for _ in range(5):
        make([x])
    make([x], status="failed")

    def page(query):
        return ada.get(f"/posts?{query}").json()["meta"]["pagination"]

    whole = {"limit": 20, "offset": 0, "total": 6, "has_more": False}
    assert page("") == whole
    assert page("status=failed") == {**whole, "total": 1}
    assert page("status=draft") == {**whole, "total": 0}
    assert page("limit=2") == {"limit": 2, "offset": 0, "total": 6, "has_more": True}
    assert page("limit=2&offset=4") == {"limit": 2, "offset": 4, "total": 6, "has_more": False}
    assert page("limit=4&offset=4") == {"limit": 4, "offset": 4, "total": 6, "has_more": False}
    assert page("limit=2&offset=9") == {"limit": 2, "offset": 9, "total": 6, "has_more": False}


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
