"""The files of a YouTube post: one video, a Short or not, and perhaps a picture for its thumbnail.

Source: YouTube Data API discovery document, revision 20261104 (sizes); YouTube Help, "Upload videos
longer than 15 minutes", "Get started with Shorts", "Add video thumbnails" (read 2026-11-24). A
video is a Short by its shape and length alone: no field of the API says so.
"""

from dataclasses import replace

from platforms.drafts import Draft, Media
from platforms.errors import Unsupported
from platforms.limits import ImageRule, Limits, VideoRule
from platforms.youtube.options import THUMBNAIL

VIDEO, SHORT = "Video", "Short"
SHORT_SECONDS = 180

FILM = VideoRule(
    ("video/mp4", "video/quicktime", "video/webm"),
    max_bytes=256 * 1024**3,
    max_seconds=12 * 3600,
    min_bytes=1,
)
LIMITS = Limits(
    text_chars=5000,
    video=FILM,
    media_required=True,
    prefers="video",
    text_unit="UTF-8 bytes",
)
#: A thumbnail needs 640 pixels on its long side, by YouTube's help.
PICTURE = ImageRule(
    ("image/jpeg", "image/png"), max_bytes=50 * 1024**2, min_width=640, max_frames=1
)
SHORT_PICTURE = replace(PICTURE, min_width=0, min_height=640)


def limits_for(draft: Draft) -> Limits:
    short = draft.post_type == SHORT
    film = replace(FILM, max_seconds=SHORT_SECONDS) if short else FILM
    limits = replace(LIMITS, video=film)
    if not wants_thumbnail(draft):
        return limits
    picture = SHORT_PICTURE if short else PICTURE
    return replace(limits, media_items=2, image=picture, mixes=True)


def check(draft: Draft) -> None:
    """Raises Unsupported unless there is one video of the asked kind, with its picture if any."""
    videos = [item for item in draft.media if item.kind == "video"]
    if len(videos) > 1 or (draft.media and not videos):
        raise Unsupported("YouTube takes exactly one video per post.")
    if wants_thumbnail(draft) and videos and thumbnail(draft) is None:
        raise Unsupported(f"{THUMBNAIL} needs a picture beside the video.")
    # Not among the limits, where bars would make a Short of any film.
    if videos and draft.post_type == SHORT and _is_wide(videos[0]):
        raise Unsupported("A YouTube Short is upright or square; this video is wider than high.")


def video(draft: Draft) -> Media:
    found = [item for item in draft.media if item.kind == "video"]
    if len(found) != 1:
        raise Unsupported("YouTube takes exactly one video per post.")
    return found[0]


def wants_thumbnail(draft: Draft) -> bool:
    return draft.settings.get(THUMBNAIL) is True


def thumbnail(draft: Draft) -> Media | None:
    """The picture that is to be the thumbnail, if one is asked for."""
    pictures = [item for item in draft.media if item.kind == "image"]
    return pictures[0] if pictures and wants_thumbnail(draft) else None


def is_short(draft: Draft) -> bool:
    """Whether YouTube will make a Short of it, as far as is known."""
    if draft.post_type:
        return draft.post_type == SHORT
    item = video(draft)
    known = item.width and item.height and item.duration_seconds
    return bool(known) and not _is_wide(item) and (item.duration_seconds or 0) <= SHORT_SECONDS


def _is_wide(item: Media) -> bool:
    return bool(item.width and item.height and item.width > item.height)
