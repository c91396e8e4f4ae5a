"""Which comments of a text's HTML reach a site, and that none brings more than it says."""

import html
import json
import re

import nh3
import pytest

from platforms.drafts import Draft
from platforms.wordpress import comments, text
from tests.conftest import Simulator
from tests.platforms.driver import Drive, published
from tests.platforms.wordpress.account import drive

#: How WordPress itself finds the delimiters of blocks.
DELIMITER = re.compile(
    r"<!--\s+(?P<end>/)?wp:(?P<name>(?:[a-z][a-z0-9_-]*/)?[a-z][a-z0-9_-]*)\s+"
    r"(?P<given>\{(?:(?!\}\s+/?-->).)*\}\s+)?(?P<void>/)?-->",
    re.DOTALL,
)
OURS = ("<!-- wp:html -->\n", "\n<!-- /wp:html -->")
PARAGRAPH = "<!-- wp:paragraph -->\n<p>Coo</p>\n<!-- /wp:paragraph -->"


def content(words: str, form: str = "html") -> str:
    return text.content(Draft(words, settings={"textFormat": form}), ())[0]


def left_out(words: str) -> int:
    return text.content(Draft(words, settings={"textFormat": "html"}), ())[1]


def attributes(shown: str) -> dict:
    """The attributes of the first block, as WordPress reads them."""
    found = DELIMITER.search(shown)
    assert found
    return json.loads(found["given"]) if found["given"] else {}


def wrapped(words: str) -> str:
    return words.join(OURS)


def blocks(*each: str) -> str:
    return "\n\n".join(each)


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (
            "<p>a</p><!--more--><p>b</p>",
            blocks(
                wrapped("<p>a</p>"),
                "<!-- wp:more -->\n<!--more-->\n<!-- /wp:more -->",
                wrapped("<p>b</p>"),
            ),
        ),
        (
            "a<!--more Read on & on-->",
            blocks(
                wrapped("a"),
                '<!-- wp:more {"customText":"Read on \\u0026 on"} -->\n<!--more Read on & on-->\n'
                "<!-- /wp:more -->",
            ),
        ),
        (
            "a<!--nextpage-->b",
            blocks(
                wrapped("a"),
                "<!-- wp:nextpage -->\n<!--nextpage-->\n<!-- /wp:nextpage -->",
                wrapped("b"),
            ),
        ),
        (
            # As parsers of HTML end a comment too.
            "<!--more --!> x",
            blocks("<!-- wp:more -->\n<!--more-->\n<!-- /wp:more -->", wrapped("x")),
        ),
        ("<!--noteaser-->a", blocks("<!--noteaser-->", wrapped("a"))),
        (PARAGRAPH, PARAGRAPH),
        (f"a{PARAGRAPH}b", blocks(wrapped("a"), PARAGRAPH, wrapped("b"))),
        (
            '<!-- wp:latest-posts {"postsToShow":3} /-->',
            '<!-- wp:latest-posts {"postsToShow":3} /-->',
        ),
        (
            "<!-- wp:more --><!--more--><!-- /wp:more -->",
            "<!-- wp:more --><!--more--><!-- /wp:more -->",
        ),
        ("<!-- wp:acme/dove-cote /-->", "<!-- wp:acme/dove-cote /-->"),
        ("<p>a</p>", wrapped("<p>a</p>")),
        ("", ""),
    ],
)
def test_what_means_something_to_wordpress_is_kept(words: str, shown: str):
    assert content(words) == shown
    assert left_out(words) == 0


def test_markdown_keeps_them_too_and_a_plain_text_shows_them():
    assert "<!-- wp:more -->" in content("*a*\n\n<!--more-->\n\nb", "markdown")
    assert content("<!--more-->", "plain") == wrapped("<p>&lt;!--more--&gt;</p>")


def test_blocks_in_blocks_stay_where_they_are():
    column = "<!-- wp:column --><p>[a]</p><!--nextpage--><!-- wp:spacer /--><!-- /wp:column -->"
    words = f'<!-- wp:columns {{"a":[1,2]}} -->{column}{column}<!-- /wp:columns -->'
    assert content(words) == words.replace("[a]", "&#91;a]")


VALUES = [
    {"a": 1, "b": [True, None, 1.5, "x"], "c": {"d": {}}},
    {"a": 'He said "coo" -- & left \\ a line\n', "b--c": "\u2028\U0001f54a\u0000"},
    {"a": "[gallery ids=1]", "[b]": [["[c]"]]},
    {"a": "-->".replace(">", ""), "b": "---", "c": "}"},
]


