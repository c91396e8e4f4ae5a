"""Request bodies: small ones, and those that stream files from disk."""

import asyncio
import json
import re
import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from platforms.drafts import Media
from platforms.errors import Unavailable
from platforms.http.failures import Body

Result = TypeVar("Result")
#: `json.dumps` with options makes an encoder for each call.
as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
CHUNK_BYTES = 1024 * 1024
FILENAME_CHARS = 200
#: What ends a file name in a form, or is no part of one on a reader's machine.
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\"\\/:*?<>|]")
_END = b"\r\n"


def in_memory(
    value: Any, form: Mapping[str, str] | None, content: Body
) -> tuple[dict[str, str], Body]:
    """Return the Content-Type header and the body of a request: a form, JSON, or as it is."""
    if form:
        return {"Content-Type": "application/x-www-form-urlencoded"}, urlencode(form).encode()
    if value is None:
        return {}, content or None
    return {"Content-Type": "application/json"}, as_json(value).encode()


async def stream(media: Media, first: int = 0, size: int | None = None) -> AsyncIterator[bytes]:
    """Yield the bytes of a file from `first` on, `size` of them or all, a megabyte at a time.

    Send an explicit Content-Length with it, because a stream does not know its length.
    """
    if media.open is None:
        raise Unavailable(f"The file {media.filename} cannot be opened.", code="internal_error")
    left = media.size_bytes - first if size is None else size
    with await _ours(media, media.open) as file:
        await _ours(media, file.seek, first)
        while left > 0:
            chunk = await _ours(media, file.read, min(CHUNK_BYTES, left))
            if not chunk:
                raise Unavailable(
                    f"The file {media.filename} is shorter than recorded.", code="internal_error"
                )
            left -= len(chunk)
            yield chunk


async def _ours(media: Media, work: Callable[..., Result], *args: Any) -> Result:
    """Return what a call of our own storage gives. What it raises says nothing of the network."""
    try:
        return await asyncio.to_thread(work, *args)
    except Exception as failure:  # Each storage has exceptions of its own.
        message = f"The file {media.filename} cannot be read."
        raise Unavailable(message, code="internal_error") from failure


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
    # The file's own name is private to the customer, and could break out of its quotes.
    filename = f"{stem}.{item.content_type.partition('/')[2]}"
    count = item.size_bytes - first if size is None else size
    return _form(fields, [(name, filename, item, first, count)])


def multipart_of(
    fields: Mapping[str, str],
    files: Mapping[str, Media],
    filenames: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """A multipart form as of `multipart`, with several files by their names in the form.

    `filenames` are safe in quotes. Without them documents keep their own names, which readers see,
    without what could break out of quotes.
    """
    if filenames:
        named = [(name, filenames[name], item, 0, item.size_bytes) for name, item in files.items()]
        return _form(fields, named)
    parts = []
    for name, item in files.items():
        plain = f"{name}.{item.content_type.partition('/')[2]}"
        own = _UNSAFE.sub("_", item.filename)[:FILENAME_CHARS]
        shown = own if item.kind == "document" and own.strip("._ ") else plain
        parts.append((name, shown, item, 0, item.size_bytes))
    return _form(fields, parts)


def _form(
    fields: Mapping[str, str], files: Sequence[tuple[str, str, Media, int, int]]
) -> dict[str, Any]:
    """A form of fields and of files: (name, file name, file, first byte, number of bytes)."""
    boundary = secrets.token_hex(16)
    before = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'
        for field, value in fields.items()
    ).encode()
    heads = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
        f"Content-Type: {item.content_type}\r\n\r\n".encode()
        for name, filename, item, _, _ in files
    ]
    after = f"--{boundary}--\r\n".encode()
    length = len(before) + len(after) + sum(map(len, heads))
    length += sum(count + len(_END) for *_, count in files)

    async def content() -> AsyncIterator[bytes]:
        yield before
        for head, (_, _, item, first, count) in zip(heads, files, strict=True):
            yield head
            async for piece in stream(item, first, count):
                yield piece
            yield _END
        yield after

    headers = {
        "Content-Type": f"multipart/form-data; boundary={boundary}",
        "Content-Length": str(length),
    }
    return {"headers": headers, "content": content()}
