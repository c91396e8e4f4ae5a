"""LinkedIn posts of members and organizations: text and up to twenty images.

`extra["author"]` is the author's URN, `urn:li:person:…` or `urn:li:organization:…`; `username` is
the last part of the profile's address.

Source: Microsoft Learn, "Posts API", "Images API", "MultiImage API" (read 2026-11-24).
"""

import time
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote

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
)
from platforms.client import Answer, Client
from platforms.errors import OutcomeUnknown, PlatformError, Rejected, Unsupported
from platforms.files import stream
from platforms.linkedin import refusals
from platforms.linkedin.text import escape, unescape
from platforms.rules import ImageRule, Limits

API = "https://api.linkedin.com/rest"
#: Lives until August 2027 at least; an older one is answered by 426 to every call.
VERSION = "202608"
ALT_TEXT_CHARS = 4086
#: Clocks may differ by this before a send; after one, the longest call is added.
BEFORE_MS, AFTER_MS = 60_000, 150_000
ABSENT_AFTER_MS = 300_000
#: A pause for images whose state the account may not read.
BLIND_PAUSE_SECONDS = 5


class LinkedIn(Adapter):
    key = "linkedin"
    name = "LinkedIn"
    limits = Limits(
        text_chars=3000,
        media_items=20,
        image=ImageRule(
            ("image/jpeg", "image/png", "image/gif", "image/webp"),
            max_bytes=20 * 1024**2,
            alt_text_chars=ALT_TEXT_CHARS,
        ),
    )

    def text_length(self, text: str) -> int:
        """UTF-16 units; LinkedIn does not say what it counts, this is the strictest reading."""
        return len(text.encode("utf-16-le")) // 2

    def check(self, draft: Draft) -> None:
        super().check(draft)
        if any(len(item.alt_text) > ALT_TEXT_CHARS for item in draft.media):
            raise Unsupported("LinkedIn takes alt texts of up to 4086 characters.")

    async def publish(
        self, draft: Draft, account: Credentials, http: Client, checkpoint: Checkpoint
    ) -> Outcome:
        ready = [await self._image_ready(i, account, http, checkpoint) for i in draft.media]
        if not all(ready):
            return Processing(BLIND_PAUSE_SECONDS if checkpoint.get("blind") else 1)
        sent_before = checkpoint.get("first_sent_ms")
        now_ms = int(time.time() * 1000)
        checkpoint["first_sent_ms"] = sent_before or now_ms
        try:
            answer = await http.post(
                f"{API}/posts",
                headers=_headers(account),
                json=_body(draft, account, checkpoint),
                irreversible=True,
            )
        except OutcomeUnknown:
            raise
        except PlatformError as refusal:
            return await self._refused(refusal, checkpoint, sent_before, now_ms)
        urn = unquote(answer.headers.get("x-restli-id", ""))
        if not urn:
            answer.unreadable("its answer held no x-restli-id")
        return _published(urn)

    async def find(
        self,
        draft: Draft,
        account: Credentials,
        http: Client,
        checkpoint: Checkpoint,
        sent_at: datetime,
    ) -> Finding:
        author = _author(account)
        if not author.startswith("urn:li:organization:"):
            name = quote(account.username) if account.username else "me"
            return CannotTell(f"https://www.linkedin.com/in/{name}/recent-activity/all/")
        listed = await http.get(
            f"{API}/posts",
            headers={**_headers(account), "X-RestLi-Method": "FINDER"},
            params={"author": author, "q": "author", "count": "100", "sortBy": "CREATED"},
        )
        sent_ms = int(sent_at.timestamp() * 1000)
        first_ms = min(sent_ms, checkpoint.get("first_sent_ms") or sent_ms)
        matches = [
            post
            for post in listed.json().get("elements", [])
            if post.get("author") == author
            and first_ms - BEFORE_MS <= post.get("createdAt", 0) <= sent_ms + AFTER_MS
            and unescape(post.get("commentary", "")).strip() == unescape(escape(draft.text)).strip()
        ]
        if matches:
            post = min(matches, key=lambda match: int(match["createdAt"]))
            if post.get("lifecycleState") == "PUBLISH_REQUESTED":
                return Processing(10)
            if post.get("lifecycleState") != "PUBLISH_FAILED":
                return _published(post["id"])
        elif checkpoint.get("duplicate") or checkpoint.get("sent_again"):
            number = author.rpartition(":")[2]
            return CannotTell(f"https://www.linkedin.com/company/{number}/posts/")
        # What the page's own list does not show after five minutes was never posted; LinkedIn's
        # refusal of duplicates guards the one time it is sent again.
        proven = bool(matches) or time.time() * 1000 - sent_ms >= ABSENT_AFTER_MS
        checkpoint["sent_again"] = proven and not matches
        return Absent(proven=proven)

    def explain(self, answer: Answer) -> PlatformError:
        return refusals.explain(answer)

    async def _refused(
        self,
        refusal: PlatformError,
        checkpoint: Checkpoint,
        sent_before: int | None,
        now_ms: int,
    ) -> Published:
        """What a refusal means after what was sent before; raises unless it names our post."""
        if refusal.platform_code == refusals.DUPLICATE:
            urn = refusals.duplicated_urn(refusal)
            made_ms = refusals.urn_ms(urn)
            if sent_before and sent_before - BEFORE_MS <= made_ms < now_ms:
                return _published(urn)
            # A URN as young as this send was seen to name nothing at all.
            if made_ms >= now_ms - 10_000 or (sent_before and not urn):
                await checkpoint.save(duplicate=True)
                raise OutcomeUnknown(
                    "LinkedIn says that this text is already public.", body=refusal.body
                ) from refusal
            url = _published(urn).url if urn else ""
            refusal = Rejected(
                f"LinkedIn refused the post: it was posted before {url}".strip() + ".",
                platform_code=refusals.DUPLICATE,
                http_status=refusal.http_status,
                body=refusal.body,
            )
        if refusal.platform_code in refusals.LOST_MEDIA:
            checkpoint["images"] = {}
        if not sent_before:
            # This send is known to have published nothing: a look-up must not start at it.
            checkpoint["first_sent_ms"] = None
        await checkpoint.save()
        raise refusal

    async def _image_ready(
        self, item: Media, account: Credentials, http: Client, checkpoint: Checkpoint
    ) -> bool:
        """Upload the image unless that is done; whether it can be posted now."""
        images = checkpoint.setdefault("images", {})
        headers = _headers(account)
        if item.key not in images:
            images[item.key] = {"urn": await _upload(item, account, http), "ready": False}
            await checkpoint.save()
        image = images[item.key]
        if image["ready"]:
            return True
        answer = await http.get(
            f"{API}/images/{quote(image['urn'], '')}", headers=headers, accept=(403,)
        )
        status = "" if answer.status == 403 else answer.take("status")
        if status == "PROCESSING_FAILED":
            raise Rejected(f"LinkedIn could not process {item.filename}.", platform_code=status)
        # A member may not read its state: one pause, then the post itself will tell.
        image["ready"] = not status or status == "AVAILABLE"
        checkpoint["blind"] = not status
        await checkpoint.save()
        return status == "AVAILABLE"


