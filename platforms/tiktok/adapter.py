"""TikTok videos and photos. Source: TikTok for Developers, Content Posting API (read 2026-11-24).

A video that we send becomes a post with its last piece: that PUT is the irreversible call. Its
publish id is durable before any byte leaves, and whoever comes back asks for its status first: one
publish id makes at most one post. Media that TikTok fetches (`transfer`) is posted by the init
itself; if that answer is lost, only the list of public posts may still show it.
"""

from datetime import datetime

from platforms.adapter import Adapter
from platforms.checkpoint import Checkpoint
from platforms.drafts import Credentials, Draft
from platforms.errors import PlatformError, Unauthorized, Unsupported
from platforms.http.client import Answer, Client
from platforms.limits import Limits
from platforms.outcomes import Absent, CannotTell, Finding, Outcome, Processing, Published, Refused
from platforms.retry import RetryPolicy
from platforms.tiktok import api, errors, lookup, media, options, status, transfer
from platforms.tiktok.oauth import TikTokOAuth


class TikTok(Adapter):
    """Needs no `extra`."""

    key = "tiktok"
    name = "TikTok"
    logins = {"tiktok": TikTokOAuth()}
    limits = options.ANY_POST
    options = options.OPTIONS
    features = ("carousels",)
    #: Moderation and slow processing may take hours; giving up earlier would only be a guess.
    retry = RetryPolicy(processing_cap_seconds=6 * 3600)
    #: Time for 64 MB at 2 Mbit/s.
    deadline_seconds = 300

    def text_length(self, text: str) -> int:
        return options.length(text)

    def limits_for(self, draft: Draft) -> Limits:
        return options.PHOTO_POST if options.is_photos(draft) else options.VIDEO_POST

    def check(self, draft: Draft) -> None:
        super().check(draft)
        most = self.limits_for(draft).text_chars
        if self.text_length(draft.text) > most:
            raise Unsupported(f"TikTok takes texts of up to {most} {options.UNIT} with this media.")
        options.check(draft)

    async def publish(
        self, draft: Draft, account: Credentials, http: Client, checkpoint: Checkpoint
    ) -> Outcome:
        if not draft.media:
            raise Unsupported("TikTok posts a video or photos, and no text alone.")
        is_same = checkpoint.get("draft") == transfer.fingerprint(draft)
        if checkpoint.get("publish_id") and (is_same or status.may_be_posted(checkpoint)):
            known = await self._stand(draft, account, http, checkpoint)
            if not isinstance(known, Absent):
                return known
        else:
            checkpoint["publish_id"] = ""
        if not checkpoint["publish_id"]:
            await transfer.begin(draft, account, http, checkpoint)
        if not options.is_pulled(draft):
            http.hide(checkpoint["upload_url"])
            await media.send(draft.media[0], http, checkpoint)
        known = await self._stand(draft, account, http, checkpoint)
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
            if not checkpoint.get("pulled"):
                return Absent(proven=True)
            return await self._look(draft, account, http, checkpoint, sent_at)
        try:
            known = await self._status(draft, account, http, checkpoint)
        except PlatformError as problem:
            if errors.MEANINGS.get(problem.platform_code) is errors.LOST:
                return CannotTell(status.profile_url(checkpoint))
            raise
        if isinstance(known, Published) and status.awaits_id(known, checkpoint):
            return Processing(after_seconds=5)
        return known

    def explain(self, answer: Answer) -> PlatformError:
        return errors.explain(answer)

    async def _look(
        self,
        draft: Draft,
        account: Credentials,
        http: Client,
        checkpoint: Checkpoint,
        sent_at: datetime,
    ) -> Finding:
        """Look for a post whose publish id never arrived. Not to see it proves nothing."""
        profile = status.profile_url(checkpoint)
        is_shown = checkpoint.get("public") and bool(draft.text.strip())
        if not is_shown or (account.scopes and lookup.SCOPE not in account.scopes):
            return CannotTell(profile)
        try:
            found = await lookup.find(draft, account.token, http, sent_at)
        except Unauthorized as problem:
            if problem.code == errors.SCOPE.code:
                return CannotTell(profile)
            raise
        theirs = await checkpoint.others(found)
        ours = [post_id for post_id in found if post_id not in theirs]
        if not ours:
            return Absent(proven=False)
        return status.published(ours[-1:], checkpoint, draft)

    async def _stand(
        self, draft: Draft, account: Credentials, http: Client, checkpoint: Checkpoint
    ) -> Published | Processing | Absent:
        """How the post of the publish id stands. Raises why it failed."""
        try:
            known = await self._status(draft, account, http, checkpoint)
        except PlatformError as problem:
            if not status.may_be_posted(checkpoint):
                raise
            known = status.while_posting(problem, checkpoint, draft)
        if isinstance(known, Refused):
            raise known.error
        if isinstance(known, Published) and status.awaits_id(known, checkpoint):
            return Processing(after_seconds=5)
        return known

    async def _status(
        self, draft: Draft, account: Credentials, http: Client, checkpoint: Checkpoint
    ) -> status.Standing:
        http.hide(checkpoint.get("upload_url", ""))
        checkpoint["username"] = checkpoint.get("username") or account.username
        body = {"publish_id": checkpoint["publish_id"]}
        answer = await api.call(http, account.token, "post/publish/status/fetch/", body)
        return status.read(api.data(answer), checkpoint, draft)
