"""The words that go with a video: title, description, tags, who may see it.

Source: YouTube Data API, videos resource (read 2026-11-24). It does not say what a "character" of
a title is; UTF-16 units are the strictest reading.
"""

from typing import Any

from platforms.base import Draft, Media
from platforms.errors import Unsupported

TITLE_CHARS = 100
TAGS_CHARS = 500
FILE_BYTES = 256 * 1024**3
FILE_SECONDS = 12 * 3600
PRIVACY = ("public", "unlisted", "private")
#: People & Blogs, the category of YouTube's own samples.
CATEGORY_ID = "22"


def of(draft: Draft) -> dict[str, Any]:
    """The body of videos.insert. Nothing is left to an account's defaults."""
    return {
        "snippet": {
            "title": title(draft),
            "description": draft.text,
            "tags": list(draft.settings.get("tags", ())),
            "categoryId": CATEGORY_ID,
        },
        "status": {
            "privacyStatus": draft.settings.get("privacyStatus", "public"),
            "selfDeclaredMadeForKids": draft.settings.get("selfDeclaredMadeForKids", False),
        },
    }


def title(draft: Draft) -> str:
    """The title setting, or the first line of the text, cut at a word."""
    given = draft.settings.get("title")
    if given:
        return str(given).strip()
    return _cut(next((line.strip() for line in draft.text.splitlines() if line.strip()), ""))


def check(draft: Draft) -> None:
    """Raises Unsupported when the words cannot go to YouTube."""
    words = title(draft)
    if not words:
        raise Unsupported("A YouTube video needs a title: the setting `title` or some text.")
    if _units(words) > TITLE_CHARS:
        raise Unsupported(f"A YouTube title holds at most {TITLE_CHARS} characters.")
    if any(sign in words + draft.text for sign in "<>"):
        raise Unsupported("A YouTube title or description cannot hold < or >.")
    if draft.settings.get("privacyStatus", "public") not in PRIVACY:
        raise Unsupported(f"privacyStatus is one of {', '.join(PRIVACY)}.")
    if not isinstance(draft.settings.get("selfDeclaredMadeForKids", False), bool):
        raise Unsupported("selfDeclaredMadeForKids is true or false.")
    _check_tags(draft.settings.get("tags", []))


def check_file(item: Media) -> None:
    if item.size_bytes <= 0:
        raise Unsupported("The file is empty.")
    if item.size_bytes > FILE_BYTES:
        raise Unsupported("A YouTube video is at most 256 GB.")
    if (item.duration_seconds or 0) > FILE_SECONDS:
        raise Unsupported("A YouTube video is at most 12 hours long.")


def _check_tags(tags: Any) -> None:
    if not isinstance(tags, list | tuple) or not all(isinstance(t, str) and t for t in tags):
        raise Unsupported("tags is a list of words.")
    # YouTube counts the commas between tags and the quotes around those with a space.
    total = sum(_units(tag) + 2 * (" " in tag) for tag in tags) + max(len(tags) - 1, 0)
    if total > TAGS_CHARS:
        raise Unsupported(f"The tags of a YouTube video hold at most {TAGS_CHARS} characters.")


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _cut(line: str) -> str:
    if _units(line) <= TITLE_CHARS:
        return line
    kept = line
    while _units(kept) >= TITLE_CHARS:
        kept = kept[:-1]
    at_a_word = kept.rpartition(" ")[0]
    if len(at_a_word) > len(kept) // 2:
        kept = at_a_word
    return kept.rstrip(" ,;:.-") + "…"
