"""Upload files to LinkedIn, each to its own URN, before anything is posted.

Source: Microsoft Learn, "Images API", "Videos API", "Documents API" (read 2026-11-24).

Nothing here publishes. The checkpoint keeps under `media`, by the file's key: `urn`; `ready`, once
it can be posted; `uploaded_at` (unix seconds) and `polls`, while LinkedIn processes it; and for a
video that is not complete `parts`, `etags` and `token`. A part's URL is a secret: its holder may
upload.
"""

from typing import Any

from platforms import clock
from platforms.adapter import Call
from platforms.checkpoint import Checkpoint
from platforms.drafts import Media
from platforms.errors import PlatformError, Rejected, Unavailable
from platforms.http.client import Answer
from platforms.http.uploads import stream
from platforms.linkedin import errors, rest

COLLECTIONS = {"image": "images", "video": "videos", "document": "documents"}
#: An account that may not read a file's status waits once; then the post itself tells.
BLIND_SECONDS = {"image": 5, "video": 30, "document": 10}
#: LinkedIn documents no interval: pauses grow from the first to the longest.
FIRST_POLL_SECONDS = {"image": 1, "video": 5, "document": 5}
LONGEST_POLL_SECONDS = 30
PROCESSING_CAP_SECONDS = 900
#: A large file may take a while.
UPLOAD_SECONDS = 120
WAITING, AVAILABLE, FAILED = "WAITING_UPLOAD", "AVAILABLE", "PROCESSING_FAILED"
FORBIDDEN = 403


