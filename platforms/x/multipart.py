"""A part of a file as a form, sent from disk: never more than a megabyte of it is in memory."""

import secrets
from collections.abc import AsyncIterator, Mapping

from platforms.drafts import Media
from platforms.files import stream


class Form:
    """A multipart form whose last field, `media`, is a part of a file."""

    def __init__(self, fields: Mapping[str, str], media: Media, first: int, size: int) -> None:
        self._media, self._first, self._size = media, first, size
        boundary = secrets.token_hex(16)
        texts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        ]
        # The file's own name is nobody's business, and could hold quotes.
        file = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="media"; filename="media"\r\n'
            f"Content-Type: {media.content_type}\r\n\r\n"
        )
        self._head = "".join([*texts, file]).encode()
        self._tail = f"\r\n--{boundary}--\r\n".encode()
        self.headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Content-Length": str(len(self._head) + size + len(self._tail)),
        }

    async def content(self) -> AsyncIterator[bytes]:
        yield self._head
        async for chunk in stream(self._media, self._first, self._size):
            yield chunk
        yield self._tail
