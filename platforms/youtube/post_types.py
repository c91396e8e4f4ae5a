"""The types of a YouTube post, their options and files: one video, and perhaps its thumbnail.

A video is a Short by its shape and length alone; the API has no field for it.
Source: YouTube Data API discovery document, revision 20261104 (sizes), videos resource,
videos.insert and thumbnails.set; YouTube Help, "Upload videos longer than 15 minutes", "Get started
with Shorts", "Add video thumbnails" (read 2026-11-24).
"""

from dataclasses import replace

from platforms.drafts import Draft, Media
from platforms.errors import Unsupported
from platforms.limits import ImageRule, Limits, VideoRule
from platforms.policy.options import Boolean, Choice, Option, String, Strings

PRIVACY = ("public", "unlisted", "private")
#: The option that makes the post's first image the video's thumbnail.
THUMBNAIL = "useImageAsThumbnail"

OPTIONS: tuple[Option, ...] = (
    String("title", "The video's title. Without it the first line of the text.", max_chars=100),
    # It is always sent: since 2026-11-02 YouTube publishes a video whose request names none.
    Choice("privacyStatus", "Who may see the video; public if left out.", PRIVACY),
    Strings("tags", "Keywords, up to 500 characters in all.", max_items=250, max_chars=498),
    Boolean("madeForKids", "Whether the video is made for children; false if left out."),
    Boolean("selfDeclaredMadeForKids", "The same as madeForKids, by YouTube's own name."),
    String("categoryId", "The number of a category of videos; 22 if left out.", max_chars=3),
    Boolean("containsSyntheticMedia", "Whether it holds realistic altered or generated content."),
    Boolean("notifySubscribers", "Whether subscribers are told of it; true if left out."),
    Boolean("embeddable", "Whether other sites may show it; true if left out."),
    Choice(
        "license", "The licence it is under; youtube if left out.", ("youtube", "creativeCommon")
    ),
    String("defaultLanguage", "The language of its title and text, such as en or pt-BR.", 35, 2),
    Boolean(THUMBNAIL, "Sets the post's first image as the video's thumbnail."),
)

POST_TYPES = VIDEO, SHORT = "Video", "Short"
SHORT_SECONDS = 180

VIDEO_RULE = VideoRule(
    ("video/mp4", "video/quicktime", "video/webm"),
    max_bytes=256 * 1024**3,
    max_seconds=12 * 3600,
    min_bytes=1,
)
LIMITS = Limits(
    text_chars=5000,
    video=VIDEO_RULE,
    media_required=True,
    prefers="video",
    text_unit="UTF-8 bytes",
)
#: YouTube's help asks for 640 pixels on the long side.
THUMBNAIL_RULE = ImageRule(
    ("image/jpeg", "image/png"), max_bytes=50 * 1024**2, min_width=640, max_frames=1
)
SHORT_THUMBNAIL_RULE = replace(THUMBNAIL_RULE, min_width=0, min_height=640)


def limits_for(draft: Draft) -> Limits:
    short = draft.post_type == SHORT
    video = replace(VIDEO_RULE, max_seconds=SHORT_SECONDS) if short else VIDEO_RULE
    limits = replace(LIMITS, video=video)
    if not wants_thumbnail(draft):
        return limits
    picture = SHORT_THUMBNAIL_RULE if short else THUMBNAIL_RULE
    return replace(limits, media_items=2, image=picture, mixes=True)


def check(draft: Draft) -> None:
    """Raise Unsupported unless there is one video of the requested type, with its thumbnail."""
    videos = [item for item in draft.media if item.kind == "video"]
    if len(videos) > 1 or (draft.media and not videos):
        raise Unsupported("A YouTube post needs exactly one video.")
    if wants_thumbnail(draft) and videos and thumbnail(draft) is None:
        raise Unsupported(f"YouTube's option {THUMBNAIL} needs an image beside the video.")
    # Not a limit, because conversion would add bars and make a Short of any video.
    if videos and draft.post_type == SHORT and _is_wide(videos[0]):
        raise Unsupported("A YouTube Short must be portrait or square; this video is landscape.")


def video(draft: Draft) -> Media:
    found = [item for item in draft.media if item.kind == "video"]
    if len(found) != 1:
        raise Unsupported("A YouTube post needs exactly one video.")
    return found[0]


def wants_thumbnail(draft: Draft) -> bool:
    return draft.settings.get(THUMBNAIL) is True


def thumbnail(draft: Draft) -> Media | None:
    """Return the image for the thumbnail, if one is requested."""
    pictures = [item for item in draft.media if item.kind == "image"]
    return pictures[0] if pictures and wants_thumbnail(draft) else None


def is_short(draft: Draft) -> bool:
    """Return whether YouTube will treat the video as a Short, as far as is known."""
    if draft.post_type:
        return draft.post_type == SHORT
    item = video(draft)
    known = item.width and item.height and item.duration_seconds
    return bool(known) and not _is_wide(item) and (item.duration_seconds or 0) <= SHORT_SECONDS


def _is_wide(item: Media) -> bool:
    return bool(item.width and item.height and item.width > item.height)
