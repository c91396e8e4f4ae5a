"""Finish a post after its last byte: whose the video is, whether it stays, and its thumbnail.

YouTube processes a video, and may refuse it. If the thumbnail fails, the post is published all the
same. Setting it twice is harmless. A Short shows it only if YouTube has processed the video before,
so this waits for a while.
Source: YouTube Data API, videos resource, `status` and `processingDetails`, thumbnails.set, and the
revision history of 14 September and 3 November 2026 (read 2026-11-24).
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from platforms.adapter import Call
from platforms.drafts import Media
from platforms.errors import PlatformError, Rejected, Unauthorized, Unavailable
from platforms.http.client import Answer
from platforms.http.uploads import stream
from platforms.outcomes import Published
from platforms.youtube import metadata, post_types

VIDEOS = "https://www.googleapis.com/youtube/v3/videos"
#: The longest wait for an answer.
ANSWER_SECONDS = 10

FAILED = {
    "codec": "it does not know the codec",
    "conversion": "it could not convert the video",
    "emptyFile": "the file is empty",
    "invalidFile": "it does not know the type of file",
    "tooSmall": "the file is too small",
    "uploadAborted": "the upload was broken off",
    "uploadFailed": "the upload failed",
    "other": "it does not say why",
    "transcodeFailed": "it could not convert the video",
    "streamingFailed": "it could not prepare the video for streaming",
}
REJECTED = {
    "claim": "another party has claimed its content",
    "copyright": "it infringes a copyright",
    "duplicate": "the channel has uploaded the same video before",
    "inappropriate": "its content is against YouTube's rules",
    "legal": "there was a legal complaint",
    "length": "it is longer than this channel may upload; verify the channel for long videos",
    "termsOfUse": "it is against YouTube's terms of use",
    "trademark": "it infringes a trademark",
    "uploaderAccountClosed": "the account that uploaded it is closed",
    "uploaderAccountSuspended": "the account that uploaded it is suspended",
}
#: The codes of refusals that another file would not fix.
CODES = {
    "duplicate": "duplicate_content",
    "length": "account_restricted",
    "uploaderAccountClosed": "account_restricted",
    "uploaderAccountSuspended": "account_restricted",
}

THUMBNAILS = "https://www.googleapis.com/upload/youtube/v3/thumbnails/set"
#: Pauses before each check whether a Short is processed.
PROCESSING_PAUSES_SECONDS = (1, 2, 4, 8, 15, 30, 30, 30)
#: Pauses before each try: a video may be unknown for a moment after its upload.
TRY_PAUSES_SECONDS = (0, 1, 5)
#: In all: less than the deadline of a publish, which must not end for a published post.
THUMBNAIL_SECONDS = 240


@dataclass(frozen=True, slots=True)
class ProcessingStatus:
    """YouTube's status of a video; empty if it says nothing."""

    upload: str = ""
    processing: str = ""
    privacy: str = ""
    reason: str = ""

    @property
    def is_processed(self) -> bool:
        return self.upload == "processed" or self.processing == "succeeded"

    def refusal(self, url: str) -> Rejected | None:
        """Return why the video will never be public; None unless YouTube says so."""
        if self.upload == "rejected":
            why = REJECTED.get(self.reason, self.reason or "it does not say why")
            message = f"YouTube took the video {url} down: {why}."
        elif self.upload == "failed" or self.processing == "failed":
            why = FAILED.get(self.reason, self.reason or "it does not say why")
            message = f"YouTube could not process the video {url}: {why}."
        elif self.upload == "deleted":
            message = f"The video {url} was deleted."
        else:
            return None
        code = CODES.get(self.reason, "media_rejected")
        return Rejected(message, code=code, platform_code=self.reason or self.upload)


async def ask_status(video_id: str, call: Call) -> ProcessingStatus:
    """Return the status of a video; empty if it cannot be read, because the video exists anyway."""
    params = {"part": "status,processingDetails", "id": video_id}
    try:
        answer = await call.http.get(
            VIDEOS, params=params, headers=call.account.bearer, timeout_seconds=ANSWER_SECONDS
        )
    except PlatformError:
        return ProcessingStatus()
    items = answer.json_object().get("items")
    video = items[0] if isinstance(items, list) and items else {}
    return _status(video if isinstance(video, dict) else {})


