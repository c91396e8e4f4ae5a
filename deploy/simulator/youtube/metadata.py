"""Checks the metadata of a video as YouTube does.

Source: YouTube Data API, videos resource, videos.insert and videoCategories.list (read 2026-11-24).
"""

import re
from datetime import datetime
from typing import Any

SNIPPET = {
    "title",
    "description",
    "tags",
    "categoryId",
    "defaultLanguage",
    "defaultAudioLanguage",
}
FLAGS = {"embeddable", "publicStatsViewable", "selfDeclaredMadeForKids", "containsSyntheticMedia"}
STATUS = {"privacyStatus", "publishAt", "license", *FLAGS}
#: The parts that may be sent; `wire.py` refuses other names in `part`.
PARTS = {"snippet", "status", "localizations", "recordingDetails"}
#: ISO 639-1, and the languages without a code there that YouTube lists in i18nLanguages.
_CODES = (
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy "
    "da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu "
    "hy hz ia id ie ig ii ik io is it iu iw ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la "
    "lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj "
    "om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv "
    "sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu "
    "fil gsw haw yue zxx"
)
LANGUAGES = frozenset(_CODES.split())
#: The categories of videos in the United States.
CATEGORIES = {
    "1": "VideoFacts & Animation",
    "2": "Autos & Vehicles",
    "10": "Music",
    "15": "Pets & Animals",
    "17": "Sports",
    "19": "Travel & Events",
    "20": "Gaming",
    "22": "People & Blogs",
    "23": "Comedy",
    "24": "Entertainment",
    "25": "News & Politics",
    "26": "Howto & Style",
    "27": "Education",
    "28": "Science & Technology",
    "29": "Nonprofits & Activism",
}


def problem_with(body: Any) -> str:
    """YouTube's reason for refusing the metadata, or an empty string."""
    if not isinstance(body, dict) or set(body) - PARTS:
        return "invalidVideoMetadata"
    snippet, status = body.get("snippet"), body.get("status", {})
    if not isinstance(snippet, dict) or not isinstance(status, dict):
        return "invalidVideoMetadata"
    if set(snippet) - SNIPPET or set(status) - STATUS:
        return "invalidVideoMetadata"
    if "localizations" in body and not snippet.get("defaultLanguage"):
        return "defaultLanguageNotSet"
    return _problem_with_snippet(snippet) or _problem_with_status(status)


def _problem_with_snippet(snippet: dict[str, Any]) -> str:
    title, description = snippet.get("title"), snippet.get("description", "")
    if not isinstance(title, str) or not 1 <= _units(title) <= 100 or _has_brackets(title):
        return "invalidTitle"
    if not isinstance(description, str) or _has_brackets(description):
        return "invalidDescription"
    if len(description.encode("utf-8", "surrogatepass")) > 5000:
        return "invalidDescription"
    tags = snippet.get("tags", [])
    if not isinstance(tags, list) or not all(isinstance(tag, str) and tag for tag in tags):
        return "invalidTags"
    if _units(",".join(f'"{tag}"' if " " in tag else tag for tag in tags)) > 500:
        return "invalidTags"
    if any(map(_has_brackets, tags)):
        return "invalidTags"
    languages = [snippet.get(name, "en") for name in ("defaultLanguage", "defaultAudioLanguage")]
    if not all(map(_is_language, languages)):
        return "invalidVideoMetadata"
    return "" if snippet.get("categoryId", "22") in CATEGORIES else "invalidCategoryId"


def _problem_with_status(status: dict[str, Any]) -> str:
    privacy = status.get("privacyStatus", "public")
    if privacy not in ("public", "unlisted", "private"):
        return "invalidVideoMetadata"
    if status.get("license", "youtube") not in ("youtube", "creativeCommon"):
        return "invalidVideoMetadata"
    if not all(isinstance(status.get(flag, False), bool) for flag in FLAGS):
        return "invalidVideoMetadata"
    if "publishAt" in status and (privacy != "private" or not _is_time(status["publishAt"])):
        return "invalidPublishAt"
    return ""


def _is_language(tag: Any) -> bool:
    """Return whether it is a BCP-47 tag of a language that exists, such as en or pt-BR."""
    language, *others = tag.split("-") if isinstance(tag, str) else [""]
    return language in LANGUAGES and all(re.fullmatch("[A-Za-z0-9]{1,8}", part) for part in others)


def _is_time(value: Any) -> bool:
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except (TypeError, ValueError):
        return False


def _has_brackets(text: str) -> bool:
    return "<" in text or ">" in text


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
