"""Upload photos and videos.

Photos are uploaded one by one, and are invisible until a post holds them. A video has an id before
anything is public, and a status: one call starts an upload, others send its bytes, and one finishes
it. Only that one publishes. Its answer is an acknowledgement; the video is public once its status
says so.
Source: Graph API, Page photos, Video, VideoStatus, "Reels Publishing" (read 2026-11-24).
"""

from abc import abstractmethod
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from platforms.drafts import Draft, Media
from platforms.errors import OutcomeUnknown, PlatformError, Rejected, Unavailable
from platforms.facebook.page import UNSEEN, WEBSITE, PageClient, address
from platforms.facebook.post_types import PostType
from platforms.http.foreign.stated import as_count
from platforms.http.uploads import multipart
from platforms.outcomes import (
    Absent,
    Finding,
    Outcome,
    Processing,
    Published,
    RefusedLater,
    is_settled,
)

#: Failures of Facebook rather than of the file: another upload may work.
UPLOAD_FAILED = ("expired", "upload_failed")
RETRIED_CODES = (1, 2, 6000, 6001)
FAILED = ("error", *UPLOAD_FAILED)

POLL_SECONDS = 5
#: How much is sent before the deadline is renewed.
RENEW_BYTES = 8 * 1024 * 1024
#: A finishing call without a visible effect for this long had none.
QUIET = timedelta(minutes=5)


async def upload_photos(draft: Draft, page: PageClient) -> list[str]:
    """Upload the photos; return their ids in its order. The checkpoint keeps `photos`."""
    photos: list[str] = list(page.checkpoint.get("photos") or ())
    for item in draft.media[len(photos) :]:
        photos.append(await _upload_photo(item, page))
        await page.checkpoint.save(photos=photos)
    return photos


async def _upload_photo(item: Media, page: PageClient) -> str:
    fields = {"published": "false"}
    if item.alt_text:
        fields["alt_text_custom"] = item.alt_text
    answer = await page.write(f"{page.id}/photos", **multipart(fields, "source", item))
    return answer.take("id")


@dataclass(frozen=True, slots=True)
class VideoStatus:
    """The status of a video. `idle`: nothing happens until the next call."""

    state: Literal["public", "working", "failed", "idle"]
    stored_bytes: int = 0
    url: str = ""
    error: PlatformError | None = None


def read_status(found: Mapping[str, Any], default_url: str) -> VideoStatus:
    """Return the status in a video's fields; `default_url` if they hold no link."""
    status = _object(found.get("status"))
    uploading, processing, publishing = (
        _object(status.get(f"{phase}_phase")) for phase in ("uploading", "processing", "publishing")
    )
    word = str(status.get("video_status", ""))
    stored = uploading.get("bytes_transferred", uploading.get("bytes_transfered"))
    stored_bytes = as_count(stored) or 0
    if publishing.get("publish_status") == "published" or (
        found.get("published") is True and word == "ready"
    ):
        return VideoStatus("public", stored_bytes, address(found.get("permalink_url"), default_url))
    phases = [phase.get("status") for phase in (uploading, processing, publishing)]
    if word in FAILED or "error" in phases or publishing.get("publish_status") == "error":
        error = _failure(word, uploading, processing, publishing)
        return VideoStatus("failed", stored_bytes, error=error)
    if word == "processing" or "in_progress" in phases[1:]:
        return VideoStatus("working", stored_bytes)
    return VideoStatus("idle", stored_bytes)


def _failure(word: str, *phases: Mapping[str, Any]) -> PlatformError:
    said = [_object(item) for phase in phases for item in phase.get("errors") or ()]
    codes = [item.get("code") for item in said]
    words = " ".join(str(item.get("message", "")) for item in said)[:300]
    platform_code = "/".join(str(code) for code in codes if code is not None) or word
    if word in UPLOAD_FAILED or any(code in RETRIED_CODES for code in codes):
        return Unavailable(
            f"Facebook lost the video. {words}".strip(),
            code="media_processing_failed",
            platform_code=platform_code,
        )
    return Rejected(
        f"Facebook could not process the video. {words}".strip(),
        code="media_rejected",
        platform_code=platform_code,
    )


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


