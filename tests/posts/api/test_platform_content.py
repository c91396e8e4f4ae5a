"""What is said differently per platform and per file."""

import pytest

from destinations.models import Destination
from platforms.drafts import Draft
from platforms.limits import ImageRule, Limits, VideoRule
from platforms.linkedin.adapter import LinkedIn
from platforms.policy.options import Choice, String
from platforms.threads.adapter import Threads
from platforms.x.adapter import X
from posts.models import Post, PostMedia
from tests.factories import make_account
from tests.posts.conftest import refused
from tests.posts.factories import FUTURE, make_media


@pytest.fixture
def threads(ada, monkeypatch):
    options = (
        Choice("audience", "Who sees it.", ("everyone", "followers")),
        String("altText", "What the pictures show.", max_chars=1000),
    )
    monkeypatch.setattr(Threads, "options", options)
    monkeypatch.setattr(Threads, "post_types", ("Post", "Ghost"))
    return make_account(ada.workspace, "threads")


@pytest.fixture
def body(x, threads):
    return {"content": "Hi", "account_ids": [x.pk, threads.pk], "scheduled_at": FUTURE}


def drafts() -> dict[str, Draft]:
    return {row.platform: Draft.from_json(row.draft) for row in Destination.objects.all()}


def test_a_platforms_own_text_is_what_its_limit_counts(ada, body):
    long, short = "a" * 400, "short enough"

    assert (
        ada.post(
            "/posts", {**body, "content": long, "platform_content": {"x": {"content": short}}}
        ).status_code
        == 201
    )
    error = refused(
        ada.post("/posts", {**body, "platform_content": {"x": {"content": long}}}),
        400,
        "content_too_long",
    )

    [problem] = error["details"]["validation_errors"]
    assert (problem["platform"], problem["length"]) == ("x", 400)


@pytest.mark.parametrize(
    ("said", "code", "field", "words"),
    [
        ({"threads": {"text": "Hi"}}, "invalid_field_name", None, "'text'"),
        ({"threads": {"Content": "Hi"}}, "invalid_field_name", None, "'content'"),
        ({"threads": {"content": ""}}, "validation_error", "threads.content", "blank"),
        ({"threads": {"content": 5}}, "validation_error", "threads.content", "string"),
        ({"threads": {"settings": []}}, "validation_error", "threads.settings", "dictionary"),
        ({"threads": "Hi"}, "validation_error", "threads", "JSON object"),
        ({"linkedin": {}}, "validation_error", "linkedin", "None of the post"),
        ({"myspace": {}}, "validation_error", "myspace", "linkedin"),
        ({"x": {}, "twitter": {}}, "validation_error", "twitter", "x"),
        ([], "validation_error", "", "JSON object"),
    ],
)
def test_what_is_misspelled_is_refused_by_name(ada, body, said, code, field, words):
    error = refused(ada.post("/posts", {**body, "platform_content": said}), 400, code)

    assert words in error["message"]
    if field is not None:
        told = error["details"]["validation_errors"][0]["field"]
        assert told == ("platform_content." + field).removesuffix(".")
    assert Post.objects.count() == 0


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"settings": {"audiance": "everyone"}}, "Threads has no option 'audiance'"),
        ({"settings": {"audience": "me"}}, "audience must be one of everyone, followers"),
        ({"contentType": "ghost"}, "Threads knows Post, Ghost; not 'ghost'."),
    ],
)
def test_options_are_checked_by_the_platform_that_gets_them(ada, body, threads, said, words):
    wanted = {**body, "platform_content": {"threads": said}}

    error = refused(ada.post("/posts", wanted), 400, "post_creation_failed")

    assert words in error["message"]
    [problem] = error["details"]["validation_errors"]
    assert (problem["account_id"], problem["platform"]) == (threads.pk, "threads")
    assert problem["message"].startswith(f"{threads.name}: ")
    assert Post.objects.count() == 0


def test_options_are_checked_even_where_the_post_has_no_file_yet(ada):
    instagram = make_account(ada.workspace, "instagram")
    body = {"content": "Hi", "account_ids": [instagram.pk]}
    said = {"instagram": {"settings": {"nonsense": True}}}

    refused(ada.post("/posts", {**body, "platform_content": said}), 400, "post_creation_failed")


def test_an_edit_keeps_what_is_said_until_it_is_replaced(ada, body, x, threads):
    said = {"threads": {"content": "Mine", "settings": {"audience": "followers"}}}
    post = ada.post("/posts", {**body, "platform_content": said}).json()["data"]["post_id"]

    ada.patch(f"/posts/{post}", {"content": "Changed"})
    assert {key: draft.text for key, draft in drafts().items()} == {
        "x": "Changed",
        "threads": "Mine",
    }
    assert drafts()["threads"].settings == {"audience": "followers"}

    ada.patch(f"/posts/{post}", {"account_ids": [x.pk]})
    ada.patch(f"/posts/{post}", {"account_ids": [x.pk, threads.pk]})
    assert drafts()["threads"].text == "Mine"

    ada.patch(f"/posts/{post}", {"platform_content": {"x": {"content": "Hers"}}})
    assert {key: draft.text for key, draft in drafts().items()} == {
        "x": "Hers",
        "threads": "Changed",
    }
    assert drafts()["threads"].settings == {}


def test_a_refused_edit_changes_nothing(ada, body):
    post = ada.post("/posts", body).json()["data"]["post_id"]

    for said in ({"linkedin": {}}, {"threads": {"settings": {"audience": "me"}}}):
        assert ada.patch(f"/posts/{post}", {"platform_content": said}).status_code == 400

    assert Post.objects.get().platform_content == {}
    assert drafts()["threads"].settings == {}


# Alt texts


