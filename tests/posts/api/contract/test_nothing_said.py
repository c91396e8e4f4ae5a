"""Null is as good as absent; an empty value and `all` are no filter; a text may be left empty."""

from platforms.oauth import App
from posts.models import Post
from tests.factories import make_account, make_post
from tests.posts.api.cases import cases
from tests.posts.api.contract.conftest import is_nothing_made
from tests.posts.conftest import data_of, refused
from tests.posts.factories import FUTURE, make_media


def test_null_in_an_optional_field_is_as_good_as_leaving_it_out(ada, x):
    nothing = dict.fromkeys(
        [
            *("media_ids", "alt_texts", "platform_content", "timezone", "scheduled_at"),
            *("scheduled_for", "draft", "publish_now"),
        ]
    )

    response = ada.post("/posts", {"content": "Hi", "account_ids": [x.pk], **nothing})

    assert data_of(response, 201)["status"] == "publishing"
    assert Post.objects.get().timezone == "UTC"


@cases("name", ["content", "account_ids"])
def test_null_in_a_required_field_is_refused(ada, body, name):
    refused(ada.post("/posts", {**body, name: None}), 400, "validation_error")
    assert is_nothing_made()


def test_null_beside_a_time_leaves_the_time(ada, body):
    data = ada.post("/posts", {**body, "scheduled_for": None}).json()["data"]

    assert (data["status"], data["scheduled_for"]) == ("scheduled", FUTURE)


def test_null_within_what_a_platform_is_sent_is_left_out(ada, body):
    own = {"content": None, "contentType": None, "settings": {"replySettings": None}}
    media = make_media(ada.workspace)
    files = {"media_ids": [str(media.pk)], "alt_texts": {str(media.pk): None}}

    data_of(ada.post("/posts", {**body, **files, "platform_content": {"x": own}}), 201)
    draft = Post.objects.get().destinations.get().draft
    assert (draft["text"], draft["settings"], draft["post_type"]) == ("Hi", {}, "")
    assert draft["media"][0]["alt_text"] == ""


def test_null_in_an_unknown_field_or_option_is_refused_all_the_same(ada, body):
    refused(ada.post("/posts", {**body, "scheduled": None}), 400, "invalid_field_name")
    own = {"x": {"settings": {"replySetings": None}}}
    refused(ada.post("/posts", {**body, "platform_content": own}), 400, "post_creation_failed")
    assert is_nothing_made()


def test_an_edit_with_nulls_changes_nothing_and_never_unschedules(ada, body):
    post = ada.post("/posts", body).json()["data"]["post_id"]
    before = ada.get(f"/posts/{post}").json()["data"]
    nothing = dict.fromkeys(
        ["content", "account_ids", "media_ids", "alt_texts", "platform_content", "timezone"]
    )

    assert ada.patch(f"/posts/{post}", nothing).status_code == 200
    for name in ("scheduled_at", "scheduled_for"):
        refused(ada.patch(f"/posts/{post}", {name: None}), 400, "validation_error")

    assert ada.get(f"/posts/{post}").json()["data"] == before


def test_a_link_is_asked_for_with_null_as_without_it(ada, settings):
    settings.PLATFORM_APPS = {"x": App("id", "secret")}

    data_of(ada.post("/accounts/connect-link", {"platform": "x", "login": None}))


@cases(
    "query",
    [
        *("status=all", "platform=all", "status=&platform=&account_id=", "search=", "sort=&order="),
        *("limit=&offset=", "created_after=&updated_after=", "status=all&platform=all"),
    ],
)
def test_an_empty_value_and_all_are_no_filter_of_posts(ada, x, query):
    draft = make_post(ada.workspace, [])
    sent = make_post(ada.workspace, [x])

    answer = ada.get(f"/posts?{query}")

    assert answer.status_code == 200, answer.json()
    assert {each["id"] for each in answer.json()["data"]} == {draft.public_id, sent.public_id}
    assert answer.json()["meta"]["pagination"]["limit"] == 20


@cases("query", ["type=all", "type=", "status=all&type=all", "limit="])
def test_an_empty_value_and_all_are_no_filter_of_files(ada, media, query):
    [item] = ada.get(f"/media?{query}").json()["data"]["media"]

    assert item["id"] == str(media.pk)


@cases("query", ["sort=all", "order=all", "limit=all", "account_id=all"])
def test_all_is_a_word_of_filters_only(ada, query):
    refused(ada.get(f"/posts?{query}"), 400, "validation_error")


@cases("platform", ["x", "instagram", "facebook", "tiktok", "threads"])
@cases("content", ["", " \n", "\u200b"])
def test_a_text_may_be_empty_where_files_are_given(ada, platform, content):
    account = make_account(ada.workspace, platform)
    media = make_media(ada.workspace, content_type="image/jpeg", width=1080, height=1350)
    body = {"content": content, "account_ids": [account.pk], "media_ids": [str(media.pk)]}

    [verdict] = ada.post("/posts/validate", body).json()["data"]["accounts"]
    response = ada.post("/posts", {**body, "scheduled_at": FUTURE})

    assert (verdict["valid"], verdict["errors"]) == (True, [])
    assert response.status_code == 201
    assert Post.objects.get().destinations.get().draft["text"] == ""


@cases(
    ("platform", "kind", "words"),
    [("linkedin", "image", "needs a text"), ("youtube", "video", "needs a title")],
)
def test_a_network_that_needs_a_text_refuses_files_alone(ada, platform, kind, words):
    account = make_account(ada.workspace, platform)
    facts = {"content_type": {"image": "image/jpeg", "video": "video/mp4"}[kind], "kind": kind}
    media = make_media(ada.workspace, width=1080, height=1350, duration_seconds=9, **facts)
    body = {"content": "", "account_ids": [account.pk], "media_ids": [str(media.pk)]}

    error = refused(ada.post("/posts", body), 400, "post_creation_failed")
    [verdict] = ada.post("/posts/validate", body).json()["data"]["accounts"]

    assert words in error["message"]
    assert words in verdict["errors"][0]["message"]
    assert Post.objects.count() == 0


def test_the_words_for_one_network_may_be_left_out_with_files(ada, media, body):
    own = {"platform_content": {"x": {"content": ""}}}

    refused(ada.post("/posts", {**body, **own}), 400, "validation_error")
    assert ada.post("/posts", {**body, **own, "media_ids": [str(media.pk)]}).status_code == 201

    assert Post.objects.get().destinations.get().draft["text"] == ""


def test_an_edit_leaves_no_post_with_neither_text_nor_files(ada, media, body):
    made = ada.post("/posts", {**body, "content": "Hi", "media_ids": [str(media.pk)]})
    path = f"/posts/{made.json()['data']['post_id']}"

    assert ada.patch(path, {"content": ""}).status_code == 200
    refused(ada.patch(path, {"media_ids": []}), 400, "validation_error")
    refused(ada.patch(path, {"content": "\u2060", "media_ids": []}), 400, "validation_error")

    post = Post.objects.get()
    assert (post.content, post.attachments.count()) == ("", 1)
