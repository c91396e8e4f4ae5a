"""Upload a video to TikTok, piece by piece.

Source: TikTok for Developers, Media Transfer Guide (read 2026-11-24).

TikTok posts the video when it has the last byte, so the last piece is the irreversible call. The
upload URL is a secret: its holder may upload.
"""

import re

from platforms import clock
from platforms.checkpoint import Checkpoint
from platforms.drafts import Media
from platforms.errors import OutcomeUnknown, PlatformError, Unavailable
from platforms.http.client import Answer, Client
from platforms.http.uploads import stream

#: TikTok says MB without a definition; these fit both.
SINGLE_BYTES = 64_000_000
CHUNK_BYTES = 16_000_000
#: An upload URL lives for an hour; after this much more, it accepts nothing.
URL_SECONDS = 3600
GRACE_SECONDS = 300
#: The answer to the last piece may take a while.
ANSWER_SECONDS = 60
COMPLETE, PARTIAL, ELSEWHERE = 201, 206, 416


def plan(size: int) -> tuple[int, int]:
    """(bytes per piece, number of pieces); the last piece also carries the remainder."""
    return (size, 1) if size <= SINGLE_BYTES else (CHUNK_BYTES, size // CHUNK_BYTES)


def source_info(size: int) -> dict[str, str | int]:
    """The source of an init, for a file of this size that Dovecote sends."""
    chunk_bytes, count = plan(size)
    return {
        "source": "FILE_UPLOAD",
        "video_size": size,
        "chunk_size": chunk_bytes,
        "total_chunk_count": count,
    }


def is_over(checkpoint: Checkpoint) -> bool:
    """Whether the current publish id accepts no upload any more."""
    ends_at = float(checkpoint["started_at"]) + URL_SECONDS + GRACE_SECONDS
    return bool(checkpoint.get("url_refused")) or clock.unix_seconds() > ends_at


async def send(video: Media, http: Client, checkpoint: Checkpoint) -> None:
    """Send what TikTok does not have yet, from `uploaded_bytes` on. Saves `submitted_at`."""
    size, (chunk, count) = video.size_bytes, plan(video.size_bytes)
    last = (count - 1) * chunk
    first = min(int(checkpoint.get("uploaded_bytes", 0)) // chunk * chunk, last)
    while first < last:
        answer = await _put(video, http, checkpoint, first, chunk)
        first = _next(answer, first, chunk)
        await checkpoint.save(uploaded_bytes=first)
    checkpoint["last_piece_sent"] = True
    answer = await _put(video, http, checkpoint, last, size - last)
    if answer.status == PARTIAL:
        # TikTok expects more, so nothing is posted; the next try asks for the progress.
        raise Unavailable("TikTok did not take the whole file.", http_status=answer.status)
    if answer.status != COMPLETE:
        raise OutcomeUnknown(
            "TikTok's answer to the upload is unknown.", http_status=answer.status, body=answer.text
        )
    await checkpoint.save(submitted_at=clock.unix_seconds())


def _next(answer: Answer, first: int, chunk: int) -> int:
    """The offset after a piece. Raises Unavailable if TikTok does not have this piece."""
    if answer.status != ELSEWHERE:
        return first + chunk
    # TikTok has this piece already. It is not documented whether the range ends with a count.
    found = re.match(r"bytes 0-(\d+)/", answer.headers.get("content-range", ""))
    taken = (int(found[1]) + 1) // chunk * chunk if found else 0
    if taken <= first:
        raise Unavailable("TikTok has lost a piece of the file.", http_status=answer.status)
    return taken


async def _put(video: Media, http: Client, checkpoint: Checkpoint, first: int, size: int) -> Answer:
    is_last = first + size == video.size_bytes
    try:
        return await http.put(
            checkpoint["upload_url"],
            headers={
                "Content-Type": video.content_type,
                "Content-Length": str(size),
                "Content-Range": f"bytes {first}-{first + size - 1}/{video.size_bytes}",
            },
            content=stream(video, first, size),
            # For the last piece, it may mean that TikTok has the whole file.
            accept=() if is_last else (ELSEWHERE,),
            irreversible=is_last,
            timeout_seconds=ANSWER_SECONDS,
        )
    except PlatformError as error:
        # Once the last piece has left, only time proves that the upload cannot complete.
        if error.http_status in (403, 404) and not checkpoint.get("last_piece_sent"):
            await checkpoint.save(url_refused=True)
        raise
