"""X posts: text with up to four images, one animated GIF or one video; threads of such posts.

`platform_account_id` is the user id, `username` the handle; `extra` is not used. Premium accounts
may post longer texts, but texts are checked without knowing the account, so the limit is 280.

Source: X API v2 OpenAPI document 2.167 and docs.x.com, "Create Post", "Media best practices", "Rate
limits" (read 2026-11-24).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from platforms.adapter import Adapter
from platforms.drafts import Credentials, Draft
from platforms.errors import Rejected, Unsupported
from platforms.http.client import Client
from platforms.limits import ImageRule, Limits, VideoRule
from platforms.outcomes import Removal
from platforms.x import errors, length, lookup, media, metrics, preview, thread
from platforms.x.oauth import ME, XOAuth

MIB = 1024 * 1024
ALT_TEXT_CHARS = 1000
#: Of all frames of an animation together.
GIF_PIXELS = 300_000_000


class X(Adapter):
    key = "x"
    name = "X"
    aliases = ("twitter",)
    origin = "https://api.x.com"
    is_free_to_read = False
    logins = {"x": XOAuth()}
    link_id = re.compile(r"/status/([0-9]+)")
    options = thread.OPTIONS
    features = ("threads", "alt_text", "quotes")
    deletes = True
    limits = Limits(
        text_chars=thread.TEXT_WEIGHT,
        media_items=4,
        image=ImageRule(
            ("image/jpeg", "image/png", "image/webp", "image/gif"),
            max_bytes=5 * MIB,
            alt_text_chars=ALT_TEXT_CHARS,
            max_frames=1,
        ),
        video=VideoRule(
            ("video/mp4", "video/quicktime"),
            max_bytes=512 * MIB,
            min_seconds=0.5,
            max_seconds=140,
            min_width=32,
            min_height=32,
            # The developer pages say 1280 by 1024 and advise 720 by 1280; X takes 1080p either way.
            # Source: X Help, "How to share and watch videos on X" (read 2026-11-25).
            max_width=1920,
            max_height=1200,
            either_way_up=True,
            min_ratio=1 / 3,
            max_ratio=3,
            max_fps=60,
            video_codecs=("h264",),
            audio_codecs=("aac",),
        ),
        text_unit="weighted characters",
    )
    video_limits = replace(limits, media_items=1)
    gif_limits = replace(
        limits,
        media_items=1,
        image=ImageRule(
            ("image/gif",),
            max_bytes=15 * MIB,
            max_width=1280,
            max_height=1080,
            alt_text_chars=ALT_TEXT_CHARS,
            max_frames=350,
        ),
    )
    text_length = staticmethod(length.weighted_length)
    measure = staticmethod(length.measure)
    publish = staticmethod(thread.publish)
    find = staticmethod(lookup.find)
    recall = staticmethod(lookup.recall)
    shows_as_own = staticmethod(lookup.shows_as_own)
    metrics_batch = metrics.BATCH
    read_metrics = staticmethod(metrics.read_metrics)
    read_followers = staticmethod(metrics.read_followers)
    explain = staticmethod(errors.explain)
    preview = staticmethod(preview.preview)

    async def read_account(self, account: Credentials, http: Client) -> None:
        (await http.get(ME, headers=account.bearer)).take("data", "id")

    async def remove(self, post_id: str, account: Credentials, http: Client) -> Removal:
        """Delete a post. Source: docs.x.com, "Delete Post" (read 2026-11-26)."""
        try:
            answer = await http.request(
                "DELETE",
                f"{thread.POSTS}/{quote(post_id, safe='')}",
                headers=account.bearer,
                accept=(404,),
            )
        except Rejected:
            # X refuses alike what is gone and what is another's.
            if await self.is_gone(post_id, account, http):
                return "already_gone"
            raise
        if answer.is_missing():
            return "already_gone"
        if answer.take("data", "deleted") != "True":
            answer.unreadable("it did not say that the post is deleted")
        return "deleted"

    def public_parts(self, checkpoint: Mapping[str, Any]) -> Sequence[str]:
        return tuple(checkpoint.get("parts", ()))

    def parts_kept(self, checkpoint: Mapping[str, Any]) -> dict[str, Any]:
        parts = self.public_parts(checkpoint)
        return {"parts": list(parts)} if len(parts) > 1 else {}

    def limits_for(self, draft: Draft) -> Limits:
        if any(item.kind == "video" for item in draft.media):
            return self.video_limits
        return self.gif_limits if any(map(media.is_animated, draft.media)) else self.limits

    def check(self, draft: Draft) -> None:
        super().check(draft)
        if not draft.text and not draft.media:
            raise Unsupported("An X post needs a text or a file.")
        thread.check(draft)
        for item in filter(media.is_animated, draft.media):
            if item.frames * (item.width or 0) * (item.height or 0) > GIF_PIXELS:
                raise Unsupported("X takes GIFs of up to 300 million pixels in all frames.")
