"""Threads, blogs and boards: what a request means depends on the accounts of its post."""

import uuid

import pytest

from destinations.models import Account, Destination
from posts.keys import keys
from posts.models import Post
from tests.factories import make_account
from tests.posts.api.cases import cases
from tests.posts.conftest import data_of, refused
from tests.posts.factories import FUTURE, make_media

PARTS = ["Second", "Third"]


def create(compat, *accounts: Account, **body):
    said = {"content": "First", "account_ids": [each.pk for each in accounts], **body}
    return data_of(compat.post("/posts", {"scheduled_for": FUTURE, **said}), 201)


def sent(platform: str) -> dict:
    return Destination.objects.get(platform=platform).draft


# Threads


@pytest.fixture
def threads(ada) -> Account:
    return make_account(ada.workspace, "threads", name="@acme")


@pytest.fixture
def bluesky(ada) -> Account:
    return make_account(ada.workspace, "bluesky", name="@acme.example")


def test_a_thread_goes_to_each_account_that_takes_one(compat, x, threads, bluesky, linkedin):
    data = create(compat, x, threads, bluesky, linkedin, thread_posts=PARTS)

    for platform in ("x", "threads", "bluesky"):
        assert sent(platform)["settings"]["thread"] == PARTS
        assert sent(platform)["text"] == "First"
    assert "thread" not in sent("linkedin")["settings"]
    assert "linkedin" not in data["platform_content"]


def test_a_thread_stays_one_when_the_post_is_sent_again(compat, x):
    first = create(compat, x, thread_posts=PARTS)
    whole = data_of(compat.get(f"/posts/{first['id']}"))
    fields = ("content", "account_ids", "scheduled_for", "timezone", "platform_content")

    again = data_of(compat.post("/posts", {name: whole[name] for name in fields}), 201)

    assert again["platform_content"] == {"x": {"settings": {"thread": PARTS}}}


def test_a_networks_own_thread_and_text_win(compat, x):
    own = {"x": {"content": "For X", "settings": {"thread": ["Own"]}}}

    create(compat, x, thread_posts=PARTS, platform_content=own)

    assert (sent("x")["text"], sent("x")["settings"]["thread"]) == ("For X", ["Own"])


@cases("nothing", [[], None])
def test_no_parts_are_no_thread(compat, x, nothing):
    create(compat, x, thread_posts=nothing)

    assert "thread" not in sent("x")["settings"]


def test_a_draft_keeps_its_thread_until_it_is_scheduled(compat, x):
    draft = create(compat, x, thread_posts=PARTS, draft=True, scheduled_for=None)

    data_of(compat.post(f"/posts/{draft['id']}/schedule", {"scheduled_for": FUTURE}))

    assert sent("x")["settings"]["thread"] == PARTS


def test_accounts_that_are_not_named_get_it_too(compat, x, linkedin):
    create(compat, thread_posts=PARTS, account_ids=None)

    assert sent("x")["settings"]["thread"] == PARTS
    assert "thread" not in sent("linkedin")["settings"]


def test_a_thread_that_no_account_takes_is_refused(compat, linkedin):
    body = {"content": "First", "account_ids": [linkedin.pk], "thread_posts": PARTS}

    refused(compat.post("/posts", body), 400, "validation_error")
    assert not Post.objects.exists()


def test_a_part_that_is_too_long_refuses_the_post_and_is_named(compat, x):
    body = {"content": "First", "account_ids": [x.pk], "thread_posts": ["ok", "a" * 300]}

    error = refused(compat.post("/posts", body), 400, "post_creation_failed")

    assert "Part 3 of the thread" in error["message"]


@cases("wrong", ["text", ["a", 1], ["a", ""], ["a"] * 101, {"a": "b"}])
def test_what_is_no_list_of_texts_is_refused(compat, x, wrong):
    body = {"content": "First", "account_ids": [x.pk], "thread_posts": wrong}

    refused(compat.post("/posts", body), 400, "validation_error")


def test_bulk_validation_and_preview_take_threads_too(compat, x):
    body = {"content": "First", "account_ids": [x.pk], "thread_posts": PARTS}

    assert data_of(compat.post("/posts/validate", body))["valid"]
    shown = data_of(compat.post("/posts/preview", body))["accounts"][0]["preview"]
    assert len(shown["parts"]) == 3
    data_of(compat.post("/posts/bulk", {"posts": [{**body, "scheduled_for": FUTURE}]}), 201)
    assert sent("x")["settings"]["thread"] == PARTS


