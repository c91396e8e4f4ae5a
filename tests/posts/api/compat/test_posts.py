"""Posts on the compatibility mount: ids as UUIDs, and every client's name for each field."""

import pytest

from posts.models import Post
from tests.factories import make_account, make_post
from tests.posts.api.compat.sample_posts import attach

POST = {
    "id",
    "post_id",
    "content",
    "media",
    "media_ids",
    "account_ids",
    "platform_content",
    "campaign_id",
    "scheduled_for",
    "timezone",
    "status",
    "post_status",
    "destinations",
    "created_at",
    "updated_at",
}
DESTINATION = {
    "id",
    "platform",
    "status",
    "account_name",
    "account_id",
    "social_account_id",
    "published_at",
    "platform_post_id",
    "platform_post_url",
    "error",
    "last_error",
    "attempts",
    "next_retry_at",
    "scheduled_for",
}


@pytest.fixture
def post(ada):
    post = make_post(ada.workspace, [make_account(ada.workspace), make_account(ada.workspace)])
    Post.objects.filter(pk=post.pk).update(platform_content={"x": {"content": "Short"}})
    return post


def test_a_post_has_every_clients_fields(compat, ada, post):
    file = attach(post)
    detail = compat.get(f"/posts/{post.public_id}").json()["data"]

    assert set(detail) == POST
    assert all(set(each) == DESTINATION for each in detail["destinations"])
    assert detail["id"] == detail["post_id"] == str(post.pk)
    assert detail["media_ids"] == [str(file.pk)]
    rows = list(post.destinations.all())
    assert detail["account_ids"] == [row.account_number for row in rows]
    assert [each["id"] for each in detail["destinations"]] == [str(row.pk) for row in rows]
    assert [each["social_account_id"] for each in detail["destinations"]] == detail["account_ids"]
    assert detail["platform_content"] == {"x": {"content": "Short"}}


def test_the_list_shows_whole_posts_beside_the_page(compat, post):
    answer = compat.get("/posts").json()
    shown = answer["data"]

    assert set(shown) == {"posts", "pagination", "total", "limit", "offset"}
    assert shown["posts"] == [compat.get(f"/posts/{post.pk}").json()["data"]]
    assert shown["pagination"] == answer["meta"]["pagination"]
    assert (shown["total"], shown["limit"], shown["offset"]) == (1, 20, 0)


def test_a_failure_has_both_of_its_names(compat, ada):
    post = make_post(
        ada.workspace, [make_account(ada.workspace)], status="failed", error="Refused", due_at=None
    )
    (shown,) = compat.get(f"/posts/{post.pk}").json()["data"]["destinations"]

    assert (shown["error"], shown["last_error"]) == ("Refused", "Refused")


def test_a_post_that_failed_in_part_has_the_services_word(compat, ada, post):
    Post.objects.filter(pk=post.pk).update(status="partial")
    detail = compat.get(f"/posts/{post.pk}").json()["data"]

    assert detail["status"] == detail["post_status"] == "partially_failed"
    assert ada.get(f"/posts/{post.pk}").json()["data"]["status"] == "partial"


@pytest.mark.parametrize("count", [1, 7])
def test_reading_takes_no_more_queries_than_at_the_reference_mount(
    compat, ada, count, django_assert_num_queries
):
    accounts = [make_account(ada.workspace, key) for key in ("x", "threads", "linkedin")]
    for _ in range(count):
        post = make_post(ada.workspace, accounts)
        attach(post)
    compat.get("/posts")  # writes last_used_at, once a minute

    with django_assert_num_queries(2):  # key, posts
        assert len(compat.get("/posts").json()["data"]["posts"]) == count
    with django_assert_num_queries(2):  # nothing is paused
        compat.get(f"/posts/{post.public_id}")


def test_no_post_of_others_is_shown(compat, cy):
    post = make_post(cy.workspace, [make_account(cy.workspace)])

    assert compat.get("/posts").json()["data"]["posts"] == []
    assert compat.get(f"/posts/{post.pk}").status_code == 404
