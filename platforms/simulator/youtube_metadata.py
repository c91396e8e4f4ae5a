"""What YouTube finds wrong with the words of a video.

Source: YouTube Data API, videos resource and videos.insert (read 2026-11-24).
"""

from typing import Any

SNIPPET = {"title", "description", "tags", "categoryId", "defaultLanguage"}
STATUS = {
    "privacyStatus",
    "publishAt",
    "embeddable",
    "license",
    "publicStatsViewable",
    "selfDeclaredMadeForKids",
    "containsSyntheticMedia",
}


def problem_with(body: Any) -> str:
    """YouTube's reason for refusing the metadata, or an empty string."""
    if not isinstance(body, dict) or set(body) - {"snippet", "status"}:
        return "invalidVideoMetadata"
    snippet, status = body.get("snippet"), body.get("status", {})
    if not isinstance(snippet, dict) or not isinstance(status, dict):
        return "invalidVideoMetadata"
    if set(snippet) - SNIPPET or set(status) - STATUS:
        return "invalidVideoMetadata"
    return _problem_with_snippet(snippet) or _problem_with_status(status)


def _problem_with_snippet(snippet: dict[str, Any]) -> str:
    title, description = snippet.get("title"), snippet.get("description", "")
    if not isinstance(title, str) or not 1 <= _units(title) <= 100 or _has_brackets(title):
        return "invalidTitle"
    if not isinstance(description, str) or _has_brackets(description):
        return "invalidDescription"
    if len(description.encode()) > 5000:
        return "invalidDescription"
    tags = snippet.get("tags", [])
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        return "invalidTags"
    if len(",".join(f'"{tag}"' if " " in tag else tag for tag in tags)) > 500:
        return "invalidTags"
    category = snippet.get("categoryId", "22")
    return "" if isinstance(category, str) and category.isdigit() else "invalidCategoryId"


def _problem_with_status(status: dict[str, Any]) -> str:
    privacy = status.get("privacyStatus", "public")
    if privacy not in ("public", "unlisted", "private"):
        return "invalidVideoMetadata"
    if not isinstance(status.get("selfDeclaredMadeForKids", False), bool):
        return "invalidVideoMetadata"
    return "invalidPublishAt" if "publishAt" in status and privacy != "private" else ""


def _has_brackets(text: str) -> bool:
    return "<" in text or ">" in text


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
