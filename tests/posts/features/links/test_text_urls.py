"""Finding links in texts, and adding parameters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posts.features.links import rules, text_urls

UTM = {"utm_source": "x", "utm_medium": "social"}


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("See https://example.com.", ["https://example.com"]),
        ("(https://example.com/a_(b))", ["https://example.com/a_(b)"]),
        (
            "https://example.com/a, https://example.com/b!",
            ["https://example.com/a", "https://example.com/b"],
        ),
        ('"http://example.com/?a=1&b=2"', ["http://example.com/?a=1&b=2"]),
        ("HTTPS://EXAMPLE.COM/Ä/文", ["HTTPS://EXAMPLE.COM/Ä/文"]),
        ("mailto:a@example.com www.example.com", []),
        ("https://", []),
        ("https://example.com/(a)))", ["https://example.com/(a)"]),
        ("https://example.com/[(a)])].)", ["https://example.com/[(a)]"]),
        ("https://example.com/)(", ["https://example.com/)("]),
    ],
)
def test_links_end_where_networks_end_them(text, links):
    assert [link for link in text_urls.pieces(text)[1::2] if link != "https://"] == links


@given(st.text())
def test_a_text_whose_links_stay_is_the_same(text):
    assert "".join(text_urls.pieces(text)) == text


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("https://a.example", "https://a.example?utm_source=x&utm_medium=social"),
        ("https://a.example/b#top", "https://a.example/b?utm_source=x&utm_medium=social#top"),
        ("https://a.example/?q=1", "https://a.example/?q=1&utm_source=x&utm_medium=social"),
        (
            "https://a.example/?utm_source=mail",
            "https://a.example/?utm_source=mail&utm_medium=social",
        ),
        (
            "https://a.example/?UTM_Source=mail&utm_medium=",
            "https://a.example/?UTM_Source=mail&utm_medium=",
        ),
        ("https://a.example/?q=%20+ä", "https://a.example/?q=%20+ä&utm_source=x&utm_medium=social"),
    ],
)
def test_parameters_are_added_and_never_replaced(link, expected):
    assert text_urls.with_parameters(link, UTM) == expected


@given(st.text("ab=&%?#", max_size=20).map("https://a.example/{}".format))
def test_adding_twice_is_adding_once(link):
    once = text_urls.with_parameters(link, UTM)

    assert text_urls.with_parameters(once, UTM) == once


def test_a_domain_covers_what_is_below_it_and_nothing_beside():
    within = ("example.com",)

    assert text_urls.is_within("https://example.com/a", within)
    assert text_urls.is_within("https://Shop.Example.com:8443", within)
    assert not text_urls.is_within("https://notexample.com", within)
    assert not text_urls.is_within("https://example.com.evil.example", within)
    assert not text_urls.is_within("https://[::", within)


def test_values_are_filled_and_quoted():
    utm = {"campaign": "{campaign} {platform}", "source": "a&b", "content": "{term}"}

    found = rules.filled(utm, {"campaign": "Spring", "platform": "x"})

    assert found == {"utm_source": "a&b", "utm_campaign": "Spring x", "utm_content": ""}
    assert text_urls.with_parameters("https://a.example", found) == (
        "https://a.example?utm_source=a%26b&utm_campaign=Spring%20x"
    )
