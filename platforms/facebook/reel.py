"""Reels: one request sends the upload host the bytes that it does not have yet.

Source: "Reels Publishing", "Page Stories" (read 2026-11-24).
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from platforms.drafts import Draft, Media
from platforms.facebook.page import WEBSITE, PageClient, succeeded
from platforms.facebook.video import Video, label, renewing
from platforms.http.uploads import stream

#: The answer to the last byte takes a while.
ANSWER_SECONDS = 60


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
            **label(draft),
        }
        succeeded(await page.write(f"{page.id}/{self.edge}", json=body, irreversible=True))
        return {}
