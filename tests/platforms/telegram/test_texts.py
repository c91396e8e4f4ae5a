"""What becomes of a customer's text and options: Markdown, limits, refusals, the preview."""

import dataclasses

import pytest

from platforms.drafts import Draft
from platforms.errors import Unsupported
from platforms.preview.shapes import Preview
from platforms.telegram import text
from platforms.telegram.adapter import Telegram
from tests.platforms.telegram.steps import CLIP, DRAFTS, GUIDE, PICTURE, POLL, TOLD

TELEGRAM = Telegram()
MARKDOWN = {"textFormat": "markdown"}


def read(words: str) -> list[tuple[str, str]]:
    """Each format with the words that it is of; the text first."""
    found = text.formatted(Draft(words, settings=MARKDOWN))
    units = found.text.encode("utf-16-le")
    places = [(each["type"], 2 * each["offset"], 2 * each["length"]) for each in found.entities]
    words_of = [(kind, units[at : at + size].decode("utf-16-le")) for kind, at, size in places]
    return [("text", found.text), *words_of]


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("Coo", []),
        (
            "**a** _b_ ~~c~~ `d`",
            [("bold", "a"), ("italic", "b"), ("strikethrough", "c"), ("code", "d")],
        ),
        ("🕊🕊 **a🕊**", [("bold", "a🕊")]),
        ("**a _b_**", [("italic", "b"), ("bold", "a b")]),
        ("# Head\ntext", [("bold", "Head")]),
        ("> a\n> b", [("blockquote", "a\nb")]),
        ("> a\n>> b", [("blockquote", "a\n\nb")]),
        ("[on](https://e.com)", [("text_link", "on")]),
        ("```\na\nb\n```\n", [("pre", "a\nb")]),
        ("****", []),
        ("```\n```", []),
    ],
)
def test_markdown_becomes_formats(words: str, shown: list):
    assert read(words)[1:] == shown


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("a\n\nb  \nc\nd", "a\n\nb\nc\nd"),
        ("* a\n* b\n\n  c\n* d\n\nend", "• a\n• b\nc\n• d\n\nend"),
        ("1. a\n2. b\n   - c", "1. a\n2. b\n• c"),
        ("3) a\n4) b", "3) a\n4) b"),
        ("a\n\n---\n\nb", "a\n\n———\n\nb"),
        ("<b>a</b> &amp; <script>", "<b>a</b> & <script>"),
        ("![a dove](https://e.com/x.png)", "a dove"),
        ("*not _closed **at all", "*not _closed **at all"),
        ("# Head\n- a", "Head\n\n• a"),
        ("", ""),
    ],
)
def test_markdown_is_read_without_its_marks(words: str, shown: str):
    assert read(words)[0] == ("text", shown)


def test_a_plain_text_stays_as_it_is_written():
    words = "*a* _b_ <b>c</b> [d](e)\n# f"
    assert text.formatted(Draft(words)) == text.Formatted(words)


@pytest.mark.parametrize("kind", DRAFTS)
def test_each_kind_of_message_is_taken(kind: str):
    TELEGRAM.check(DRAFTS[kind])


@pytest.mark.parametrize(
    ("draft", "words"),
    [
        (Draft("🕊" * 2048 + "a"), "4097 UTF-16 units"),
        (Draft("a" * 1025, (PICTURE,)), "1025 UTF-16 units"),
        (Draft("a" * 301, settings=POLL), "301 UTF-16 units"),
        (Draft("**" + "a" * 4093 + "**", settings=MARKDOWN), "4097 UTF-16 units"),
        (Draft("---\n" * 1024, settings=MARKDOWN), "5118 UTF-16 units"),
        (Draft(" "), "a text or a file"),
        (Draft("---", settings={}), ""),
        (Draft("Hi", settings={"pollOptions": ["a"]}), ""),
        (Draft("# ", settings=MARKDOWN), "a text or a file"),
        (Draft("Hi", (PICTURE, GUIDE)), "post of their own"),
        (Draft("Hi", (PICTURE,) * 11), "up to 10 files"),
        (Draft("Hi", (dataclasses.replace(CLIP, size_bytes=26_000_000),) * 2), "up to 50 MB"),
        (Draft("Hi", (PICTURE, CLIP), {"buttons": TOLD["buttons"]}), "one file at most"),
        (Draft("Hi", settings={"buttons": ["Read on"]}), "[words]"),
        (Draft("Hi", settings={"buttons": ["[a](ftp://e.com)"]}), "[words]"),
        (Draft("Hi", settings={"pollMultiple": True}), "need pollOptions"),
        (Draft("Hi", settings={"pollSeconds": 60}), "need pollOptions"),
        (Draft("Hi", settings={"pollOptions": ["a", " "]}), "one to twelve"),
        (Draft("Hi", settings={"pollOptions": ["a", "a"]}), "same answer twice"),
        (Draft("Hi", (PICTURE,), POLL), "without files"),
        (Draft("Hi", settings={**POLL, **MARKDOWN}), "plain text"),
        (Draft("Hi", settings={"silent": True}), "no option"),
    ],
)
def test_what_telegram_does_not_take_is_refused(draft: Draft, words: str):
    if not words:
        TELEGRAM.check(draft)
        return
    with pytest.raises(Unsupported) as refusal:
        TELEGRAM.check(draft)
    assert words in refusal.value.message


def test_options_that_are_null_are_not_given():
    TELEGRAM.check(Draft("Hi", settings=dict.fromkeys((*TOLD, *POLL))))


def preview(draft: Draft) -> Preview:
    return TELEGRAM.preview(draft)


def test_a_preview_shows_what_is_sent():
    shown = preview(DRAFTS["text"])
    assert (shown.kind, shown.parts[0].text.whole, shown.link_card) == (
        "text",
        "Coo on\n\ncoo()",
        None,
    )
    assert shown.labels == (
        "Readers get it without a sound.",
        "It cannot be forwarded or saved.",
        "Button: Read on (https://example.com/dovecote)",
    )


def test_a_preview_has_a_card_for_the_first_link():
    card = preview(Draft("https://a.example and https://b.example")).link_card
    assert card is not None
    assert card.url == "https://a.example"
    assert (
        preview(Draft("https://a.example", settings={"disableLinkPreview": True})).link_card is None
    )


@pytest.mark.parametrize(
    ("kind", "shown", "layout"),
    [
        ("photo", "image", "single"),
        ("video", "video", "player"),
        ("album", "video", "grid"),
        ("document", "document", "pages"),
        ("documents", "document", "pages"),
        ("poll", "poll", "none"),
    ],
)
def test_a_preview_tells_kinds_apart(kind: str, shown: str, layout: str):
    found = preview(DRAFTS[kind])
    assert (found.kind, found.layout) == (shown, layout)
    assert len(found.parts[0].items) == len(DRAFTS[kind].media)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "until it is stopped"),
        (5, "5 seconds"),
        (60, "1 minute"),
        (7200, "2 hours"),
        (86_400, "1 day"),
    ],
)
def test_a_preview_says_how_long_a_poll_is_open(seconds: int | None, words: str):
    poll = preview(Draft("Coo?", settings={**POLL, "pollSeconds": seconds})).poll
    assert poll is not None
    assert (poll.options, poll.duration) == (("Yes", "No"), words)
