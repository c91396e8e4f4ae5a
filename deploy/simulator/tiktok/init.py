"""Checks the init of a post as TikTok does.

Source: TikTok for Developers, Direct Post, Upload, Photo and Media Transfer Guide (read
2026-11-24).
"""

from collections.abc import Collection
from typing import Any

TOGGLES = ("brand_content_toggle", "brand_organic_toggle")
VIDEO_FLAGS = ("disable_duet", "disable_comment", "disable_stitch", *TOGGLES)
VIDEO_INFO = {"privacy_level", "title", "video_cover_timestamp_ms", "is_aigc", *VIDEO_FLAGS}
PHOTO_FLAGS = ("disable_comment", "auto_add_music", *TOGGLES)
PHOTO_INFO = {"privacy_level", "title", "description", *PHOTO_FLAGS}
PHOTO_BODY = {"media_type", "post_mode", "post_info", "source_info"}
SOURCES = {
    "FILE_UPLOAD": {"source", "video_size", "chunk_size", "total_chunk_count"},
    "PULL_FROM_URL": {"source", "video_url"},
}
MB = 1_000_000


def video_problem(body: dict[str, Any]) -> str:
    """TikTok's message about the init of a video, or an empty string."""
    parts = _parts(body, {"post_info", "source_info"})
    if not parts:
        return "The request needs post_info and source_info."
    info, source = parts
    if problem := _info_problem(info, VIDEO_INFO, VIDEO_FLAGS):
        return problem
    if _length(info.get("title", "")) > 2200:
        return "The title is too long."
    cover = info.get("video_cover_timestamp_ms", 0)
    if type(cover) is not int or not 0 <= cover < 2**31:
        return "The video_cover_timestamp_ms is invalid."
    return _source_problem(source)


def inbox_problem(body: dict[str, Any]) -> str:
    """TikTok's message about the init of a draft, or an empty string."""
    source = body.get("source_info")
    if set(body) != {"source_info"} or not isinstance(source, dict):
        return "The request needs source_info alone."
    return _source_problem(source)


def photo_problem(body: dict[str, Any]) -> str:
    """TikTok's message about the init of photos, or an empty string."""
    parts = _parts({k: v for k, v in body.items() if k != "is_aigc"}, PHOTO_BODY)
    if not parts or body["media_type"] != "PHOTO":
        return "The request needs media_type, post_mode, post_info and source_info."
    info, source = parts
    if not isinstance(body.get("is_aigc", False), bool):
        return "The is_aigc is invalid."
    mode = body["post_mode"]
    if mode not in ("DIRECT_POST", "MEDIA_UPLOAD"):
        return "The post_mode is invalid."
    allowed, flags = (PHOTO_INFO, PHOTO_FLAGS) if mode == "DIRECT_POST" else (PHOTO_INFO, ())
    needs_level = mode == "DIRECT_POST"
    if problem := _info_problem(info, allowed, flags, needs_level=needs_level):
        return problem
    if _length(info.get("title", "")) > 90 or _length(info.get("description", "")) > 4000:
        return "The title or the description is too long."
    if set(source) != {"source", "photo_cover_index", "photo_images"}:
        return "The source is invalid."
    urls, cover = source["photo_images"], source["photo_cover_index"]
    if source["source"] != "PULL_FROM_URL" or not isinstance(urls, list):
        return "The source is invalid."
    if not 1 <= len(urls) <= 35:
        return "The number of photos is invalid."
    return "" if type(cover) is int and 0 <= cover < len(urls) else "The cover index is invalid."


def _parts(body: dict[str, Any], names: set[str]) -> tuple[dict[str, Any], dict[str, Any]] | None:
    info, source = body.get("post_info"), body.get("source_info")
    if set(body) != names or not isinstance(info, dict) or not isinstance(source, dict):
        return None
    return info, source


def _info_problem(
    info: dict[str, Any],
    known: set[str],
    flags: Collection[str],
    *,
    needs_level: bool = True,
) -> str:
    if unknown := set(info) - known:
        return f"Unknown field {sorted(unknown)[0]}."
    if needs_level and not isinstance(info.get("privacy_level"), str):
        return "The privacy_level is required."
    if any(not isinstance(info.get(flag), bool) for flag in flags):
        return "The toggles are required."
    texts = (info.get("title", ""), info.get("description", ""))
    if not all(isinstance(text, str) for text in texts):
        return "The title is a text."
    if not isinstance(info.get("is_aigc", False), bool):
        return "The is_aigc is true or false."
    if info.get("brand_content_toggle") and info.get("privacy_level") == "SELF_ONLY":
        return "Branded content cannot be private."
    return ""


def _source_problem(source: dict[str, Any]) -> str:
    kind = source.get("source")
    if not isinstance(kind, str) or set(source) != SOURCES.get(kind):
        return "The source is invalid."
    if kind == "PULL_FROM_URL":
        return ""
    size, chunk, count = (
        source[name] for name in ("video_size", "chunk_size", "total_chunk_count")
    )
    if any(type(value) is not int or value <= 0 for value in (size, chunk, count)):
        return "The source_info holds numbers of bytes."
    if size > 4000 * MB:
        return "The video is too large."
    if count > 1000 or count != size // chunk:
        return "The total chunk count is invalid."
    if count == 1:
        return "" if chunk == size <= 64 * MB else "The chunk size is invalid"
    return "" if 5 * MB <= chunk <= 64 * MB else "The chunk size is invalid"


def _length(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
