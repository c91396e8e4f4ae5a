"""LinkedIn: what is posted, against the simulator, over HTTP."""

import time
from dataclasses import replace
from typing import Any

import pytest

from platforms.drafts import Draft
from platforms.errors import Rejected, Unavailable, Unsupported
from platforms.linkedin.adapter import LinkedIn
from platforms.linkedin.text import escape, unescape
from platforms.outcomes import Processing, Published
from tests.conftest import Simulator
from tests.platforms.driver import HELLO, Drive, image, media
from tests.platforms.linkedin.steps import (
    PDF,
    clip,
    clip_bytes,
    connect,
    pdf,
    post_body,
    rest,
    shown,
)

# Text

TEXTS = [
    "Plain",
    "Hello (world) [x] {y} <z> *bold* _under_ ~tilde~ a|b \\ back @name #",
    "A #hashtag and #two_words, C# and a#b and #1",
    "Look:\nhttps://example.com/a_(b)?c=d#e",
    "Thanks @[Dev Tools](urn:li:organization:2414183)!",
]


@pytest.mark.parametrize("text", TEXTS[:-1])
def test_readers_see_the_text_as_it_was_written(page: Drive, text: str):
    page.publish(Draft(text))
    assert page.public()[0]["text"] == text


def test_a_mention_reads_as_its_name(page: Drive):
    page.publish(Draft(TEXTS[-1]))
    assert page.public()[0]["text"] == "Thanks Dev Tools!"


def test_hashtags_stay_hashtags():
    assert escape("C# #one_b (x)") == r"C\# {hashtag|\#|one\_b} \(x\)"


@pytest.mark.parametrize("text", TEXTS[:-1])
def test_escaping_is_undone_by_unescaping(text: str):
    assert unescape(escape(text)) == text


def test_an_unescaped_text_is_cut_by_the_network(page: Drive):
    body = post_body(page, commentary="Hello (world)")
    assert rest(page, "POST", "/rest/posts", json=body).status_code == 201
    assert page.public()[0]["text"] == "Hello "


def test_text_is_counted_in_utf_16_units():
    assert LinkedIn().text_length("aé🐱") == 4


# What is refused before anything is sent

LINK = {"link": "https://example.com/a", "linkTitle": "A page"}
POLL = {"pollQuestion": "Which?", "pollOptions": ["One", "Two"]}
PICTURE = media()
UNFIT: list[tuple[str, Draft]] = [
    ("4086", Draft("", (media(alt_text="x" * 4087),))),
    ("no alt text for videos", Draft("", (clip(alt_text="A video"),))),
    ("at least 75 KB", Draft("", (clip(60_000),))),
    ("at least 3 seconds", Draft("", (clip(duration_seconds=2),))),
    ("up to 1800 seconds", Draft("", (clip(duration_seconds=1801),))),
    ("up to 500 MB", Draft("", (replace(clip(), size_bytes=500_000_001),))),
    ("ratio of 2.40 or less", Draft("", (clip(width=2500, height=1000),))),
    ("up to 300 pages", Draft("", (pdf(pages=301),))),
    ("up to 100 MB", Draft("", (replace(pdf(), size_bytes=100_000_001),))),
    ("36152319 pixels", Draft("", (media(width=8000, height=4520),))),
    ("up to 250 frames", Draft("", (media(content_type="image/gif", frames=251),))),
    ("up to 20 files", Draft("", (PICTURE,) * 21)),
    ("one kind", Draft("", (PICTURE, clip()))),
    ("one video or one document", Draft("", (pdf(), pdf()))),
    ("needs a text", Draft("", (PICTURE,))),
    ("no types of post", Draft("Hi", post_type="Story")),
    ("no option 'visibilty'. Do you mean 'visibility'", Draft("Hi", settings={"visibilty": "x"})),
    ("visibility must be one of", Draft("Hi", settings={"visibility": "LOGGED_IN"})),
    ("link must be a URL", Draft("Hi", settings={**LINK, "link": "example.com"})),
    ("link and linkTitle", Draft("Hi", settings={"link": "https://example.com"})),
    ("needs a link", Draft("Hi", settings={"linkDescription": "A page"})),
    ("at most one image", Draft("Hi", (clip(),), settings=LINK)),
    ("at most one image", Draft("Hi", settings={**LINK, **POLL})),
    ("poll without files", Draft("Hi", (PICTURE,), settings=POLL)),
    ("pollQuestion and pollOptions", Draft("Hi", settings={"pollQuestion": "Which?"})),
    ("pollQuestion and pollOptions", Draft("Hi", settings={"pollDuration": "ONE_DAY"})),
    ("two to four", Draft("Hi", settings={**POLL, "pollOptions": ["One"]})),
    ("up to 4 texts of 1 to 30", Draft("Hi", settings={**POLL, "pollOptions": ["x" * 31, "y"]})),
    ("documentTitle needs a document", Draft("Hi", settings={"documentTitle": "Plan"})),
    ("videoTitle needs a video", Draft("Hi", (pdf(),), settings={"videoTitle": "Video"})),
]


