"""What becomes of a customer's text: plain, Markdown, HTML; what is refused; the preview."""

import pytest

from platforms.drafts import Draft
from platforms.errors import Unsupported
from platforms.preview.shapes import Preview
from platforms.wordpress import text
from platforms.wordpress.adapter import WordPress
from tests.platforms.driver import image, media

WORDPRESS = WordPress()
PICTURE = media(image(format="JPEG"), content_type="image/jpeg")
CLIP = media(kind="video")
FILE = {"id": 5, "url": "https://blog.example/a.jpeg"}


def content(words: str, form: str = "plain", *files: dict) -> str:
    draft = Draft(words, (PICTURE,) * len(files), {"textFormat": form})
    whole, _ = text.content(draft, files)
    return whole.removeprefix("<!-- wp:html -->\n").partition("\n<!-- /wp:html -->")[0]


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("Coo", "<p>Coo</p>"),
        ("One\nTwo\n\nThree", "<p>One<br>\nTwo</p>\n<p>Three</p>"),
        ("1 < 2 & 3 > 2", "<p>1 &lt; 2 &amp; 3 &gt; 2</p>"),
        ("<b>bold</b>", "<p>&lt;b&gt;bold&lt;/b&gt;</p>"),
        ("*a* _b_ `c` # d", "<p>*a* _b_ `c` # d</p>"),
        ("    four spaces", "<p>four spaces</p>"),
        ("a &amp; b", "<p>a &amp;amp; b</p>"),
        (
            "See https://e.com/a_b?x=1&y=2.",
            '<p>See <a href="https://e.com/a_b?x=1&amp;y=2">https://e.com/a_b?x=1&amp;y=2</a>.</p>',
        ),
        ("setup.py and a@b.com", "<p>setup.py and a@b.com</p>"),
        ("[gallery ids=1]", "<p>&#91;gallery ids=1]</p>"),
        ("<!-- wp:latest-posts /-->", "<p>&lt;!-- wp:latest-posts /--&gt;</p>"),
        ("![](media:1)", "<p>!&#91;](media:1)</p>"),
        ("\U0001f54a", "<p>\U0001f54a</p>"),
    ],
)
def test_a_plain_text_shows_what_it_says(words: str, shown: str):
    assert content(words) == shown


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("# A\n\n*b* **c** ~~d~~", "<h1>A</h1>\n<p><em>b</em> <strong>c</strong> <s>d</s></p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("[x](https://e.com)", '<p><a href="https://e.com">x</a></p>'),
        ("[x](javascript:alert(1))", "<p>&#91;x](javascript:alert(1))</p>"),
        ("a <b>c</b> <i onclick=x>d</i>", "<p>a <b>c</b> <i>d</i></p>"),
        ("```\nx\ny\n```", "<pre><code>x\ny\n</code></pre>"),
        ("One\nTwo", "<p>One\nTwo</p>"),
    ],
)
def test_markdown_is_converted_and_sanitised(words: str, shown: str):
    assert content(words, "markdown") == shown


def test_a_table_of_markdown_is_one():
    assert "<td>1</td>" in content("|a|\n|-|\n|1|", "markdown")


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("<p>Coo</p>", "<p>Coo</p>"),
        ("<script>alert(1)</script><p>Coo</p>", "<p>Coo</p>"),
        ('<p onclick="x" style="y" class="z">Coo</p>', "<p>Coo</p>"),
        ('<a href="javascript:alert(1)" target="_blank">x</a>', "<a>x</a>"),
        ('<iframe src="https://e.com"></iframe>Coo', "Coo"),
        ("<!-- latest posts -->Coo", "Coo"),
        ("[gallery]", "&#91;gallery]"),
        ('<a href="https://e.com/[x]">x</a>', '<a href="https://e.com/&#91;x]">x</a>'),
        ('<img src="data:image/png;base64,xx">', "<img>"),
        ('<img src="https://e.com/a.png" alt="a">', '<img src="https://e.com/a.png" alt="a">'),
        ('<svg><a href="x">x</a></svg><form><input></form>Coo', "Coo"),
        ("<p>never closed", "<p>never closed</p>"),
    ],
)
def test_html_is_sanitised(words: str, shown: str):
    assert content(words, "html") == shown


def test_a_file_is_named_by_its_number():
    found = content(
        '<img src="media:1" alt="a"><img src="media:2"><img src="media:x">', "html", FILE
    )
    assert found == f'<img src="{FILE["url"]}" alt="a"><img><img>'
    assert content('<a href="media:1">x</a>', "html", FILE) == "<a>x</a>"
    assert content('<img src="MEDIA:1" alt="media:1">', "html", FILE) == (
        f'<img src="{FILE["url"]}" alt="media:1">'
    )


def test_an_image_is_named_by_its_place_among_the_images():
    draft = Draft("![A](image:2)", (PICTURE, CLIP, PICTURE), {"textFormat": "markdown"})
    files = [{"id": n, "url": f"https://blog.example/{n}"} for n in (1, 2, 3)]

    found, _ = text.content(draft, files)

    assert '<img src="https://blog.example/3" alt="A">' in found
    assert ('"id":1,' in found, '"id":2}' in found, '"id":3,' in found) == (True, True, False)


