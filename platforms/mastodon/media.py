"""Upload a draft's files, each with its description, and wait until the server has processed them.

The checkpoint's `media` has the id of each file by its key, and since when it is processed. Nothing
of it is public before a post holds it.

Source: https://docs.joinmastodon.org/methods/media/#v2 (read 2026-11-30): 202 while a file is
processed, then 206 of the same file until it is done.
"""

import secrets
from typing import Any
from urllib.parse import quote

from platforms import clock
from platforms.adapter import Call
from platforms.checkpoint import Checkpoint
from platforms.drafts import Media
from platforms.errors import Unavailable
from platforms.http.client import Answer
from platforms.http.uploads import multipart
from platforms.mastodon.server import NOT_FOUND, Server
from platforms.outcomes import Processing

PROCESSING = 206, 202
#: How often a file is asked for, and how long it may take before it is uploaded again.
CHECK_SECONDS, STUCK_SECONDS = 2.0, 1800


async def upload(call: Call, server: Server) -> list[str] | Processing:
    """Return the ids of all files in their order; Processing while the server works on one."""
    kept: dict[str, Any] = call.checkpoint.setdefault("media", {})
    points = call.draft.settings.get("focus") or ()
    for number, item in enumerate(call.draft.media):
        if item.key not in kept:
            focus = points[number] if number < len(points) else ""
            kept[item.key] = await _send(item, focus, server)
            await call.checkpoint.save()
    for item in call.draft.media:
        if kept[item.key]["since"] and not await _is_ready(item, kept[item.key], call, server):
            return Processing(CHECK_SECONDS)
    return [kept[item.key]["id"] for item in call.draft.media]


async def forget(checkpoint: Checkpoint) -> None:
    """Have all files uploaded again."""
    await checkpoint.save(media={})


async def _send(item: Media, focus: str, server: Server) -> dict[str, Any]:
    fields = {"description": item.alt_text, "focus": focus}
    given = {name: value for name, value in fields.items() if value}
    # snac 2.75 replaces an earlier file of the same name, also in public posts.
    stem = secrets.token_hex(8)
    form = multipart(given, "file", item, stem=stem)
    answer = await server.send_file("v2/media", form, NOT_FOUND)
    if answer.status == NOT_FOUND:
        # Servers of earlier releases have only this one, which answers when all is done.
        form = multipart(given, "file", item, stem=stem)
        answer = await server.send_file("v1/media", form)
    since = clock.unix_seconds() if answer.status in PROCESSING else 0
    return {"id": answer.take("id"), "since": since}


async def _is_ready(item: Media, kept: dict[str, Any], call: Call, server: Server) -> bool:
    answer = await _asked(kept["id"], server)
    if answer.status == NOT_FOUND or clock.unix_seconds() - kept["since"] > STUCK_SECONDS:
        del call.checkpoint["media"][item.key]
        await call.checkpoint.save()
        raise Unavailable(
            f"The account's server did not finish processing {item.filename}.",
            code="media_processing_failed",
        )
    if answer.status in PROCESSING:
        return False
    kept["since"] = 0
    await call.checkpoint.save()
    return True


async def _asked(media_id: str, server: Server) -> Answer:
    return await server.get(f"v1/media/{quote(media_id, safe='')}", NOT_FOUND)