@pytest.mark.parametrize(("words", "draft"), UNFIT, ids=[words for words, _ in UNFIT])
def test_what_linkedin_cannot_carry_is_refused_before_anything_is_sent(words: str, draft: Draft):
    with pytest.raises(Unsupported) as caught:
        LinkedIn().check(draft)
    assert words in caught.value.message


def test_a_page_has_no_connections_to_post_to(page: Drive):
    error = page.fails(Draft("Hi", settings={"visibility": "CONNECTIONS"}))
    assert (type(error), error.code, page.sends) == (Rejected, "option_rejected", 0)


def test_videos_and_documents_have_a_queue_of_their_own():
    queues = [LinkedIn().queue(Draft("", (item,))) for item in (PICTURE, clip(), pdf())]
    assert queues == ["publish.linkedin", *["publish.linkedin.upload"] * 2]


# Each kind of post

KINDS: dict[str, tuple[Draft, dict[str, Any]]] = {
    "text": (HELLO, {}),
    "connections": (Draft("Hi", settings={"visibility": "CONNECTIONS"}), {}),
    "image": (
        Draft("Look", (media(alt_text="A dove"),)),
        {"media": {"id": "urn:li:image:…", "altText": "A dove"}},
    ),
    "animation": (
        Draft("Look", (media(image(format="GIF"), content_type="image/gif", frames=3),)),
        {"media": {"id": "urn:li:image:…"}},
    ),
    "video": (Draft("Look", (clip(),)), {"media": {"id": "urn:li:video:…"}}),
    "titled video": (
        Draft("Look", (clip(),), settings={"videoTitle": "Doves"}),
        {"media": {"id": "urn:li:video:…", "title": "Doves"}},
    ),
    "document": (
        Draft("Read", (pdf(),)),
        {"media": {"id": "urn:li:document:…", "title": "plan.pdf"}},
    ),
    "titled document": (
        Draft("Read", (pdf(),), settings={"documentTitle": "The plan"}),
        {"media": {"id": "urn:li:document:…", "title": "The plan"}},
    ),
    "link": (
        Draft("Read", settings={**LINK, "linkDescription": "All of it"}),
        {
            "article": {
                "source": "https://example.com/a",
                "title": "A page",
                "description": "All of it",
            }
        },
    ),
    "link with a picture": (
        Draft("Read", (media(alt_text="A dove"),), settings=LINK),
        {
            "article": {
                "source": "https://example.com/a",
                "title": "A page",
                "thumbnail": "urn:li:image:…",
                "thumbnailAltText": "A dove",
            }
        },
    ),
    "link with a picture that is not described": (
        Draft("Read", (media(),), settings=LINK),
        {
            "article": {
                "source": "https://example.com/a",
                "title": "A page",
                "thumbnail": "urn:li:image:…",
            }
        },
    ),
    "poll": (
        Draft("Say", settings=POLL),
        {
            "poll": {
                "question": "Which?",
                "options": [{"text": "One"}, {"text": "Two"}],
                "settings": {"duration": "THREE_DAYS"},
            }
        },
    ),
}


def without_ids(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_ids(inner) for name, inner in value.items()}
    if isinstance(value, str) and value.startswith("urn:li:"):
        return value.rpartition(":")[0] + ":…"
    return value


