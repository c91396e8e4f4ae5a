"""Recognise our post among those that X lists, by its text and the time in its id.

Source: X developer documentation, "X IDs", "Timelines" (read 2026-11-24).
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from platforms.drafts import Draft
from platforms.text import nfc
from platforms.x import thread
from platforms.x.links import url_spans

#: The epoch of the milliseconds in X's ids.
EPOCH_MS = 1288834974657
BEFORE_MS = 60_000
#: The longest time of a call, and the two minutes by which clocks may differ.
AFTER_MS = 180_000

LINK = "\ufffc"
QUOTE = "quoteTweetId"
REPLIED_TO = re.compile(r"^(?:@\w{1,15} )+", re.ASCII)
PROTOCOL = re.compile(r"^https?://", re.IGNORECASE)
CUT = re.compile(rf"(?:…|\.\.\.)\s*{LINK}$")


def window(first_sent_ms: int, last_sent_ms: int, *, behind: str = "0") -> dict[str, str]:
    """Query parameters that list what was posted around the sends, both in unix milliseconds.

    `behind` is the id of a post that was public before the first send.
    """
    return {
        "since_id": str(max(snowflake(first_sent_ms - BEFORE_MS), int(behind))),
        "until_id": str(snowflake(last_sent_ms + AFTER_MS)),
    }


def snowflake(unix_ms: int) -> int:
    """The smallest id of this millisecond."""
    return (unix_ms - EPOCH_MS) << 22


def is_part(draft: Draft, public: Sequence[str], post: Mapping[str, Any]) -> bool:
    """Whether a listed post reads like the part after those that are `public`.

    All links count as equal here; `has_our_links` compares them.
    """
    text, listed = thread.texts(draft)[len(public)], post["text"]
    # A thread is a conversation with the id of its first post; blank if X does not say.
    conversation = str(post.get("conversation_id") or "")
    if conversation not in ("", public[0] if public else post["id"]):
        return False
    if not public:
        adds_link = bool(draft.media or draft.settings.get(QUOTE))
        return same_text(text, listed, adds_link=adds_link)
    return same_text(text, listed) or same_text(text, REPLIED_TO.sub("", listed))


def has_our_links(draft: Draft, position: int, post: Mapping[str, Any]) -> bool:
    """Whether the links of a post that reads like this part have our targets.

    True if X does not say. X cuts long texts, with some of their links.
    """
    text = nfc(thread.texts(draft)[position])
    targets = [_target(text[first:last]) for first, last in url_spans(text)]
    # X spells international names in its own way, and resolves its own short links.
    ours = [to for to in targets if to.isascii() and not to.startswith("t.co/")]
    urls = (post.get("entities") or {}).get("urls") or ()
    theirs = {_target(url.get("expanded_url") or "") for url in urls}
    is_cut = bool(CUT.search(_comparable(_unescape(post["text"]))))
    return not theirs or is_cut or theirs.issuperset(ours)


def _target(url: str) -> str:
    """A URL without what X may change: its protocol, its encoding, its last slash."""
    return unquote(PROTOCOL.sub("", url)).rstrip("/").casefold()


def same_text(text: str, listed: str, *, adds_link: bool = False) -> bool:
    """Whether X shows this text as `listed`.

    X escapes three characters, replaces links by its own, cuts long texts, appends a link to media
    or to a quoted post, and prefixes a reply with the users it answers.
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
    text = nfc(text)
    parts, end = [], 0
    for first, last in url_spans(text):
        parts += [text[end:first], LINK]
        end = last
    return " ".join("".join([*parts, text[end:]]).split())
