"""Posts of a Page's feed: a text, a link, photos, or a video of any length.

A text, a link or photos take two calls: create an invisible post with an id, then show it.
Repeating the second call makes no second post, and the post says whether it is visible, so a lost
answer can always be resolved. A video is sent in the pieces that Facebook asks for.
Source: Graph API, Page feed, "Pages API Posts", Page videos with `upload_phase` of start, transfer
and finish (read 2026-11-24).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from platforms.drafts import Draft, Media
from platforms.errors import OutcomeUnknown, PlatformError, Rejected, Unavailable
from platforms.facebook.media import Video, renewing, upload_photos
from platforms.facebook.page import VIDEO_GRAPH, WEBSITE, PageClient, address, succeeded
from platforms.facebook.post_types import PostType
from platforms.http.client import Answer
from platforms.http.foreign.stated import read_json
from platforms.http.uploads import multipart
from platforms.meta.graph import ai_label
from platforms.outcomes import Absent, Finding, Outcome, Published

WRONG_OFFSET = 1363037
#: How many pieces in a row may make no progress before this try ends.
STALLS = 3

DUPLICATE, PHOTOS_USED = "506", "100/1366051"
#: The code of Facebook's link scraper, which may succeed the next time.
SCRAPER = ("1500", "1609005")


class VideoPost(Video):
    """Of the upload it keeps `session`, and `first` and `end` of the piece asked for next."""

    async def start(self, item: Media, page: PageClient) -> Mapping[str, Any]:
        answer = await self._write(page, upload_phase="start", file_size=item.size_bytes)
        first, end = _piece(answer.json())
        session = answer.take("upload_session_id")
        return {"id": answer.take("video_id"), "session": session, "first": first, "end": end}

    async def send(self, item: Media, page: PageClient) -> None:
        stalls, kept = 0, self.kept(page)
        while kept["first"] < kept["end"]:
            first, end = await self._transfer(item, page, kept)
            stalls = 0 if first > kept["first"] else stalls + 1
            if stalls == STALLS:
                raise Unavailable("Facebook stores no more bytes of the video.")
            await self.keep(page, first=first, end=end)
            kept = self.kept(page)
        if kept["first"] != item.size_bytes:
            raise Unavailable(
                "Facebook did not take the whole video.", code="media_processing_failed"
            )

    async def finish(self, draft: Draft, page: PageClient) -> Mapping[str, Any]:
        words = {"description": draft.text, "title": draft.settings.get("title", "")}
        answer = await self._write(
            page,
            irreversible=True,
            upload_phase="finish",
            upload_session_id=self.kept(page)["session"],
            published=True,
            **{name: value for name, value in words.items() if value},
            **ai_label(draft),
        )
        succeeded(answer)
        return {}

    async def _transfer(
        self, item: Media, page: PageClient, kept: Mapping[str, Any]
    ) -> tuple[int, int]:
        """Send one piece; the bounds of the next one that Facebook wants."""
        first, size = kept["first"], kept["end"] - kept["first"]
        fields = {
            "upload_phase": "transfer",
            "upload_session_id": kept["session"],
            "start_offset": str(first),
        }
        body = multipart(fields, "video_file_chunk", item, first, size)
        answer = await page.write(
            f"{page.id}/videos",
            host=VIDEO_GRAPH,
            headers=body["headers"],
            content=renewing(body["content"], page),
            accept=(400,),
        )
        if answer.status != 400:
            return _piece(answer.json())
        wanted = _wanted(answer)
        if wanted is None:
            raise page.http.refused(answer)
        return wanted

    async def _write(
        self, page: PageClient, *, irreversible: bool = False, **fields: Any
    ) -> Answer:
        return await page.write(
            f"{page.id}/videos", host=VIDEO_GRAPH, json=fields, irreversible=irreversible
        )


def _piece(body: Any) -> tuple[int, int]:
    """Return the bounds of the piece that Facebook wants next; equal when it has everything."""
    try:
        return int(body["start_offset"]), int(body["end_offset"])
    except (KeyError, TypeError, ValueError):
        raise Unavailable("Facebook did not say which bytes it wants.") from None


def _wanted(answer: Answer) -> tuple[int, int] | None:
    """Return the piece that a refusal of another one asks for."""
    said = answer.error_object()
    if said.get("error_subcode") != WRONG_OFFSET:
        return None
    data = said.get("error_data")
    try:
        return _piece(read_json(data) if isinstance(data, str) else data)
    except (ValueError, Unavailable):
        return None


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
        """Return the id of the invisible post. A lost answer leaves an invisible orphan."""
        body: dict[str, Any] = {"published": False}
        if draft.text:
            body["message"] = draft.text
        if draft.media:
            ids = await upload_photos(draft, page)
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
        """Return what a refusal to create the post means for the next try."""
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
        """Look up an identical public post, which may be this one or another."""
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
    """Return the post with the URL that Facebook gave, or the form that every post has."""
    return Published(post_id, address(seen.get("permalink_url"), f"{WEBSITE}/{post_id}"))
