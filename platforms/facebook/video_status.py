"""The status of a video: whether it is public, in progress, failed or idle.

Source: Graph API, Video, VideoStatus (read 2026-11-24).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from platforms.errors import PlatformError, Rejected, Unavailable
from platforms.facebook.page import address

#: Failures of Facebook rather than of the file: another upload may work.
UPLOAD_FAILED = ("expired", "upload_failed")
RETRIED_CODES = (1, 2, 6000, 6001)
FAILED = ("error", *UPLOAD_FAILED)


@dataclass(frozen=True, slots=True)
class VideoStatus:
    """The status of a video. `idle`: nothing happens until the next call."""

    state: Literal["public", "working", "failed", "idle"]
    stored_bytes: int = 0
    url: str = ""
    error: PlatformError | None = None


def read(found: Mapping[str, Any], default_url: str) -> VideoStatus:
    """The status in a video's fields; `default_url` if they hold no link."""
    status = _object(found.get("status"))
    uploading, processing, publishing = (
        _object(status.get(f"{phase}_phase")) for phase in ("uploading", "processing", "publishing")
    )
    word = str(status.get("video_status", ""))
    stored = uploading.get("bytes_transferred", uploading.get("bytes_transfered"))
    stored_bytes = int(stored) if str(stored or "").isdigit() else 0
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
