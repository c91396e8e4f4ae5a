"""TikTok videos. Source: TikTok for Developers, Content Posting API: Direct Post (read 2026-11-24).

The irreversible call is the PUT of the last piece. The publish id is durable before any byte
leaves, and whoever comes back asks for its status first: one publish id makes at most one post.
`media` has the upload, `options` what may be asked for, `status` how a post stands, `refusals`
what an error means.
"""

import hashlib
import json
import time
from datetime import datetime
from typing import Any

from platforms.base import (
    Absent,
    Adapter,
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
from platforms.errors import PlatformError, Unsupported
from platforms.rules import Limits, VideoRule
from platforms.tiktok import media, options, refusals, status

API = "https://open.tiktokapis.com/v2/post/publish"


class TikTok(Adapter):
    """Needs no `extra`; `username` makes the links.

    Settings: `privacyLevel` (else the widest the account offers, but never SELF_ONLY),
    `allowComments`, `allowDuet`, `allowStitch` (false, as TikTok's guidelines demand).
    """

    key = "tiktok"
    name = "TikTok"
    limits = Limits(
        text_chars=2200,
        video=VideoRule(options.TYPES, options.FILE_BYTES, max_seconds=options.FILE_SECONDS),
        media_required=True,
        prefers="video",
    )
    #: Moderation and slow processing may take hours; giving up earlier would only be a guess.
    retry = RetryPolicy(processing_cap_seconds=6 * 3600)
    #: Time for 64 MB at 2 Mbit/s.
    deadline_seconds = 300

    def text_length(self, text: str) -> int:
        """UTF-16 units, as TikTok counts."""
        return len(text.encode("utf-16-le", "surrogatepass")) // 2

    def check(self, draft: Draft) -> None:
        if len(draft.media) > 1:
            raise Unsupported("TikTok takes exactly one video per post.")
        super().check(draft)
        if self.text_length(draft.text) > self.limits.text_chars:
            raise Unsupported("A TikTok caption holds at most 2,200 characters.")
        options.check(draft)

    async def publish(
        self, draft: Draft, account: Credentials, http: Client, checkpoint: Checkpoint
    ) -> Outcome:
        video, fingerprint = _video(draft), _fingerprint(draft)
        if checkpoint.get("publish_id") and checkpoint.get("draft") == fingerprint:
            known = await self._stand(video, account, http, checkpoint)
            if not isinstance(known, Absent):
                return known
        else:
            checkpoint["publish_id"] = ""
        if not checkpoint["publish_id"]:
            await self._start(draft, video, account, http, checkpoint)
        http.hide(checkpoint["upload_url"])
        await media.send(video, http, checkpoint)
        known = await self._stand(video, account, http, checkpoint)
        return Processing(status.pause_seconds(checkpoint)) if isinstance(known, Absent) else known

    async def find(
        self,
        draft: Draft,
        account: Credentials,
        http: Client,
        checkpoint: Checkpoint,
        sent_at: datetime,
    ) -> Finding:
        if not checkpoint.get("publish_id"):
            return Absent(proven=True)
        known = await self._status(_video(draft), account, http, checkpoint)
        if isinstance(known, Published) and status.awaits_id(known, checkpoint):
            return Processing(after_seconds=5)
        return known

    def explain(self, answer: Answer) -> PlatformError:
        return refusals.explain(answer)

    async def _start(
        self,
        draft: Draft,
        video: Media,
        account: Credentials,
        http: Client,
        checkpoint: Checkpoint,
    ) -> None:
        """Get a publish id and an upload URL. Nothing is posted without bytes: safe to repeat."""
        creator = await self._call(http, account, "creator_info/query/", {})
        post_info = options.post_info(draft, video, _data(creator))
        chunk_bytes, count = media.plan(video.size_bytes)
        source = {
            "source": "FILE_UPLOAD",
            "video_size": video.size_bytes,
            "chunk_size": chunk_bytes,
            "total_chunk_count": count,
        }
        started_at = time.time()
        body = {"post_info": post_info, "source_info": source}
        answer = await self._call(http, account, "video/init/", body)
        upload_url = answer.take("data", "upload_url")
        if not upload_url.startswith(("https://", "http://")):
            answer.unreadable("its answer held no upload URL")
        checkpoint.clear()
        await checkpoint.save(
            publish_id=answer.take("data", "publish_id"),
            upload_url=upload_url,
            started_at=started_at,
            public=post_info["privacy_level"] == options.PRIVACY[0],
            draft=_fingerprint(draft),
        )

    async def _stand(
        self, video: Media, account: Credentials, http: Client, checkpoint: Checkpoint
    ) -> Published | Processing | Absent:
        """How the post of the publish id stands. Raises why it failed."""
        try:
            known = await self._status(video, account, http, checkpoint)
        except PlatformError as problem:
            if not checkpoint.get("submitted_at"):
                raise
            known = status.while_posting(problem, checkpoint, account.username)
        if isinstance(known, Refused):
            raise known.error
        if isinstance(known, Published) and status.awaits_id(known, checkpoint):
            return Processing(after_seconds=5)
        return known

    async def _status(
        self, video: Media, account: Credentials, http: Client, checkpoint: Checkpoint
    ) -> status.Standing:
        http.hide(checkpoint.get("upload_url", ""))
        body = {"publish_id": checkpoint["publish_id"]}
        answer = await self._call(http, account, "status/fetch/", body)
        return status.read(_data(answer), checkpoint, video.size_bytes, account.username)

    async def _call(
        self, http: Client, account: Credentials, path: str, body: dict[str, Any]
    ) -> Answer:
        headers = {
            "Authorization": f"Bearer {account.token}",
            "Content-Type": "application/json; charset=UTF-8",
        }
        answer = await http.post(f"{API}/{path}", headers=headers, json=body)
        if refusals.code(answer) != "ok":
            raise http.refused(answer)
        return answer


def _data(answer: Answer) -> dict[str, Any]:
    data = answer.error_body().get("data")
    if not isinstance(data, dict):
        answer.unreadable("its answer held no data")
    return data


def _video(draft: Draft) -> Media:
    if len(draft.media) != 1 or draft.media[0].kind != "video":
        raise Unsupported("TikTok takes exactly one video per post.")
    return draft.media[0]


def _fingerprint(draft: Draft) -> str:
    """Tells an edited draft from the one a publish id was taken for."""
    return hashlib.sha256(json.dumps(draft.as_json(), sort_keys=True).encode()).hexdigest()[:16]
