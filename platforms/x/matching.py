"""Recognise a post of ours among those X lists: by its text and by the time its id tells.

Source: X developer documentation, "X IDs", "Timelines" (read 2026-11-24).
"""

import re
import unicodedata

from platforms.drafts import Draft
from platforms.x import chain
from platforms.x.links import url_spans

#: X counts its ids' milliseconds from here.
EPOCH_MS = 1288834974657
BEFORE_MS = 60_000
#: The longest a call may take, and then the two minutes that clocks may differ.
AFTER_MS = 180_000

LINK = "\ufffc"
QUOTE = "quoteTweetId"
REPLIED_TO = re.compile(r"^(?:@\w{1,15} )+", re.ASCII)
CUT = re.compile(rf"(?:…|\.\.\.)\s*{LINK}$")


def window(first_sent_ms: int, last_sent_ms: int, *, behind: str = "0") -> dict[str, str]:
    """Query parameters that list what was posted around the sends, both in unix milliseconds.

    `behind`: the id of a post that was out before the first send.
    """
    return {
        "since_id": str(max(snowflake(first_sent_ms - BEFORE_MS), int(behind))),
        "until_id": str(snowflake(last_sent_ms + AFTER_MS)),
    }


def snowflake(unix_ms: int) -> int:
    """The smallest id of a moment."""
    return (unix_ms - EPOCH_MS) << 22


def is_part(draft: Draft, position: int, listed: str) -> bool:
    """Whether a text as X shows it is that of the draft's part at this position."""
    text = chain.texts(draft)[position]
    if position:
        return same_text(text, listed) or same_text(text, REPLIED_TO.sub("", listed))
    return same_text(text, listed, adds_link=bool(draft.media or draft.settings.get(QUOTE)))


def same_text(text: str, listed: str, *, adds_link: bool = False) -> bool:
    """Whether a text as X shows it is this one.

    X escapes three characters, replaces links by its own, and cuts long texts; it adds a link to
    media and to a quoted post, and puts whom a reply answers in front.
    """
    ours, theirs = _comparable(text), _comparable(_unescape(listed))
    if theirs == ours:
        return True
    if adds_link and theirs.removesuffix(LINK).rstrip() == ours:
        return True
    cut = CUT.search(theirs)
    return bool(cut and len(ours) > cut.start() > 0 and ours.startswith(theirs[: cut.start()]))


def _unescape(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _comparable(text: str) -> str:
    text = unicodedata.normalize("NFC", text)
    parts, end = [], 0
    for first, last in url_spans(text):
        parts += [text[end:first], LINK]
        end = last
    return " ".join("".join([*parts, text[end:]]).split())
