"""YouTube videos and Shorts. Source: YouTube Data API v3 discovery document, revision 20261104,
videos.insert, errors and quota pages (read 2026-11-24).

The irreversible call is the PUT with the last byte. A post counts as published once YouTube has the
video and has not refused it: processing takes minutes to hours, and a later failure shows only in
YouTube Studio.
"""

import re
from dataclasses import replace
from datetime import datetime

from platforms.adapter import Adapter, Call
from platforms.drafts import Credentials, Draft, Media
from platforms.errors import Rejected, Unsupported
from platforms.http.client import Client
from platforms.limits import Limits
from platforms.outcomes import Finding, Outcome, Processing, RefusedLater, Removal
from platforms.policy.retry import RetryPolicy
from platforms.youtube import errors, finish, lookup, metadata, metrics, post_types, preview
from platforms.youtube.media import INCOMPLETE, ResumableUpload
from platforms.youtube.oauth import CHANNELS, TOKENS, GoogleOAuth
from platforms.youtube.post_types import LIMITS, OPTIONS, POST_TYPES, THUMBNAIL

NO_VIDEO = "videoNotFound"


class YouTube(Adapter):
    """`platform_account_id` is the channel id (UC…). Optional `extra`: `uploads_playlist_id`.

    The text is the description.
    """

    key = "youtube"
    name = "YouTube"
    origin = "https://www.googleapis.com"
    secrets = (TOKENS,)
    can_recycle = False
    cover_option = THUMBNAIL
    link_id = re.compile(r"(?:[?&]v=|/shorts/|youtu\.be/)([A-Za-z0-9_-]{11})(?![A-Za-z0-9_-])")
    limits = LIMITS
    options = OPTIONS
    post_types = POST_TYPES
    logins = {"youtube": GoogleOAuth()}
    features = ("shorts", "thumbnail")
    deletes = True
    #: A channel's lists can lag by half an hour.
    retry = RetryPolicy(find_delays_seconds=(15, 60, 300, 900, 900))
    #: Time for 32 MiB at 1 Mbit/s.
    deadline_seconds = 300
    call_carries_files = True
    shows_as_own = staticmethod(lookup.shows_as_own)
    metrics_batch = metrics.BATCH
    read_metrics = staticmethod(metrics.read_metrics)
    read_followers = staticmethod(metrics.read_followers)
    explain = staticmethod(errors.explain)
    preview = staticmethod(preview.preview)

    def limits_for(self, draft: Draft) -> Limits:
        return post_types.limits_for(draft)

    def text_length(self, text: str) -> int:
        """UTF-8 bytes, as YouTube counts descriptions."""
        return len(text.encode("utf-8", "surrogatepass"))

    def pick(self, draft: Draft) -> tuple[Media, ...]:
        """Pick the video, and with `useImageAsThumbnail` the first image."""
        if draft.settings.get(THUMBNAIL) is not True:
            return super().pick(draft)
        pictures = [replace(item, alt_text="") for item in draft.media if item.kind == "image"]
        return tuple(item for item in draft.media if item.kind != "image") + tuple(pictures[:1])

    def check(self, draft: Draft) -> None:
        post_types.check(draft)
        super().check(draft)
        if self.text_length(draft.text) > self.limits.text_chars:
            raise Unsupported("A YouTube description holds at most 5,000 bytes of UTF-8.")
        metadata.check(draft)

    async def read_account(self, account: Credentials, http: Client) -> None:
        """Read the channel, for one unit of the quota."""
        params = {"part": "id", "mine": "true"}
        (await http.get(CHANNELS, params=params, headers=account.bearer)).take("kind")

    async def remove(self, post_id: str, account: Credentials, http: Client) -> Removal:
        """Delete a video. Source: YouTube Data API, videos.delete (read 2026-11-26).

        Raises PlatformError, also for a 404 that does not say that the video is missing.
        """
        answer = await http.request(
            "DELETE",
            f"{lookup.API}/videos",
            params={"id": post_id},
            headers=account.bearer,
            accept=(404,),
        )
        if not answer.is_missing():
            return "deleted"
        if errors.reason(answer) != NO_VIDEO:
            raise http.refused(answer)
        return "already_gone"

    async def publish(self, call: Call) -> Outcome:
        if not call.checkpoint.get("video_id"):
            answer = await ResumableUpload(call).complete()
            if answer.status == INCOMPLETE:
                return Processing(after_seconds=answer.retry_after_seconds() or 5)
            await finish.note_video(answer, call)
        return await finish.finish(call)

    async def find(self, call: Call, sent_at: datetime) -> Finding:
        """Sets a missing thumbnail too: that publishes nothing, and the post must not wait."""
        if not call.checkpoint.get("video_id"):
            instead = await lookup.find_video(call)
            if instead is not None:
                return instead
        try:
            return await finish.finish(call)
        except Rejected as refusal:
            return RefusedLater(refusal)
