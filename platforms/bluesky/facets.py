"""The links, mentions and tags of a text, and their places in its bytes.

Source: https://docs.bsky.app/docs/advanced-guides/post-richtext and lexicon
app.bsky.richtext.facet (read 2026-11-30): places count UTF-8 bytes; a tag has up to 64 visible
characters, without its #; a mention holds the DID of a handle. Tags and cashtags are found as by
packages/api/src/rich-text of github.com/bluesky-social/atproto, and its tests (read 2026-12-03).
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from platforms.drafts import Draft
from platforms.preview.texts import Mark
from platforms.text import graphemes

TAG_GRAPHEMES, TAG_BYTES = 64, 640
LINK = re.compile(r"(?<![^\s(])https?://[^\s\ufeff<>\"]+", re.IGNORECASE)
MENTION = re.compile(
    r"(?<![^\s(])@((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,126}[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?)"
    r"(?![\w@-])",
    re.IGNORECASE,
)
_SPACE = r"\t-\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_UNSEEN = r"\xad\u2060\u200b-\u200d\u20e2"
TAG = re.compile(rf"(?<![^{_SPACE}])[#\uff03](?!\ufe0f)([^{_SPACE}{_UNSEEN}]++)")
#: Of a stock: up to five letters and digits after a dollar sign.
CASHTAG = re.compile(
    rf"(?<![^{_SPACE}(])\$[A-Za-z][A-Za-z0-9]{{0,4}}(?![^{_SPACE}.,;:!?)\"'\u2019])"
)
AFTER = ".,;:!?'\"…)]}"
#: Further links of a text stay plain text.
MOST = 100


def marks(text: str) -> Iterator[Mark]:
    """Yield what readers can follow, in order; none begins within another."""
    found = sorted((*_links(text), *_mentions(text), *_tags(text)), key=lambda mark: mark.start)
    end = 0
    for mark in found[:MOST]:
        if mark.start >= end:
            yield mark
            end = mark.end


def handles(text: str) -> list[str]:
    """Return the handles that a text mentions, each once."""
    found = (text[mark.start + 1 : mark.end] for mark in marks(text) if mark.kind == "mention")
    return list(dict.fromkeys(handle.lower() for handle in found))


def facets(text: str, dids: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the facets of a text; a mention whose handle has no DID stays plain text."""
    made = []
    for mark in marks(text):
        if feature := _feature(mark, text[mark.start : mark.end], dids):
            start = len(text[: mark.start].encode())
            end = start + len(text[mark.start : mark.end].encode())
            index = {"byteStart": start, "byteEnd": end}
            made.append({"index": index, "features": [feature]})
    return made


def links(text: str) -> list[str]:
    return [text[mark.start : mark.end] for mark in marks(text) if mark.kind == "link"]


def _feature(mark: Mark, shown: str, dids: Mapping[str, str]) -> dict[str, str] | None:
    kind = f"app.bsky.richtext.facet#{'tag' if mark.kind == 'hashtag' else mark.kind}"
    if mark.kind == "link":
        return {"$type": kind, "uri": shown}
    if mark.kind == "hashtag":
        return {"$type": kind, "tag": shown.upper() if shown[0] == "$" else shown[1:]}
    did = dids.get(shown[1:].lower())
    return {"$type": kind, "did": did} if did else None


def _links(text: str) -> Iterator[Mark]:
    for found in LINK.finditer(text):
        whole = found[0].rstrip(AFTER if "(" not in found[0] else AFTER.replace(")", ""))
        if len(whole) > len("https://"):
            yield Mark(found.start(), found.start() + len(whole), "link")


def _mentions(text: str) -> Iterator[Mark]:
    for found in MENTION.finditer(text):
        yield Mark(found.start(), found.end(), "mention")


def _tags(text: str) -> Iterator[Mark]:
    for found in TAG.finditer(text):
        last = next((n for n in range(len(found[1]), 0, -1) if not _is_mark(found[1][n - 1])), 0)
        tag = found[1][:last]
        fits = len(tag) <= TAG_BYTES and len(tag.encode()) <= TAG_BYTES
        if fits and any(map(_is_word, tag)) and graphemes(tag) <= TAG_GRAPHEMES:
            yield Mark(found.start(), found.start() + 1 + len(tag), "hashtag")
    for found in CASHTAG.finditer(text):
        yield Mark(found.start(), found.end(), "hashtag")


def _is_mark(char: str) -> bool:
    return unicodedata.category(char)[0] == "P"


def _is_word(char: str) -> bool:
    return not (_is_mark(char) or "0" <= char <= "9")


def card_link(draft: Draft) -> str:
    """Return the link that gets a card: the option's, or the first of the text; empty if none."""
    settings = draft.settings
    if draft.media or settings.get("linkCard") is False:
        return ""
    if settings.get("link"):
        return str(settings["link"])
    return "" if settings.get("quote") else next(iter(links(draft.text)), "")
