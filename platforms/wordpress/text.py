"""The HTML of a post, from the customer's text: as it is written, as Markdown, or as HTML.

Known libraries convert and sanitise it. It goes out in one block of HTML, because WordPress makes
paragraphs of lines that stand in none, or in several around the blocks and page breaks that the
text has itself (`comments.py`); each file that the text does not name follows in a block of its
own. What would start a shortcode is escaped: a text shows what it says.

Source: https://developer.wordpress.org/block-editor/explanations/architecture/data-flow/ and
https://developer.wordpress.org/reference/functions/wpautop/ (read 2026-11-30).
"""

import html
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import nh3

from platforms.drafts import Draft, Media
from platforms.wordpress import comments

PLAIN, MARKDOWN, HTML = TEXT_FORMATS = ("plain", "markdown", "html")
#: Of a Markdown text this much is converted for a preview: a person waits, and some take long.
PREVIEWED_CHARS = 10_000
TAGS = nh3.ALLOWED_TAGS | {"video"}
ATTRIBUTES = {
    **nh3.ALLOWED_ATTRIBUTES,
    "video": {"src", "controls", "width", "height"},
}
#: A file of the post in the place of an address: `media:2` is its second file, `image:2` its second
#: image.
PLACES = ("media", "image")
SCHEMES = {"http", "https", "mailto", "tel", *PLACES}
#: Where a text names a file: in Markdown, or as an attribute of HTML.
NAMED = re.compile(r"(?:\]\(|src=[\"']?)<?((?:media|image):[0-9]{1,4})", re.IGNORECASE)
#: The words of the option `featuredImage`.
FEATURED = FIRST, NONE = ("first", "none")
HTML_BLOCK = "<!-- wp:html -->\n{}\n<!-- /wp:html -->"
IMAGE_BLOCK = (
    '<!-- wp:image {{"id":{id},"sizeSlug":"full"}} -->\n<figure class="wp-block-image size-full">'
    '<img src="{url}" alt="{alt}" class="wp-image-{id}"/></figure>\n<!-- /wp:image -->'
)
VIDEO_BLOCK = (
    '<!-- wp:video {{"id":{id}}} -->\n<figure class="wp-block-video"><video controls src="{url}">'
    "</video></figure>\n<!-- /wp:video -->"
)


def content(draft: Draft, files: Sequence[Mapping[str, Any]]) -> tuple[str, int]:
    """Return the content of a post whose files have these ids and addresses.

    And how many comments of its HTML were left out.
    """
    placed = {featured(draft)}

    def address(_: str, name: str, value: str) -> str | None:
        if name not in ("src", "href") or value.lower().partition(":")[0] not in PLACES:
            return value
        number = _place(draft, value) if name == "src" else 0
        if not number:
            return None
        placed.add(number)
        return str(files[number - 1]["url"])

    shown = nh3.clean(
        _rendered(draft.text, _form(draft)),
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=address,
        url_schemes=SCHEMES,
        link_rel=None,
        strip_comments=False,
    )
    made = comments.written(shown)
    blocks = [
        part.text if part.is_block else HTML_BLOCK.format(part.text.strip())
        for part in made.parts
        if part.text.strip()
    ]
    for number, (item, file) in enumerate(zip(draft.media, files, strict=True), 1):
        if number not in placed:
            blocks.append(_block(item, file))
    return "\n\n".join(blocks), made.left_out


def readable(draft: Draft) -> str:
    """Return the text that readers see, of Markdown the beginning."""
    form = _form(draft)
    return draft.text if form == PLAIN else _shown(draft.text[: shown_chars(draft)], form)


def shown_chars(draft: Draft) -> int:
    """Return how much of a text `readable` shows."""
    return PREVIEWED_CHARS if _form(draft) == MARKDOWN else len(draft.text)


def featured(draft: Draft) -> int:
    """Return the number of the featured file; 0 if there is none."""
    asked = draft.settings.get("featuredImage")
    if asked == FIRST:
        return next((n for n, item in enumerate(draft.media, 1) if item.kind == "image"), 0)
    return int(asked is True)


def misnamed(draft: Draft) -> str:
    """Return the first name in the text of a file that the post does not have; else empty."""
    if _form(draft) == PLAIN:
        return ""
    named = (found[1] for found in NAMED.finditer(draft.text))
    return next((name.lower() for name in named if not _place(draft, name)), "")


def _form(draft: Draft) -> str:
    return draft.settings.get("textFormat") or PLAIN


@lru_cache(maxsize=4)
def _shown(words: str, form: str) -> str:
    """The accounts of a post share its text."""
    return html.unescape(nh3.clean(_rendered(words, form), tags=set())).strip()


def _rendered(words: str, form: str) -> str:
    """Return the HTML that a text stands for, not sanitised."""
    if form == HTML:
        return words
    # Imported here: 7 MB that most processes spare.
    from markdown_it import MarkdownIt

    is_plain = form == PLAIN
    # Made anew: what finds links has a state, and conversions run in threads.
    made = MarkdownIt("zero" if is_plain else "commonmark", {"breaks": is_plain, "linkify": True})
    made.enable(["newline", "linkify"] if is_plain else ["table", "strikethrough", "linkify"])
    links: Any = made.linkify
    # `setup.py` is no link.
    links.set({"fuzzy_link": False, "fuzzy_email": False})
    return str(made.render(words))


def _place(draft: Draft, name: str) -> int:
    """Return which file of the post `media:1` or `image:1` names; 0 if it has none such."""
    what, _, digits = name.lower().partition(":")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 4):
        return 0
    numbers = [n for n, item in enumerate(draft.media, 1) if what == "media" or item.kind == what]
    place = int(digits)
    return numbers[place - 1] if 1 <= place <= len(numbers) else 0


def _block(item: Media, file: Mapping[str, Any]) -> str:
    block = VIDEO_BLOCK if item.kind == "video" else IMAGE_BLOCK
    url, alt = (html.escape(each).replace("[", "&#91;") for each in (file["url"], item.alt_text))
    return block.format(id=file["id"], url=url, alt=alt)
