"""The normal form of texts, in linear time; their URLs; texts with nothing to see."""

import random
import unicodedata

import pytest

from platforms.drafts import Draft
from platforms.errors import Unsupported
from platforms.instagram import post_types
from platforms.registry import ADAPTERS
from platforms.text import is_blank, nfc
from posts.features.hashtags import post_hashtags
from tests.platforms.driver import media

#: What comes into order behind a letter.
MARKS = [
    chr(point)
    for point in range(0x110000)
    if unicodedata.combining(unicodedata.normalize("NFD", chr(point))[0])
]
URL = "https://a.example/(b)#frag=#two/@someone"


def test_the_normal_form_is_unicodes_own_however_many_marks_are_in_disorder():
    random.seed(7)
    for _ in range(300):
        letters = random.choices(["a", "\u00e9", "\u1100", "\u0f40", "\u4e2d", " "], k=20)
        runs = [random.choices(MARKS, k=random.choice([0, 1, 3, 31, 32, 90])) for _ in letters]
        text = "".join(letter + "".join(run) for letter, run in zip(letters, runs, strict=True))

        assert nfc(text) == unicodedata.normalize("NFC", text)


def test_a_mark_taken_apart_has_parts_of_one_class():
    """Else marks could not be put in order before they are taken apart."""
    for mark in MARKS:
        parts = {unicodedata.combining(part) for part in unicodedata.normalize("NFD", mark)}
        whole = unicodedata.combining(mark)
        assert parts == {whole} or (whole == 0 and mark in "\u0f73\u0f75\u0f81"), hex(ord(mark))


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t",
        "\u200b",
        "\u2060\ufeff\u200d",
        "\u00ad",
        "\u3164",
        "\u2800",
        "\ufe0f",
        "\u200e ",
    ],
)
def test_what_shows_nothing_is_blank(text):
    assert is_blank(text)


@pytest.mark.parametrize(
    "text", ["a", "\u200ba\u200b", ".", "\u0301", "\U0001f600\ufe0f", "\u3000x"]
)
def test_what_shows_anything_is_not_blank(text):
    assert not is_blank(text)


@pytest.mark.parametrize("network", ADAPTERS)
def test_a_preview_shows_no_hashtag_and_no_mention_within_a_url(network: str):
    shown = ADAPTERS[network].preview(Draft(f"See {URL} @acme #news", settings={"title": "T"}))

    kinds = {segment.text: segment.kind for part in shown.parts for segment in part.text.shown}
    found = {text for text, kind in kinds.items() if kind in ("hashtag", "mention")}
    assert found <= {"@acme", "#news", "news"}
    assert not any("frag" in label for label in shown.labels)


def test_fragments_are_no_hashtags_that_instagram_would_count():
    many = " ".join(f"https://a.example/{n}#part/@x" for n in range(40))
    draft = Draft(many, media=(media(b""),))

    post_types.check(draft)
    with pytest.raises(Unsupported):
        post_types.check(Draft(" ".join(f"#tag{n}" for n in range(31)), media=draft.media))


def test_a_fragment_does_not_keep_a_hashtag_of_a_set_away():
    assert post_hashtags.without_known(["frag", "two"], f"See {URL}") == ["frag", "two"]
    assert post_hashtags.without_known(["frag"], "See #frag") == []
