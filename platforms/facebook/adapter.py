"""Facebook Page posts: text, a link, or photos.

The post is first made invisible, which gives its id, and then made visible. That second call may
be repeated without a second post, and the post itself says whether it is visible, so a lost
answer can always be cleared up.
Source: Graph API, Page feed, Page photos, "Pages API Posts" (read 2026-11-24).
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from platforms import meta
from platforms.base import (
    Absent,
    Adapter,
    Checkpoint,
    Credentials,
    Draft,
    Finding,
    Media,
    Outcome,
    Published,
)
from platforms.client import Answer, Client
from platforms.errors import (
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
    Unsupported,
)
from platforms.rules import ImageRule, Limits

VERSION = "v26.0"
API = f"https://graph.facebook.com/{VERSION}"
PHOTO_TYPES = ("image/jpeg", "image/png", "image/gif", "image/bmp", "image/tiff")
PHOTO_BYTES = 4 * 1024 * 1024
DUPLICATE, PHOTOS_USED = "506", "100/1366051"

IDENTITY = meta.Meaning(Unauthorized, "Facebook wants the Page's owner to confirm who they are.")
LIMITED = meta.Meaning(
    RateLimited, "Facebook limits this Page for now; its owner should look there.", meta.DAY_SECONDS
)
BAD_PHOTO = meta.Meaning(Rejected, "Facebook does not take this photo.")
BAD_LINK = meta.Meaning(Rejected, "Facebook does not take this link.")

MEANINGS: meta.Meanings = {
    (None, 1404078): IDENTITY,
    (None, 4854002): IDENTITY,
    (368, 1390008): meta.Meaning(
        RateLimited, "The Page posts too fast for Facebook.", 2 * meta.HOUR_SECONDS
    ),
    **{(None, subcode): LIMITED for subcode in (1346003, 1404102, 1404112, 1404006)},
    (None, 1363047): meta.TROUBLE,
    (None, 1609010): meta.TROUBLE,
    (100, 1366051): meta.Meaning(
        Unavailable, "Facebook has these photos in a post.", when_publishing=OutcomeUnknown
    ),
    (324, None): BAD_PHOTO,
    (5101, None): BAD_PHOTO,
    (100, 1366046): BAD_PHOTO,
    (None, 2069019): BAD_PHOTO,
    **{(code, None): BAD_LINK for code in (1500, 1609005)},
    **{(None, subcode): BAD_LINK for subcode in (1609008, 2061006)},
    **{(code, None): meta.REFUSED for code in (105, 194, 197)},
}


class Facebook(Adapter):
    """A Page: `platform_account_id` is its id, `token` its Page token. Needs no `extra`."""

    key = "facebook"
    name = "Facebook"
    limits = Limits(
        text_chars=63206,
        media_items=10,
        image=ImageRule(tuple(sorted(PHOTO_TYPES)), max_bytes=PHOTO_BYTES, alt_text_chars=1000),
    )

    def check(self, draft: Draft) -> None:
        super().check(draft)
        if not draft.text and not draft.media and not draft.settings.get("link"):
            raise Unsupported("A Facebook post needs a text, a link or a photo.")
        if len(draft.media) > self.limits.media_items:
            raise Unsupported(f"Facebook takes at most {self.limits.media_items} photos.")
        for item in draft.media:
            if item.content_type not in PHOTO_TYPES:
                raise Unsupported(f"Facebook does not take photos of type {item.content_type}.")
            if item.size_bytes > PHOTO_BYTES:
                raise Unsupported(f"Facebook photos hold at most {PHOTO_BYTES} bytes.")

    async def publish(
        self, draft: Draft, account: Credentials, http: Client, checkpoint: Checkpoint
    ) -> Outcome:
        self.check(draft)
        post_id = checkpoint.get("post")
        if post_id is None:
            post_id = await self._create(draft, account, http, checkpoint)
        elif (seen := await self._look(post_id, account, http))["is_published"]:
            return _published(post_id, seen)
        try:
            await self._show(post_id, account, http)
        except OutcomeUnknown as unknown:
            if unknown.platform_code != DUPLICATE:
                raise
            return await self._after_duplicate(post_id, account, http, unknown)
        try:
            return _published(post_id, await self._look(post_id, account, http))
        except PlatformError:
            return _published(post_id, {})

    async def find(
        self,
        draft: Draft,
        account: Credentials,
        http: Client,
        checkpoint: Checkpoint,
        sent_at: datetime,
    ) -> Finding:
        post_id = checkpoint.get("post")
        if post_id is None:
            return Absent()
        seen = await self._look(post_id, account, http)
        return _published(post_id, seen) if seen["is_published"] else Absent()

    def explain(self, answer: Answer) -> PlatformError:
        return meta.explain(self.name, answer, MEANINGS)

    async def _create(
        self, draft: Draft, account: Credentials, http: Client, checkpoint: Checkpoint
    ) -> str:
        """The id of the invisible post. A lost answer leaves an orphan nobody sees."""
        body: dict[str, Any] = {"published": False}
        if draft.text:
            body["message"] = draft.text
        if draft.media:
            photos = await self._photos(draft, account, http, checkpoint)
            body["attached_media"] = [{"media_fbid": photo} for photo in photos]
        elif link := draft.settings.get("link"):
            body["link"] = link
        url = f"{API}/{account.platform_account_id}/feed"
        try:
            answer = await http.post(url, headers=meta.bearer(account), json=body)
        except Unavailable as error:
            if error.platform_code == PHOTOS_USED:
                # By an orphan: the next try uploads them again.
                await checkpoint.save(photos=[])
            raise
        # Durable before the post is shown: the irreversible call saves it.
        post_id = checkpoint["post"] = answer.take("id")
        return post_id

    async def _photos(
        self, draft: Draft, account: Credentials, http: Client, checkpoint: Checkpoint
    ) -> list[str]:
        photos: list[str] = list(checkpoint.get("photos", ()))
        for item in draft.media[len(photos) :]:
            photos.append(await self._upload(item, account, http))
            await checkpoint.save(photos=photos)
        return photos

    async def _upload(self, item: Media, account: Credentials, http: Client) -> str:
        fields = {"published": "false"}
        if item.alt_text:
            fields["alt_text_custom"] = item.alt_text
        content = await asyncio.to_thread(_read, item)
        answer = await http.post(
            f"{API}/{account.platform_account_id}/photos",
            headers=meta.bearer(account),
            data=fields,
            files={"source": (item.filename, content, item.content_type)},
        )
        return answer.take("id")

    async def _show(self, post_id: str, account: Credentials, http: Client) -> None:
        answer = await http.post(
            f"{API}/{post_id}",
            headers=meta.bearer(account),
            json={"is_published": True},
            irreversible=True,
        )
        if answer.take("success") != "True":
            answer.unreadable("did not say that it succeeded")

    async def _look(self, post_id: str, account: Credentials, http: Client) -> Mapping[str, Any]:
        answer = await http.get(
            f"{API}/{post_id}",
            headers=meta.bearer(account),
            params={"fields": "is_published,permalink_url"},
        )
        answer.take("is_published")
        seen: Mapping[str, Any] = answer.json()
        return seen

    async def _after_duplicate(
        self, post_id: str, account: Credentials, http: Client, unknown: OutcomeUnknown
    ) -> Outcome:
        """Identical to a post that is public: to this one, or to somebody else's."""
        try:
            seen = await self._look(post_id, account, http)
        except PlatformError:
            raise unknown from None
        if seen["is_published"]:
            return _published(post_id, seen)
        raise Rejected(
            unknown.message,
            platform_code=unknown.platform_code,
            http_status=unknown.http_status,
            request_id=unknown.request_id,
            body=unknown.body,
        )


def _published(post_id: str, seen: Mapping[str, Any]) -> Published:
    """With the address Facebook gave, or the form of it that every post has."""
    return Published(post_id, seen.get("permalink_url") or f"https://www.facebook.com/{post_id}")


def _read(item: Media) -> bytes:
    if item.open is None:
        raise Unavailable(f"The file {item.filename} cannot be opened.", code="internal_error")
    with item.open() as file:
        return file.read()
