"""What a hashtag is, and what is appended to a text."""

import pytest

from posts.features.hashtags import post_hashtags
from tests.posts.cases import named


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("#spring", "spring"),
        (" spring ", "spring"),
        ("\uff03Frühling", "Frühling"),
        ("Fru\u0308hling", "Frühling"),
        ("हिन्दी", "हिन्दी"),
        ("日本語", "日本語"),
        ("2030_goals", "2030_goals"),
        ("a" * 100, "a" * 100),
    ],
)
def test_a_hashtag_is_kept_without_its_sign(given, kept):
    assert post_hashtags.cleaned(given) == kept


def test_what_networks_would_not_read_as_one_hashtag_is_refused():
    for given in (
        "",
        "#",
        "##a",
        "2030",
        "_",
        "a b",
        "a-b",
        "a.b",
        "a#b",
        "😀",
        "a😀",
        "\u0308a",
        "a" * 101,
    ):
        with named(given), pytest.raises(ValueError, match="hashtag has"):
            post_hashtags.cleaned(given)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("#a and #b.", ["a", "b"]),
        ("(#Größe)", ["Größe"]),
        ("\uff03日本語 です", ["日本語"]),
        ("#हिन्दी!", ["हिन्दी"]),
        ("#1 is no hashtag, #1st is", ["1st"]),
        ("https://example.com/#part and page#part &#39;", []),
        ("a#b", []),
        ("#a#b", ["a"]),
    ],
)
def test_the_hashtags_of_a_text_are_found(text, found):
    assert list(post_hashtags.in_text(text)) == found


def test_a_hashtag_comes_once_in_any_case_and_width():
    wanted = ["Straße", "STRASSE", "spring", "\uff33pring", "new"]

    assert post_hashtags.without_known(wanted, "Today: #NEW") == ["Straße", "spring"]


@pytest.mark.parametrize(
    ("text", "whole"), [("Hi", "Hi\n\n#a #b"), ("Hi \n\n", "Hi\n\n#a #b"), ("", "#a #b")]
)
def test_hashtags_stand_below_a_blank_line(text, whole):
    assert post_hashtags.appended(text, ["a", "b"]) == whole
