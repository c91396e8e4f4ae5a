"""Facebook's types of post: what each may hold, and what each must be able to do.

Source: Graph API, "Pages API Posts", "Reels Publishing", "Page Stories" (read 2026-11-24).
"""

from abc import ABC, abstractmethod
from datetime import datetime
from urllib.parse import urlsplit

from platforms.drafts import Draft
from platforms.errors import Unsupported
from platforms.facebook.page import PageClient
from platforms.limits import ImageRule, Limits, VideoRule
from platforms.outcomes import Finding, Outcome
from platforms.policy.options import Boolean, String

TEXT_CHARS, COMMENT_CHARS = 63206, 8000
MB, GB = 1024**2, 1024**3
NINE_BY_SIXTEEN = 9 / 16

PHOTO = ImageRule(
    ("image/jpeg", "image/png", "image/gif", "image/bmp", "image/tiff"),
    max_bytes=4 * MB,
    alt_text_chars=1000,
)
VIDEO = VideoRule(
    ("video/mp4", "video/quicktime"), max_bytes=1 * GB, min_seconds=1, max_seconds=4 * 3600
)


def _upright(max_seconds: float) -> VideoRule:
    """Return the rule that reels and stories share."""
    return VideoRule(
        ("video/mp4",),
        max_bytes=1 * GB,
        min_seconds=3,
        max_seconds=max_seconds,
        min_width=540,
        min_height=960,
        min_ratio=NINE_BY_SIXTEEN,
        max_ratio=NINE_BY_SIXTEEN,
        min_fps=24,
        max_fps=60,
        video_codecs=("h264", "hevc", "vp9", "av1"),
        audio_codecs=("aac",),
    )


PHOTO_POST = Limits(TEXT_CHARS, media_items=10, image=PHOTO, video=VIDEO)
VIDEO_POST = Limits(TEXT_CHARS, image=PHOTO, video=VIDEO)
REEL = Limits(TEXT_CHARS, video=_upright(90), media_required=True)
STORY = Limits(TEXT_CHARS, image=PHOTO, video=_upright(60), media_required=True)

POST_TYPES = ("Post", "Reels", "Story")
OPTIONS = (
    String("link", "The URL that a post without files shows as a card.", 2000),
    String("title", "The title of a video or reel.", 255),
    Boolean("isAiGenerated", "Labels a video, a reel or a video story as made with AI."),
    String("firstComment", "The Page's own first comment below the post.", COMMENT_CHARS),
)


class PostType(ABC):
    """A type of post: how it is published, and how it is found again."""

    @abstractmethod
    async def publish(self, draft: Draft, page: PageClient) -> Outcome:
        """Publish, or continue from the page's checkpoint."""

    @abstractmethod
    async def find(self, draft: Draft, page: PageClient, sent_at: datetime) -> Finding:
        """Return what became of the call that was sent at this time. Publishes nothing."""


def limits_for(draft: Draft) -> Limits:
    if draft.post_type == "Reels":
        return REEL
    if draft.post_type == "Story":
        return STORY
    return VIDEO_POST if is_video(draft) else PHOTO_POST


def check(draft: Draft) -> None:
    """Raise Unsupported for what limits and options do not express."""
    link = draft.settings.get("link", "")
    if draft.post_type in ("Reels", "Story") and len(draft.media) != 1:
        raise Unsupported(f"A Facebook {draft.post_type} post needs exactly one file.")
    if not draft.text and not draft.media and not link:
        raise Unsupported("A Facebook post needs a text, a link or a file.")
    if link and draft.media:
        raise Unsupported("A Facebook post shows a link or files, not both.")
    if link and not _is_web_address(link):
        raise Unsupported("Facebook's option link must be a URL such as https://example.com.")
    if "title" in draft.settings and (draft.post_type == "Story" or not is_video(draft)):
        raise Unsupported("Only Facebook videos and reels have a title.")
    if draft.settings.get("isAiGenerated") and not is_video(draft):
        raise Unsupported("Facebook takes isAiGenerated for videos, reels and video stories.")
    if "firstComment" in draft.settings and draft.post_type == "Story":
        raise Unsupported("A Facebook story has no comments.")


def is_video(draft: Draft) -> bool:
    return any(item.kind == "video" for item in draft.media)


def _is_web_address(link: str) -> bool:
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in link
