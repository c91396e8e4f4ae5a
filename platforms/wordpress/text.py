"""The HTML of a post, from the customer's text: as it is written, as Markdown, or as HTML.

Known libraries convert and sanitise it. It goes out in one block of HTML, because WordPress makes
paragraphs of lines that stand in none; each file that the text does not name follows in a block of
its own. What would start a shortcode is escaped: a text shows what it says.

Source: https://developer.wordpress.org/block-editor/explanations/architecture/data-flow/ and
https://developer.wordpress.org/reference/functions/wpautop/ (read 2026-11-30).
"""

import html
import re
from collections.abc import Mapping, Sequence
from typing import Any

import nh3

from platforms.drafts import Draft, Media

TEXT_FORMATS = ("plain", "markdown", "html")
TAGS = nh3.ALLOWED_TAGS | {"video"}
ATTRIBUTES = {
    **nh3.ALLOWED_ATTRIBUTES,
    "video": {"src", "controls", "width", "height"},
}
#: A file of the post in the place of an address, by its number: `media:1`.
PLACE = "media"
SCHEMES = {"http", "https", "mailto", "tel", PLACE}
#: Where a text names a file: in Markdown, or as an attribute of HTML.
NAMED = re.compile(r"(?:\]\(|src=[\"']?)<?media:([0-9]{1,4})", re.IGNORECASE)
HTML_BLOCK = "<!-- wp:html -->\n{}\n<!-- /wp:html -->"
IMAGE_BLOCK = (
    '<!-- wp:image {{"id":{id},"sizeSlug":"full"}} -->\n<figure class="wp-block-image size-full">'
    '<img src="{url}" alt="{alt}" class="wp-image-{id}"/></figure>\n<!-- /wp:image -->'
)
VIDEO_BLOCK = (
    '<!-- wp:video {{"id":{id}}} -->\n<figure class="wp-block-video"><video controls src="{url}">'
    "</video></figure>\n<!-- /wp:video -->"
)


def content(draft: Draft, files: Sequence[Mapping[str, Any]]) -> str:
    """Return the content of a post whose files have these ids and addresses."""
    placed = {1} if draft.settings.get("featuredImage") else set[int]()

    def address(_: str, name: str, value: str) -> str | None:
        number = _place(value) if name == "src" else 0
        if not number:
            return None if value.startswith(f"{PLACE}:") else value
        if number > len(files):
            return None
        placed.add(number)
        return str(files[number - 1]["url"])

    shown = nh3.clean(
        rendered(draft),
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=address,
        url_schemes=SCHEMES,
        link_rel=None,
    )
    blocks = [HTML_BLOCK.format(shown.strip().replace("[", "&#91;"))] if shown.strip() else []
    for number, (item, file) in enumerate(zip(draft.media, files, strict=True), 1):
        if number not in placed:
            blocks.append(_block(item, file))
    return "\n\n".join(blocks)


def rendered(draft: Draft) -> str:
    """Return the HTML that a text stands for, not sanitised."""
    form = draft.settings.get("textFormat") or TEXT_FORMATS[0]
    if form == "html":
        return draft.text
    # Imported here: 7 MB that most processes spare.
    from markdown_it import MarkdownIt

    is_plain = form == "plain"
    # Made anew: what finds links has a state, and conversions run in threads.
    made = MarkdownIt("zero" if is_plain else "commonmark", {"breaks": is_plain, "linkify": True})
    made.enable(["newline", "linkify"] if is_plain else ["table", "strikethrough", "linkify"])
    links: Any = made.linkify
    # `setup.py` is no link.
    links.set({"fuzzy_link": False, "fuzzy_email": False})
    return str(made.render(draft.text))


def readable(draft: Draft) -> str:
    """Return the text that readers see."""
    if not draft.settings.get("textFormat"):
        return draft.text
    return html.unescape(nh3.clean(rendered(draft), tags=set())).strip()


def named(draft: Draft) -> set[int]:
    """Return the numbers of the files that a text names."""
    if draft.settings.get("textFormat") not in TEXT_FORMATS[1:]:
        return set()
    return {int(found[1]) for found in NAMED.finditer(draft.text)}


def _place(value: str) -> int:
    """Return the number of a file that stands in the place of an address; 0 if none does."""
    scheme, _, number = value.partition(":")
    is_number = number.isascii() and number.isdigit() and len(number) <= 4
    return int(number) if scheme.lower() == PLACE and is_number else 0


def _block(item: Media, file: Mapping[str, Any]) -> str:
    block = VIDEO_BLOCK if item.kind == "video" else IMAGE_BLOCK
    url, alt = (html.escape(each).replace("[", "&#91;") for each in (file["url"], item.alt_text))
    return block.format(id=file["id"], url=url, alt=alt)
