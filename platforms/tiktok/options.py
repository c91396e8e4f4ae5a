"""What an account may do at TikTok right now, and what a draft asks for.

Source: TikTok for Developers, Query Creator Info and Content Sharing Guidelines (read 2026-11-24).
"""

from collections.abc import Mapping
from typing import Any

from platforms.base import Draft, Media
from platforms.errors import Rejected, Unsupported

FILE_BYTES = 4 * 1000**3
FILE_SECONDS = 600
TYPES = ("video/mp4", "video/quicktime", "video/webm")
#: Widest audience first.
PRIVACY = ("PUBLIC_TO_EVERYONE", "FOLLOWER_OF_CREATOR", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY")
SWITCHES = ("allowComments", "allowDuet", "allowStitch")


def check(draft: Draft) -> None:
    """Raises Unsupported when TikTok can never take the draft, whatever the account may do."""
    for item in draft.media:
        _check_file(item)
    if draft.settings.get("privacyLevel") not in (None, "", *PRIVACY):
        raise Unsupported(f"privacyLevel is one of {', '.join(PRIVACY)}.")
    for name in SWITCHES:
        if not isinstance(draft.settings.get(name, False), bool):
            raise Unsupported(f"{name} is true or false.")


def post_info(draft: Draft, video: Media, creator: Mapping[str, Any]) -> dict[str, Any]:
    """The `post_info` of an init, within what `creator` (the creator info) allows.

    Raises Rejected.
    """
    longest = creator.get("max_video_post_duration_sec")
    if longest and (video.duration_seconds or 0) > float(longest):
        raise Rejected(f"This TikTok account can post videos of at most {longest} seconds.")
    settings = draft.settings
    return {
        "title": draft.text,
        "privacy_level": _privacy(settings.get("privacyLevel"), creator),
        "disable_comment": _is_off(settings.get("allowComments"), creator, "comment_disabled"),
        "disable_duet": _is_off(settings.get("allowDuet"), creator, "duet_disabled"),
        "disable_stitch": _is_off(settings.get("allowStitch"), creator, "stitch_disabled"),
        "brand_content_toggle": False,
        "brand_organic_toggle": False,
    }


def _privacy(wanted: str | None, creator: Mapping[str, Any]) -> str:
    """What was asked for; otherwise the widest audience, but never only the account itself."""
    offered = [str(level) for level in creator.get("privacy_level_options") or ()]
    if wanted and wanted in offered:
        return wanted
    choices = [level for level in PRIVACY[:-1] if level in offered]
    if not wanted and choices:
        return choices[0]
    raise Rejected(
        f"This TikTok account offers {', '.join(offered) or 'no privacy level'}: set privacyLevel "
        "to one of them.",
        platform_code="privacy_level_option_mismatch",
    )


def _is_off(allowed: Any, creator: Mapping[str, Any], disabled: str) -> bool:
    """Off until somebody turns it on, as the guidelines demand."""
    return not allowed or bool(creator.get(disabled))


def _check_file(item: Media) -> None:
    if item.content_type not in TYPES:
        raise Unsupported("TikTok takes MP4, MOV and WebM videos.")
    if item.size_bytes <= 0:
        raise Unsupported("The file is empty.")
    if item.size_bytes > FILE_BYTES:
        raise Unsupported("A TikTok video is at most 4 GB.")
    if (item.duration_seconds or 0) > FILE_SECONDS:
        raise Unsupported("A TikTok video is at most 10 minutes long.")