class AssetUpload:
    """The upload of one file. `pause_seconds` is when to ask again while it is not ready."""

    def __init__(self, item: Media, call: Call) -> None:
        self._item = item
        self._account, self._http, self._checkpoint = call.account, call.http, call.checkpoint
        self._url = f"{rest.API}/{COLLECTIONS[item.kind]}"
        self.pause_seconds = float(FIRST_POLL_SECONDS[item.kind])
        call.http.hide(*(part["uploadUrl"] for part in self._state.get("parts", ())))

    @property
    def urn(self) -> str:
        return str(self._state["urn"])

    async def ready(self) -> bool:
        """Upload what LinkedIn does not have yet. Returns whether the file can be posted now."""
        if self._state.get("ready"):
            return True
        if not self._state.get("uploaded_at"):
            urn = await (self._send_parts() if self._item.kind == "video" else self._send_whole())
            await self._keep({"urn": urn, "uploaded_at": clock.unix_seconds(), "polls": 0})
        return await self._is_processed()

    async def _send_whole(self) -> str:
        value = await self._initialize({})
        self._http.hide(value["uploadUrl"])
        await self._put(
            value["uploadUrl"],
            {**self._account.bearer, "Content-Type": self._item.content_type},
            0,
            self._item.size_bytes,
        )
        return str(value["image" if self._item.kind == "image" else "document"])

    async def _send_parts(self) -> str:
        """Continue with the first part that LinkedIn has not acknowledged."""
        if self._state.get("expires_ms", 0) <= clock.unix_seconds() * 1000:
            await self._begin_video()
        kind = {"Content-Type": "application/octet-stream"}
        for part in self._state["parts"][len(self._state["etags"]) :]:
            first, last = part["firstByte"], part["lastByte"]
            answer = await self._put(part["uploadUrl"], kind, first, last - first + 1)
            etag = answer.headers.get("etag", "").strip('"')
            if not etag:
                answer.unreadable("its answer held no ETag")
            await self._keep({**self._state, "etags": [*self._state["etags"], etag]})
        # After a lost answer the status is asked first: a video can be finalized once.
        if not self._state.get("finalizing") or await self._status() in ("", WAITING):
            await self._keep({**self._state, "finalizing": True})
            await self._finalize()
        return self.urn

    async def _begin_video(self) -> None:
        facts = {
            "fileSizeBytes": self._item.size_bytes,
            "uploadCaptions": False,
            "uploadThumbnail": False,
        }
        value = await self._initialize(facts)
        parts = value["uploadInstructions"]
        self._http.hide(*(part["uploadUrl"] for part in parts))
        state = {"urn": value["video"], "token": value.get("uploadToken", "")}
        state |= {"expires_ms": value["uploadUrlsExpireAt"], "parts": parts, "etags": []}
        await self._keep(state)

    async def _put(self, url: str, headers: dict[str, str], first: int, size: int) -> Answer:
        try:
            return await self._http.put(
                url,
                headers={**headers, "Content-Length": str(size)},
                content=stream(self._item, first, size),
                timeout_seconds=UPLOAD_SECONDS,
            )
        except PlatformError as error:
            # Where no token goes along it is the address that is no longer good.
            if error.http_status == 401 and "Authorization" not in headers:
                raise await lost(error, self._checkpoint) from error
            raise await or_lost(error, self._checkpoint) from error

    async def _finalize(self) -> None:
        state = self._state
        facts = {"video": state["urn"], "uploadToken": state["token"]}
        try:
            await self._http.post(
                self._url,
                headers=rest.headers(self._account.token, self._http),
                params={"action": "finalizeUpload"},
                json={"finalizeUploadRequest": {**facts, "uploadedPartIds": state["etags"]}},
            )
        except PlatformError as error:
            raise await or_lost(error, self._checkpoint) from error

    async def _initialize(self, facts: dict[str, Any]) -> dict[str, Any]:
        answer = await self._http.post(
            self._url,
            headers=rest.headers(self._account.token, self._http),
            params={"action": "initializeUpload"},
            json={"initializeUploadRequest": {"owner": rest.author(self._account), **facts}},
        )
        answer.take("value", self._item.kind)
        value: dict[str, Any] = answer.json()["value"]
        needed = "uploadInstructions" if self._item.kind == "video" else "uploadUrl"
        if not value.get(needed):
            answer.unreadable(f"its answer held no {needed}")
        return value

    async def _is_processed(self) -> bool:
        state, kind = self._state, self._item.kind
        status = await self._status()
        if status == FAILED:
            raise Rejected(
                f"LinkedIn could not process {self._item.filename}.",
                code="media_rejected",
                platform_code=status,
            )
        waited_seconds = clock.unix_seconds() - state["uploaded_at"]
        if status != AVAILABLE and waited_seconds > PROCESSING_CAP_SECONDS:
            error = Unavailable(f"LinkedIn did not finish processing {self._item.filename}.")
            raise await lost(error, self._checkpoint)
        grown = FIRST_POLL_SECONDS[kind] * 2 ** min(state["polls"], 10)
        self.pause_seconds = min(grown, LONGEST_POLL_SECONDS) if status else BLIND_SECONDS[kind]
        # Without a readable status it is posted after one pause.
        ready = status in ("", AVAILABLE)
        await self._keep({**state, "ready": ready, "polls": state["polls"] + 1})
        return status == AVAILABLE

    async def _status(self) -> str:
        """LinkedIn's status of the file; empty if the account may not read it."""
        answer = await self._http.get(
            f"{self._url}/{rest.in_path(self.urn)}",
            headers=rest.headers(self._account.token, self._http),
            accept=(FORBIDDEN,),
        )
        return "" if answer.status == FORBIDDEN else answer.take("status")

    @property
    def _state(self) -> dict[str, Any]:
        state: dict[str, Any] = self._checkpoint.get("media", {}).get(self._item.key, {})
        return state

    async def _keep(self, state: dict[str, Any]) -> None:
        kept = self._checkpoint.get("media", {})
        await self._checkpoint.save(media={**kept, self._item.key: state})


async def or_lost(error: PlatformError, checkpoint: Checkpoint) -> PlatformError:
    """Return the error, or what it means if it says that an upload is lost."""
    if error.platform_code in errors.LOST_MEDIA:
        return await lost(error, checkpoint)
    return error


async def lost(error: PlatformError, checkpoint: Checkpoint) -> PlatformError:
    """Forget all uploads, so that the next try repeats them. The second time, blame the files.

    Requests are limited per day, and a large video takes more than a hundred.
    """
    again = not checkpoint.get("media_lost")
    await checkpoint.save(media={}, media_lost=again)
    if again:
        return error.as_(Unavailable, code="media_processing_failed")
    return error.as_(Rejected, code="media_rejected")
