"""Sending files without holding them in memory."""

import asyncio
from collections.abc import AsyncIterator

from platforms.drafts import Media
from platforms.errors import Unavailable

CHUNK_BYTES = 1024 * 1024


async def stream(media: Media, first: int = 0, size: int | None = None) -> AsyncIterator[bytes]:
    """The bytes of a file from `first` on, `size` of them or all, a megabyte at a time.

    Send an explicit Content-Length with it: the length of a stream is not known beforehand.
    """
    if media.open is None:
        raise Unavailable(f"The file {media.filename} cannot be opened.", code="internal_error")
    left = media.size_bytes - first if size is None else size
    with await asyncio.to_thread(media.open) as file:
        await asyncio.to_thread(file.seek, first)
        while left > 0:
            chunk = await asyncio.to_thread(file.read, min(CHUNK_BYTES, left))
            if not chunk:
                raise Unavailable(f"The file {media.filename} is cut.", code="internal_error")
            left -= len(chunk)
            yield chunk