@pytest.fixture
def pictured(monkeypatch):
    """LinkedIn and X as they are for pictures, with alt texts of up to 20 characters and none."""
    types = ("image/png",)
    for network, chars in ((LinkedIn, 20), (X, 0)):
        limits = Limits(1000, media_items=9, image=ImageRule(types, 10**7, alt_text_chars=chars))
        monkeypatch.setattr(network, "limits", limits)
        monkeypatch.setattr(network, "limits_for", lambda self, draft: self.limits)


def alt_texts(key: str = "linkedin") -> list[str]:
    return [item.alt_text for item in drafts()[key].media]


@pytest.mark.usefixtures("pictured")
def test_alt_texts_reach_the_networks_that_have_them(ada, x):
    linkedin = make_account(ada.workspace, "linkedin")
    one, two = make_media(ada.workspace), make_media(ada.workspace)
    body = {
        "content": "Hi",
        "account_ids": [x.pk, linkedin.pk],
        "media_ids": [str(one.pk), str(two.pk)],
        "alt_texts": {str(two.pk): "A red dove"},
        "scheduled_at": FUTURE,
    }

    post = ada.post("/posts", body).json()["data"]["post_id"]

    assert alt_texts() == ["", "A red dove"]
    assert alt_texts("x") == ["", ""]
    notes = {row.platform: row.notes for row in Destination.objects.all()}
    assert notes["linkedin"] == []
    assert notes["x"] == ["X gets no alt texts; it has none for these files."]
    stored = PostMedia.objects.order_by("position").values_list("alt_text", flat=True)
    assert list(stored) == ["", "A red dove"]

    ada.patch(f"/posts/{post}", {"media_ids": [str(two.pk)]})
    assert alt_texts() == ["A red dove"]
    ada.patch(f"/posts/{post}", {"alt_texts": {str(two.pk): "A dove"}})
    assert alt_texts() == ["A dove"]
    ada.patch(f"/posts/{post}", {"alt_texts": {}})
    assert alt_texts() == [""]


@pytest.mark.usefixtures("pictured")
@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        (None, "a" * 21, "post_creation_failed"),
        (None, "a" * 4087, "validation_error"),
        (None, "", "validation_error"),
        (None, 5, "validation_error"),
        ("00000000-0000-4000-8000-000000000000", "A dove", "validation_error"),
        ("first", "A dove", "validation_error"),
    ],
)
def test_an_alt_text_that_cannot_be_sent_is_refused(ada, name, text, code):
    linkedin, media = make_account(ada.workspace, "linkedin"), make_media(ada.workspace)
    body = {
        "content": "Hi",
        "account_ids": [linkedin.pk],
        "media_ids": [str(media.pk)],
        "alt_texts": {name or str(media.pk): text},
    }

    refused(ada.post("/posts", body), 400, code)

    assert Post.objects.count() == 0


def test_a_platforms_own_alt_text_describes_files_that_have_none(ada, body, threads):
    one, two = make_media(ada.workspace), make_media(ada.workspace)
    said = {"threads": {"settings": {"altText": "Doves"}}}
    wanted = {
        **body,
        "account_ids": [threads.pk],
        "media_ids": [str(one.pk), str(two.pk)],
        "alt_texts": {str(one.pk): "A dove"},
        "platform_content": said,
    }

    assert ada.post("/posts", wanted).status_code == 201

    assert alt_texts("threads") == ["A dove", "Doves"]


def test_alt_text_is_an_option_only_where_the_platform_declares_it(ada, x, monkeypatch):
    monkeypatch.setattr(X, "options", ())
    said = {"x": {"settings": {"altText": "Doves"}}}
    body = {"content": "Hi", "account_ids": [x.pk], "platform_content": said}

    error = refused(ada.post("/posts", body), 400, "post_creation_failed")

    assert "X has no option 'altText'" in error["message"]


# Files of several kinds


def test_who_got_the_pictures_and_who_the_video_is_told(ada, x, monkeypatch):
    either = Limits(
        1000,
        media_items=4,
        image=ImageRule(("image/png",), 10**7),
        video=VideoRule(("video/mp4",), 10**9),
    )
    monkeypatch.setattr(X, "limits", either)
    monkeypatch.setattr(X, "limits_for", lambda self, draft: either)
    youtube = make_account(ada.workspace, "youtube")
    image = make_media(ada.workspace)
    video = make_media(ada.workspace, kind="video", content_type="video/mp4")
    body = {
        "content": "Hi",
        "account_ids": [x.pk, youtube.pk],
        "media_ids": [str(image.pk), str(video.pk)],
        "scheduled_at": FUTURE,
    }

    post = ada.post("/posts", body).json()["data"]["post_id"]

    response = ada.get(f"/posts/{post}/results").json()
    rows = {row.platform: row.public_id for row in Destination.objects.all()}
    notes = {note["destination_id"]: note["note"] for note in response["meta"]["notes"]}
    assert notes[rows["youtube"]] == "YouTube gets only the video; it accepts no images."
    assert (
        notes[rows["x"]] == "X gets only the images; a post there has images or a video, not both."
    )
    assert all(len(row) == 11 for row in response["data"])


def test_eleven_pictures_are_too_many_for_instagram(ada):
    instagram = make_account(ada.workspace, "instagram")
    media = [make_media(ada.workspace, content_type="image/jpeg") for _ in range(11)]
    body = {
        "content": "Hi",
        "account_ids": [instagram.pk],
        "media_ids": [str(item.pk) for item in media],
    }

    error = refused(ada.post("/posts", body), 400, "post_creation_failed")

    assert error["message"] == f"{instagram.name}: Instagram takes up to 10 files in a post."
    assert Post.objects.count() == 0
