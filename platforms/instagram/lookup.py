"""Find a post in the account's own lists."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from platforms.drafts import Draft
from platforms.errors import Unavailable
from platforms.instagram import post_types
from platforms.meta.graph import GraphClient
from platforms.meta.matching import ListedPost, SendWindow, has_as_many
from platforms.text import collapsed

LIST_FIELDS = "id,caption,timestamp,media_type,media_product_type,permalink"


async def hits(part: Draft, graph: GraphClient, sent: SendWindow) -> Sequence[ListedPost]:
    """Return the account's posts of that window that look like the part. Raises PlatformError."""
    is_story = post_types.kind_of(part) == "story"
    if is_story:
        entries = await graph.posts("stories", LIST_FIELDS.replace("caption,", ""))
    else:
        fields = f"{LIST_FIELDS},children{{id}}"
        entries = await graph.posts("media", fields, since=sent.since)
    return [
        entry
        for entry in map(_listed, entries)
        if entry.kind == post_types.reads_as(part)
        and sent.holds(entry.at)
        and has_as_many(entry, len(part.media))
        and (is_story or collapsed(entry.text) == collapsed(part.text))
    ]


def _listed(entry: Mapping[str, Any]) -> ListedPost:
    try:
        product = str(entry.get("media_product_type") or "")
        children = entry.get("children") or {}
        return ListedPost(
            id=str(entry["id"]),
            url=str(entry.get("permalink") or ""),
            text=str(entry.get("caption") or ""),
            at=datetime.fromisoformat(entry["timestamp"]),
            kind=product if product in ("REELS", "STORY") else str(entry["media_type"]),
            children=len(children.get("data", ())),
        )
    except (KeyError, ValueError, TypeError, AttributeError) as odd:
        raise Unavailable("Instagram's list of posts could not be read.") from odd
