"""How X counts a text."""

import time

import pytest

from platforms.x.adapter import X
from platforms.x.length import weighted_length


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("This is a test.", 15),
        ("", 0),
        ("http://test.com", 23),
        ("https://test.com/a/very/long/path?with=a&query=string#and-anchor", 23),
        ("test.com", 23),
        ("Test https://test.com test https://test.com test.com test", 86),
        ("example.com.Hello", 29),
        ("(see https://a.com/b)", 29),
        ("https://en.wikipedia.org/wiki/Foo_(bar)", 23),
        ("https://x.com/a?b=c&d=1.", 24),
        ("http://☃.net/", 23),
        ("https://t.co/abc日本", 27),
        ("日本語example.com", 29),
        ("someone@example.com", 19),
        ("foo.bar@example.com", 19),
        ("#example.com", 12),
        ("foo/example.com", 15),
        ("file.txt and v1.2.3, e.g. this", 30),
        ("https://localhost", 17),
        ("\u00e9", 1),
        ("e\u0301", 1),
        ("저찀쯿쿿", 8),
        ("\U00010000\U0010ffff", 4),
        ("H🐱☺", 5),
        ("\u201cquoted\u201d \u2013 it\u2019s", 15),
        ("…", 2),
        ("👨‍👩‍👧‍👦", 2),
        ("👍🏽👍", 4),
        ("🇩🇪🇫🇷", 4),
        ("1️⃣ 1", 4),
        ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", 2),
        ("© ©️", 4),
        # A selector that is not needed, as phones write it; one that asks for text.
        ("⚡️⭐️", 4),
        ("☺︎", 4),
        # No sequence that Unicode recommends: its parts count.
        ("🐱‍🐶", 5),
        ("🐱🏽", 4),
        ("🇦🇦", 4),
        ("👨‍⚕", 5),
        ("👩🏻‍❤️‍💋‍👩🏿", 2),
        # Domains
        ("日本.com", 8),
        ("http://日本.com/a", 23),
        ("éxample.com", 24),
        (" éxample.com", 24),
        ("twitter.みんなです", 27),
        ("example.comてすとですtwitter.みんなです", 60),
        ("example.рф", 23),
        ("example.РФ", 23),
        ("http://a_b.c-d.com", 23),
        ("http://twitter_underscore.com", 29),
        ("-example.com", 12),
        ("http://xn--80ak6aa92e.com/", 23),
        ("http://xn--はじめよう.com/index.html", 36),
        (f"http://{'a' * 64}.com", 75),
        (f"http://{'a' * 63}.com", 23),
        (f"http://{'日' * 62}.com", 135),
        # What follows the domain
        ("example.com?a=b", 27),
        ("example.com:80", 26),
        ("example.com:80/a?b=c", 23),
        ("http://example.com:80?a=b", 23),
        ("https://a.com/x(y(z))w, and", 28),
        ("https://en.m.wikipedia.org/wiki/Hatfield\u2013McCoy_feud", 23),
        ("http://t.co/abc's", 25),
        (f"http://t.co/{'a' * 41}", 53),
        (f"https://a.com/{'a' * 4096}", 4110),
        ("example.com_a.net", 29),
        ("example.com@a", 13),
        ("$example.com", 12),
        ("⁦http://foobar.پاکستان/⁩", 27),
    ],
)
def test_texts_are_weighed_as_x_does(text: str, weight: int):
    assert X().text_length(text) == weight


@pytest.mark.parametrize(
    "text",
    [
        *("a" * 25000, "日" * 25000, "a." * 12500, "日." * 12500, ".com" * 6000),
        *("https://a.com/" + "(a" * 12000, "a.com_" * 4200, "日.com_" * 4200),
        *("👨‍" * 12000, "a.xn--" * 4000, "_." * 12500, "日" * 25000 + ".com"),
    ],
)
def test_weighing_takes_no_time_even_for_hostile_texts(text: str):
    started = time.process_time()
    weighted_length(text)
    assert time.process_time() - started < 1
