"""The limits of a server: those that it states, and the common ones where it states none.

Source: https://docs.joinmastodon.org/entities/Instance/#configuration and
https://docs.joinmastodon.org/entities/V1_Instance/ (read 2026-11-30).
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from platforms.http.client import Client
from platforms.http.foreign.stated import as_count
from platforms.limits import ImageRule, Limits, VideoRule

IMAGE_TYPES = ("image/jpeg", "image/png", "image/gif", "image/webp")
VIDEO_TYPES = ("video/mp4", "video/quicktime", "video/webm")
YEAR_SECONDS = 366 * 24 * 3600
#: The version of the API from which posts can quote others (Mastodon 4.5).
QUOTES_SINCE = 7
NOT_THERE = (401, 403, 404, 405, 410, 422, 501)


@dataclass(frozen=True, slots=True)
class ServerLimits:
    """The numbers of one server, by default those of Mastodon itself. Sizes in bytes and pixels."""

    text_chars: int = 500
    url_chars: int = 23
    media_items: int = 4
    alt_text_chars: int = 1500
    image_bytes: int = 16 * 1024**2
    image_pixels: int = 33_177_600
    video_bytes: int = 99 * 1024**2
    video_pixels: int = 8_294_400
    video_fps: int = 120
    image_types: tuple[str, ...] = IMAGE_TYPES
    video_types: tuple[str, ...] = VIDEO_TYPES
    poll_options: int = 4
    poll_option_chars: int = 50
    poll_min_seconds: int = 300
    poll_max_seconds: int = 2_629_746
    #: Whether posts can quote others; None: the server has not been asked.
    has_quotes: bool | None = None

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "ServerLimits":
        """Return what `as_json` wrote, by this or another release."""
        known: dict[str, Any] = {**_bounded(kept), "has_quotes": kept.get("has_quotes")}
        known |= {name: tuple(kept[name]) for name in TYPES if name in kept}
        return cls(**known)

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), **{name: list(getattr(self, name)) for name in TYPES}}

    def limits(self) -> Limits:
        """Return the limits of a post. A video stands alone, and so does what moves."""
        width = math.isqrt(self.video_pixels * 16 // 9)
        image = ImageRule(
            self.image_types,
            max_bytes=self.image_bytes,
            max_pixels=self.image_pixels,
            alt_text_chars=self.alt_text_chars,
        )
        video = VideoRule(
            self.video_types,
            max_bytes=self.video_bytes,
            max_width=width,
            max_height=width * 9 // 16,
            max_fps=self.video_fps,
            either_way_up=True,
            alt_text_chars=self.alt_text_chars,
        )
        return Limits(
            text_chars=self.text_chars,
            media_items=self.media_items,
            image=image if self.image_types else None,
            video=video if self.video_types else None,
            text_unit=f"visible characters, a link counting as {self.url_chars}",
        )


TYPES = ("image_types", "video_types")
COMMON = ServerLimits()
#: Our number → where `configuration` has it, and the most that is believed: what a post may be.
NUMBERS = {
    "text_chars": ("statuses", "max_characters", 200_000),
    "url_chars": ("statuses", "characters_reserved_per_url", 2_000),
    "media_items": ("statuses", "max_media_attachments", 100),
    "alt_text_chars": ("media_attachments", "description_limit", 10_000),
    "image_bytes": ("media_attachments", "image_size_limit", 1024**3),
    "image_pixels": ("media_attachments", "image_matrix_limit", 10**9),
    "video_bytes": ("media_attachments", "video_size_limit", 16 * 1024**3),
    "video_pixels": ("media_attachments", "video_matrix_limit", 10**9),
    "video_fps": ("media_attachments", "video_frame_rate_limit", 1_000),
    "poll_options": ("polls", "max_options", 100),
    "poll_option_chars": ("polls", "max_characters_per_option", 10_000),
    "poll_min_seconds": ("polls", "min_expiration", YEAR_SECONDS),
    "poll_max_seconds": ("polls", "max_expiration", 10 * YEAR_SECONDS),
}


async def read_server(host: str, http: Client) -> Mapping[str, Any]:
    """Return what a server states of itself; servers of earlier releases know only the first path.

    Raises PlatformError.
    """
    for version in ("v2", "v1"):
        url = f"https://{host}/api/{version}/instance"
        answer = await http.get(url, accept=NOT_THERE, is_foreign=True)
        if answer.status not in NOT_THERE:
            if not answer.json_object():
                answer.unreadable("it says nothing of itself")
            return stated(answer.json_object()).as_json()
    raise http.refused(answer)


def stated(instance: Mapping[str, Any]) -> ServerLimits:
    """Return the limits that a server's description of itself states; else the common ones."""
    found = _object(instance, "configuration")
    told = {name: _object(found, group).get(field) for name, (group, field, _) in NUMBERS.items()}
    # Some servers state the length of a text outside, as Pleroma did first.
    told["text_chars"] = told["text_chars"] or instance.get("max_toot_chars")
    made: dict[str, Any] = _bounded(told)
    version = _object(instance, "api_versions").get("mastodon")
    made["has_quotes"] = isinstance(version, int) and version >= QUOTES_SINCE
    types = _object(found, "media_attachments").get("supported_mime_types")
    if isinstance(types, list) and types:
        made["image_types"] = tuple(each for each in IMAGE_TYPES if each in types)
        made["video_types"] = tuple(each for each in VIDEO_TYPES if each in types)
    return replace(COMMON, **made)


def _object(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = body.get(name)
    return found if isinstance(found, dict) else {}


def _bounded(told: Mapping[str, Any]) -> dict[str, int]:
    """Return the numbers above zero, each up to the most that is believed."""
    counts = {name: as_count(told.get(name)) for name in NUMBERS}
    return {name: min(count, NUMBERS[name][-1]) for name, count in counts.items() if count}
