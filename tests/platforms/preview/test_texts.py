"""Texts as feeds show them: no cut tears a visible character, and nothing is lost."""

import random

import pytest

from platforms.preview import texts
from platforms.preview.texts import MOST_MARKS, Fold

FAMILY = "👨‍👩‍👧‍👦"
CLUSTERS = [
    FAMILY,
    "👍🏽",
    "🇵🇹",
    "🏴󠁧󠁢󠁳󠁣󠁴󠁿",
    "❤️",
    "1️⃣",
    "e\u0301",
    "Z\u0351\u036b\u0343",
    "क्षि",
    "한",
    "\u1112\u1161\u11ab",
    "שָׁ",
    "\r\n",
]


def joined(segments) -> str:
    return "".join(each.text for each in segments)


@pytest.mark.parametrize("cluster", CLUSTERS)
def test_no_cut_tears_a_visible_character(cluster):
    whole = f"ab{cluster}cd"
    for chars in range(len(whole) + 1):
        cut = Fold(chars=chars).cut(whole)
        assert cut <= 2 or cut >= 2 + len(cluster), (chars, cut)


def test_a_row_of_flags_is_cut_between_flags():
    flags = "🇵🇹🇪🇸🇫🇷"

    assert [Fold(chars=n).cut(flags) for n in range(6)] == [0, 0, 2, 2, 4, 4]


def test_what_is_shown_and_what_is_hidden_make_the_whole_text():
    chance = random.Random(7)
    pieces = [*CLUSTERS, " ", "\n", "#tag", "@acme ", "https://example.com/a ", "word", "اسم"]
    for _ in range(300):
        whole = "".join(chance.choices(pieces, k=chance.randrange(30)))
        fold = Fold(chance.choice([None, 0, 5, 40]), chance.choice([None, 1, 3]))
        shown = texts.marked(whole, fold, texts.links, texts.hashtags, texts.mentions)
        assert joined(shown.shown) + joined(shown.hidden) == whole
        assert all(segment.text for segment in (*shown.shown, *shown.hidden))


def test_a_text_is_cut_at_the_line_or_the_character_that_comes_first():
    assert Fold(chars=10, lines=2).cut("a\nb\nc") == 3
    assert Fold(chars=2, lines=2).cut("a\nb\nc") == 2
    assert Fold(lines=5).cut("a\nb") == 3


def test_a_text_is_not_cut_before_nothing_but_spaces():
    assert Fold(chars=3).cut("abc \n ") == 6


def test_marks_do_not_overlap_and_a_link_leaves_its_full_stop():
    whole = "See https://example.com/#top, then #news by @acme.team."

    shown = texts.marked(whole, texts.WHOLE, texts.links, texts.hashtags, texts.mentions).shown

    assert [(each.kind, each.text) for each in shown if each.kind != "text"] == [
        ("link", "https://example.com/#top"),
        ("hashtag", "#news"),
        ("mention", "@acme.team"),
    ]


def test_a_mark_that_the_cut_crosses_is_one_on_both_sides():
    shown = texts.marked("go #mountains", Fold(chars=6), texts.hashtags)

    assert [each.kind for each in (*shown.shown, *shown.hidden)] == ["text", "hashtag", "hashtag"]


def test_of_very_many_marks_the_first_are_kept():
    shown = texts.marked("#a " * 20_000, texts.WHOLE, texts.hashtags)

    assert len(shown.marks) == MOST_MARKS
    assert joined(shown.shown) == shown.whole


def test_hostile_texts_cost_little():
    for hostile in (
        "e" + "\u0301" * 60_000,
        "🇵" * 60_000,
        "#" * 60_000,
        "@a." * 20_000,
        "\n" * 60_000,
    ):
        fold = Fold(chars=50_000, lines=3)
        shown = texts.marked(hostile, fold, texts.links, texts.hashtags, texts.mentions)
        assert joined(shown.shown) + joined(shown.hidden) == hostile
