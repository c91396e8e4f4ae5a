"""Ask TikTok what an account may do now, and fit a draft's options within that.

Source: TikTok for Developers, Query Creator Info and Content Sharing Guidelines (read 2026-11-24).
"""

from dataclasses import dataclass
from typing import Any

from platforms.drafts import Draft
from platforms.errors import Rejected
from platforms.http.client import Client
from platforms.http.foreign.stated import as_seconds
from platforms.tiktok import api, options

#: Choices of the customer: the option, the field of the post, the field of the creator info.
SWITCHES = (
    ("allowComments", "disable_comment", "comment_disabled"),
    ("allowDuet", "disable_duet", "duet_disabled"),
    ("allowStitch", "disable_stitch", "stitch_disabled"),
)


@dataclass(frozen=True, slots=True)
class Creator:
    """An account's own settings. `longest_seconds` is 0 if TikTok does not say."""

    username: str
    levels: tuple[str, ...]
    disabled: frozenset[str]
    longest_seconds: float


async def read_creator(http: Client, token: str) -> Creator:
    """Return the creator info, which TikTok wants read before every post. Raises PlatformError."""
    data = api.data(await api.call(http, token, "post/publish/creator_info/query/", {}))
    return Creator(
        username=str(data.get("creator_username") or ""),
        levels=tuple(str(level) for level in data.get("privacy_level_options") or ()),
        disabled=frozenset(name for _, _, name in SWITCHES if data.get(name)),
        longest_seconds=as_seconds(data.get("max_video_post_duration_sec")) or 0,
    )


def post_info(draft: Draft, creator: Creator) -> dict[str, Any]:
    """Return the `post_info` of an init, within what the account allows. Raises Rejected."""
    return _photos(draft, creator) if options.is_photos(draft) else _video(draft, creator)


def notes(draft: Draft, info: dict[str, Any]) -> list[str]:
    """Notes on options without effect and on a narrower audience than usual."""
    told = [
        f"{option} has no effect: the TikTok account has switched it off."
        for option, field, _ in SWITCHES
        if draft.settings.get(option) and info.get(field)
    ]
    level = info["privacy_level"]
    if "privacyLevel" not in draft.settings and level != options.PUBLIC:
        told.append(f"Visible to {level}: the TikTok account offers no wider audience.")
    return told


def _video(draft: Draft, creator: Creator) -> dict[str, Any]:
    longest, settings = creator.longest_seconds, draft.settings
    if longest and (draft.media[0].duration_seconds or 0) > longest:
        raise Rejected(
            f"This TikTok account can post videos of at most {longest:g} seconds.",
            code="media_rejected",
        )
    info = {
        "title": draft.text,
        **_shared(draft, creator),
        **{field: _is_off(draft, creator, option) for option, field, _ in SWITCHES},
    }
    if "videoCoverTimestampMs" in settings:
        info["video_cover_timestamp_ms"] = settings["videoCoverTimestampMs"]
    if settings.get("isAigc"):
        info["is_aigc"] = True
    return info


def _photos(draft: Draft, creator: Creator) -> dict[str, Any]:
    title = draft.settings.get("title")
    return {
        **({"title": title} if title else {}),
        "description": draft.text,
        **_shared(draft, creator),
        "disable_comment": _is_off(draft, creator, "allowComments"),
        "auto_add_music": bool(draft.settings.get("autoAddMusic")),
    }


def _shared(draft: Draft, creator: Creator) -> dict[str, Any]:
    is_paid = bool(draft.settings.get("brandContent"))
    return {
        "privacy_level": _privacy(draft.settings.get("privacyLevel"), creator),
        "brand_content_toggle": is_paid,
        "brand_organic_toggle": bool(draft.settings.get("brandOrganic")),
    }


def _privacy(wanted: str | None, creator: Creator) -> str:
    """Return the requested level.

    Drafts of before a level was required may have none: they get the widest, never SELF_ONLY.
    """
    if wanted and wanted in creator.levels:
        return wanted
    choices = [level for level in options.PRIVACY[:-1] if level in creator.levels]
    if not wanted and choices:
        return choices[0]
    raise Rejected(
        f"This TikTok account offers {', '.join(creator.levels) or 'no privacy level'}; set "
        "privacyLevel to one of them.",
        code="option_rejected",
        platform_code="privacy_level_option_mismatch",
    )


def _is_off(draft: Draft, creator: Creator, option: str) -> bool:
    """Off until the customer turns it on, as the guidelines require."""
    switched_off = any(o == option and name in creator.disabled for o, _, name in SWITCHES)
    return switched_off or not draft.settings.get(option)