def test_the_reference_mount_has_no_such_field(ada, x):
    body = {"content": "First", "account_ids": [x.pk], "thread_posts": PARTS}

    refused(ada.post("/posts", body), 400, "invalid_field_name")


# Blogs


@pytest.fixture
def blog(ada) -> Account:
    return make_account(ada.workspace, "wordpress", platform_account_id="7@blog.example")


def test_a_blogs_text_is_markdown_with_its_first_image_featured(ada, compat, blog):
    file = make_media(ada.workspace)

    create(compat, blog, content="## Doves", media_ids=[str(file.pk)])

    assert sent("wordpress")["settings"] == {"textFormat": "markdown", "featuredImage": "first"}


def test_what_a_request_says_of_a_blog_wins(compat, blog):
    own = {"title": "Doves", "textFormat": "plain", "featuredImage": "none", "status": "pending"}
    content = {"wordpress": {"content": "Coo", "settings": own}}

    post = create(compat, blog, platform_content=content)

    assert sent("wordpress")["settings"] == own
    changed = {"wordpress": {"settings": {"title": "Lofts", "featuredImage": None}}}
    data_of(compat.patch(f"/posts/{post['id']}", {"platform_content": changed}))
    assert sent("wordpress")["settings"] == {
        "title": "Lofts",
        "textFormat": "markdown",
        "featuredImage": "first",
    }


def test_posts_for_others_say_nothing_of_blogs(compat, ada, x, blog):
    assert create(compat, x)["platform_content"] == {}
    body = {"content": "*a*", "account_ids": [blog.pk], "scheduled_at": FUTURE}
    data_of(ada.post("/posts", body), 201)
    assert sent("wordpress")["settings"] == {}


# Boards


@pytest.fixture
def boards(ada) -> list[Account]:
    return [make_board(ada, number) for number in ("11", "22")]


def make_board(ada, number: str, person: str = "dora") -> Account:
    return make_account(
        ada.workspace,
        "pinterest",
        name=f"Board {number}",
        username=person,
        platform_account_id=number,
    )


def pinned(number: str) -> dict:
    return {"pinterest": {"settings": {"boardId": number}}}


def test_a_board_is_picked_among_those_of_its_person(ada, compat, x, boards):
    files = [str(make_media(ada.workspace).pk)]

    post = create(compat, boards[0], x, media_ids=files, platform_content=pinned("22"))

    assert post["account_ids"] == [boards[1].pk, x.pk]
    assert post["platform_content"] == pinned("22")
    data_of(compat.patch(f"/posts/{post['id']}", {"platform_content": pinned("11")}))
    assert Destination.objects.get(platform="pinterest").account_number == boards[0].pk


@cases("number", ["33", "44", "none"])
def test_a_board_that_is_not_the_persons_is_refused(ada, compat, boards, number):
    make_board(ada, "44", "someone_else")
    body = {"content": "Coo", "account_ids": [boards[0].pk], "platform_content": pinned(number)}

    error = refused(compat.post("/posts", body), 400, "validation_error")

    assert "platform_content.pinterest.settings.boardId" in str(error)
    assert not Post.objects.exists()


def test_an_account_lists_the_boards_of_its_person(ada, compat, x, boards):
    make_board(ada, "44", "someone_else")

    shown = data_of(compat.get(f"/accounts/{boards[0].pk}"))

    assert shown["boards"] == [
        {"id": each.platform_account_id, "name": each.name, "account_id": each.pk}
        for each in boards
    ]
    assert "boards" not in data_of(compat.get(f"/accounts/{x.pk}"))
    assert "boards" not in data_of(ada.get(f"/accounts/{boards[0].pk}"))


def test_a_key_for_one_board_sees_and_picks_no_other(compat, boards):
    made = keys.create(compat.workspace, "Some", ("read", "write"), accounts=boards[:1])
    compat.key, compat.secret = made
    body = {"content": "Coo", "account_ids": [boards[0].pk], "platform_content": pinned("22")}

    assert len(data_of(compat.get(f"/accounts/{boards[0].pk}"))["boards"]) == 1
    refused(compat.post("/posts", body), 400, "validation_error")


def test_a_post_that_is_not_there_is_not_changed(compat):
    body = {"platform_content": pinned("22")}

    refused(compat.patch(f"/posts/{uuid.uuid4()}", body), 404, "not_found")