@pytest.mark.parametrize("kind", ["person", "organization"])
@pytest.mark.parametrize("name", KINDS)
def test_each_kind_of_post_is_published_once(simulator: Simulator, kind: str, name: str):
    draft, content = KINDS[name]
    if kind == "organization" and "visibility" in draft.settings:
        draft = replace(draft, settings={})
    simulator.set("linkedin", "processing_seconds", 0)
    drive = connect(simulator, kind)
    drive.adapter.check(draft)
    result = drive.finish(draft)
    [post] = drive.public()
    assert result == Published(post["id"], f"https://www.linkedin.com/feed/update/{post['id']}")
    assert post["id"].startswith("urn:li:share:")
    assert without_ids(post["extra"]["content"]) == content
    assert post["extra"]["visibility"] == draft.settings.get("visibility", "PUBLIC")
    assert shown(simulator, post) == [item.open().read() for item in draft.media if item.open]
    assert drive.sends == 1


@pytest.mark.parametrize("count", [1, 3, 20])
def test_images_of_a_page_go_out_when_they_are_processed(page: Drive, count: int):
    page.simulator.set("linkedin", "processing_seconds", 0.7)
    alt_texts = ["" if n % 2 else f"Picture {n}" for n in range(count)]
    files = tuple(media(image(10 + n, 10), alt_text=alt_texts[n]) for n in range(count))
    draft = Draft("Look", files)
    assert page.publish(draft) == Processing(1)
    assert page.public() == []
    page.finish(draft)
    [post] = page.public()
    assert post["extra"]["alt"] == alt_texts
    assert shown(page.simulator, post) == [image(10 + n, 10) for n in range(count)]


def test_a_member_may_not_read_the_state_of_an_image_and_waits_once(member: Drive):
    draft = Draft("Look", (media(), media(image(5, 5))))
    assert member.publish(draft) == Processing(5)
    time.sleep(0.4)
    assert isinstance(member.publish(draft), Published)
    assert member.sends == 1
    assert len(member.public()[0]["media"]) == 2


def test_a_member_whose_media_is_not_ready_yet_is_told_by_the_post(member: Drive):
    member.simulator.set("linkedin", "processing_seconds", 60)
    draft = Draft("Look", (media(),))
    member.publish(draft)
    error = member.fails(draft)
    assert (type(error), error.retry_after_seconds) == (Unavailable, 15)
    member.simulator.advance(61)
    assert isinstance(member.finish(draft), Published)


def test_a_video_is_waited_for_with_growing_pauses(member: Drive):
    member.simulator.set("linkedin", "processing_seconds", 60)
    draft = Draft("Look", (clip(),))
    pauses = [member.publish(draft) for _ in range(5)]
    assert pauses == [Processing(5), Processing(10), Processing(20), Processing(30), Processing(30)]
    member.simulator.advance(61)
    assert isinstance(member.publish(draft), Published)


@pytest.mark.parametrize(
    "item",
    [
        media(b"no image"),
        media(b"no document", kind="document"),
        media(b"x" * 99_999, kind="video"),
    ],
    ids=lambda item: item.kind,
)
def test_a_file_that_cannot_be_processed_is_refused(page: Drive, item: Any):
    page.simulator.set("linkedin", "processing_seconds", 0)
    error = page.fails(Draft("Look", (item,)))
    assert (type(error), error.code) == (Rejected, "media_rejected")
    assert error.platform_code == "PROCESSING_FAILED"
    assert page.sends == 0


def test_two_posts_of_one_page_do_not_share_their_media(page: Drive):
    page.simulator.set("linkedin", "processing_seconds", 0)
    page.finish(Draft("One", (clip(),)))
    page.checkpoint = {}
    page.finish(Draft("Two", (clip(200_000),)))
    files = [shown(page.simulator, post) for post in page.public()]
    assert files == [[clip_bytes(200_000)], [clip_bytes()]]


def test_a_document_keeps_its_bytes(page: Drive):
    page.finish(Draft("Read", (pdf(),)))
    assert shown(page.simulator, page.public()[0]) == [PDF]