async def _upload(item: Media, account: Credentials, http: Client) -> str:
    started = await http.post(
        f"{API}/images",
        headers=_headers(account),
        params={"action": "initializeUpload"},
        json={"initializeUploadRequest": {"owner": _author(account)}},
    )
    urn = started.take("value", "image")
    await http.put(
        started.take("value", "uploadUrl"),
        headers={
            "Authorization": f"Bearer {account.token}",
            "Content-Type": item.content_type,
            "Content-Length": str(item.size_bytes),
        },
        content=stream(item),
    )
    return urn


def _body(draft: Draft, account: Credentials, checkpoint: Checkpoint) -> dict[str, Any]:
    body: dict[str, Any] = {
        "author": _author(account),
        "commentary": escape(draft.text),
        "visibility": "PUBLIC",
        "distribution": {
            "feedDistribution": "MAIN_FEED",
            "targetEntities": [],
            "thirdPartyDistributionChannels": [],
        },
        "lifecycleState": "PUBLISHED",
        "isReshareDisabledByAuthor": False,
    }
    images = [
        {"id": checkpoint["images"][item.key]["urn"], "altText": item.alt_text}
        for item in draft.media
    ]
    if images:
        body["content"] = {"multiImage": {"images": images}} if images[1:] else {"media": images[0]}
    return body


def _author(account: Credentials) -> str:
    return account.extra.get("author") or f"urn:li:person:{account.platform_account_id}"


def _headers(account: Credentials) -> dict[str, str]:
    return {
        "Authorization": f"Bearer {account.token}",
        "LinkedIn-Version": VERSION,
        "X-Restli-Protocol-Version": "2.0.0",
    }


def _published(urn: str) -> Published:
    return Published(id=urn, url=f"https://www.linkedin.com/feed/update/{urn}/")
