"""Find a video by its upload session, or among a channel's newest uploads.

Source: YouTube Data API, playlistItems.list and videos.list (read 2026-11-24). Only the owner
sees `fileDetails`, and they appear some time after the video.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from platforms.adapter import Call
from platforms.checkpoint import Checkpoint
from platforms.drafts import Credentials
from platforms.errors import Unauthorized
from platforms.http.client import Client
from platforms.outcomes import Absent, Finding, Processing, Published, RefusedLater, Undeterminable
from platforms.youtube import finish, metadata
from platforms.youtube.media import INCOMPLETE, ResumableUpload, is_gone

API = "https://www.googleapis.com/youtube/v3"
CLOCK_SKEW = timedelta(minutes=2)
NEWEST = "50"


async def find_video(call: Call) -> Finding | None:
    """Return what to answer instead of a video; None once the checkpoint names one.

    The session knows; the channel's list is read only if the session is gone.
    """
    checkpoint = call.checkpoint
    if not checkpoint.get("session"):
        return Absent(proven=True)
    upload = ResumableUpload(call)
    answer = await upload.ask()
    if answer.status == INCOMPLETE:
        if upload.holds_all(answer):
            return Processing(after_seconds=answer.retry_after_seconds() or 15)
        return Absent(proven=True)
    if is_gone(answer):
        if not upload.may_be_whole:
            return Absent(proven=True)
        found = await _in_channel(metadata.title(call.draft), call)
        if isinstance(found, Absent):
            # From now on only a manual retry sends it again.
            await checkpoint.save(searched=True)
        if not isinstance(found, Published):
            return found
        checkpoint["video_id"] = found.id
        return None
    if answer.status == 400:
        return RefusedLater(call.http.refused(answer))
    try:
        await finish.note_video(answer, call)
    except Unauthorized as wrong_channel:
        return RefusedLater(wrong_channel)
    return None


async def _in_channel(title: str, call: Call) -> Finding:
    """Return the video of the checkpoint's upload: by file name, or by size, title and time."""
    account, checkpoint = call.account, call.checkpoint
    ids = await _newest(account, call.http)
    if not ids:
        return Absent(proven=False)
    params = {"part": "snippet,status,fileDetails", "id": ",".join(ids)}
    answer = await call.http.get(f"{API}/videos", params=params, headers=account.bearer)
    recent = [v for v in answer.json().get("items", []) if _is_recent(v, checkpoint)]
    ids = [video["id"] for video in recent if _is_ours(video, title, checkpoint)]
    theirs = await checkpoint.others(dict.fromkeys(ids, ""))
    ours = [video_id for video_id in ids if video_id not in theirs]
    if len(ours) == 1:
        return Published(id=ours[0])
    if ours:
        return Undeterminable(
            look_at=f"https://www.youtube.com/channel/{account.platform_account_id}"
        )
    if any(v["snippet"]["title"] == title and not v.get("fileDetails") for v in recent):
        return Processing(after_seconds=60)  # YouTube has not read that file yet
    return Absent(proven=False)


async def shows_as_own(post_id: str, account: Credentials, http: Client) -> bool:
    """Return whether the video is there and on the account's channel. Raises PlatformError."""
    params = {"part": "snippet", "id": post_id}
    answer = await http.get(f"{API}/videos", params=params, headers=account.bearer)
    snippets = (video.get("snippet") for video in answer.take_list("items"))
    channels = [each.get("channelId") for each in snippets if isinstance(each, dict)]
    return account.platform_account_id in channels


async def _newest(account: Credentials, http: Client) -> list[str]:
    """Return the ids of the newest uploads; none if the channel has no video and so no list."""
    playlist = account.extra.get("uploads_playlist_id") or f"UU{account.platform_account_id[2:]}"
    params = {"part": "contentDetails", "playlistId": playlist, "maxResults": NEWEST}
    answer = await http.get(
        f"{API}/playlistItems", params=params, headers=account.bearer, accept=(404,)
    )
    if answer.is_missing():
        return []
    return [item["contentDetails"]["videoId"] for item in answer.json().get("items", [])]


def _is_recent(video: Mapping[str, Any], checkpoint: Checkpoint) -> bool:
    published_at = datetime.fromisoformat(video["snippet"]["publishedAt"])
    return published_at >= datetime.fromtimestamp(checkpoint["started_at"], UTC) - CLOCK_SKEW


def _is_ours(video: Mapping[str, Any], title: str, checkpoint: Checkpoint) -> bool:
    file = video.get("fileDetails") or {}
    name, size = str(file.get("fileName", "")), str(file.get("fileSize", ""))
    if name == checkpoint["slug"]:
        return True
    same = size == str(checkpoint["size_bytes"]) and video["snippet"]["title"] == title
    # A file name that we gave to another upload proves that it is not this one.
    return same and not name.startswith("dovecote-")
