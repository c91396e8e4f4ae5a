"""GET /posts as newer programs ask: filters, order, search, totals."""

from datetime import UTC, datetime, timedelta

import pytest

from destinations.models import Destination
from destinations.state import transitions
from posts.api import pagination
from posts.composing import status
from posts.keys import keys
from posts.models import ApiKey, Post, PostMedia, PostText
from tests.factories import make_account, make_post
from tests.posts.api.cases import cases
from tests.posts.conftest import Caller, data_of, refused
from tests.posts.factories import make_media
from tests.posts.media.states import made
from tests.psql import psql

NOON = datetime(2026, 3, 15, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def listed(caller, query: str) -> list[str]:
    return [item["id"] for item in data_of(caller.get(f"/posts?{query}"))]


def make(accounts, content="Hello", **fields) -> Post:
    post = make_post(accounts[0].workspace, accounts, content=content)
    Post.objects.filter(pk=post.pk).update(**fields)
    post.refresh_from_db()
    return post


def ids(*posts) -> list[str]:
    return [post.public_id for post in posts]


def test_status_and_platform_are_comma_lists(ada, x, linkedin):
    first = make([x], status="published", created_at=NOON)
    second = make([linkedin], status="failed", created_at=NOON - HOUR)
    third = make([x, linkedin], status="draft", created_at=NOON - 2 * HOUR)

    assert listed(ada, "status=published,failed") == ids(first, second)
    assert listed(ada, "status=draft,failed,draft") == ids(second, third)
    assert listed(ada, "platform=twitter") == listed(ada, "platform=x") == ids(first, third)
    assert listed(ada, "platform=linkedin,threads") == ids(second, third)
    assert listed(ada, "platform=x,linkedin") == ids(first, second, third)
    assert listed(ada, "status=draft,failed&platform=x") == ids(third)


def test_account_id_narrows_to_posts_that_go_there(ada, x, linkedin):
    first = make([x], created_at=NOON)
    second = make([x, linkedin], created_at=NOON - HOUR)

    assert listed(ada, f"account_id={x.pk}") == ids(first, second)
    assert listed(ada, f"account_id={linkedin.pk}") == ids(second)
    assert listed(ada, "account_id=999999999") == listed(ada, "account_id=-1") == []


@cases(
    ("word", "column"),
    [
        ("created", "created_at"),
        ("scheduled", "scheduled_for"),
        ("published", "published_at"),
        ("updated", "updated_at"),
    ],
)
def test_after_and_before_bound_each_time(ada, x, word, column):
    first, second, third = (make([x], **{column: NOON + n * HOUR}) for n in range(3))
    sort = f"sort={column}&order=asc"

    after = f"{word}_after=2026-03-15T13:00:00Z"
    assert listed(ada, f"{after}&{sort}") == ids(second, third)
    assert listed(ada, f"{word}_after=2026-03-15T15:00:00%2B02:00&{sort}") == ids(second, third)
    assert listed(ada, f"{word}_after=2026-03-15T13:00:00&{sort}") == ids(second, third)
    if word != "updated":
        assert listed(ada, f"{word}_before=2026-03-15T14:00:00Z&{sort}") == ids(first, second)
        assert listed(ada, f"{after}&{word}_before=2026-03-15T14:00:00Z") == ids(second)


@cases("column", ["created_at", "scheduled_for", "published_at", "updated_at"])
def test_sort_and_order_by_each_time(ada, x, column):
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


@cases(
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
def test_search_is_case_insensitive(ada, x, text, found):
    post = make([x], content="Hello world, 100% Ärger by домой")
    make([x], content="Nothing of it")

    assert listed(ada, f"search={text}") == (ids(post) if found else [])


def test_pagination_tells_the_total_and_whether_there_are_more(ada, x):
    for _ in range(5):
        make([x])
    make([x], status="failed")

    def page(query):
        return ada.get(f"/posts?{query}").json()["meta"]["pagination"]

    whole = {"limit": 20, "offset": 0, "total": 6, "total_is_exact": True, "has_more": False}
    two = {**whole, "limit": 2}
    assert page("") == whole
    assert page("status=failed") == {**whole, "total": 1}
    assert page("status=draft") == {**whole, "total": 0}
    assert page("limit=2") == {**two, "has_more": True}
    assert page("limit=2&offset=4") == {**two, "offset": 4}
    assert page("limit=4&offset=4") == {**whole, "limit": 4, "offset": 4}
    assert page("limit=2&offset=9") == {**two, "offset": 9}


def test_a_large_total_is_not_counted(ada, x, monkeypatch):
    """It then says how many there are at least; pages go on past it."""
    monkeypatch.setattr(pagination, "COUNTED", 3)
    every = ids(*reversed([make([x]) for _ in range(6)]))

    def page(query):
        answer = ada.get(f"/posts?{query}").json()
        told = answer["meta"]["pagination"]
        seen = [each["id"] for each in answer["data"]]
        return seen, told["total"], told["total_is_exact"], told["has_more"]

    assert page("limit=2") == (every[:2], 3, False, True)
    assert page("limit=2&offset=2") == (every[2:4], 5, False, True)
    assert page("limit=2&offset=4") == (every[4:], 6, True, False)
    assert page("limit=2&offset=8") == ([], 3, False, False)


@cases("path", ["/posts", "/media"])
@cases(("name", "hint"), [("limt", "limit"), ("ofset", "offset")])
def test_a_query_with_a_misspelled_name_is_not_ignored(ada, path, name, hint):
    error = refused(ada.get(f"{path}?{name}=5"), 400, "invalid_field_name")

    assert error["details"] == {"field": name}
    assert f"Do you mean {hint!r}?" in error["message"]


def test_status_is_partial_and_not_partially_failed(ada, x):
    post = make([x], status="partial")

    assert listed(ada, "status=partial") == ids(post)
    refused(ada.get("/posts?status=partially_failed"), 400, "validation_error")


def test_a_search_uses_its_index(ada, x):
    make([x])
    psql("SET LOCAL enable_seqscan = off")
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
    before = psql("SELECT xmin, ctid FROM posts_posttext")
    status.roll_up([post.pk])

    assert psql("SELECT xmin, ctid FROM posts_posttext") == before


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

    with django_assert_num_queries(2):  # key, posts
        assert len(ada.get("/posts").json()["data"]) == count
    with django_assert_num_queries(2):  # also where the others are counted
        page = ada.get("/posts?limit=1").json()["meta"]["pagination"]
    assert (page["total"], page["has_more"]) == (count, count > 1)
    with django_assert_num_queries(2):  # key, post; nothing is paused
        ada.get(f"/posts/{post.public_id}")
    with django_assert_num_queries(3):  # and what is down, which is remembered for a moment
        ada.get(f"/posts/{post.public_id}/results")
    assert ApiKey.objects.get().last_used_at is not None
