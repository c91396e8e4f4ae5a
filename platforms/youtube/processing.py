"""The status of a video after its last byte: YouTube processes it, and may refuse it.

Source: YouTube Data API, videos resource, `status` and `processingDetails` (read 2026-11-24).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from platforms.call import Call
from platforms.errors import PlatformError, Rejected

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
        """Why the video will never be public; None unless YouTube says so."""
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


async def ask(video_id: str, call: Call) -> ProcessingStatus:
    """The status of a video; empty if it cannot be read, because the video exists anyway."""
    params = {"part": "status,processingDetails", "id": video_id}
    try:
        answer = await call.http.get(
            VIDEOS, params=params, headers=call.account.bearer, timeout_seconds=ANSWER_SECONDS
        )
    except PlatformError:
        return ProcessingStatus()
    items = answer.json_object().get("items")
    video = items[0] if isinstance(items, list) and items else {}
    return _standing(video if isinstance(video, dict) else {})


def _standing(video: Mapping[str, Any]) -> ProcessingStatus:
    status, processing = video.get("status") or {}, video.get("processingDetails") or {}
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
