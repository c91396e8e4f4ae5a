"""The account's first comment below its own post.

A comment is public too, and no network offers a way to write it exactly once. So the checkpoint
says that it is being written before it is; a later try without an answer looks for it instead.
Source: Instagram Platform, "IG Media Comments" (read 2026-11-24).
"""

from platforms.checkpoint import Checkpoint
from platforms.errors import PlatformError, Unavailable
from platforms.meta.graph import GraphCall, GraphClient
from platforms.text import collapsed

MAY_BE_MISSING = "The first comment may be missing: its answer was lost."
MISSED = "The first comment was not sent: the answer to the post was lost and a lookup found it."


def give_up(checkpoint: Checkpoint) -> None:
    """Give up a comment that was not sent yet: a lookup publishes nothing, and one that left the
    destination open for its comment could end with a public post recorded as failed."""
    if not checkpoint.get("comment_sent"):
        checkpoint.setdefault("comment_note", MISSED)


async def settle(text: str, post_id: str, call: GraphCall) -> str:
    """Write the comment once. Returns a note for the customer, or nothing."""
    checkpoint = call.checkpoint
    if "comment_note" in checkpoint:
        return str(checkpoint["comment_note"])
    if checkpoint.get("comment_sent"):
        note = await _look(text, post_id, call.graph)
    else:
        await checkpoint.save(comment_sent=True)
        note = await _write(text, post_id, call.graph)
    await checkpoint.save(comment_note=note)
    return note


async def _write(text: str, post_id: str, graph: GraphClient) -> str:
    try:
        await graph.post(f"{post_id}/comments", {"message": text})
    except Unavailable:
        return await _look(text, post_id, graph)
    except PlatformError as refusal:
        return f"The first comment could not be written: {refusal.message}"
    return ""


async def _look(text: str, post_id: str, graph: GraphClient) -> str:
    try:
        comments = await graph.listed(f"{post_id}/comments", "id,text")
        is_there = any(collapsed(str(entry["text"])) == collapsed(text) for entry in comments)
    except (PlatformError, KeyError, TypeError):
        return MAY_BE_MISSING
    return "" if is_there else MAY_BE_MISSING
