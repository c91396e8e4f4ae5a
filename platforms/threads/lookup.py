"""Find a post in the account's own lists."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from platforms.drafts import Draft
from platforms.errors import PlatformError, Unavailable
from platforms.meta.graph import GraphClient, lacks_permission
from platforms.meta.matching import ListedPost, SendWindow, has_as_many
from platforms.text import collapsed, outside_urls
from platforms.threads import post_types

FIRST = re.compile(r"#(?=\w)")
FIELDS = "id,text,timestamp,media_type,permalink,children{id}"


async def hits(
    part: Draft, reply_to: str, graph: GraphClient, sent: SendWindow
) -> Sequence[ListedPost] | None:
    """Return the account's posts of that window that look like the part. Raises PlatformError.

    None if the account has not granted what listing replies needs.
    """
    edge, own = ("replies", "replied_to") if reply_to else ("threads", "topic_tag")
    try:
        entries = await graph.posts(edge, f"{FIELDS},{own}", since=sent.since)
    except PlatformError as refusal:
        if reply_to and lacks_permission(refusal):
            return None
        raise
    return [
        entry
        for entry in map(_listed, entries)
        if entry.kind == post_types.reads_as(part)
        and sent.holds(entry.at)
        and entry.replied_to == reply_to
        and has_as_many(entry, len(part.media))
        and _is_same_text(part.text, entry)
    ]


def _is_same_text(text: str, entry: ListedPost) -> bool:
    """Threads makes the first #word a topic: it loses its # or disappears from the text."""
    # The first one of all, or the first one that is in no URL: Threads does not say which.
    signs = (FIRST.search(text), next(outside_urls(FIRST, text), None))
    forms = {text, *(text[: sign.start()] + text[sign.end() :] for sign in signs if sign)}
    if entry.tag:
        forms.add(re.sub(rf"#?{re.escape(entry.tag)}\b", "", text, count=1))
    return collapsed(entry.text) in map(collapsed, forms)


def _listed(entry: Mapping[str, Any]) -> ListedPost:
    try:
        return ListedPost(
            id=str(entry["id"]),
            url=str(entry.get("permalink") or ""),
            text=str(entry.get("text") or ""),
            at=datetime.fromisoformat(entry["timestamp"]),
            kind=str(entry["media_type"]),
            children=len((entry.get("children") or {}).get("data", ())),
            tag=str(entry.get("topic_tag") or ""),
            replied_to=str((entry.get("replied_to") or {}).get("id", "")),
        )
    except (KeyError, ValueError, TypeError, AttributeError) as odd:
        raise Unavailable("Threads' list of posts could not be read.") from odd
