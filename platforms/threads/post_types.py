"""Declare what a Threads post may hold, and its containers.

Source: Threads API, "Posts", "Overview" (read 2026-11-24).
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from platforms.drafts import Draft, Media
from platforms.errors import Unsupported
from platforms.limits import ImageRule, Limits, VideoRule
from platforms.meta.graph import address
from platforms.policy.options import Choice, String, Strings
from platforms.text import is_blank

MEGABYTE = 1024**2
TEXT_UNITS, LINKS = 500, 5
#: A bare www address counts too. Source: Threads API, "Text Attachments", how links are counted
#: (read 2026-11-25).
LINK = re.compile(r"https?://\S+|(?<![\w.@/:-])www\.[\w-]\S*", re.IGNORECASE)
AFTER_LINK = ".,;:!?)]}\"'"
#: Of a thread, besides the first part.
PARTS = 25

LIMITS = Limits(
    text_chars=TEXT_UNITS,
    media_items=20,
    posts_a_day=250,
    image=ImageRule(
        ("image/jpeg", "image/png"),
        max_bytes=8 * MEGABYTE,
        min_width=320,
        max_width=1440,
        min_ratio=1 / 10,
        max_ratio=10,
        alt_text_chars=1000,
    ),
    video=VideoRule(
        ("video/mp4", "video/quicktime"),
        max_bytes=1024 * MEGABYTE,
        max_seconds=300,
        max_width=1920,
        min_ratio=0.01,
        max_ratio=10,
        min_fps=23,
        max_fps=60,
        video_codecs=("h264", "hevc"),
        audio_codecs=("aac",),
        index_first=True,
        alt_text_chars=1000,
    ),
    mixes=True,
    text_unit="characters; an emoji counts as its UTF-8 bytes",
)
OPTIONS = (
    Strings("thread", "Further texts, each a reply to the one before.", PARTS, TEXT_UNITS),
    String("linkAttachment", "A link shown as a card; for texts without media.", 2000),
    String("topicTag", "The post's topic, without a # and without '.' or '&'.", 50),
    Choice(
        "replyControl",
        "Who may reply.",
        (
            "everyone",
            "accounts_you_follow",
            "mentioned_only",
            "parent_post_author_only",
            "followers_only",
        ),
    ),
    String("altText", "What the first file shows, for people who cannot see it.", 1000),
)
#: How each type of container is listed.
READS_AS = {"TEXT": "TEXT_POST", "IMAGE": "IMAGE", "VIDEO": "VIDEO", "CAROUSEL": "CAROUSEL_ALBUM"}


def text_units(text: str) -> int:
    """Code points, and an emoji as its UTF-8 bytes. Never less than Threads counts."""
    return sum(len(char.encode()) if _is_emoji(char) else 1 for char in text)


def check(draft: Draft) -> None:
    """Raise Unsupported for what limits and options do not express."""
    settings = draft.settings
    if "linkAttachment" in settings:
        if draft.media:
            raise Unsupported("Threads takes linkAttachment for posts without media only.")
        if not re.match(r"https?://\S+$", settings["linkAttachment"]):
            raise Unsupported(
                "Threads' option linkAttachment must be a URL such as https://example.com."
            )
    if re.search(r"[.&]", settings.get("topicTag", "")):
        raise Unsupported("Threads takes no '.' and no '&' in a topicTag.")
    if "altText" in settings and not draft.media:
        raise Unsupported("Threads takes alt texts for images and videos only.")
    _check_text(draft.text, (settings.get("linkAttachment", ""),))
    for text in settings.get("thread", ()):
        if is_blank(text):
            raise Unsupported("A part of the thread is empty.")
        _check_text(text, ())


def _check_text(text: str, more_links: Sequence[str]) -> None:
    if text_units(text) > TEXT_UNITS:
        raise Unsupported(f"Threads takes texts of up to {TEXT_UNITS} characters.")
    links = {found.rstrip(AFTER_LINK) for found in (*LINK.findall(text), *filter(None, more_links))}
    if len(links) > LINKS:
        raise Unsupported(f"Threads takes up to {LINKS} links in a post.")


def kind_of(part: Draft) -> str:
    if len(part.media) > 1:
        return "CAROUSEL"
    return part.media[0].kind.upper() if part.media else "TEXT"


def reads_as(part: Draft) -> str:
    """Threads' word for the type that the part is listed as."""
    return READS_AS[kind_of(part)]


def parts(draft: Draft) -> tuple[Draft, ...]:
    """Return the post and the replies of its thread, with `altText` on the first file."""
    replies = [Draft(text) for text in draft.settings.get("thread", ())]
    if not draft.media or "altText" not in draft.settings:
        return (draft, *replies)
    first, *others = draft.media
    described = replace(first, alt_text=draft.settings["altText"])
    return (replace(draft, media=(described, *others)), *replies)


def single(part: Draft, reply_to: str) -> dict[str, Any]:
    file = _file(part.media[0]) if part.media else {}
    return {"media_type": kind_of(part), **file, **_about(part, reply_to)}


def child(item: Media) -> dict[str, Any]:
    return {"media_type": item.kind.upper(), **_file(item), "is_carousel_item": True}


def parent(part: Draft, children: Sequence[str], reply_to: str) -> dict[str, Any]:
    joined = {"media_type": "CAROUSEL", "children": ",".join(children)}
    return {**joined, **_about(part, reply_to)}


def _file(item: Media) -> dict[str, Any]:
    alt_text = {"alt_text": item.alt_text} if item.alt_text else {}
    return {f"{item.kind}_url": address(item), **alt_text}


def _about(part: Draft, reply_to: str) -> dict[str, Any]:
    named = {
        "linkAttachment": "link_attachment",
        "topicTag": "topic_tag",
        "replyControl": "reply_control",
    }
    given = {ours: part.settings[name] for name, ours in named.items() if name in part.settings}
    text = {"text": part.text} if part.text else {}
    return {**text, **given, **({"reply_to_id": reply_to} if reply_to else {})}


def _is_emoji(char: str) -> bool:
    """Pictographs, and what joins, colours or tags them."""
    return unicodedata.category(char) in ("So", "Sk") or char in "\u200d\ufe0f\u20e3"
