"""X posts: text with up to four images, one animated GIF or one video; threads of such posts.

Needs nothing in `extra`: `platform_account_id` is the user id, `username` the handle. A premium
account may post longer texts; who composes does not know the account, so everybody gets 280.

Source: X API v2 OpenAPI document 2.167 and docs.x.com, "Create Post", "Media best practices", "Rate
limits" (read 2026-11-24).
"""

from dataclasses import replace
from datetime import datetime

from platforms import clock, oauth
from platforms.adapter import Adapter
from platforms.checkpoint import Checkpoint
from platforms.drafts import Credentials, Draft
from platforms.errors import OutcomeUnknown, PlatformError, Rejected, Unavailable, Unsupported
from platforms.http.client import Answer, Client
from platforms.limits import ImageRule, Limits, VideoRule
from platforms.outcomes import Finding, Outcome, Processing, Published
from platforms.text import TextLength
from platforms.x import errors, length, lookup, media, thread
from platforms.x.oauth import XOAuth

API = "https://api.x.com"
MIB = 1024 * 1024
ALT_TEXT_CHARS = 1000
#: An animation's pictures together.
GIF_PIXELS = 300_000_000


class X(Adapter):
    key = "x"
    name = "X"
    logins = {"x": XOAuth()}
    options = thread.OPTIONS
    features = ("threads", "alt_text", "quotes")
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

    def text_length(self, text: str) -> int:
        return length.weighted_length(text)

    def measure(self, text: str, limit: int) -> TextLength:
        return length.measure(text, limit)

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
                raise Unsupported("X takes GIFs of up to 300 million pixels in all pictures.")

    async def publish(
        self, draft: Draft, account: Credentials, http: Client, checkpoint: Checkpoint
    ) -> Outcome:
        public = list(checkpoint.get("parts", []))
        try:
            return await self._publish(draft, account, http, checkpoint, public)
        except PlatformError as error:
            shown = _with_scopes_known(error, account)
            thread.say_what_is_public(shown, draft, account, public)
            raise shown from error.__cause__

    async def _publish(
        self,
        draft: Draft,
        account: Credentials,
        http: Client,
        checkpoint: Checkpoint,
        public: list[str],
    ) -> Outcome:
        media_ids: list[str] = []
        if draft.media and not public:
            uploaded = await media.upload(draft.media, account, http, checkpoint)
            if isinstance(uploaded, Processing):
                return uploaded
            media_ids = uploaded
        while len(public) < len(thread.texts(draft)):
            # Whoever goes on must know which parts are out, and none of the last one's story.
            if public and public != checkpoint.get("parts"):
                await checkpoint.save(parts=list(public), **thread.UNTOLD)
            public.append(await self._send(draft, account, http, checkpoint, public, media_ids))
        return Published(id=public[0], url=thread.address(account, public[0]))

    async def _send(
        self,
        draft: Draft,
        account: Credentials,
        http: Client,
        checkpoint: Checkpoint,
        public: list[str],
        media_ids: list[str],
    ) -> str:
        body = thread.body(draft, public, media_ids)
        sent_before = checkpoint.get("first_sent_ms") is not None
        if not sent_before:
            checkpoint["first_sent_ms"] = int(clock.unix_seconds() * 1000)
        try:
            answer = await http.post(
                f"{API}/2/tweets", headers=_bearer(account), json=body, irreversible=True
            )
        except OutcomeUnknown:
            raise
        except PlatformError as refusal:
            raise await self._refused(refusal, checkpoint, sent_before) from refusal
        return answer.take("data", "id")

    async def _refused(
        self, refusal: PlatformError, checkpoint: Checkpoint, sent_before: bool
    ) -> PlatformError:
        """What a refusal of the post means after what was tried before."""
        if refusal.code == "duplicate_content" and sent_before:
            # The lost post is out after all, or another of the same text: the list will show. What
            # was sent before is as unanswered as it was.
            checkpoint.state = "sent"
            await checkpoint.save(duplicate=True)
            return refusal.as_(OutcomeUnknown, "X says that this text is already public.")
        if not sent_before:
            # This send is known to have published nothing: a look-up must not start at it.
            checkpoint["first_sent_ms"] = None
        is_lost = checkpoint.get("media") and errors.is_about_media_ids(refusal)
        if is_lost and await media.forget(checkpoint):
            return refusal.as_(Unavailable, "X has forgotten the uploaded media.")
        await checkpoint.save()
        return refusal

    async def find(
        self,
        draft: Draft,
        account: Credentials,
        http: Client,
        checkpoint: Checkpoint,
        sent_at: datetime,
    ) -> Finding:
        return await lookup.find(draft, account, http, checkpoint, sent_at)

    async def shows_as_own(self, post_id: str, account: Credentials, http: Client) -> bool | None:
        return await lookup.shows_as_own(post_id, account, http)

    def explain(self, answer: Answer) -> PlatformError:
        return errors.explain(answer)


def _bearer(account: Credentials) -> dict[str, str]:
    return {"Authorization": f"Bearer {account.token}"}


def _with_scopes_known(error: PlatformError, account: Credentials) -> PlatformError:
    """A bare 403 means a missing scope, unless everything is known to have been granted."""
    if error.code != "permission_missing" or not account.scopes:
        return error
    if oauth.missing(X.logins["x"], account.scopes):
        return error
    return error.as_(Rejected, "X does not permit this account to post this.")
