"""The boxes of the lists find what the one box finds for their model."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from destinations.admin.search import searches
from posts.models import Media
from tests.factories import make_account, make_post, make_workspace

pytestmark = pytest.mark.django_db


def listed(client, path: str, typed: str) -> list[object]:
    page = client.get(f"/admin/{path}/", {"q": typed})
    assert page.status_code == 200
    return list(page.context["cl"].result_list)


@pytest.fixture
def account():
    workspace = make_workspace()
    for name in ("rolls", "bread"):
        account = make_account(workspace, name=f"@{name}", username=name)
    return account


def test_each_list_takes_every_name_of_its_rows(admin_client, account):
    make_post(account.workspace, [account], content="Rolls")
    url = "https://www.instagram.com/p/DFxk29_sQa1/"
    fields = {"platform_post_id": "17900000000000000", "platform_post_url": url}
    post = make_post(account.workspace, [account], content="Fresh pretzels", **fields)
    post.destinations.update(platform="instagram")
    destination = post.destinations.get()
    for name in ("rolls", "pretzels"):
        file = Media.objects.create(
            workspace=account.workspace, filename=f"{name}.png", size_bytes=1
        )
    for path, row, names in (
        ("posts/post", post, [post.public_id, str(post.pk), "fresh pretzels", "PRETZ"]),
        (
            "destinations/destination",
            destination,
            [destination.public_id, "17900000000000000", f"{url}?igsh=1"],
        ),
        (
            "destinations/account",
            account,
            ["@bread", "brea", str(account.pk), account.platform_account_id],
        ),
        ("posts/media", file, ["pretzels.png", str(file.pk)]),
    ):
        for typed in names:
            assert listed(admin_client, path, typed) == [row], (path, typed)
        assert listed(admin_client, path, "zwiebel") == []
        assert len(listed(admin_client, path, "  ")) == 2


def test_a_list_says_that_more_match(admin_client, account, monkeypatch):
    monkeypatch.setattr(searches, "READ", 1)
    make_account(account.workspace, name="@breadth", username="breadth")

    page = admin_client.get("/admin/destinations/account/", {"q": "bread"})

    assert page.content.decode().count("More than 1 match") == 1


def test_what_a_search_found_is_read_by_its_keys_alone(admin_client, account):
    """The condition of the list's own index would make the planner read all of that index."""
    for _ in range(2):
        make_post(account.workspace, [account], content="Fresh pretzels")
    for path, condition_in in (("?q=pretzels", False), ("", True)):
        with CaptureQueriesContext(connection) as asked:
            page = admin_client.get(f"/admin/posts/post/{path}")
        assert len(page.context["cl"].result_list) == 2
        of_posts = [each["sql"] for each in asked if 'FROM "posts_post"' in each["sql"]]
        assert any("num_nonnulls" in sql for sql in of_posts) is condition_in


def test_choices_in_a_form_are_searched_by_the_same(admin_client, account):
    where = {"app_label": "posts", "model_name": "apikey", "field_name": "accounts"}

    answer = admin_client.get("/admin/autocomplete/", {**where, "term": "@bread"}).json()

    assert [each["text"] for each in answer["results"]] == ["@bread on x"]
