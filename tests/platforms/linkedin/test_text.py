"""What LinkedIn is sent for a text: hashtags as templates, but never within a URL."""

import pytest

from platforms.linkedin.text import escape, unescape


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/x=#frag",
        "https://a.example/(b)#frag",
        "https://en.wikipedia.org/wiki/Dove_(disambiguation)#Birds",
        "https://a.example/((b))#c#d",
        "https://a.example/?q=(x)#/route?tab=#two",
        "https://a.example:8443/~#frag",
        "https://bücher.example/ä(ö)#straße",
        "https://xn--bcher-kva.example/#x",
        "http://例え.テスト/道=#断片",
        "a.example/(b)#frag",
        "bücher.example/x=#frag",
        "HTTPS://A.EXAMPLE/)#FRAG",
        "https://a.example/@[Acme](urn:li:organization:1)",
    ],
)
def test_a_url_stays_one_and_has_no_hashtag_and_no_mention(url: str):
    sent = escape(f"See {url} #news")

    assert sent.count("{hashtag|") == 1
    assert sent.endswith(r"{hashtag|\#|news}")
    assert "](urn:" not in sent.replace("\\", "\0")
    assert unescape(sent) == f"See {url} #news"
    assert unescape(sent.removesuffix(r" {hashtag|\#|news}")) == f"See {url}"


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("(https://a.example/b) #tag", 1),
        ("看https://a.example/b\uff0c#标签", 1),
        ("「https://a.example/b」#標籤", 1),
        ("https://a.example/b\n#tag", 1),
        ("<https://a.example/b>#tag", 1),
        ("#tag https://a.example/#b #other", 2),
        ("Written in Node.js #tag", 1),
        ("End.#tag", 1),
        ("=#tag )#tag", 2),
    ],
)
def test_what_stands_outside_of_urls_is_a_hashtag(text: str, tags: int):
    assert escape(text).count("{hashtag|") == tags
    assert unescape(escape(text)) == text


def test_a_mention_outside_of_a_url_keeps_its_meaning():
    mention = "@[Acme](urn:li:organization:1)"
    assert escape(f"https://a.example/x {mention}") == f"https://a.example/x {mention}"
