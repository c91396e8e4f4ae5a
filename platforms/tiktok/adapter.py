"""TikTok videos and photos. Source: TikTok for Developers, Content Posting API (read 2026-11-24).

A video that Dovecote sends becomes a post with its last piece: that PUT is the irreversible call.
The publish id is saved before any byte leaves, and each later try asks for its status first: one
publish id makes at most one post. If TikTok fetches the media, the init itself is the post; if its
answer is lost, only the list of public posts can still show it.
"""

import re
from datetime import datetime

from platforms.adapter import Adapter, Call
from platforms.drafts import Credentials, Draft
from platforms.errors import PlatformError, Unsupported
from platforms.http.client import Client
from platforms.limits import Limits
from platforms.outcomes import Absent, Finding, Outcome, Processing, Published, Undeterminable
from platforms.policy.retry import RetryPolicy
from platforms.text import utf16_units
from platforms.tiktok import errors, lookup, media, metrics, options, preview
from platforms.tiktok.creator import read_creator
from platforms.tiktok.oauth import TOKENS, TikTokOAuth

PROFILE_LINK = re.compile(r"tiktok\.com/@[^/?#]+/?(?:[?#]|$)")


class TikTok(Adapter):
    """`extra` is not used."""

    key = "tiktok"
    name = "TikTok"
    origin = "https://open.tiktokapis.com"
    secrets = (TOKENS,)
    can_recycle = False
    link_id = re.compile(r"/(?:video|photo)/([0-9]+)")
    logins = {"tiktok": TikTokOAuth()}
    limits = options.ANY_POST
    options = options.OPTIONS
    required_options = ("privacyLevel",)
    features = ("carousels",)
    #: Moderation and processing may take hours; giving up earlier would be a guess.
    retry = RetryPolicy(processing_cap_seconds=6 * 3600)
    #: Time for 64 MB at 2 Mbit/s.
    deadline_seconds = 300
    call_carries_files = True
    text_length = staticmethod(utf16_units)
    metrics_batch = metrics.BATCH
    read_metrics = staticmethod(metrics.read_metrics)
    read_followers = staticmethod(metrics.read_followers)
    explain = staticmethod(errors.explain)
    preview = staticmethod(preview.preview)

    def limits_for(self, draft: Draft) -> Limits:
        return options.PHOTO_POST if options.is_photos(draft) else options.VIDEO_POST

    def check(self, draft: Draft) -> None:
        super().check(draft)
        most = self.limits_for(draft).text_chars
        if self.text_length(draft.text) > most:
            raise Unsupported(f"TikTok takes texts of up to {most} {options.UNIT} with this media.")
        options.check(draft)

    async def publish(self, call: Call) -> Outcome:
        draft, checkpoint = call.draft, call.checkpoint
        if not draft.media:
            raise Unsupported("A TikTok post needs a video or photos.")
        is_same = checkpoint.get("draft") == media.fingerprint(draft)
        if checkpoint.get("publish_id") and (is_same or lookup.may_be_posted(checkpoint)):
            known = await lookup.published_or_waiting(call)
            if not isinstance(known, Absent):
                return known
        else:
            checkpoint["publish_id"] = ""
        if not checkpoint["publish_id"]:
            await media.begin(call)
        if not options.is_pulled(draft):
            call.http.hide(checkpoint["upload_url"])
            await media.send(draft.media[0], call.http, checkpoint)
        known = await lookup.published_or_waiting(call)
        return Processing(lookup.pause_seconds(checkpoint)) if isinstance(known, Absent) else known

    async def find(self, call: Call, sent_at: datetime) -> Finding:
        if not call.checkpoint.get("publish_id"):
            if not call.checkpoint.get("pulled"):
                return Absent(proven=True)
            return await lookup.find(call, sent_at)
        try:
            known = await lookup.read_status(call)
        except PlatformError as problem:
            if errors.MEANINGS.get(problem.platform_code) is errors.LOST:
                return Undeterminable(lookup.profile_url(call.checkpoint))
            raise
        if isinstance(known, Published) and lookup.awaits_id(known, call.checkpoint):
            return Processing(after_seconds=5)
        return known

    async def read_account(self, account: Credentials, http: Client) -> None:
        await read_creator(http, account.token)

    def is_post_link(self, link: str) -> bool:
        """Return whether a link names a post: a private one is recorded with its profile's."""
        return bool(link) and not PROFILE_LINK.search(link)
