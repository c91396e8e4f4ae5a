"""A resumable upload: one session makes at most one video and repeats its final answer.

Source: YouTube Data API, Resumable Uploads guide and videos.insert (read 2026-11-24).

So the session is what protects from a second video: its URI is made durable before any byte
leaves, and whoever comes back asks it first. The URI lets anybody upload: it is never shown.
"""

import hashlib
import json
import re
import secrets
import time
from collections.abc import Mapping
from typing import Any

from platforms.base import Checkpoint, Credentials, Media
from platforms.client import Answer, Client
from platforms.errors import OutcomeUnknown, Unavailable
from platforms.files import stream

SESSIONS = "https://www.googleapis.com/upload/youtube/v3/videos"
#: Up to this size a file goes out in one request, as YouTube recommends.
SINGLE_BYTES = 32 * 1024 * 1024
#: Larger files go out in equal pieces, a multiple of 262,144 bytes: each renews the deadline.
CHUNK_BYTES = 16 * 1024 * 1024
#: Requests in a row that store nothing before the upload is given up for now.
STALLS = 3
INCOMPLETE = 308
GONE = (404, 410)
#: Processing the last byte may take a while, and its answer is worth waiting for.
ANSWER_SECONDS = 60


class Upload:
    """The upload of one file. The checkpoint keeps `session`, `slug`, `size_bytes`, `started_at`
    (unix seconds) and `draft`, the fingerprint of what the session was opened for.
    """

    def __init__(
        self, video: Media, account: Credentials, http: Client, checkpoint: Checkpoint
    ) -> None:
        self._video = video
        self._http = http
        self._checkpoint = checkpoint
        self._headers = {"Authorization": f"Bearer {account.token}"}
        http.hide(checkpoint.get("session", ""))

    def begun_for(self, metadata: Mapping[str, Any]) -> bool:
        """Whether a session for exactly this file and these words exists."""
        return bool(
            self._checkpoint.get("session")
            and self._checkpoint.get("draft") == self._fingerprint(metadata)
        )

    async def start(self, metadata: Mapping[str, Any]) -> None:
        """Open a session. It holds no bytes, so a lost answer costs nothing but quota."""
        video, started_at = self._video, time.time()
        # YouTube keeps it as the file's name: by it the video can be recognised later.
        slug = f"dovecote-{secrets.token_hex(8)}.{video.content_type.partition('/')[2]}"
        answer = await self._http.post(
            SESSIONS,
            params={"uploadType": "resumable", "part": "snippet,status"},
            headers={
                **self._headers,
                "Content-Type": "application/json; charset=UTF-8",
                "X-Upload-Content-Length": str(video.size_bytes),
                "X-Upload-Content-Type": video.content_type,
                "Slug": slug,
            },
            json=metadata,
        )
        session = answer.headers.get("location", "")
        if not session.startswith(("https://", "http://")):
            answer.unreadable("its answer held no upload session")
        self._http.hide(session)
        await self._checkpoint.save(
            session=session,
            slug=slug,
            size_bytes=video.size_bytes,
            started_at=started_at,
            draft=self._fingerprint(metadata),
        )

    async def ask(self) -> Answer:
        """Where the session stands: 308, its final answer (a video or a 400), or 404/410."""
        return await self._http.put(
            self._checkpoint["session"],
            headers={
                **self._headers,
                "Content-Range": f"bytes */{self._checkpoint['size_bytes']}",
            },
            accept=(INCOMPLETE, 400, *GONE),
        )

    def holds_all(self, answer: Answer) -> bool:
        """Whether the session has every byte and still gives no final answer."""
        return stored_bytes(answer) >= int(self._checkpoint["size_bytes"])

    async def send(self, first: int) -> Answer:
        """Send the bytes from `first` on; the final answer. The last byte makes the video."""
        stalls = 0
        while True:
            answer = await self._put(first)
            if answer.status != INCOMPLETE:
                return answer
            if self.holds_all(answer):
                raise OutcomeUnknown(
                    "YouTube has the whole file and has not made a video of it yet.",
                    http_status=answer.status,
                )
            stored = stored_bytes(answer)
            stalls = 0 if stored > first else stalls + 1
            if stalls == STALLS:
                raise Unavailable("YouTube stores no more bytes of the file.", http_status=308)
            # What the session says counts, never what was sent: it may keep part of a piece.
            first = stored
            await self._checkpoint.save(stored_bytes=first)

    async def _put(self, first: int) -> Answer:
        total = self._video.size_bytes
        left = total - first
        size = left if total <= SINGLE_BYTES else min(CHUNK_BYTES, left)
        return await self._http.put(
            self._checkpoint["session"],
            headers={
                **self._headers,
                "Content-Type": self._video.content_type,
                "Content-Length": str(size),
                "Content-Range": f"bytes {first}-{first + size - 1}/{total}",
            },
            content=stream(self._video, first, size),
            accept=(INCOMPLETE,),
            irreversible=size == left,
            timeout_seconds=ANSWER_SECONDS,
        )

    def _fingerprint(self, metadata: Mapping[str, Any]) -> str:
        facts = [metadata, self._video.key, self._video.size_bytes]
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


def stored_bytes(answer: Answer) -> int:
    """How many bytes the session has, by the Range of its 308; without one it has none."""
    match = re.fullmatch(r"bytes=0-(\d+)", answer.headers.get("range", ""))
    return int(match[1]) + 1 if match else 0
