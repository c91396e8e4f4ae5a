"""Declare what TikTok accepts: media, texts and options, as data.

Source: TikTok for Developers, Direct Post, Photo, Media Transfer Guide, Content Sharing Guidelines
(read 2026-11-24).
"""

from platforms.drafts import Draft
from platforms.errors import Unsupported
from platforms.limits import ImageRule, Limits, VideoRule
from platforms.policy.options import Boolean, Choice, Integer, Option, String
from platforms.text import utf16_units

#: Widest audience first.
PRIVACY = ("PUBLIC_TO_EVERYONE", "FOLLOWER_OF_CREATOR", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY")
PUBLIC, ONLY_SELF = PRIVACY[0], PRIVACY[-1]
UPLOAD, PULL = "FILE_UPLOAD", "PULL_FROM_URL"

VIDEO_SECONDS = 600
PHOTOS_MOST = 35
TITLE_CHARS = 90
UNIT = "UTF-16 units"

VIDEO = VideoRule(
    ("video/mp4", "video/quicktime", "video/webm"),
    max_bytes=4 * 1000**3,
    min_bytes=1,
    max_seconds=VIDEO_SECONDS,
    min_width=360,
    min_height=360,
    max_width=4096,
    max_height=4096,
    min_fps=23,
    max_fps=60,
    video_codecs=("h264", "hevc", "vp8", "vp9"),
)
#: "At most 1080p" in the strictest reading, because a larger photo fails after TikTok accepted it.
PHOTO = ImageRule(
    ("image/jpeg", "image/webp"),
    max_bytes=20 * 1000**2,
    max_width=1080,
    max_height=1920,
    max_frames=1,
)
VIDEO_POST = Limits(2200, 1, video=VIDEO, media_required=True, text_unit=UNIT)
PHOTO_POST = Limits(4000, PHOTOS_MOST, image=PHOTO, media_required=True, text_unit=UNIT)
#: The limits of either type of post.
ANY_POST = Limits(
    VIDEO_POST.text_chars,
    PHOTOS_MOST,
    image=PHOTO,
    video=VIDEO,
    media_required=True,
    prefers="video",
    text_unit=UNIT,
    # "Around 15", of all apps together; TikTok gives creators different ones.
    posts_a_day=15,
)

OPTIONS: tuple[Option, ...] = (
    Choice(
        "privacyLevel",
        "Who can see the post. Required, unless the workspace has a default: TikTok wants it "
        "chosen by the user.",
        PRIVACY,
    ),
    Boolean("allowComments", "Off unless turned on, as TikTok's guidelines ask."),
    Boolean("allowDuet", "Videos only. Off unless turned on, as TikTok's guidelines ask."),
    Boolean("allowStitch", "Videos only. Off unless turned on, as TikTok's guidelines ask."),
    Boolean("brandContent", "A paid partnership with another brand; never with SELF_ONLY."),
    Boolean("brandOrganic", "Promotes the account's own business."),
    Boolean("isAigc", "The content was made by AI."),
    Integer("videoCoverTimestampMs", "Videos only: the picture shown as cover.", 0, 1000 * 600),
    String("title", f"Photos only: up to {TITLE_CHARS} {UNIT}.", TITLE_CHARS),
    Integer("photoCoverIndex", "Photos only: which is the cover, from 0.", 0, PHOTOS_MOST - 1),
    Boolean("autoAddMusic", "Photos only: TikTok adds music. Off unless turned on."),
    Choice(
        "transfer",
        f"Videos only: how the file gets to TikTok. {UPLOAD}, the usual, sends it; {PULL} lets "
        "TikTok fetch it, from an address verified for its app.",
        (UPLOAD, PULL),
    ),
)
VIDEO_ONLY = ("allowDuet", "allowStitch", "videoCoverTimestampMs")
PHOTO_ONLY = ("title", "photoCoverIndex", "autoAddMusic")


def is_photos(draft: Draft) -> bool:
    return bool(draft.media) and all(item.kind == "image" for item in draft.media)


def is_pulled(draft: Draft) -> bool:
    """Return whether TikTok fetches the media, as it always does with photos."""
    return is_photos(draft) or draft.settings.get("transfer") == PULL


def check(draft: Draft) -> None:
    """Raise Unsupported for options that do not fit each other or the media."""
    settings, photos = draft.settings, is_photos(draft)
    for name in VIDEO_ONLY if photos else PHOTO_ONLY:
        # False asks for nothing; the first photo or moment is number 0.
        if settings.get(name) is not None and settings[name] is not False:
            raise Unsupported(f"TikTok's option {name} is for {'video' if photos else 'photo'}s.")
    if photos and settings.get("transfer") == UPLOAD:
        raise Unsupported("TikTok fetches photos itself; FILE_UPLOAD is for videos only.")
    if utf16_units(settings.get("title", "")) > TITLE_CHARS:
        raise Unsupported(f"TikTok's option title holds at most {TITLE_CHARS} {UNIT}.")
    if settings.get("brandContent") and settings.get("privacyLevel") == ONLY_SELF:
        raise Unsupported("TikTok's branded content cannot be SELF_ONLY.")
    if photos and settings.get("photoCoverIndex", 0) >= len(draft.media):
        raise Unsupported("TikTok's option photoCoverIndex is beyond the last photo.")
    for item in draft.media:
        cover_ms = settings.get("videoCoverTimestampMs", 0)
        if item.duration_seconds and cover_ms > item.duration_seconds * 1000:
            raise Unsupported("TikTok's option videoCoverTimestampMs is after the video's end.")
