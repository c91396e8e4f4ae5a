"""The normal form of texts, in linear time, and texts in which there is nothing to see."""

import random
import time
import unicodedata

import pytest

from platforms.text import is_blank, nfc

#: What comes into order behind a letter.
MARKS = [
    chr(point)
    for point in range(0x110000)
    if unicodedata.combining(unicodedata.normalize("NFD", chr(point))[0])
]


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


def test_marks_in_the_worst_order_take_time_in_proportion_to_their_number():
    text = "\u0f71\u0f72\u0f74" * 300_000

    began = time.thread_time()
    nfc(text)

    # One at a time, a tenth of them took two seconds, and all of them would take hundreds.
    assert time.thread_time() - began < 5


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
