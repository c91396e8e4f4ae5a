"""A multipart form with one file of any size, read from disk while it is sent."""

import secrets
from collections.abc import AsyncIterator, Mapping
from typing import Any

from platforms.drafts import Media
from platforms.http.uploads import stream


def multipart(
    fields: Mapping[str, str], name: str, item: Media, first: int = 0, size: int | None = None
) -> dict[str, Any]:
    """The `headers` and `content` of a request: fields, then `size` bytes of the file as `name`."""
    boundary = secrets.token_hex(16)
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'
        for field, value in fields.items()
    ]
    # The file's own name is the customer's business, and could break out of its quotes.
    filename = f"file.{item.content_type.partition('/')[2]}"
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
