"""Instagram's types of post: what each may hold, and the container of each.

Source: Instagram Platform, "IG User Media", "Changelog" of 22 June 2026 (read 2026-11-25).
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

from platforms.drafts import Draft, Media
from platforms.errors import Unsupported
from platforms.limits import ImageRule, Limits, VideoRule
from platforms.meta.graph import address, ai_label
from platforms.policy.options import Boolean, Choice, Integer, String, Strings
from platforms.text import outside_urls

PostKind = Literal["image", "carousel", "reel", "story"]

MEGABYTE = 1024**2
HASHTAGS, MENTIONS = 30, 20
#: The app's policy since December 2025; the API still accepts more.
SHOWN_HASHTAGS = 5
HASHTAG = re.compile(r"(?<!\w)#\w+")
MENTION = re.compile(r"(?<!\w)@\w+")

JPEG, MP4_MOV = ("image/jpeg",), ("video/mp4", "video/quicktime")
IMAGE = ImageRule(
    JPEG,
    max_bytes=8 * MEGABYTE,
    min_width=320,
    max_width=1440,
    min_ratio=4 / 5,
    max_ratio=1.91,
    alt_text_chars=1000,
)
VIDEO = VideoRule(
    MP4_MOV,
    max_bytes=300 * MEGABYTE,
    min_seconds=3,
    max_seconds=15 * 60,
    max_width=1920,
    min_ratio=0.01,
    max_ratio=10,
    min_fps=23,
    max_fps=60,
    video_codecs=("h264", "hevc"),
    audio_codecs=("aac",),
    index_first=True,
)
STORY_IMAGE = ImageRule(JPEG, max_bytes=8 * MEGABYTE, alt_text_chars=1000)
STORY_VIDEO = replace(VIDEO, max_bytes=100 * MEGABYTE, max_seconds=60, min_ratio=0.1)
FEED = Limits(
    text_chars=2200,
    media_items=10,
    image=IMAGE,
    video=VIDEO,
    media_required=True,
    mixes=True,
    # What content_publishing_limit answers; one page of the documents says 100.
    posts_a_day=50,
)
REEL = Limits(text_chars=2200, video=VIDEO, media_required=True, prefers="video")
STORY = Limits(text_chars=2200, image=STORY_IMAGE, video=STORY_VIDEO, media_required=True)

POST_TYPES = ("Post", "Reels", "Story", "Trial Reel")
OPTIONS = (
    String("altText", "What the first image shows, for people who cannot see it.", 1000),
    String("firstComment", "A comment that the account makes right after publishing.", 2200),
    Strings("collaborators", "Usernames of accounts invited as co-authors.", 3, 30),
    String("locationId", "The id of a Facebook Page with a location.", 40),
    Boolean("isAiGenerated", "Labels the post as made with AI."),
    Boolean("shareToFeed", "Reels: whether it also appears in the feed."),
    Integer("coverPhotoTimestamp", "Reels: the cover, in milliseconds of the video.", 0, 900_000),
    String("audioName", "Reels: the name of its own sound.", 200),
    Choice(
        "trialGraduation",
        "Trial reels: shown to followers by hand, or by itself when it does well.",
        ("MANUAL", "SS_PERFORMANCE"),
    ),
)
#: How each type is listed: by its product, or in the feed by its media type.
READS_AS = {"image": "IMAGE", "carousel": "CAROUSEL_ALBUM", "reel": "REELS", "story": "STORY"}
REEL_ONLY = ("shareToFeed", "coverPhotoTimestamp", "audioName")
NOT_IN_STORIES = ("altText", "firstComment", "collaborators", "locationId")


def kind_of(draft: Draft) -> PostKind:
    """Return the type of the post; a single video is always a reel."""
    if draft.post_type == "Story":
        return "story"
    if draft.post_type in ("Reels", "Trial Reel"):
        return "reel"
    if len(draft.media) > 1:
        return "carousel"
    return "reel" if any(item.kind == "video" for item in draft.media) else "image"


def reads_as(draft: Draft) -> str:
    """Instagram's word for the type that the post is listed as."""
    return READS_AS[kind_of(draft)]


def limits_for(draft: Draft) -> Limits:
    return {"reel": REEL, "story": STORY}.get(kind_of(draft), FEED)


