"""What TikTok finds wrong with the init of a video upload.

Source: TikTok for Developers, Direct Post and Media Transfer Guide (read 2026-11-24).
"""

from typing import Any

OPTIONS = ["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"]
FLAGS = (
    "disable_duet",
    "disable_comment",
    "disable_stitch",
    "brand_content_toggle",
    "brand_organic_toggle",
)
POST_INFO = {"privacy_level", "title", "video_cover_timestamp_ms", "is_aigc", *FLAGS}
SOURCE_INFO = {"source", "video_size", "chunk_size", "total_chunk_count"}
MB = 1_000_000


def problem_with(body: Any) -> str:
    """TikTok's message, or an empty string."""
    if not isinstance(body, dict) or set(body) != {"post_info", "source_info"}:
        return "The request needs post_info and source_info."
    info, source = body["post_info"], body["source_info"]
    if not isinstance(info, dict) or not isinstance(source, dict):
        return "The request needs post_info and source_info."
    return _problem_with_post(info) or _problem_with_source(source)


def _problem_with_post(info: dict[str, Any]) -> str:
    if unknown := set(info) - POST_INFO:
        return f"Unknown field {sorted(unknown)[0]}."
    if not isinstance(info.get("privacy_level"), str):
        return "The privacy_level is required."
    if any(not isinstance(info.get(flag), bool) for flag in FLAGS):
        return "The toggles are required."
    title = info.get("title", "")
    if not isinstance(title, str) or len(title.encode("utf-16-le")) // 2 > 2200:
        return "The title is too long."
    if info["brand_content_toggle"] and info["privacy_level"] == "SELF_ONLY":
        return "Branded content cannot be private."
    return ""


def _problem_with_source(source: dict[str, Any]) -> str:
    if source.get("source") != "FILE_UPLOAD" or set(source) != SOURCE_INFO:
        return "The source is invalid."
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