class Video(PostType):
    """The checkpoint keeps `video`: `id`, what the upload needs, and how far it has come:
    `uploaded`, `finishing` (the call may have left), `unanswered` (its outcome is unknown),
    `finished` (it was acknowledged).
    """

    async def publish(self, draft: Draft, page: PageClient) -> Outcome:
        [item] = draft.media
        if page.checkpoint.get("video") and (outcome := await self._resume(page)):
            return outcome
        if not page.checkpoint.get("video"):
            await self.keep(page, **await self.start(item, page))
        if not self.kept(page).get("uploaded"):
            await self._send(item, page)
        more = await self._finish(draft, page)
        await self.keep(page, finished=True, unanswered=False, **more)
        return await self._resume(page) or Processing(POLL_SECONDS)

    async def find(self, draft: Draft, page: PageClient, sent_at: datetime) -> Finding:
        if not page.checkpoint.get("video"):
            return Absent()
        seen = await self.look(page)
        if seen.state == "public":
            return await self.published(seen, page)
        if seen.state == "working":
            return Processing(POLL_SECONDS)
        if seen.error:
            await page.checkpoint.save(video=None)
            return RefusedLater(seen.error)
        if not is_settled(sent_at, QUIET):
            return Absent(proven=False)
        await self.keep(page, finished=False)
        return Absent()

    @abstractmethod
    async def start(self, item: Media, page: PageClient) -> Mapping[str, Any]:
        """Start an upload; what to keep of it, with the video's `id`."""

    @abstractmethod
    async def send(self, item: Media, page: PageClient) -> None:
        """Send the bytes that Facebook does not have yet."""

    @abstractmethod
    async def finish(self, draft: Draft, page: PageClient) -> Mapping[str, Any]:
        """Make the irreversible call; return what to keep of its answer."""

    def kept(self, page: PageClient) -> dict[str, Any]:
        return dict(page.checkpoint["video"])

    async def keep(self, page: PageClient, **values: Any) -> None:
        await page.checkpoint.save(video={**(page.checkpoint.get("video") or {}), **values})

    def default_url(self, video_id: str) -> str:
        return f"{WEBSITE}/{video_id}"

    async def published(self, seen: VideoStatus, page: PageClient) -> Published:
        return Published(self.kept(page)["id"], seen.url)

    async def look(self, page: PageClient) -> VideoStatus:
        video_id = self.kept(page)["id"]
        found = await page.read(video_id, fields="status,published,post_id,permalink_url")
        return read_status(found, self.default_url(video_id))

    async def _send(self, item: Media, page: PageClient) -> None:
        try:
            await self.send(item, page)
        except Unavailable as error:
            if error.code == "media_processing_failed":
                await page.checkpoint.save(video=None)
            raise
        await self.keep(page, uploaded=True)

    async def _finish(self, draft: Draft, page: PageClient) -> Mapping[str, Any]:
        earlier = bool(self.kept(page).get("unanswered"))
        # The irreversible call saves it before it leaves. From here on no other upload starts
        # unless Facebook says that this one failed.
        page.checkpoint["video"] = {**self.kept(page), "finishing": True, "unanswered": True}
        try:
            return await self.finish(draft, page)
        except OutcomeUnknown:
            raise
        except PlatformError as refusal:
            page.checkpoint["video"] = {**self.kept(page), "unanswered": earlier}
            if not earlier or not isinstance(refusal, Rejected):
                raise
            # It may be refused because an earlier call has finished it.
            raise refusal.as_(OutcomeUnknown) from refusal

    async def _resume(self, page: PageClient) -> Outcome | None:
        """Return the outcome of an upload that was begun before; None if there is more to send."""
        finished = bool(self.kept(page).get("finished"))
        try:
            seen = await self.look(page)
        except PlatformError as error:
            if finished:
                # It may be public, even if its status cannot be read now.
                return Processing(error.retry_after_seconds or POLL_SECONDS)
            if error.platform_code == UNSEEN and not self.kept(page).get("finishing"):
                # Facebook has forgotten an upload that was never finished.
                await page.checkpoint.save(video=None)
                return None
            raise
        if seen.state == "public":
            return await self.published(seen, page)
        if seen.error:
            await page.checkpoint.save(video=None)
            raise seen.error
        if finished or seen.state == "working":
            return Processing(POLL_SECONDS)
        page.checkpoint["video"] = {**self.kept(page), "stored_bytes": seen.stored_bytes}
        return None


async def renewing(pieces: AsyncIterator[bytes], page: PageClient) -> AsyncIterator[bytes]:
    """Yield the pieces of a long upload, with a save after every few to extend the deadline."""
    sent = 0
    async for piece in pieces:
        yield piece
        sent += len(piece)
        if sent >= RENEW_BYTES:
            await page.checkpoint.save()
            sent = 0