def check(draft: Draft) -> None:
    """Raise Unsupported for what limits and options do not express."""
    kind, settings = kind_of(draft), draft.settings
    if kind == "story" and len(draft.media) > 1:
        raise Unsupported("An Instagram story holds one image or one video.")
    if kind == "reel" and [item.kind for item in draft.media] not in ([], ["video"]):
        raise Unsupported("An Instagram reel holds one video.")
    if (hashtags := _hashtags(draft)) > HASHTAGS:
        most = f"Instagram takes up to {HASHTAGS} hashtags in a post with its first comment"
        raise Unsupported(f"{most}; this one has {hashtags}.")
    if _count(MENTION, draft.text) > MENTIONS:
        raise Unsupported(f"Instagram takes up to {MENTIONS} @mentions in a post.")
    for name in settings:
        if kind == "story" and name in NOT_IN_STORIES:
            raise Unsupported(f"Instagram stories take no {name}.")
        if kind != "reel" and name in REEL_ONLY:
            raise Unsupported(f"Instagram takes {name} for reels only.")
    if "trialGraduation" in settings and draft.post_type != "Trial Reel":
        raise Unsupported("Instagram takes trialGraduation for trial reels only.")
    if "altText" in settings and draft.media and draft.media[0].kind != "image":
        raise Unsupported("Instagram takes alt texts for images only.")


def _hashtags(draft: Draft) -> int:
    """Return how many matches there are in the caption and in the account's own first comment."""
    texts = (draft.text, draft.settings.get("firstComment", ""))
    return sum(_count(HASHTAG, text) for text in texts)


def _count(pattern: re.Pattern[str], text: str) -> int:
    return sum(1 for _ in outside_urls(pattern, text))


def single(draft: Draft, *, uploads: bool) -> dict[str, Any]:
    """Return the container of one file; with `uploads` a video is sent instead of fetched."""
    (item,) = draft.media
    kind = kind_of(draft)
    if kind == "story":
        return {"media_type": "STORIES", **_file(item, uploads), **ai_label(draft)}
    if kind == "reel":
        return {"media_type": "REELS", **_file(item, uploads), **_reel(draft), **_about(draft)}
    return {**_file(item, uploads), **_alt_text(item.alt_text), **_about(draft)}


def child(item: Media, *, uploads: bool) -> dict[str, Any]:
    """Return the container of one file of a carousel."""
    kind = {"media_type": "VIDEO"} if item.kind == "video" else _alt_text(item.alt_text)
    return {"is_carousel_item": True, **kind, **_file(item, uploads)}


def parent(draft: Draft, children: Sequence[str]) -> dict[str, Any]:
    return {"media_type": "CAROUSEL", "children": ",".join(children), **_about(draft)}


def notes(draft: Draft) -> tuple[str, ...]:
    """Return what Instagram will not show of the post, as notes for the customer."""
    found, hashtags = [], _count(HASHTAG, draft.text)
    if kind_of(draft) == "story":
        if draft.text:
            found.append("Instagram stories carry no caption: the text was left out.")
        if any(item.alt_text for item in draft.media):
            found.append("Instagram stories carry no alt text: it was left out.")
    elif hashtags > SHOWN_HASHTAGS:
        most = f"Instagram shows at most {SHOWN_HASHTAGS} hashtags of a post"
        found.append(f"{most}; this one has {hashtags}.")
    return tuple(found)


def described(draft: Draft) -> Draft:
    """Return the draft as published: `altText` on its first image, no caption on a story."""
    if kind_of(draft) == "story":
        return replace(draft, text="")
    if "altText" not in draft.settings or not draft.media:
        return draft
    first, *others = draft.media
    return replace(draft, media=(replace(first, alt_text=draft.settings["altText"]), *others))


def _file(item: Media, uploads: bool) -> dict[str, Any]:
    if item.kind == "image":
        return {"image_url": address(item)}
    return {"upload_type": "resumable"} if uploads else {"video_url": address(item)}


def _alt_text(text: str) -> dict[str, Any]:
    return {"alt_text": text} if text else {}


def _about(draft: Draft) -> dict[str, Any]:
    """Return the fields of a post as a whole."""
    named = {"collaborators": "collaborators", "locationId": "location_id"}
    given = {ours: draft.settings[name] for name, ours in named.items() if name in draft.settings}
    return {**({"caption": draft.text} if draft.text else {}), **given, **ai_label(draft)}


def _reel(draft: Draft) -> dict[str, Any]:
    named = {
        "shareToFeed": "share_to_feed",
        "coverPhotoTimestamp": "thumb_offset",
        "audioName": "audio_name",
    }
    given = {ours: draft.settings[name] for name, ours in named.items() if name in draft.settings}
    if "thumb_offset" in given:
        # Instagram specifies a string.
        given["thumb_offset"] = str(given["thumb_offset"])
    if draft.post_type == "Trial Reel":
        strategy = draft.settings.get("trialGraduation", "MANUAL")
        given["trial_params"] = {"graduation_strategy": strategy}
    return given
