"""Text, a link or photos, in two calls: create an invisible post with an id, then show it.

Repeating the second call makes no second post, and the post says whether it is visible, so a lost
answer can always be resolved.
Source: Graph API, Page feed, "Pages API Posts" (read 2026-11-24).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from platforms.drafts import Draft
from platforms.errors import OutcomeUnknown, PlatformError, Rejected, Unavailable
from platforms.facebook import photos
from platforms.facebook.page import WEBSITE, PageClient, address, succeeded
from platforms.facebook.post_types import PostType
from platforms.outcomes import Absent, Finding, Outcome, Published

DUPLICATE, PHOTOS_USED = "506", "100/1366051"
#: What Facebook's link scraper answers; it may succeed the next time.
SCRAPER = ("1500", "1609005")


class Feed(PostType):
    """The checkpoint keeps `photos`, `post` (its id) and `link_tried`."""

    async def publish(self, draft: Draft, page: PageClient) -> Outcome:
        post_id = page.checkpoint.get("post")
        if post_id is None:
            post_id = await self._create(draft, page)
        elif (seen := await _look(post_id, page))["is_published"]:
            return _published(post_id, seen)
        try:
            await self._show(post_id, page)
        except OutcomeUnknown as unknown:
            if unknown.platform_code != DUPLICATE:
                raise
            return await self._after_duplicate(post_id, page, unknown)
        try:
            return _published(post_id, await _look(post_id, page))
        except PlatformError:
            return _published(post_id, {})

    async def find(self, draft: Draft, page: PageClient, sent_at: datetime) -> Finding:
        post_id = page.checkpoint.get("post")
        if post_id is None:
            return Absent()
        seen = await _look(post_id, page)
        return _published(post_id, seen) if seen["is_published"] else Absent()

    async def _create(self, draft: Draft, page: PageClient) -> str:
        """The id of the invisible post. A lost answer leaves an invisible orphan."""
        body: dict[str, Any] = {"published": False}
        if draft.text:
            body["message"] = draft.text
        if draft.media:
            ids = await photos.upload(draft, page)
            body["attached_media"] = [{"media_fbid": photo} for photo in ids]
        elif link := draft.settings.get("link"):
            body["link"] = link
        try:
            answer = await page.write(f"{page.id}/feed", json=body)
        except (Unavailable, Rejected) as error:
            raise await self._again(error, page) from error
        # Durable before the post is shown: the irreversible call saves it.
        post_id = page.checkpoint["post"] = answer.take("id")
        return post_id

    async def _again(self, error: PlatformError, page: PageClient) -> PlatformError:
        """What a refusal to create the post means for the next try."""
        if error.platform_code == PHOTOS_USED:
            # An orphan has used them: the next try uploads them again.
            await page.checkpoint.save(photos=[])
        if error.platform_code in SCRAPER and not page.checkpoint.get("link_tried"):
            await page.checkpoint.save(link_tried=True)
            return error.as_(Unavailable)
        return error

    async def _show(self, post_id: str, page: PageClient) -> None:
        succeeded(await page.write(post_id, json={"is_published": True}, irreversible=True))

    async def _after_duplicate(
        self, post_id: str, page: PageClient, unknown: OutcomeUnknown
    ) -> Outcome:
        """The public post that this one is identical to may be itself or another."""
        try:
            seen = await _look(post_id, page)
        except PlatformError:
            raise unknown from None
        if seen["is_published"]:
            return _published(post_id, seen)
        raise unknown.as_(Rejected, code="duplicate_content")


async def _look(post_id: str, page: PageClient) -> Mapping[str, Any]:
    seen = await page.read(post_id, fields="is_published,permalink_url")
    if not isinstance(seen.get("is_published"), bool):
        raise Unavailable("Facebook did not say whether the post is public.")
    return seen


def _published(post_id: str, seen: Mapping[str, Any]) -> Published:
    """With the URL that Facebook gave, or the form that every post has."""
    return Published(post_id, address(seen.get("permalink_url"), f"{WEBSITE}/{post_id}"))
