"""Threads, against the simulator."""

import pytest

from platforms.drafts import Draft
from platforms.errors import Unsupported
from platforms.outcomes import Published
from platforms.threads.adapter import TOPIC_LEFT_OUT, Threads
from tests.platforms.driver import image, media, published
from tests.platforms.meta.container_promises import ContainerPromises
from tests.platforms.meta.containers import Bench, clip, graph_error, photo, photos
from tests.platforms.threads.steps import SIX_LINKS, ask


class TestPromises(ContainerPromises):
    state_field = "status"
    not_ready = graph_error(24, 4279009)


# Kinds of post


def test_a_text_is_public_after_one_call(b: Bench):
    result = b.publish(Draft("Just words"))
    (post,) = b.public()
    assert result == Published(id=post["id"], url=post["url"])
    assert post["text"] == "Just words"


def test_a_post_carries_its_options(b: Bench):
    settings = {
        "linkAttachment": "https://example.com/",
        "topicTag": "pigeons",
        "replyControl": "mentioned_only",
    }
    b.finish(Draft("Hello", settings=settings))
    assert b.public()[0]["extra"] == {
        "media_type": "TEXT_POST",
        "kind": "",
        "alt": [],
        "topic_tag": "pigeons",
        "replied_to": "",
        "link": "https://example.com/",
        "reply_control": "mentioned_only",
    }


def test_images_and_videos_have_alt_texts(b: Bench):
    items = (photo("A dove"), clip(alt_text="It flies"))
    b.finish(Draft("Hello", items, settings={"altText": "A pigeon"}))
    assert b.public()[0]["extra"]["alt"] == ["A pigeon", "It flies"]


def test_a_png_is_taken(b: Bench):
    b.finish(Draft("Hello", (media(image()),)))
    assert len(b.public()) == 1


def test_a_topic_that_is_not_permitted_is_left_out_and_noted(b: Bench):
    b.set("forbidden_topic", "bad")
    result = b.finish(Draft("Hello", settings={"topicTag": "bad"}))
    (post,) = b.public()
    assert result == Published(post["id"], post["url"], (TOPIC_LEFT_OUT,))
    assert post["extra"]["topic_tag"] == ""


def test_a_note_outlives_a_lost_answer(b: Bench):
    draft = Draft("Hello", settings={"topicTag": "bad"})
    b.set("forbidden_topic", "bad")
    b.lose(draft)
    assert published(b.find(draft)).notes == (TOPIC_LEFT_OUT,)


# Text


@pytest.mark.parametrize("text", ["A #topic here #second", "Two\n\nlines  of #words", "Cafe\u0301"])
def test_a_text_that_threads_rewrote_is_recognised(b: Bench, text: str):
    b.lose(Draft(text))
    (post,) = b.public()
    assert b.find(Draft(text)) == Published(id=post["id"], url=post["url"])


def test_an_emoji_counts_as_its_bytes():
    assert Threads().text_length("ab\u00e9") == 3
    assert Threads().text_length("\U0001f600") == 4


BARE = " ".join(f"www.example{n}.com" for n in range(6))


@pytest.mark.parametrize("text", [BARE, BARE.replace("www.", "WWW."), f"({BARE}), and more"])
def test_a_bare_www_address_counts_as_a_link(b: Bench, text: str):
    with pytest.raises(Unsupported, match="up to 5 links"):
        Threads().check(Draft(text))
    answer = ask(b, "me/threads", media_type="TEXT", text=text)
    assert answer["error"]["code"] == "THREADS_API__LINK_LIMIT_EXCEEDED"


@pytest.mark.parametrize(
    "text",
    [
        # The same address counts once; the punctuation after it does not matter.
        " ".join(["www.example.com", "www.example.com.", "(www.example.com)", *["x"] * 9]),
        "www.a.com https://www.b.com/www.c.com ada@www.d.com awww.e.com www. www.f.com www.g.com",
        BARE.rpartition(" ")[0],
    ],
)
def test_what_is_no_further_link_does_not_count(b: Bench, text: str):
    Threads().check(Draft(text))
    assert "id" in ask(b, "me/threads", media_type="TEXT", text=text)


def test_a_card_whose_address_stands_in_the_text_counts_once(b: Bench):
    five = BARE.rpartition(" ")[0]
    again = Draft(five, settings={"linkAttachment": "https://example.com/"})
    with pytest.raises(Unsupported, match="up to 5 links"):
        Threads().check(again)
    four = f"{five.rpartition(' ')[0]} https://example.com/"
    Threads().check(Draft(four, settings={"linkAttachment": "https://example.com/"}))


UNSUPPORTED = [
    Draft(""),
    Draft("x" * 501),
    Draft("\U0001f600" * 126),
    Draft(SIX_LINKS),
    Draft(SIX_LINKS[:-22], settings={"linkAttachment": "https://example.com/x"}),
    Draft("Hello", settings={"thread": ["x" * 501]}),
    Draft("Hello", settings={"thread": ["\U0001f600" * 126]}),
    Draft("Hello", settings={"thread": [SIX_LINKS]}),
    Draft("Hello", settings={"thread": ["x"] * 26}),
    Draft("Hello", settings={"thread": [""]}),
    Draft("Hello", settings={"topicTag": "a.b"}),
    Draft("Hello", settings={"topicTag": "a&b"}),
    Draft("Hello", settings={"topicTag": "x" * 51}),
    Draft("Hello", settings={"replyControl": "no-one"}),
    Draft("Hello", settings={"linkAttachment": "example.com"}),
    Draft("Hello", settings={"altText": "Nothing to see"}),
    photos(settings={"linkAttachment": "https://example.com/"}),
    Draft("Hello", (clip(duration_seconds=301),)),
    photos(21),
    photos(post_type="Story"),
]


def test_what_threads_cannot_carry_is_unsupported(b: Bench):
    for draft in UNSUPPORTED:
        assert (draft, type(b.fails(draft))) == (draft, Unsupported)
    assert b.saves == []


def test_five_links_and_twenty_files_are_taken(b: Bench):
    five = SIX_LINKS[:-22]
    b.finish(Draft(five, settings={"linkAttachment": "https://example.com/0"}))
    b.checkpoint = {}
    b.finish(photos(20))
    assert len(b.public()[0]["media"]) == 20
