"""Request bodies that stream files from disk instead of holding them in memory."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping
from typing import Any

from platforms.drafts import Media
from platforms.errors import Unavailable

CHUNK_BYTES = 1024 * 1024


async def stream(media: Media, first: int = 0, size: int | None = None) -> AsyncIterator[bytes]:
    """Yield the bytes of a file from `first` on, `size` of them or all, a megabyte at a time.

    Send an explicit Content-Length with it, because a stream does not know its length.
    """
    if media.open is None:
        raise Unavailable(f"The file {media.filename} cannot be opened.", code="internal_error")
    left = media.size_bytes - first if size is None else size
    with await asyncio.to_thread(media.open) as file:
        await asyncio.to_thread(file.seek, first)
        while left > 0:
            chunk = await asyncio.to_thread(file.read, min(CHUNK_BYTES, left))
            if not chunk:
                raise Unavailable(
                    f"The file {media.filename} is shorter than recorded.", code="internal_error"
                )
            left -= len(chunk)
            yield chunk


def multipart(
    fields: Mapping[str, str],
    name: str,
    item: Media,
    first: int = 0,
    size: int | None = None,
    *,
    stem: str = "file",
) -> dict[str, Any]:
    """The `headers` and `content` of a multipart form, read from disk while it is sent: the fields,
    then `size` bytes of the file from `first` on as `name`. Its file name begins with `stem`."""
    boundary = secrets.token_hex(16)
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'
        for field, value in fields.items()
    ]
    # The file's own name is private to the customer, and could break out of its quotes.
    filename = f"{stem}.{item.content_type.partition('/')[2]}"
    parts.append(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
        f"Content-Type: {item.content_type}\r\n\r\n"
    )
    before, after = "".join(parts).encode(), f"\r\n--{boundary}--\r\n".encode()
    count = item.size_bytes - first if size is None else size

    async def content() -> AsyncIterator[bytes]:
        yield before
        async for piece in stream(item, first, count):
            yield piece
        yield after

    headers = {
        "Content-Type": f"multipart/form-data; boundary={boundary}",
        "Content-Length": str(len(before) + count + len(after)),
    }
    return {"headers": headers, "content": content()}