@pytest.mark.parametrize("given", VALUES)
@pytest.mark.parametrize("is_escaped", [True, False])
def test_attributes_are_written_anew_and_say_the_same(given: dict, is_escaped: bool):
    said = json.dumps(given, ensure_ascii=is_escaped).replace("--", "-\\u002d")
    shown = content(f"<!-- wp:dove {said} /-->")
    assert attributes(shown) == given
    # Neither ends the comment, nor begins a shortcode or an entity.
    inside = shown.removeprefix("<!--").removesuffix("-->")
    assert not re.search(r"--|[<>&]|\[(?!true|false|null)[a-z]", inside)
    assert not re.search(r'(?<!\\)\\"', inside)


HOSTILE = [
    # Comments that mean nothing, or almost something.
    *("<!---->", "<!-->", "<!--->", "<!-- -->", "<!--x-->", "<!-- more -->", "<!--MORE-->"),
    *("<!--more\u00a0x-->", "<!--moreover-->", "<!--nextpage -->", "<!--noteaser x-->"),
    *("<!--[if IE]>x<![endif]-->", "<?php phpinfo() ?>", "<!--#exec cmd='ls'-->", "<!ENTITY x>"),
    *("<!--wp:a /-->", "<!-- wp: /-->", "<!-- wp:A /-->", "<!-- wp:a/b/c /-->", "<!-- wp:1 /-->"),
    *("<!-- wp:a/ /-->", "<!-- wp:a b /-->", "<!-- wp:\u0430 /-->", "<!-- wp:a\u00a0/-->"),
    # Ends of comments in comments.
    *("<!--x--!> y", "<!--more a--b-->", "<!--more <b>x</b>-->", "<!--more &lt;b&gt;-->"),
    *("<!--more &amp;lt;b-->", "<!--more \u202ex-->", "<!--more " + "x" * 201 + "-->"),
    # JSON that is none, or more than it may be.
    *('<!-- wp:a {"b":} /-->', '<!-- wp:a {"b":NaN} /-->', '<!-- wp:a {"b":1e999} /-->'),
    *("<!-- wp:a [1] /-->", "<!-- wp:a {'b':1} /-->", '<!-- wp:a {"b":1}} /-->'),
    *('<!-- wp:a {"b":1}{"c":2} /-->', '<!-- wp:a {"b":1}/-->', "<!-- wp:a {b:1} /-->"),
    '<!-- wp:a {"b":"' + "x" * 10_000 + '"} /-->',
    '<!-- wp:a {"b":' + "[" * 4_000 + "]" * 4_000 + "} /-->",
    '<!-- wp:a {"b":' + "[" * 31 + "]" * 31 + "} /-->",
    '<!-- wp:a {"b":' + "9" * 5_000 + "} /-->",
    '<!-- wp:a {"b":"\\ud800"} /-->',
    # Markup and scripts in attributes.
    *('<!-- wp:a {"b":"\\u003cscript\\u003ealert(1)\\u003c/script\\u003e"} /-->',),
    *('<!-- wp:a {"b":"<img src=x onerror=alert(1)"} /-->', '<!-- wp:a {"b":">"} /-->'),
    *('<!-- wp:a {"b":"&lt;script&gt;"} /-->', '<!-- wp:a {"b":"&amp;lt;script"} /-->'),
    *('<!-- wp:a {"b":"\\u0026#60;script"} /-->', '<!-- wp:a {"\\u003cb\\u003e":1} /-->'),
    *('<!-- wp:a {"url":"javascript:alert(1)"} /-->', '<!-- wp:a {"url":"JaVa\\tScRiPt:x"} /-->'),
    *(
        '<!-- wp:a {"url":" \\u0001javascript:x"} /-->',
        '<!-- wp:a {"url":"&#106;avascript:x"} /-->',
    ),
    *('<!-- wp:a {"url":"data:text/html,x"} /-->', '<!-- wp:a {"url":"vbscript:x"} /-->'),
    *('<!-- wp:a {"b":{"c":["\\" onmouseover=alert(1) x=\\""]}} /-->',),
    *('<!-- wp:a {"b":"x\' OnClick = x"} /-->', '<!-- wp:a {"b":"onload=x"} /-->'),
    *('<!-- wp:a {"style":"width:expression(alert(1))"} /-->',),
    # Delimiters without another one.
    *("<!-- wp:a -->", "<!-- /wp:a -->", "<!-- /wp:html -->", "<!-- wp:html -->"),
    *("<!-- /wp:a /-->", '<!-- /wp:a {"b":1} -->'),
]


