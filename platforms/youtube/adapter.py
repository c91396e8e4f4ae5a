"""YouTube videos. Source: YouTube Data API v3 discovery document, revision 20261104, videos.insert,
errors and quota pages (read 2026-11-24).

The irreversible call is the PUT that carries the last byte. `media` has the upload itself,
`metadata` the words that go with it, `refusals` what an error means.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from platforms.base import (
    Absent,
    Adapter,
    CannotTell,
    Checkpoint,
    Credentials,
    Draft,
    Finding,
    Media,
    Outcome,
    Processing,
    Published,
    Refused,
    RetryPolicy,
)
from platforms.client import Answer, Client
from platforms.errors import PlatformError, Unauthorized, Unsupported
from platforms.rules import Limits, VideoRule
from platforms.youtube import metadata, refusals
from platforms.youtube.media import GONE, INCOMPLETE, Upload, stored_bytes

API = "https://www.googleapis.com/youtube/v3"
CLOCK_SKEW = timedelta(minutes=2)


class YouTube(Adapter):
    """`platform_account_id` is the channel id (UC…). Optional `extra`: `uploads_playlist_id`.

    Settings: `title` (else the first line of the text), `tags`, `privacyStatus` (public),
    `selfDeclaredMadeForKids` (false). The text is the description.
    """

    key = "youtube"
    name = "YouTube"
    limits = Limits(
        text_chars=5000,
        video=VideoRule(("video/mp4", "video/quicktime", "video/webm"), max_bytes=256 * 1024**3),
        media_required=True,
        prefers="video",
        text_unit="UTF-8 bytes",
    )
    #: Lists of a channel can lag by half an hour.
    retry = RetryPolicy(find_delays_seconds=(15, 60, 300, 900, 900))
    #: Time for 32 MiB at 1 Mbit/s.
    deadline_seconds = 300

    def text_length(self, text: str) -> int:
        """UTF-8 bytes, as YouTube counts descriptions."""
        return len(text.encode("utf-8", "surrogatepass"))

    def check(self, draft: Draft) -> None:
        if len(draft.media) > 1:
            raise Unsupported("YouTube takes exactly one video per post.")
        super().check(draft)
        if self.text_length(draft.text) > self.limits.text_chars:
            raise Unsupported("A YouTube description holds at most 5,000 bytes of UTF-8.")
        for item in draft.media:
            metadata.check_file(item)
        metadata.check(draft)

    async def publish(
        self, draft: Draft, account: Credentials, http: Client, checkpoint: Checkpoint
    ) -> Outcome:
        words = metadata.of(draft)
        upload = Upload(_video(draft), account, http, checkpoint)
        answer = await upload.ask() if upload.begun_for(words) else None
        if answer is None or answer.status in (400, *GONE):
            # A session that is gone or has refused can make no video any more.
            await upload.start(words)
            answer = await upload.send(0)
        elif answer.status == INCOMPLETE and not upload.holds_all(answer):
            answer = await upload.send(stored_bytes(answer))
        elif answer.status == INCOMPLETE:
            return Processing(after_seconds=5)
        return _published(answer, account)

    async def find(
        self,
        draft: Draft,
        account: Credentials,
        http: Client,
        checkpoint: Checkpoint,
        sent_at: datetime,
    ) -> Finding:
        """The session knows; the channel's list is asked only when the session is gone."""
        if not checkpoint.get("session"):
            return Absent(proven=True)
        upload = Upload(_video(draft), account, http, checkpoint)
        answer = await upload.ask()
        if answer.status == INCOMPLETE:
            return Processing(after_seconds=15) if upload.holds_all(answer) else Absent(proven=True)
        if answer.status in GONE:
            return await self._look_in_channel(draft, account, http, checkpoint)
        if answer.status == 400:
            if not refusals.reason(answer):
                return await self._look_in_channel(draft, account, http, checkpoint)
            return Refused(http.refused(answer))
        try:
            return _published(answer, account)
        except Unauthorized as wrong_channel:
            return Refused(wrong_channel)

    def explain(self, answer: Answer) -> PlatformError:
        return refusals.explain(answer)

    async def _look_in_channel(
        self, draft: Draft, account: Credentials, http: Client, checkpoint: Checkpoint
    ) -> Finding:
        """The newest uploads, matched by file name and size, or by size, title and time."""
        headers = {"Authorization": f"Bearer {account.token}"}
        playlist = (
            account.extra.get("uploads_playlist_id") or f"UU{account.platform_account_id[2:]}"
        )
        params = {"part": "contentDetails", "playlistId": playlist, "maxResults": "50"}
        listed = await http.get(
            f"{API}/playlistItems", params=params, headers=headers, accept=(404,)
        )
        if listed.status == 404:  # the list of a channel without videos
            return Absent(proven=False)
        ids = [item["contentDetails"]["videoId"] for item in listed.json().get("items", [])]
        if not ids:
            return Absent(proven=False)
        params = {"part": "snippet,status,fileDetails", "id": ",".join(ids)}
        answer = await http.get(f"{API}/videos", params=params, headers=headers)
        title = metadata.title(draft)
        recent = [v for v in answer.json().get("items", []) if _is_recent(v, checkpoint)]
        found = [video for video in recent if _is_ours(video, title, checkpoint)]
        if len(found) == 1:
            return Published(id=found[0]["id"], url=_url(found[0]["id"]))
        if found:
            return CannotTell(
                look_at=f"https://www.youtube.com/channel/{account.platform_account_id}"
            )
        if any(v["snippet"]["title"] == title and not v.get("fileDetails") for v in recent):
            return Processing(after_seconds=60)  # YouTube has not read that file yet
        return Absent(proven=False)


def _is_recent(video: Mapping[str, Any], checkpoint: Checkpoint) -> bool:
    published_at = datetime.fromisoformat(video["snippet"]["publishedAt"])
    return published_at >= datetime.fromtimestamp(checkpoint["started_at"], UTC) - CLOCK_SKEW


def _is_ours(video: Mapping[str, Any], title: str, checkpoint: Checkpoint) -> bool:
    file = video.get("fileDetails") or {}
    name, size = str(file.get("fileName", "")), str(file.get("fileSize", ""))
    if name == checkpoint["slug"]:
        return True
    same = size == str(checkpoint["size_bytes"]) and video["snippet"]["title"] == title
    # A name we gave to another upload proves that it is not this one.
    return same and not name.startswith("dovecote-")


def _video(draft: Draft) -> Media:
    if len(draft.media) != 1 or draft.media[0].kind != "video":
        raise Unsupported("YouTube takes exactly one video per post.")
    return draft.media[0]


def _url(video_id: str) -> str:
    return f"https://www.youtube.com/watch?v={video_id}"


def _published(answer: Answer, account: Credentials) -> Published:
    """The video, if it is on the channel it was meant for."""
    video_id = answer.take("id")
    snippet = answer.error_body().get("snippet")
    channel = snippet.get("channelId") if isinstance(snippet, dict) else None
    if channel and channel != account.platform_account_id:
        # It is out, at the wrong place. Asked again, the session says the same: no second video.
        raise Unauthorized(
            f"YouTube put the video {_url(video_id)} on the channel {channel} instead of the "
            "connected one; reconnect the account.",
            platform_code="wrongChannel",
        )
    return Published(id=video_id, url=_url(video_id))
