"""Upload a draft's video before its Pin: register it, send it by the form that comes back, wait.

The checkpoint keeps under `video` the media's `id`, when it was `sent` (unix seconds), and whether
it is `ready`. The form holds secrets and is kept nowhere: an upload that breaks off begins anew.

Source: OpenAPI 5.23.0 of github.com/pinterest/api-description, /media (read 2026-12-01).
"""

from collections.abc import AsyncIterator
from typing import Any

from platforms import clock
from platforms.adapter import Call
from platforms.checkpoint import Checkpoint
from platforms.drafts import Media
from platforms.errors import Unavailable
from platforms.http.client import Answer
from platforms.http.uploads import multipart
from platforms.outcomes import Processing
from platforms.pinterest.board import Board

POLL_SECONDS = 3.0
#: How long Pinterest may process a video before it is uploaded again.
STUCK_SECONDS = 1800
#: A video that was sent so long ago is not used. How long Pinterest keeps it, it does not document.
OLD_SECONDS = 6 * 3600
#: After how many bytes a checkpoint says that the upload goes on.
STEP_BYTES = 16 * 1024**2


async def upload(item: Media, board: Board, call: Call) -> str | Processing:
    """Return the id of the uploaded video; Processing while Pinterest works on it."""
    known: dict[str, Any] = call.checkpoint.get("video") or {}
    if not known or clock.unix_seconds() - known["sent"] > OLD_SECONDS:
        media_id = await _send(item, board, call)
        known = {"id": media_id, "sent": clock.unix_seconds()}
        await call.checkpoint.save(video=known)
    if known.get("ready"):
        return str(known["id"])
    status = await board.video_status(known["id"])
    if status == "succeeded":
        await call.checkpoint.save(video={**known, "ready": True})
        return str(known["id"])
    is_stuck = clock.unix_seconds() - known["sent"] > STUCK_SECONDS
    if status == "failed" or is_stuck:
        await call.checkpoint.save(video=None)
        raise Unavailable("Pinterest could not process the video.", code="media_processing_failed")
    return Processing(after_seconds=POLL_SECONDS)


async def _send(item: Media, board: Board, call: Call) -> str:
    answer = await board.register_video()
    media_id, url, fields = _form(answer, call)
    form = multipart(fields, "file", item)
    await call.http.post(
        url, headers=form["headers"], content=_alive(form["content"], call.checkpoint)
    )
    return media_id


def _form(answer: Answer, call: Call) -> tuple[str, str, dict[str, str]]:
    """Return the media's id, and where its file is sent with which fields."""
    media_id, url = answer.take("media_id"), answer.take("upload_url")
    given = answer.json_object().get("upload_parameters")
    if not isinstance(given, dict):
        answer.unreadable("its answer held no upload_parameters")
    fields = {str(name): str(value) for name, value in given.items() if value is not None}
    # They are as good as a token.
    secret = ("policy", "x-amz-signature", "x-amz-security-token", "x-amz-credential")
    call.http.hide(*(fields[name] for name in secret if fields.get(name)))
    return media_id, url, fields


async def _alive(content: AsyncIterator[bytes], checkpoint: Checkpoint) -> AsyncIterator[bytes]:
    """Yield a long body. Each saved checkpoint extends the deadline of the publish."""
    sent = 0
    async for piece in content:
        if sent // STEP_BYTES < (sent := sent + len(piece)) // STEP_BYTES:
            await checkpoint.save()
        yield piece
