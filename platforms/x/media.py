"""Upload a draft's files to X before the post: images in one call, GIFs and videos in segments.

The checkpoint keeps the progress under `media`, by the file's key: `id`, `good_until` (unix
seconds), the number of segments `sent`, `since` when X processes, and whether it is `ready` and has
its `alt` text. So an upload continues where it stopped: after a crash, a limit, or a new token.

Source: X API v2 OpenAPI document 2.167; docs.x.com, "Chunked media upload" (read 2026-11-24).
"""

from typing import Any

from platforms import clock
from platforms.adapter import Call
from platforms.checkpoint import Checkpoint
from platforms.drafts import Media
from platforms.errors import PlatformError, Rejected, Unavailable
from platforms.http.uploads import multipart
from platforms.outcomes import Processing

UPLOAD = "https://api.x.com/2/media/upload"
METADATA = "https://api.x.com/2/media/metadata"
SEGMENT_BYTES = 4 * 1024 * 1024
#: An uploaded file is not reused if it expires sooner than this.
MARGIN_SECONDS = 300
#: How long X may process a file before it is uploaded again.
STUCK_SECONDS = 600
#: X's name for a file that it cannot use; any other failure may be X's own.
UNFIT = "InvalidMedia"


def is_animated(item: Media) -> bool:
    return item.content_type == "image/gif" and item.frames > 1


async def upload(call: Call) -> list[str] | Processing:
    """Return the files' ids at X, ready to attach; Processing while X works on one of them."""
    ids = []
    for item in call.draft.media:
        file = ChunkedUpload(item, call)
        if waiting := await file.finish():
            return waiting
        ids.append(file.id)
        if item is not call.draft.media[-1]:
            await call.checkpoint.save()
    return ids


async def forget(checkpoint: Checkpoint) -> bool:
    """Have the files uploaded again; False if that was tried before."""
    again = not checkpoint.get("uploaded_again")
    await checkpoint.save(media={}, uploaded_again=True)
    return again


class ChunkedUpload:
    """The upload of one file."""

    def __init__(self, item: Media, call: Call) -> None:
        self._item, self._http, self._checkpoint = item, call.http, call.checkpoint
        self._headers = call.account.bearer
        uploads = call.checkpoint.setdefault("media", {})
        known = uploads.get(item.key)
        self._is_old = bool(known and known["good_until"] > clock.unix_seconds())
        self._known: dict[str, Any] = known if self._is_old else {}
        uploads[item.key] = self._known

    @property
    def id(self) -> str:
        return str(self._known["id"])

    async def finish(self) -> Processing | None:
        try:
            return await self._go_on()
        except Rejected as refusal:
            # X may have dropped what an earlier try sent; a refusal of new files is final.
            is_lost = self._is_old and refusal.platform_code != UNFIT
            if is_lost and await forget(self._checkpoint):
                raise refusal.as_(Unavailable, "X has forgotten an uploaded file.") from None
            raise

    async def _go_on(self) -> Processing | None:
        if self._item.kind == "image" and not is_animated(self._item):
            if "id" not in self._known:
                await self._send_whole()
        elif not self._known.get("ready"):
            await self._send_segments()
            if waiting := await self._processed():
                return waiting
        if self._item.alt_text and not self._known.get("alt"):
            await self._checkpoint.save()
            await self._describe()
        return None

    async def _send_whole(self) -> None:
        form = multipart({"media_category": "tweet_image"}, "media", self._item)
        headers = {**self._headers, **form["headers"]}
        answer = await self._http.post(UPLOAD, headers=headers, content=form["content"])
        self._remember(answer.take("data", "id"), answer.json()["data"])

    async def _send_segments(self) -> None:
        if "id" not in self._known:
            await self._begin()
        total = self._item.size_bytes
        for index in range(self._known["sent"], -(-total // SEGMENT_BYTES)):
            first = index * SEGMENT_BYTES
            fields = {"segment_index": str(index)}
            size = min(SEGMENT_BYTES, total - first)
            form = multipart(fields, "media", self._item, first, size)
            await self._http.post(
                f"{UPLOAD}/{self.id}/append",
                headers={**self._headers, **form["headers"]},
                content=form["content"],
            )
            self._known["sent"] = index + 1
            await self._checkpoint.save()

    async def _begin(self) -> None:
        facts = {
            "media_type": self._item.content_type,
            "total_bytes": self._item.size_bytes,
            "media_category": "tweet_gif" if self._item.kind == "image" else "tweet_video",
        }
        answer = await self._http.post(f"{UPLOAD}/initialize", headers=self._headers, json=facts)
        self._remember(answer.take("data", "id"), answer.json()["data"])
        self._known["sent"] = 0
        await self._checkpoint.save()

    async def _processed(self) -> Processing | None:
        """Return None once X has processed the file."""
        if "since" in self._known:
            query = {"command": "STATUS", "media_id": self.id}
            answer = await self._http.get(UPLOAD, headers=self._headers, params=query)
        else:
            answer = await self._http.post(f"{UPLOAD}/{self.id}/finalize", headers=self._headers)
            self._known["since"] = clock.unix_seconds()
        media_id, data = answer.take("data", "id"), answer.json()["data"]
        self._remember(media_id, data)
        work = data.get("processing_info") or {"state": "succeeded"}
        if work.get("state") == "failed":
            await self._checkpoint.save(media={})
            raise _failed(work.get("error") or {}, answer.text)
        self._known["ready"] = work.get("state") == "succeeded"
        await self._checkpoint.save()
        if self._known["ready"]:
            return None
        if clock.unix_seconds() - self._known["since"] > STUCK_SECONDS:
            await self._checkpoint.save(media={})
            raise Unavailable(
                "X did not finish processing the file.", code="media_processing_failed"
            )
        return Processing(after_seconds=float(work.get("check_after_secs") or 1))

    async def _describe(self) -> None:
        metadata = {"alt_text": {"text": self._item.alt_text}}
        body = {"id": self.id, "metadata": metadata}
        await self._http.post(METADATA, headers=self._headers, json=body)
        self._known["alt"] = True

    def _remember(self, media_id: str, data: dict[str, Any]) -> None:
        self._known["id"] = media_id
        if seconds := data.get("expires_after_secs"):
            self._known["good_until"] = clock.unix_seconds() + float(seconds) - MARGIN_SECONDS
        self._known.setdefault("good_until", clock.unix_seconds() + MARGIN_SECONDS)


def _failed(error: dict[str, Any], body: str) -> PlatformError:
    name, words = str(error.get("name") or ""), str(error.get("message") or "")
    if name == UNFIT:
        return Rejected(
            f"X cannot use the file: {words}", code="media_rejected", platform_code=name, body=body
        )
    return Unavailable(
        f"X could not process the file: {words}",
        code="media_processing_failed",
        platform_code=name,
        body=body,
    )
