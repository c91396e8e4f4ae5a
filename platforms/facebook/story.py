"""Reels, and stories: a photo or a short video without text, recognised by the file that they show.

One request sends the upload host the bytes of a reel that it does not have yet.
Source: "Reels Publishing", "Page Stories" (read 2026-11-24).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

from platforms.drafts import Draft, Media
from platforms.errors import PlatformError
from platforms.facebook.media import Video, VideoStatus, renewing, upload_photos
from platforms.facebook.page import WEBSITE, PageClient, succeeded
from platforms.facebook.post_types import PostType
from platforms.http.uploads import stream
from platforms.meta.graph import ai_label
from platforms.outcomes import Absent, Finding, Outcome, Published

#: The answer to the last byte takes a while.
ANSWER_SECONDS = 60

NO_TEXT = "Facebook stories show no text: it was left out."


class Reel(Video):
    """Of the upload it keeps `upload_url` and `stored_bytes`."""

    edge: ClassVar[str] = "video_reels"

    def default_url(self, video_id: str) -> str:
        return f"{WEBSITE}/reel/{video_id}"

    async def start(self, item: Media, page: PageClient) -> Mapping[str, Any]:
        answer = await page.write(f"{page.id}/{self.edge}", json={"upload_phase": "start"})
        return {"id": answer.take("video_id"), "upload_url": answer.take("upload_url")}

    async def send(self, item: Media, page: PageClient) -> None:
        kept = self.kept(page)
        first = kept.get("stored_bytes", 0)
        if first >= item.size_bytes:
            return
        answer = await page.http.post(
            kept["upload_url"],
            headers={
                "Authorization": page.upload_authorization,
                "Content-Type": "application/octet-stream",
                "Content-Length": str(item.size_bytes - first),
                "offset": str(first),
                "file_size": str(item.size_bytes),
            },
            content=renewing(stream(item, first), page),
            timeout_seconds=ANSWER_SECONDS,
        )
        succeeded(answer)

    async def finish(self, draft: Draft, page: PageClient) -> Mapping[str, Any]:
        words = {"description": draft.text, "title": draft.settings.get("title", "")}
        body = {
            "upload_phase": "finish",
            "video_id": self.kept(page)["id"],
            "video_state": "PUBLISHED",
            **{name: value for name, value in words.items() if value},
            **ai_label(draft),
        }
        succeeded(await page.write(f"{page.id}/{self.edge}", json=body, irreversible=True))
        return {}


class PhotoStory(PostType):
    """The checkpoint keeps `photos`."""

    async def publish(self, draft: Draft, page: PageClient) -> Outcome:
        [photo_id] = await upload_photos(draft, page)
        answer = await page.write(
            f"{page.id}/photo_stories", json={"photo_id": photo_id}, irreversible=True
        )
        post_id = answer.take("post_id")
        try:
            listed = await _listed(photo_id, page)
        except PlatformError:
            listed = None
        return noting(draft, listed or Published(post_id))

    async def find(self, draft: Draft, page: PageClient, sent_at: datetime) -> Finding:
        uploaded = page.checkpoint.get("photos")
        if not uploaded:
            return Absent()
        listed = await _listed(uploaded[0], page)
        # A Page whose story archive is off may list nothing: absence is never proven.
        return noting(draft, listed) if listed else Absent(proven=False)


class VideoStory(Reel):
    """A reel in the story. The checkpoint also keeps the story's `post`, if Facebook told it."""

    edge: ClassVar[str] = "video_stories"

    async def publish(self, draft: Draft, page: PageClient) -> Outcome:
        outcome = await super().publish(draft, page)
        return noting(draft, outcome) if isinstance(outcome, Published) else outcome

    async def find(self, draft: Draft, page: PageClient, sent_at: datetime) -> Finding:
        video = page.checkpoint.get("video")
        if video and (listed := await _listed(video["id"], page)):
            return noting(draft, listed)
        found = await super().find(draft, page, sent_at)
        return noting(draft, found) if isinstance(found, Published) else found

    async def finish(self, draft: Draft, page: PageClient) -> Mapping[str, Any]:
        video_id = self.kept(page)["id"]
        body = {"upload_phase": "finish", "video_id": video_id, **ai_label(draft)}
        answer = await page.write(f"{page.id}/{self.edge}", json=body, irreversible=True)
        succeeded(answer)
        return {"post": str(answer.json().get("post_id") or "")}

    async def published(self, seen: VideoStatus, page: PageClient) -> Published:
        video = self.kept(page)
        try:
            listed = await _listed(video["id"], page)
        except PlatformError:
            listed = None
        return listed or Published(video.get("post") or video["id"])


async def _listed(media_id: str, page: PageClient) -> Published | None:
    """Return the story that shows this file, if the Page lists it."""
    answer = await page.read(
        f"{page.id}/stories", fields="post_id,status,media_id,url", limit="100"
    )
    for story in answer.get("data") or ():
        if str(story.get("media_id")) == media_id:
            post_id = str(story["post_id"])
            return Published(post_id, str(story.get("url") or f"{WEBSITE}/{post_id}"))
    return None


def noting(draft: Draft, published: Published) -> Published:
    return replace(published, notes=(*published.notes, NO_TEXT)) if draft.text else published
