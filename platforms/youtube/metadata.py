"""A video's metadata: title, description, tags, privacy.

Source: YouTube Data API, videos resource (read 2026-11-24). It does not define a "character" of
a title; UTF-16 units are the strictest reading.
"""

import re
from typing import Any

from platforms.drafts import Draft
from platforms.errors import Unsupported
from platforms.text import utf16_units

TITLE_CHARS = 100
TAGS_CHARS = 500
#: People & Blogs, the category of YouTube's own samples.
CATEGORY_ID = "22"
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def as_resource(draft: Draft) -> dict[str, Any]:
    """Return the body of videos.insert, which leaves nothing to the account's defaults."""
    asked = draft.settings
    snippet = {
        "title": title(draft),
        "description": draft.text,
        "tags": list(asked.get("tags", ())),
        "categoryId": asked.get("categoryId", CATEGORY_ID),
    }
    if language := asked.get("defaultLanguage"):
        snippet["defaultLanguage"] = language
    status = {
        "privacyStatus": privacy(draft),
        "selfDeclaredMadeForKids": made_for_kids(draft),
        "containsSyntheticMedia": asked.get("containsSyntheticMedia", False),
        "embeddable": asked.get("embeddable", True),
        "license": asked.get("license", "youtube"),
    }
    return {"snippet": snippet, "status": status}


def parameters(draft: Draft) -> dict[str, str]:
    """Return the query parameters of videos.insert."""
    notify = draft.settings.get("notifySubscribers", True)
    return {"part": "snippet,status", "notifySubscribers": "true" if notify else "false"}


def privacy(draft: Draft) -> str:
    return str(draft.settings.get("privacyStatus", "public"))


def made_for_kids(draft: Draft) -> bool:
    own_name = draft.settings.get("selfDeclaredMadeForKids", False)
    return bool(draft.settings.get("madeForKids", own_name))


def title(draft: Draft) -> str:
    """Return the title setting, or the first line of the text, cut at a word."""
    given = str(draft.settings.get("title") or "").strip()
    if given:
        return given
    return _cut(next((line.strip() for line in draft.text.splitlines() if line.strip()), ""))


def check(draft: Draft) -> None:
    """Raise Unsupported if YouTube cannot take the metadata; options check the types."""
    words, asked = title(draft), draft.settings
    if not words:
        raise Unsupported("A YouTube video needs a title: the setting `title` or some text.")
    if utf16_units(words) > TITLE_CHARS:
        raise Unsupported(f"A YouTube title holds at most {TITLE_CHARS} characters.")
    if any(sign in words + draft.text for sign in "<>"):
        raise Unsupported("A YouTube title or description cannot hold < or >.")
    if asked.get("selfDeclaredMadeForKids", made_for_kids(draft)) != made_for_kids(draft):
        raise Unsupported(
            "YouTube's options madeForKids and selfDeclaredMadeForKids contradict each other."
        )
    category = asked.get("categoryId", CATEGORY_ID)
    if not (category.isascii() and category.isdigit()):
        raise Unsupported(
            "YouTube's option categoryId must be the number of a category, such as '22'."
        )
    if not LANGUAGE.fullmatch(asked.get("defaultLanguage", "en")):
        raise Unsupported(
            "YouTube's option defaultLanguage must be a language, such as en or pt-BR."
        )
    _check_tags(asked.get("tags", []))


def _check_tags(tags: list[str]) -> None:
    # YouTube counts the commas between tags and the quotes around those with a space.
    total = sum(utf16_units(tag) + 2 * (" " in tag) for tag in tags) + max(len(tags) - 1, 0)
    if total > TAGS_CHARS:
        raise Unsupported(f"The tags of a YouTube video hold at most {TAGS_CHARS} characters.")
    if any(sign in tag for tag in tags for sign in "<>"):
        raise Unsupported("A YouTube tag cannot hold < or >.")


def _cut(line: str) -> str:
    if utf16_units(line) <= TITLE_CHARS:
        return line
    # No character has less than one unit.
    kept = line[:TITLE_CHARS]
    while utf16_units(kept) >= TITLE_CHARS:
        kept = kept[:-1]
    at_a_word = kept.rpartition(" ")[0]
    if len(at_a_word) > len(kept) // 2:
        kept = at_a_word
    return kept.rstrip(" ,;:.-") + "…"
