"""A Page's video of any length, sent in the pieces that Facebook asks for.

Source: Graph API, Page videos, `upload_phase` of start, transfer and finish (read 2026-11-24).
"""

import json
from collections.abc import Mapping
from typing import Any

from platforms.drafts import Draft, Media
from platforms.errors import Unavailable
from platforms.facebook.page import VIDEO_GRAPH, PageClient, succeeded
from platforms.facebook.video import Video, label, renewing
from platforms.http.client import Answer
from platforms.http.uploads import multipart

WRONG_OFFSET = 1363037
#: How many pieces in a row may make no progress before this try ends.
STALLS = 3


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
            **label(draft),
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
    """The bounds of the piece that Facebook wants next; equal when it has everything."""
    try:
        return int(body["start_offset"]), int(body["end_offset"])
    except (KeyError, TypeError, ValueError):
        raise Unavailable("Facebook did not say which bytes it wants.") from None


def _wanted(answer: Answer) -> tuple[int, int] | None:
    """The piece that a refusal of another one asks for."""
    said = answer.error_object()
    if said.get("error_subcode") != WRONG_OFFSET:
        return None
    data = said.get("error_data")
    try:
        return _piece(json.loads(data) if isinstance(data, str) else data)
    except (ValueError, Unavailable):
        return None