@pytest.mark.parametrize(
    ("asked", "files", "number"),
    [
        ("first", (CLIP, PICTURE), 2),
        ("first", (CLIP,), 0),
        ("none", (PICTURE,), 0),
        (True, (PICTURE,), 1),
        (False, (PICTURE,), 0),
        (None, (PICTURE,), 0),
    ],
)
def test_the_featured_image_is_chosen(asked: object, files: tuple, number: int):
    draft = Draft("Coo", files, {"featuredImage": asked} if asked is not None else {})

    WORDPRESS.check(draft)

    assert text.featured(draft) == number
    assert bool(WORDPRESS.preview(draft).cover) == bool(number)


def test_a_text_with_nothing_in_it_has_no_block():
    assert text.content(Draft("", (PICTURE,)), [FILE])[0].startswith("<!-- wp:image")
    assert text.content(Draft("", (PICTURE,), {"featuredImage": True}), [FILE]) == ("", 0)


@pytest.mark.parametrize(
    "draft",
    [
        Draft("Coo"),
        Draft("", settings={"title": "Coo"}),
        Draft("", (PICTURE,)),
        Draft("Coo", (PICTURE, CLIP, PICTURE)),
        Draft("![](media:2)", (PICTURE, PICTURE), {"textFormat": "markdown"}),
        Draft("See media:7 and ![](media:8)"),
        Draft("a" * 200_000),
        Draft("Coo", settings={"status": "pending", "categories": [3, "News"]}),
        Draft("![](image:1)", (CLIP, PICTURE), {"textFormat": "markdown"}),
        Draft("Coo", (PICTURE,) * 20),
        Draft("Coo", settings={"tags": [], "categories": []}),
    ],
)
def test_what_a_blog_takes_is_taken(draft: Draft):
    WORDPRESS.check(draft)


@pytest.mark.parametrize(
    ("draft", "word"),
    [
        (Draft(" \u200b"), "needs"),
        (Draft("", (PICTURE,), {"featuredImage": True}), "needs"),
        (Draft("Coo", settings={"featuredImage": True}), "featuredImage"),
        (Draft("Coo", (CLIP,), {"featuredImage": True}), "featuredImage"),
        (Draft("![](media:2)", (PICTURE,), {"textFormat": "markdown"}), "media:2"),
        (Draft('<img src="media:0">', (PICTURE,), {"textFormat": "html"}), "media:0"),
        (Draft("a" * 200_001), "200001"),
        (Draft("![](image:2)", (PICTURE, CLIP), {"textFormat": "markdown"}), "image:2"),
        (Draft("Coo", settings={"categories": [0]}), "categories"),
        (Draft("Coo", settings={"featuredImage": "second"}), "featuredImage"),
        (Draft("Coo", (PICTURE,) * 21), "20"),
        (Draft("Coo", settings={"tags": [" "]}), "blank"),
        (Draft("Coo", settings={"format": "poem"}), "format"),
        (Draft("Coo", settings={"status": "trash"}), "status"),
        (Draft("Coo", post_type="Story"), "Story"),
    ],
)
def test_what_no_blog_takes_is_refused(draft: Draft, word: str):
    with pytest.raises(Unsupported) as caught:
        WORDPRESS.check(draft)
    assert word in caught.value.message


def preview(words: str, *files, **settings) -> Preview:
    return WORDPRESS.preview(Draft(words, files, settings))


def test_a_preview_has_the_title_and_what_readers_see_of_the_text():
    found = preview("# Coo\n\n*a* &amp; <b>b</b>", title="Doves", textFormat="markdown")
    [part] = found.parts
    assert (found.title.whole, part.text.whole) == ("Doves", "Coo\na & b")
    assert preview("*a*").parts[0].text.whole == "*a*"
    assert preview("See https://e.com").parts[0].text.links == ["https://e.com"]


def test_a_preview_of_a_long_markdown_text_shows_its_beginning_and_says_so():
    for form, is_cut in (("markdown", True), ("html", False), ("plain", False)):
        found = preview("a " * 10_000, textFormat=form)
        assert len(found.parts[0].text.whole) < 10_001 or not is_cut
        assert any("first 10000 characters" in label for label in found.labels) == is_cut


def test_a_preview_shows_the_featured_image_apart():
    found = preview("Coo", PICTURE, CLIP, featuredImage=True)
    assert found.cover is not None
    assert found.cover.media == PICTURE
    assert [item.media for item in found.parts[0].items] == [CLIP]


@pytest.mark.parametrize(
    ("status", "visibility"), [("", "public"), ("publish", "public"), ("draft", "private")]
)
def test_a_preview_says_who_sees_it(status: str, visibility: str):
    found = preview("Coo", status=status, tags=["a", "b"])
    assert found.visibility == visibility
    assert "Tags: a, b" in found.labels
    assert ("A draft: no reader sees it." in found.labels) == (status == "draft")
