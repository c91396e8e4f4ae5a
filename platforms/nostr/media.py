"""Upload a draft's files to the account's media server, under the hash of each.

The checkpoint's `files` has the facts of each by its key. Storing a file twice is storing it once.

Source: BUD-02 and BUD-11 of https://github.com/hzrd149/blossom (read 2026-12-01).
"""

import asyncio
import base64
import hashlib
import json
from typing import Any
from urllib.parse import urlsplit

from platforms import clock
from platforms.adapter import Call
from platforms.drafts import Media
from platforms.errors import Rejected, Unavailable
from platforms.http.client import Answer
from platforms.http.uploads import CHUNK_BYTES, stream
from platforms.nostr.events import UPLOAD, Key

#: How long an upload is authorized for.
GRANT_SECONDS = 600
URL_CHARS = 1000
NO_SERVER = (
    "The account has no media server; reconnect it with the address of one (Blossom), such as "
    "https://blossom.band."
)


async def upload(call: Call, key: Key) -> dict[str, dict[str, str]]:
    """Return `url` and `hash` of all files by their keys. Raises PlatformError."""
    files: dict[str, dict[str, str]] = call.checkpoint.setdefault("files", {})
    server = call.account.extra.get("media", "")
    if call.draft.media and not server:
        raise Rejected(NO_SERVER, code="media_rejected")
    for item in call.draft.media:
        if item.key not in files:
            files[item.key] = await _store(item, server, call, key)
            await call.checkpoint.save()
    return files


async def _store(item: Media, server: str, call: Call, key: Key) -> dict[str, str]:
    digest = await asyncio.to_thread(_hash, item)
    now = int(clock.unix_seconds())
    tags = [
        ["t", "upload"],
        ["x", digest],
        ["expiration", str(now + GRANT_SECONDS)],
        ["server", urlsplit(server).hostname or ""],
    ]
    # The grant must not begin in the future of a server whose clock is behind.
    grant = key.signed(UPLOAD, "Upload a file of a post", tags, now - 5)
    token = base64.urlsafe_b64encode(json.dumps(grant).encode()).rstrip(b"=").decode()
    call.http.hide(token)
    answer = await call.http.put(
        f"{server}/upload",
        headers={
            "Authorization": f"Nostr {token}",
            "Content-Type": item.content_type,
            "Content-Length": str(item.size_bytes),
            "X-SHA-256": digest,
        },
        content=stream(item),
        is_foreign=True,
    )
    return {"url": _address(answer, digest), "hash": digest}


def _address(answer: Answer, digest: str) -> str:
    """Return where readers find the file. Raises Unavailable if the server stored another one."""
    told: dict[str, Any] = answer.json_object()
    url = answer.take("url")
    is_ours = told.get("sha256") == digest and urlsplit(url).scheme == "https"
    if not is_ours or len(url) > URL_CHARS or len(url.split()) != 1:
        answer.unreadable("it names no file of ours")
    return url


def _hash(item: Media) -> str:
    if item.open is None:
        raise Unavailable(f"The file {item.filename} cannot be opened.", code="internal_error")
    digest = hashlib.sha256()
    with item.open() as file:
        while piece := file.read(CHUNK_BYTES):
            digest.update(piece)
    return digest.hexdigest()
