"""The page, what opens at once, and who sees what."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from posts.keys import keys
from posts.models import Media
from tests.factories import make_account, make_post, make_workspace

pytestmark = pytest.mark.django_db
ADDRESS = "/admin/search/"


@pytest.fixture
def rows():
    """One of each, all found by `pretzel`, or by the id given here."""
    workspace = make_workspace("Pretzel works")
    account = make_account(workspace, name="@pretzel", username="pretzel")
    post = make_post(workspace, [account], content="Pretzels", platform_post_id="4000111222")
    media = Media.objects.create(workspace=workspace, filename="pretzel.png", size_bytes=1)
    key, _ = keys.create(workspace, "night", ["read"])
    return {
        "posts.post": [post.public_id],
        "destinations.destination": [post.destinations.get().public_id, "4000111222"],
        "destinations.account": [account.platform_account_id],
        "posts.workspace": [str(workspace.pk)],
        "posts.media": [str(media.pk)],
        "posts.apikey": [str(key.pk), key.prefix],
    }


def titles(client, typed: str) -> list[str]:
    page = client.get(ADDRESS, {"q": typed, "part": "1"})
    assert page.status_code == 200
    return [group.title for group in page.context["answer"].groups]


def test_the_only_row_of_an_id_opens_at_once(admin_client, rows):
    for model, typed in rows.items():
        for each in typed:
            page = admin_client.get(ADDRESS, {"q": each})
            assert page.status_code == 302, each
            assert page.headers["Location"].startswith(f"/admin/{model.replace('.', '/')}/")
            assert admin_client.get(page.headers["Location"]).status_code == 200


def test_what_only_resembles_the_words_is_listed(admin_client, rows):
    assert titles(admin_client, "pretzel") == [
        "Accounts",
        "Workspaces",
        "Files",
        "Posts by their text",
    ]
    assert admin_client.get(ADDRESS, {"q": "pretzel.png"}).status_code == 200


def test_a_result_has_text_account_status_age_and_a_link(admin_client, rows):
    html = admin_client.get(ADDRESS, {"q": "pretzels"}).content.decode()

    for shown in ("Pretzels", "Pretzel works", "@pretzel on X", "Publishing"):
        assert shown in html
    assert re.search(r">(now|\d+ s ago)</time>", html)
    assert f">{rows['posts.post'][0]}<" in html


@pytest.mark.parametrize(
    ("model", "title"),
    [
        ("posts.post", "Posts by their text"),
        ("destinations.account", "Accounts"),
        ("posts.workspace", "Workspaces"),
        ("posts.media", "Files"),
    ],
)
def test_an_operator_finds_only_what_they_may_view(operator, rows, model, title):
    client = operator(f"view_{model.partition('.')[2]}")

    assert titles(client, "pretzel") == [title]
    for other, typed in rows.items():
        for each in typed:
            assert bool(titles(client, each)) == (other == model), each


def test_the_accounts_of_a_post_are_for_those_who_may_view_destinations(operator, rows):
    client = operator("view_post")

    assert "@pretzel" not in client.get(ADDRESS, {"q": "pretzels"}).content.decode()


def test_without_any_permission_nothing_is_found(operator, rows):
    client = operator()

    assert titles(client, "pretzel") == []
    assert b"Nothing found" in client.get(ADDRESS, {"q": "pretzel"}).content


def test_who_is_no_operator_is_sent_to_the_login(client, rows):
    page = client.get(ADDRESS, {"q": "pretzel"})

    assert page.status_code == 302
    assert page.headers["Location"].startswith("/admin/login/")


def test_no_secret_is_read_or_compared(admin_client, rows):
    typed = ["pretzel", *(each for names in rows.values() for each in names)]
    with CaptureQueriesContext(connection) as queries:
        for each in typed:
            admin_client.get(ADDRESS, {"q": each, "part": "1"})

    # Not those about the operator.
    asked = " ".join(query["sql"] for query in queries if "auth_user" not in query["sql"])
    for secret in ("credentials", "digest", "checkpoint", '"claim"', "refresh_claim", "password"):
        assert secret not in asked


def test_every_page_has_the_box(admin_client, rows):
    for path in ("", "posts/post/", "destinations/account/", "search/", "auth/user/add/"):
        html = admin_client.get(f"/admin/{path}").content.decode()
        assert 'class="dovecote-search-open" href="/admin/search/"' in html
        assert html.count('id="dovecote-search"') == 1
