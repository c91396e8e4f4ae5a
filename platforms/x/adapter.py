"""X posts: text and up to four images.

Needs nothing in `extra`: `platform_account_id` is the user id, `username` the handle.

Source: X API v2 OpenAPI document 2.167 and docs.x.com, "Create Post", "Upload media", "Rate
limits" (read 2026-11-24).
"""

import time
from datetime import datetime
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
    Published,
)
from platforms.client import Answer, Client
from platforms.errors import OutcomeUnknown, PlatformError, Rejected, Unavailable
from platforms.rules import ImageRule, Limits
from platforms.x import matching, refusals
from platforms.x.length import weighted_length
from platforms.x.oauth import XOAuth

API = "https://api.x.com"
IMAGE_BYTES = 5 * 1024 * 1024
ALT_TEXT_CHARS = 1000
ABSENT_AFTER_MS = 300_000
#: An uploaded file is not used again when it has less than this to live.
MEDIA_MARGIN_SECONDS = 300


class X(Adapter):
    key = "x"
    name = "X"
    logins = {"x": XOAuth()}
    limits = Limits(
        text_chars=280,
        media_items=4,
        image=ImageRule(
            ("image/jpeg", "image/png", "image/webp", "image/gif"),
            max_bytes=IMAGE_BYTES,
            alt_text_chars=ALT_TEXT_CHARS,
        ),
        text_unit="weighted characters",
    )

    def text_length(self, text: str) -> int:
        return weighted_length(text)

    async def publish(
        self, draft: Draft, account: Credentials, http: Client, checkpoint: Checkpoint
    ) -> Outcome:
        reused = bool(checkpoint.get("media"))
        body: dict[str, Any] = {"text": draft.text} if draft.text else {}
        if draft.media:
            ids = [await self._upload(item, account, http, checkpoint) for item in draft.media]
            body["media"] = {"media_ids": ids}
        sent_before = checkpoint.get("first_sent_ms") is not None
        checkpoint.setdefault("first_sent_ms", int(time.time() * 1000))
        try:
            answer = await http.post(
                f"{API}/2/tweets", headers=_bearer(account), json=body, irreversible=True
            )
        except OutcomeUnknown:
            raise
        except PlatformError as refusal:
            raise await self._refused(refusal, checkpoint, sent_before, reused) from refusal
        post_id = answer.take("data", "id")
        return _published(post_id, account)

    async def find(
        self,
        draft: Draft,
        account: Credentials,
        http: Client,
        checkpoint: Checkpoint,
        sent_at: datetime,
    ) -> Finding:
        sent_ms = int(sent_at.timestamp() * 1000)
        window = matching.window(min(sent_ms, checkpoint.get("first_sent_ms") or sent_ms), sent_ms)
        params = {**window, "max_results": "100", "exclude": "retweets"}
        url = f"{API}/2/users/{account.platform_account_id}/tweets"
        found = ""
        while True:
            page = (await http.get(url, headers=_bearer(account), params=params)).json()
            # Newest first: the last match is the earliest.
            for post in page.get("data", []):
                if matching.same_text(draft, post["text"]):
                    found = post["id"]
            params["pagination_token"] = page.get("meta", {}).get("next_token", "")
            if not params["pagination_token"]:
                break
        if found:
            return _published(found, account)
        if checkpoint.get("duplicate") or checkpoint.get("sent_again"):
            return CannotTell(look_at=f"https://x.com/{account.username}")
        # The account's own timeline lags by seconds. What it does not show after five minutes was
        # never posted; X's refusal of identical texts guards the one time it is sent again.
        proven = time.time() * 1000 - sent_ms >= ABSENT_AFTER_MS
        checkpoint["sent_again"] = proven
        return Absent(proven=proven)

    def explain(self, answer: Answer) -> PlatformError:
        return refusals.explain(answer)

    async def _refused(
        self, refusal: PlatformError, checkpoint: Checkpoint, sent_before: bool, reused: bool
    ) -> PlatformError:
        """What a refusal of the post means after what was tried before."""
        if refusal.platform_code == refusals.DUPLICATE and sent_before:
            # The lost post is out after all, or another of the same text: the list will show.
            await checkpoint.save(duplicate=True)
            return OutcomeUnknown("X says that this text is already public.", body=refusal.body)
        if isinstance(refusal, Rejected) and refusal.platform_code == refusals.MEDIA and reused:
            await checkpoint.save(media={}, first_sent_ms=None)
            return Unavailable("X has forgotten the uploaded media.", body=refusal.body)
        if not sent_before:
            # This send is known to have published nothing: a look-up must not start at it.
            await checkpoint.save(first_sent_ms=None)
        return refusal

    async def _upload(
        self, item: Media, account: Credentials, http: Client, checkpoint: Checkpoint
    ) -> str:
        uploads = checkpoint.setdefault("media", {})
        known = uploads.get(item.key)
        if known and known["good_until"] > time.time():
            return str(known["id"])
        if item.open is None:
            raise Unavailable(f"The file {item.filename} cannot be opened.", code="internal_error")
        with item.open() as file:
            answer = await http.post(
                f"{API}/2/media/upload",
                headers=_bearer(account),
                data={"media_category": "tweet_image"},
                files={"media": (item.filename, file, item.content_type)},
            )
        media_id = answer.take("data", "id")
        lifetime = float(answer.take("data", "expires_after_secs"))
        if item.alt_text:
            metadata = {"alt_text": {"text": item.alt_text}}
            await http.post(
                f"{API}/2/media/metadata",
                headers=_bearer(account),
                json={"id": media_id, "metadata": metadata},
            )
        good_until = time.time() + lifetime - MEDIA_MARGIN_SECONDS
        uploads[item.key] = {"id": media_id, "good_until": good_until}
        return media_id


def _bearer(account: Credentials) -> dict[str, str]:
    return {"Authorization": f"Bearer {account.token}"}


def _published(post_id: str, account: Credentials) -> Published:
    owner = account.username or "i/web"
    return Published(id=post_id, url=f"https://x.com/{owner}/status/{post_id}")
