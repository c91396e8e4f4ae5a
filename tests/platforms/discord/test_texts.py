"""What Discord takes of a draft, and what readers see of it."""

import pytest

from platforms.discord.adapter import FILE_BYTES, Discord
from platforms.drafts import Draft, Media
from platforms.errors import Unsupported
from platforms.limits import Form
from platforms.preview.shapes import LinkCard, Poll
from tests.platforms.discord.steps import CARD, POLL, QUIET, THREAD

ADAPTER = Discord()


def file(kind: str = "image", size: int = 1000, **fields: object) -> Media:
    known = {"image": "image/png", "video": "video/mp4", "document": "application/pdf"}
    return Media("a", kind, known[kind], "a.bin", size, **fields)  # type: ignore[arg-type]


def refused(draft: Draft) -> Unsupported:
    with pytest.raises(Unsupported) as caught:
        ADAPTER.check(draft)
    return caught.value


@pytest.mark.parametrize(
    "draft",
    [
        Draft("a" * 2000),
        Draft("", (file(),) * 10),
        Draft("", (file(), file("video"), file("document"))),
        Draft("", settings={"embeds": [CARD]}),
        Draft("", settings={"embeds": [{"description": "a" * 3000}] * 2}),
        Draft("", settings={"embeds": [{"image": "https://example.com/a.png"}] * 10}),
        Draft("", settings=POLL),
        Draft("Coo", (file(),), {**QUIET, **THREAD, "crosspost": True, "spoiler": True}),
        Draft("Coo", settings={"spoiler": False}),
        Draft("", (file(size=FILE_BYTES), file(size=FILE_BYTES))),
        Draft("", (file(size=10**8, form=Form("image/jpeg", max_bytes=FILE_BYTES)),)),
    ],
)
def test_what_discord_takes_is_taken(draft: Draft):
    ADAPTER.check(draft)


@pytest.mark.parametrize(
    ("draft", "word"),
    [
        (Draft("a" * 2001), "2001 characters"),
        (Draft(" \u200b"), "needs a text"),
        (Draft("", (file(),) * 11), "up to 10 files"),
        (Draft("", (file(size=FILE_BYTES + 1),)), "10 MB"),
        (Draft("", (file(size=FILE_BYTES),) * 3), "25 MB in all"),
        (Draft("", (file(alt_text="a" * 1025),)), "1024"),
        (Draft("a", settings={"mentions": ["me"]}), "not 'me'"),
        (Draft("a", settings={"threadName": "  "}), "blank"),
        (Draft("a", settings={"spoiler": True}), "has none"),
        (Draft("a", settings={"embeds": [{"url": "https://example.com"}]}), "has a title"),
        (Draft("a", settings={"embeds": [{"title": "a", "url": "example.com"}]}), "a URL"),
        (Draft("a", settings={"embeds": [{"image": "javascript:a"}]}), "a URL"),
        (Draft("a", settings={"embeds": [{"description": "a" * 3001}] * 2}), "6002 characters"),
        (Draft("a", settings={"embeds": [CARD] * 11}), "up to 10 objects"),
        (Draft("a", settings={"embeds": [{"title": "a" * 257}]}), "1 to 256"),
        (Draft("a", settings={"embeds": [{"fields": [{"name": "a"}]}]}), "without value"),
        (Draft("a", settings={"embeds": [{"video": "a"}]}), "not with 'video'"),
        (Draft("a", settings={"embeds": [5]}), "objects"),
        (Draft("a", settings={"embeds": "a"}), "objects"),
        (Draft("a", settings={"pollQuestion": "Coo?"}), "need pollOptions"),
        (Draft("a", settings={"pollOptions": ["a", "b"]}), "go together"),
        (Draft("a", (file(),), POLL), "without files"),
        (Draft("a", settings={**POLL, "embeds": [CARD]}), "without files and embeds"),
        (Draft("a", settings={**POLL, "pollOptions": ["a", " "]}), "blank"),
        (Draft("a", settings={**POLL, "pollHours": 769}), "1 to 768"),
    ],
)
def test_what_discord_does_not_take_is_refused_with_its_reason(draft: Draft, word: str):
    assert word in refused(draft).message


@pytest.mark.parametrize(
    "draft", [Draft("a" * 2001), Draft("a", settings={"embeds": [{"description": "a" * 3001}] * 2})]
)
def test_a_text_that_is_too_long_says_so_by_its_code(draft: Draft):
    assert refused(draft).code == "text_too_long"


def test_an_option_of_objects_is_described_with_its_parts():
    described = {option.name: option.schema() for option in ADAPTER.options}["embeds"]
    parts = described["items"]["properties"]
    assert (described["maxItems"], parts["title"]["maxLength"]) == (10, 256)
    assert parts["fields"]["items"]["required"] == ["name", "value"]
    assert described["items"]["additionalProperties"] is False


def test_a_text_shows_its_links_and_mentions():
    seen = ADAPTER.preview(Draft("Coo <@5> https://example.com/a @everyone", settings=QUIET))
    kinds = [(each.kind, each.text) for each in seen.parts[0].text.shown if each.kind != "text"]
    assert kinds == [
        ("mention", "<@5>"),
        ("link", "https://example.com/a"),
        ("mention", "@everyone"),
    ]
    assert seen.link_card is None
    assert seen.labels[0] == "No one gets a push notification."
    assert "It notifies everyone." in seen.labels
    plain = ADAPTER.preview(Draft("Coo https://example.com/a"))
    assert plain.link_card == LinkCard("https://example.com/a")


def test_the_first_embed_is_a_card_and_the_others_are_named():
    settings = {"embeds": [CARD, {"description": "Two"}, {"title": "Three"}]}
    seen = ADAPTER.preview(Draft("Coo", settings=settings))
    assert seen.link_card == LinkCard(CARD["url"], CARD["title"], CARD["description"])
    assert seen.labels == ("Embed: Two", "Embed: Three")


def test_a_poll_and_a_thread_are_shown_as_such():
    seen = ADAPTER.preview(Draft("", settings={**POLL, "threadName": "Lofts"}))
    assert (seen.kind, seen.title.whole) == ("poll", "Lofts")
    assert seen.poll == Poll("Coo?", ("Yes", "No"), "48 hours")
    hour = ADAPTER.preview(Draft("", settings={**POLL, "pollHours": 1})).poll
    assert hour is not None
    assert hour.duration == "1 hour"


@pytest.mark.parametrize(
    ("kinds", "kind", "layout"),
    [
        ((), "text", "none"),
        (("image",), "image", "single"),
        (("image",) * 3, "images", "grid"),
        (("image", "video"), "video", "player"),
        (("document",), "document", "single"),
    ],
)
def test_files_are_shown_as_a_grid_or_each_in_its_own_shape(kinds, kind: str, layout: str):
    files = tuple(file(each, width=640, height=320) for each in kinds)
    seen = ADAPTER.preview(Draft("Coo", files))
    assert (seen.kind, seen.layout, seen.visibility) == (kind, layout, "widest")
    assert len(seen.parts[0].items) == len(files)
