"""Set a video's thumbnail after the upload. If that fails, the post is published all the same.

Source: YouTube Data API, thumbnails.set, and the revision history of 14 September and 3 November
2026 (read 2026-11-24). Setting it twice is harmless. A Short shows it only if YouTube has processed
the video before, so this waits for a while.
"""

import asyncio

from platforms.call import Call
from platforms.drafts import Media
from platforms.errors import PlatformError, Unavailable
from platforms.http.uploads import stream
from platforms.youtube import processing

SET = "https://www.googleapis.com/upload/youtube/v3/thumbnails/set"
#: Pauses before each check whether a Short is processed.
PROCESSING_PAUSES_SECONDS = (1, 2, 4, 8, 15, 30, 30, 30)
#: Pauses before each try: a video may be unknown for a moment after its upload.
TRY_PAUSES_SECONDS = (0, 1, 5)
#: In all: less than the deadline of a publish, which must not end for a published post.
PUT_SECONDS = 240


async def put(picture: Media, video_id: str, call: Call, *, short: bool) -> tuple[str, ...]:
    """Set the thumbnail. Returns notes for the customer, none if it worked."""
    try:
        async with asyncio.timeout(PUT_SECONDS):
            processed = not short or await _is_processed(video_id, call)
            await _set(picture, video_id, call)
    except (PlatformError, TimeoutError, OSError) as failure:
        why = failure.message if isinstance(failure, PlatformError) else "it took too long."
        return (f"The thumbnail could not be set: {why}",)
    if processed:
        return ()
    return (
        "The thumbnail was set while YouTube still processed the Short, which may not show it.",
    )


async def _is_processed(video_id: str, call: Call) -> bool:
    for pause in PROCESSING_PAUSES_SECONDS:
        if (await processing.ask(video_id, call)).is_processed:
            return True
        await asyncio.sleep(pause)
    return (await processing.ask(video_id, call)).is_processed


async def _set(picture: Media, video_id: str, call: Call) -> None:
    *early, last = TRY_PAUSES_SECONDS
    for pause in early:
        await asyncio.sleep(pause)
        try:
            return await _send(picture, video_id, call)
        except Unavailable:
            continue
    await asyncio.sleep(last)
    return await _send(picture, video_id, call)


async def _send(picture: Media, video_id: str, call: Call) -> None:
    await call.http.post(
        SET,
        params={"videoId": video_id, "uploadType": "media"},
        headers={
            **call.account.bearer,
            "Content-Type": picture.content_type,
            "Content-Length": str(picture.size_bytes),
        },
        content=stream(picture),
    )
