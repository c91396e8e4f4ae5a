"""What the status of a publish id says about its post.

Source: TikTok for Developers, Get Post Status (read 2026-11-24).
"""

import time
from collections.abc import Mapping
from typing import Any

from platforms.base import Absent, Checkpoint, Processing, Published, Refused
from platforms.errors import OutcomeUnknown, PlatformError, RateLimited, Unavailable
from platforms.tiktok import media, refusals

Standing = Published | Processing | Absent | Refused

#: How long a public post is given to tell its id, by which it can be linked to.
ID_SECONDS = 60


def read(data: Mapping[str, Any], checkpoint: Checkpoint, size: int, username: str) -> Standing:
    """Published, Refused, Absent (proven: bytes are missing), or Processing.

    Forgets a publish id that cannot become a post any more, so that the next try takes a new one.
    """
    word = data.get("status")
    if word == "PUBLISH_COMPLETE":
        return _published(data, checkpoint, username)
    if word == "FAILED":
        checkpoint["publish_id"] = ""
        return Refused(refusals.failed(str(data.get("fail_reason") or "")))
    if word == "PROCESSING_UPLOAD" and _lacks_bytes(data, checkpoint, size):
        checkpoint["uploaded_bytes"] = data.get("uploaded_bytes") or 0
        if media.is_over(checkpoint):
            checkpoint["publish_id"] = ""
        return Absent(proven=True)
    return Processing(pause_seconds(checkpoint))


def while_posting(
    problem: PlatformError, checkpoint: Checkpoint, username: str
) -> Published | Processing:
    """What to make of a status that cannot be read while TikTok is posting.

    None of these errors may end the destination as failed: the post may be public.
    """
    if checkpoint.get("complete_at"):
        return _published({}, checkpoint, username)
    if isinstance(problem, Unavailable | RateLimited):
        return Processing(max(60, problem.retry_after_seconds or 0))
    raise OutcomeUnknown(
        problem.message,
        platform_code=problem.platform_code,
        http_status=problem.http_status,
        request_id=problem.request_id,
        body=problem.body,
    ) from problem


def awaits_id(found: Published, checkpoint: Checkpoint) -> bool:
    """Whether a public post should be given a moment more to tell its id."""
    if found.id != checkpoint["publish_id"] or not checkpoint.get("public"):
        return False
    seen_at = float(checkpoint.setdefault("complete_at", time.time()))
    return time.time() - seen_at < ID_SECONDS


def pause_seconds(checkpoint: Checkpoint) -> float:
    """Short after the upload, growing to a minute."""
    submitted_at = checkpoint.get("submitted_at")
    return min(60, max(2, (time.time() - submitted_at) / 3)) if submitted_at else 5


def _lacks_bytes(data: Mapping[str, Any], checkpoint: Checkpoint, size: int) -> bool:
    if checkpoint.get("submitted_at"):
        return False  # TikTok said that it has all, and its status lags behind
    uploaded = data.get("uploaded_bytes")
    if uploaded is None:
        return not checkpoint.get("last_piece_sent")
    return int(uploaded) < size


def _published(data: Mapping[str, Any], checkpoint: Checkpoint, username: str) -> Published:
    """With the id of the public post; without one yet, with the publish id and the profile."""
    # The misspelled name is TikTok's.
    ids = data.get("publicaly_available_post_id") or data.get("publicly_available_post_id") or []
    post_ids = [str(value) for value in (ids if isinstance(ids, list) else [ids])]
    profile = f"https://www.tiktok.com/@{username.lstrip('@')}"
    if post_ids:
        return Published(id=post_ids[0], url=f"{profile}/video/{post_ids[0]}")
    return Published(id=checkpoint["publish_id"], url=profile)
