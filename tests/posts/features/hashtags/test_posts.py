"""Hashtags in posts: what each account publishes of the sets that a post names."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from destinations.dispatch import claims
from destinations.publishing import worker
from posts.models import Post
from tests.factories import make_account
from tests.posts.cases import apart
from tests.posts.conftest import refused
from tests.posts.factories import make_media
from tests.posts.features.hashtags.hashtag_factories import (
    LATER,
    comments,
    create,
    edit,
    make_set,
    texts,
)

SHOP = "https://shop.example.com/#spring"
PAGE = "102938475610293"


def connected(caller, simulator, platform, number):
    token = simulator.connect(platform, number, username="acme")
    fields = {"token": token, "platform_account_id": number, "username": "acme"}
    return make_account(caller.workspace, platform, **fields)


def test_hashtags_of_the_sets_stand_below_the_text(ada, x, linkedin):
    sets = [make_set(ada), make_set(ada, "House", ["#House"])]

    post = create(ada, x, linkedin, hashtag_set_ids=sets)

    assert texts(post) == ["Hello\n\n#spring #garden #House"] * 2
    assert post.content == "Hello"


def test_sets_cost_one_statement(ada, x):
    body = {"content": "a", "account_ids": [x.pk], "hashtag_set_ids": [make_set(ada)]}
    ada.post("/posts", body)

    with CaptureQueriesContext(connection) as with_sets:
        ada.post("/posts", body)
    with CaptureQueriesContext(connection) as without:
        ada.post("/posts", {**body, "hashtag_set_ids": []})

    assert len(with_sets) == len(without) + 1


def test_a_post_shows_which_sets_it_named(ada, x):
    key = make_set(ada)
    post, other = create(ada, x, hashtag_set_ids=[key]), create(ada, x)

    assert ada.get(f"/posts/{post.public_id}").json()["data"]["hashtag_set_ids"] == [key]
    listed = {each["id"]: each for each in ada.get("/posts").json()["data"]}
    assert listed[post.public_id]["hashtag_set_ids"] == [key]
    assert "hashtag_set_ids" not in listed[other.public_id]


def test_a_set_may_be_for_some_networks(ada, x, linkedin):
    key = make_set(ada, platforms=["linkedin"])

    assert texts(create(ada, x, linkedin, hashtag_set_ids=[key])) == [
        "Hello",
        "Hello\n\n#spring #garden",
    ]


def test_hashtags_that_the_text_has_are_not_repeated(ada, x):
    first, second = make_set(ada), make_set(ada, "Again", ["GARDEN", "new"])

    post = create(ada, x, content=f"#SPRING {SHOP}", hashtag_set_ids=[first, second])

    assert texts(post) == [f"#SPRING {SHOP}\n\n#garden #new"]


def test_a_networks_own_text_gets_them_too(ada, x, linkedin):
    own = {"x": {"content": "Short #garden"}}

    post = create(ada, x, linkedin, platform_content=own, hashtag_set_ids=[make_set(ada)])

    assert texts(post) == ["Short #garden\n\n#spring", "Hello\n\n#spring #garden"]
    assert post.platform_content == own


def test_parameters_of_links_leave_hashtags_alone(ada, x):
    ada.patch("/link-settings", {"domains": ["example.com"], "utm": {"source": "x"}})

    post = create(ada, x, content="https://example.com/a", hashtag_set_ids=[make_set(ada)])

    assert texts(post) == ["https://example.com/a?utm_source=x\n\n#spring #garden"]


def test_the_first_comment_has_them_where_there_is_one(ada, x, facebook, instagram):
    picture = str(make_media(ada.workspace).pk)

    post = create(
        ada,
        *(x, facebook, instagram),
        media_ids=[picture],
        hashtag_set_ids=[make_set(ada)],
        hashtags_in="first_comment",
        platform_content={"instagram": {"settings": {"firstComment": "More: #garden"}}},
    )

    assert texts(post) == ["Hello\n\n#spring #garden", "Hello", "Hello"]
    assert comments(post) == [None, "#spring #garden", "More: #garden\n\n#spring"]


def test_a_story_shows_no_hashtags(ada, instagram):
    own = {"instagram": {"contentType": "Story"}}
    picture = str(make_media(ada.workspace).pk)

    for place in ("text", "first_comment"):
        post = create(
            ada,
            instagram,
            media_ids=[picture],
            platform_content=own,
            hashtag_set_ids=[make_set(ada, place)],
            hashtags_in=place,
        )
        assert (texts(post), comments(post)) == (["Hello"], [None])


def test_x_counts_them_by_its_weights(ada, x):
    key = make_set(ada, hashtags=["日本語"])
    body = {"content": "a" * 271, "account_ids": [x.pk], "hashtag_set_ids": [key]}

    # 271, two line breaks, a sign and three letters of weight two: 280.
    assert ada.post("/posts", body).status_code == 201
    error = refused(ada.post("/posts", {**body, "content": "a" * 272}), 400, "content_too_long")
    assert error["details"]["validation_errors"][0]["length"] == 281


@pytest.mark.parametrize("place", ["text", "first_comment"])
def test_instagram_takes_thirty_hashtags_in_all(ada, instagram, place):
    key = make_set(ada, hashtags=[f"a{number}" for number in range(30)])
    body = {
        "content": "",
        "account_ids": [instagram.pk],
        "media_ids": [str(make_media(ada.workspace).pk)],
        "hashtag_set_ids": [key],
        "hashtags_in": place,
    }
    assert ada.post("/posts", body).status_code == 201

    error = refused(ada.post("/posts", {**body, "content": "#b"}), 400, "post_creation_failed")

    assert "up to 30 hashtags" in error["message"]
    assert "this one has 31" in error["message"]
    assert Post.objects.count() == 1


def test_validation_and_preview_show_them(ada, x):
    body = {"content": "a" * 265, "account_ids": [x.pk], "hashtag_set_ids": [make_set(ada)]}

    checked = ada.post("/posts/validate", body).json()["data"]
    assert checked["accounts"][0]["errors"][0]["code"] == "content_too_long"

    shown = ada.post("/posts/preview", {**body, "content": "Hi"}).json()["data"]["accounts"][0]
    shown_text = "".join(run["text"] for run in shown["preview"]["parts"][0]["text"]["shown"])
    assert shown_text == "Hi\n\n#spring #garden"


def test_posts_of_a_bulk_call_have_sets_of_their_own(ada, x):
    key = make_set(ada)
    one = {"content": "a", "account_ids": [x.pk]}

    ada.post("/posts/bulk", {"posts": [{**one, "hashtag_set_ids": [key]}, one]})

    rows = Post.objects.order_by("created_at")
    assert [texts(post) for post in rows] == [["a\n\n#spring #garden"], ["a"]]


def test_a_row_of_a_file_has_sets_too(ada, x):
    key = make_set(ada)
    row = {"content": "a", "account_ids": [x.pk], "draft": True, "hashtag_set_ids": [key]}

    assert ada.post("/posts/import", {"posts": [row]}).status_code == 201

    assert texts(Post.objects.get()) == ["a\n\n#spring #garden"]


def test_an_edit_replaces_the_sets_or_takes_them_away(ada, x):
    post = create(ada, x, scheduled_at=LATER, hashtag_set_ids=[make_set(ada)])
    other = make_set(ada, "Other", ["other"])

    assert texts(edit(ada, post, hashtag_set_ids=[other])) == ["Hello\n\n#other"]
    assert texts(edit(ada, post, content="Bye")) == ["Bye\n\n#other"]
    assert texts(edit(ada, post, hashtag_set_ids=[])) == ["Bye"]


def test_an_edit_may_move_them_to_the_comment_and_back(ada, facebook):
    post = create(ada, facebook, scheduled_at=LATER, hashtag_set_ids=[make_set(ada)])

    edit(ada, post, hashtags_in="first_comment")
    assert (texts(post), comments(post)) == (["Hello"], ["#spring #garden"])

    edit(ada, post, hashtags_in="text")
    assert (texts(post), comments(post)) == (["Hello\n\n#spring #garden"], [None])


def test_a_post_keeps_what_it_took_of_a_set_that_changes_or_goes(ada, x):
    key = make_set(ada)
    post = create(ada, x, scheduled_at=LATER, hashtag_set_ids=[key])

    ada.patch(f"/hashtag-sets/{key}", {"hashtags": ["autumn"]})
    assert texts(edit(ada, post, content="Bye")) == ["Bye\n\n#spring #garden"]
    assert texts(edit(ada, post, hashtag_set_ids=[key])) == ["Bye\n\n#autumn"]

    ada.delete(f"/hashtag-sets/{key}")
    assert texts(edit(ada, post, content="Hi")) == ["Hi\n\n#autumn"]
    body = {"hashtag_set_ids": [key]}
    refused(ada.patch(f"/posts/{post.public_id}", body), 400, "validation_error")


def test_a_draft_keeps_its_sets_until_it_is_scheduled(ada, x):
    post = create(ada, x, draft=True, hashtag_set_ids=[make_set(ada)])

    ada.post(f"/posts/{post.public_id}/schedule", {"publish_now": True})

    assert texts(post) == ["Hello\n\n#spring #garden"]


def test_what_cannot_be_meant_is_refused(ada, x):
    for fields in (
        {"hashtag_set_ids": "a"},
        {"hashtag_set_ids": ["a"]},
        {"hashtag_set_ids": [1]},
        {"hashtags_in": "title"},
        {"hashtags_in": True},
        {"use_defaults": "no"},
    ):
        with apart(fields):
            body = {"content": "Hi", "account_ids": [x.pk], **fields}

            refused(ada.post("/posts", body), 400, "validation_error")
            assert Post.objects.count() == 0


def test_the_wall_shows_them_below_the_text_and_as_first_comment(ada, simulator):
    x = connected(ada, simulator, "x", "77")
    facebook = connected(ada, simulator, "facebook", PAGE)
    only_facebook = make_set(ada, "Page", ["page"], platforms=["facebook"])

    create(
        ada,
        *(x, facebook),
        content="#Spring is here",
        hashtag_set_ids=[make_set(ada), only_facebook],
        hashtags_in="first_comment",
    )
    worker.publish(claims.claim(10))

    (on_x,) = simulator.posts("x")
    (on_facebook,) = simulator.posts("facebook")
    assert on_x["text"] == "#Spring is here\n\n#garden"
    assert on_facebook["text"] == "#Spring is here"
    assert on_facebook["extra"]["comments"] == ["#garden #page"]
