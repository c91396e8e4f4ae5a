"""A resumable upload: one session makes at most one video and repeats its final answer.

Source: YouTube Data API, Resumable Uploads guide and videos.insert (read 2026-11-24).

So the session protects against a second video: its URI is saved before any byte leaves, and each
later try asks it first. The URI is a secret: its holder may upload.
"""

import hashlib
import json
import re
import secrets

from platforms import clock
from platforms.adapter import Call
from platforms.errors import OutcomeUnknown, Unavailable
from platforms.http.client import Answer
from platforms.http.uploads import stream
from platforms.youtube import errors, metadata, post_types

SESSIONS = "https://www.googleapis.com/upload/youtube/v3/videos"
#: Up to this size a file is sent in one request, as YouTube recommends.
SINGLE_BYTES = 32 * 1024 * 1024
#: Larger files are sent in pieces of a multiple of 262,144 bytes; each extends the deadline.
CHUNK_BYTES = 16 * 1024 * 1024
#: How many requests in a row may store nothing before this try ends.
STALLS = 3
ENDINGS = {"video/quicktime": "mov", "video/webm": "webm"}
INCOMPLETE = 308
GONE = (404, 410)
#: The answer to the last byte may take a while.
ANSWER_SECONDS = 60


class ResumableUpload:
    """The upload of one draft. The checkpoint keeps `session`, `slug`, `size_bytes`, `started_at`
    (unix seconds), `draft`, the fingerprint of what the session was opened for, `last_byte_sent`,
    and `searched` once the channel was looked through for it in vain.
    """

    def __init__(self, call: Call) -> None:
        self._video = post_types.video(call.draft)
        self._body = metadata.as_resource(call.draft)
        self._parameters = metadata.parameters(call.draft)
        self._http, self._checkpoint = call.http, call.checkpoint
        self._headers = call.account.bearer
        call.http.hide(call.checkpoint.get("session", ""))

    @property
    def may_be_whole(self) -> bool:
        """Return whether the last byte was sent and YouTube has not said that it did not arrive."""
        return bool(self._checkpoint.get("last_byte_sent"))

    async def complete(self) -> Answer:
        """Start, or continue where the session stopped. Returns its final answer, the video.

        A 308 if YouTube has every byte and no answer yet. Raises OutcomeUnknown if only the channel
        can tell whether an earlier session has made a video.
        """
        if not self._is_begun():
            self._must_not_be_whole()
            return await self._begin()
        answer = await self.ask()
        if answer.status == INCOMPLETE:
            return answer if self.holds_all(answer) else await self._send(stored_bytes(answer))
        if is_gone(answer):
            self._must_not_be_whole()
            return await self._begin()
        if answer.status == 400:  # refused for good: this session will make no video
            return await self._begin()
        return answer

    def _is_begun(self) -> bool:
        """Return whether there is a session for exactly this file and metadata."""
        known = self._checkpoint
        return bool(known.get("session") and known.get("draft") == self._fingerprint())

    def _must_not_be_whole(self) -> None:
        if self.may_be_whole and not self._checkpoint.get("searched"):
            raise OutcomeUnknown("YouTube may have made a video of an earlier upload.")

    async def _begin(self) -> Answer:
        """Start a new session. It holds no bytes, so a lost answer costs only quota."""
        video, started_at = self._video, clock.unix_seconds()
        # YouTube keeps it as the file's name, which identifies the video later.
        ending = ENDINGS.get(video.content_type, "mp4")
        slug = f"dovecote-{secrets.token_hex(8)}.{ending}"
        answer = await self._http.post(
            SESSIONS,
            params={"uploadType": "resumable", **self._parameters},
            headers={
                **self._headers,
                "Content-Type": "application/json; charset=UTF-8",
                "X-Upload-Content-Length": str(video.size_bytes),
                "X-Upload-Content-Type": video.content_type,
                "Slug": slug,
            },
            json=self._body,
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
            draft=self._fingerprint(),
            last_byte_sent=False,
            searched=False,
        )
        return await self._send(0)

    async def ask(self) -> Answer:
        """Return the state of the session: 308, its final answer (a video or a 400), or 404/410."""
        answer = await self._http.put(
            self._checkpoint["session"],
            headers={
                **self._headers,
                "Content-Length": "0",
                "Content-Range": f"bytes */{self._checkpoint['size_bytes']}",
            },
            accept=(INCOMPLETE, 400, *GONE),
        )
        if answer.status == INCOMPLETE and self.may_be_whole and not self.holds_all(answer):
            await self._checkpoint.save(last_byte_sent=False)
        return answer

    def holds_all(self, answer: Answer) -> bool:
        """Return whether the session has every byte but no final answer yet."""
        return stored_bytes(answer) >= int(self._checkpoint["size_bytes"])

    async def _send(self, first: int) -> Answer:
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
            # The session's count is used, because it may keep only part of a piece.
            first = stored
            await self._checkpoint.save(stored_bytes=first)

    async def _put(self, first: int) -> Answer:
        total = self._video.size_bytes
        left = total - first
        size = left if total <= SINGLE_BYTES else min(CHUNK_BYTES, left)
        if size == left:
            self._checkpoint["last_byte_sent"] = True
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

    def _fingerprint(self) -> str:
        facts = [self._body, self._parameters, self._video.key, self._video.size_bytes]
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


def is_gone(answer: Answer) -> bool:
    """Return whether the session is unknown or expired, so that it cannot say what it has made.

    A 400 that does not refuse the video may come from a proxy.
    """
    return answer.status in GONE or (answer.status == 400 and not errors.judges_video(answer))


def stored_bytes(answer: Answer) -> int:
    """Return how many bytes the session has, by the Range of its 308; without a Range none."""
    match = re.fullmatch(r"bytes=0-(\d+)", answer.headers.get("range", ""))
    return int(match[1]) + 1 if match else 0
