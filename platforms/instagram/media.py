"""Send a video's bytes, for accounts that were connected by Facebook.

Source: Instagram Platform, "Resumable Uploads"; Video API (read 2026-11-24).
"""

from collections.abc import AsyncIterator

from platforms.checkpoint import Checkpoint
from platforms.drafts import Media
from platforms.errors import PlatformError, Unavailable
from platforms.http.uploads import stream
from platforms.meta import container_progress as progress
from platforms.meta.graph import GraphCall

#: After this many bytes the progress is saved, which extends the deadline.
SAVED_BYTES = 4 * 1024 * 1024
#: After these errors the same upload cannot continue.
SPOILT = ("media_rejected", "media_processing_failed")


async def send(item: Media, container: str, url: str, call: GraphCall) -> None:
    """Send a container its file once, from where an earlier try stopped."""
    checkpoint = call.checkpoint
    delivered = checkpoint.get("delivered", {})
    if delivered.get(container) == item.size_bytes:
        return
    first = await _arrived(container, call) if container in delivered else 0
    await _note(checkpoint, container, first)
    if first < item.size_bytes:
        headers = {
            "Authorization": f"OAuth {call.account.token}",
            "offset": str(first),
            "file_size": str(item.size_bytes),
            "Content-Length": str(item.size_bytes - first),
            "Content-Type": "application/octet-stream",
        }
        try:
            rest = _noted(item, first, container, checkpoint)
            answer = await call.http.post(url, headers=headers, content=rest)
        except PlatformError as refusal:
            if refusal.code in SPOILT:
                await progress.forget(checkpoint)
            raise
        if answer.take("success") != "True":
            answer.unreadable("did not say that it has the whole file")
    await _note(checkpoint, container, item.size_bytes)


async def _noted(
    item: Media, first: int, container: str, checkpoint: Checkpoint
) -> AsyncIterator[bytes]:
    """Yield the bytes from `first` on, with their progress saved now and then."""
    sent = noted = 0
    async for piece in stream(item, first):
        yield piece
        sent += len(piece)
        if sent - noted >= SAVED_BYTES:
            noted = sent
            # Never the whole size: that is saved once the network confirms it.
            await _note(checkpoint, container, min(first + sent, item.size_bytes - 1))


async def _note(checkpoint: Checkpoint, container: str, count: int) -> None:
    await checkpoint.save(delivered={**checkpoint.get("delivered", {}), container: count})


async def _arrived(container: str, call: GraphCall) -> int:
    """Return how many bytes of an upload the network has."""
    answer = await call.graph.read(container, "id,status_code,video_status")
    facts = answer.json()
    if facts.get("status_code") in ("ERROR", "EXPIRED"):
        await progress.forget(call.checkpoint)
        raise Unavailable("Instagram lost the upload.", code="media_processing_failed")
    try:
        phase = facts["video_status"]["uploading_phase"]
        # Documented in both spellings.
        return int(phase.get("bytes_transferred", phase.get("bytes_transfered", 0)))
    except (KeyError, TypeError, ValueError, AttributeError):
        return 0