def _status(video: Mapping[str, Any]) -> ProcessingStatus:
    status, processing = (_object(video, name) for name in ("status", "processingDetails"))
    upload = str(status.get("uploadStatus") or "")
    reasons = (
        status.get("rejectionReason" if upload == "rejected" else "failureReason"),
        processing.get("processingFailureReason"),
    )
    return ProcessingStatus(
        upload=upload,
        processing=str(processing.get("processingStatus") or ""),
        privacy=str(status.get("privacyStatus") or ""),
        reason=next((str(reason) for reason in reasons if reason), ""),
    )


def _object(video: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = video.get(name)
    return found if isinstance(found, dict) else {}


async def put_thumbnail(
    picture: Media, video_id: str, call: Call, *, short: bool
) -> tuple[str, ...]:
    """Set the thumbnail; return notes for the customer, none if it worked."""
    try:
        async with asyncio.timeout(THUMBNAIL_SECONDS):
            processed = not short or await _is_processed(video_id, call)
            await _set_thumbnail(picture, video_id, call)
    except (PlatformError, TimeoutError, OSError) as failure:
        why = failure.message if isinstance(failure, PlatformError) else "it took too long."
        return (f"The thumbnail could not be set: {why}",)
    if processed:
        return ()
    return (
        "The thumbnail was set while YouTube still processed the Short, which may not show it.",
    )


async def _is_processed(video_id: str, call: Call) -> bool:
    for pause in PROCESSING_PAUSES_SECONDS:
        if (await ask_status(video_id, call)).is_processed:
            return True
        await asyncio.sleep(pause)
    return (await ask_status(video_id, call)).is_processed


async def _set_thumbnail(picture: Media, video_id: str, call: Call) -> None:
    *early, last = TRY_PAUSES_SECONDS
    for pause in early:
        await asyncio.sleep(pause)
        try:
            return await _send_thumbnail(picture, video_id, call)
        except Unavailable:
            continue
    await asyncio.sleep(last)
    return await _send_thumbnail(picture, video_id, call)


async def _send_thumbnail(picture: Media, video_id: str, call: Call) -> None:
    await call.http.post(
        THUMBNAILS,
        params={"videoId": video_id, "uploadType": "media"},
        headers={
            **call.account.bearer,
            "Content-Type": picture.content_type,
            "Content-Length": str(picture.size_bytes),
        },
        content=stream(picture),
    )


async def note_video(answer: Answer, call: Call) -> None:
    """Remember the video, if it is on the channel it was meant for; else raises Unauthorized."""
    video_id = answer.take("id")
    body = answer.json_object()
    snippet, status = body.get("snippet"), body.get("status")
    owner = snippet.get("channelId") if isinstance(snippet, dict) else None
    if owner and owner != call.account.platform_account_id:
        # It is public on the wrong channel. The session keeps saying so: there is no second video.
        raise Unauthorized(
            f"YouTube put the video {_url(video_id)} on the channel {owner} instead of the "
            "connected one; reconnect the account.",
            platform_code="wrongChannel",
        )
    privacy = status.get("privacyStatus") if isinstance(status, dict) else None
    await call.checkpoint.save(video_id=video_id, privacy=str(privacy or ""))


async def finish(call: Call) -> Published:
    """Do what follows the upload. Raises Rejected if YouTube has already refused the video."""
    draft, checkpoint = call.draft, call.checkpoint
    video_id, short = str(checkpoint["video_id"]), post_types.is_short(draft)
    url = _url(video_id, short=short)
    status = await ask_status(video_id, call)
    if refusal := status.refusal(url):
        # The next try is a new upload. Saved together with the refusal.
        checkpoint.update(session="", video_id="", last_byte_sent=False)
        raise refusal
    notes: list[str] = []
    asked, got = metadata.privacy(draft), status.privacy or checkpoint.get("privacy")
    if got and got != asked:
        notes.append(f"YouTube made the video {got}; {asked} was asked for.")
    if picture := post_types.thumbnail(draft):
        notes += await put_thumbnail(picture, video_id, call, short=short)
    return Published(id=video_id, url=url, notes=tuple(notes))


def _url(video_id: str, *, short: bool = False) -> str:
    return f"https://www.youtube.com/{'shorts/' if short else 'watch?v='}{video_id}"