@pytest.mark.parametrize("said", HOSTILE)
def test_every_other_comment_is_left_out_and_counted(said: str):
    shown, count = text.content(Draft(f"a{said}b", settings={"textFormat": "html"}), ())
    inside = shown.removeprefix(OURS[0]).removesuffix(OURS[1])
    assert count >= 1
    assert "<!" not in inside
    assert "<?" not in inside
    # What the end of a comment lets out is shown as text.
    assert nh3.clean(inside) == inside


@pytest.mark.parametrize(
    "words",
    [
        "a<!-- wp:a --><!-- /wp:b --><!-- wp:b --><!-- /wp:a -->",
        "<!-- wp:a --><!-- wp:b --><!-- /wp:a --><!-- /wp:b -->",
        "<!-- /wp:a --><!-- wp:a --><!-- wp:a --><!-- /wp:a -->",
        "<!-- wp:html --></div><!-- /wp:html --><!-- /wp:html -->x<!-- wp:html -->",
        "<!-- wp:a -->" * 40 + "<!-- /wp:a -->" * 41,
        "<!-- wp:a --><!-- wp:b -->" * 40 + "<!-- /wp:b --><!-- /wp:a -->" * 40,
        "<!-- wp:a -->" * 5_000 + "<!-- /wp:b -->" * 5_000,
    ],
)
def test_blocks_of_ours_and_of_the_text_are_closed_in_order(words: str):
    shown, count = text.content(Draft(words, settings={"textFormat": "html"}), ())
    opened: list[str] = []
    for found in DELIMITER.finditer(shown):
        if found["end"]:
            assert opened.pop() == found["name"]
        elif not found["void"]:
            opened.append(found["name"])
            assert len(opened) <= comments.MOST_DEPTH
    assert opened == []
    assert count > 0
    kept = sum(1 for each in DELIMITER.finditer(shown) if each["name"] != "html")
    assert kept + count >= words.count("<!--") - words.count("wp:html")


@pytest.mark.parametrize(
    "words",
    [
        '<img alt="<!--more-->" src="https://e.com/a.png">',
        '<img alt=\'<!-- wp:a {"b":" onerror=alert(1) "} /-->\' src="https://e.com/a.png">',
        "<a title='--><!--more--><script>alert(1)</script>' href='https://e.com'>x</a>",
        "<textarea><!--more--></textarea>",
        "<script><!--more--></script>",
        "<style><!-- wp:a /--></style>",
        "&lt;!--more--&gt;",
    ],
)
def test_what_only_looks_like_a_comment_stays_what_it_is(words: str):
    inside = content(words).removeprefix(OURS[0]).removesuffix(OURS[1])
    assert "<!--" not in inside
    assert nh3.clean(inside, link_rel=None) == inside


def test_a_comment_between_two_texts_joins_them_to_no_tag():
    shown = content("&lt;<!--x-->script&gt; <<!--x-->b>c")
    assert "<script" not in shown
    assert html.unescape(nh3.clean(shown, tags=set())).strip() == "<script> <b>c"


@pytest.fixture
def site(simulator: Simulator) -> Drive:
    return drive(simulator)


def test_a_post_says_how_many_comments_it_does_not_have(site: Drive):
    draft = Draft("a<!--x-->b<!--more-->c<!-- wp:a -->", settings={"textFormat": "html"})
    [note] = published(site.finish(draft)).notes
    assert note.startswith("2 HTML comments were left out. Kept are <!--more-->")
    [post] = site.public()
    assert "<!-- wp:more -->" in post["extra"]["said"]["content"]


def test_a_lookup_says_it_too(site: Drive):
    draft = Draft("a<!--x-->", settings={"textFormat": "html", "status": "draft"})
    site.fault(call="update_post", drop="after", times=1)
    site.fails(draft)
    found = published(site.find(draft))
    assert [note[:20] for note in found.notes] == ["It is a draft on the", "1 HTML comment was l"]


def test_nothing_is_said_where_nothing_is_left_out(site: Drive):
    draft = Draft("a<!--more-->", settings={"textFormat": "html"})
    assert published(site.finish(draft)).notes == ()
