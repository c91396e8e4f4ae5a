"""The request that makes a Pin, with its pictures in base64, read while they are sent.

So Pinterest fetches nothing from this installation. Source: OpenAPI 5.23.0 of
github.com/pinterest/api-description, POST /pins, and the media sources of its body (read
2026-12-01).
"""

import base64
import json
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from platforms.drafts import Draft, Media
from platforms.http.uploads import stream

#: The option that makes the post's first picture the cover of its video.
COVER = "useImageAsCover"


def pictures(draft: Draft) -> tuple[Media, ...]:
    return tuple(item for item in draft.media if item.kind == "image")


def video(draft: Draft) -> Media | None:
    return next((item for item in draft.media if item.kind == "video"), None)


def alt_text(draft: Draft) -> str:
    """Return the one alt text of a Pin: those of its files, in their order."""
    return " ".join(item.alt_text for item in draft.media if item.alt_text)


def request(draft: Draft, board: str, media_id: str) -> dict[str, Any]:
    """Return the options of the request. `media_id` is that of an uploaded video, if there is one.

    A picture stands in it as a mark, which is then replaced by the file.
    """
    mark, settings = secrets.token_hex(16), draft.settings
    said = {
        "board_section_id": settings.get("sectionId"),
        "title": settings.get("title"),
        "description": draft.text,
        "link": settings.get("link"),
        "alt_text": alt_text(draft),
    }
    given = {name: value for name, value in said.items() if value}
    made = {"board_id": board, **given, "media_source": _source(draft, media_id, mark)}
    return _streamed(made, mark, pictures(draft))


def _source(draft: Draft, media_id: str, mark: str) -> dict[str, Any]:
    files = [{"content_type": item.content_type, "data": mark} for item in pictures(draft)]
    if media_id:
        return {"source_type": "video_id", "media_id": media_id, **_cover(draft, files)}
    if len(files) == 1:
        return {"source_type": "image_base64", **files[0]}
    return {"source_type": "multiple_image_base64", "items": files}


def _cover(draft: Draft, files: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """Return the cover of a video, without which Pinterest takes none: a picture or a moment."""
    if files:
        names = {"cover_image_content_type": "content_type", "cover_image_data": "data"}
        return {name: files[0][part] for name, part in names.items()}
    return {"cover_image_key_frame_time": draft.settings.get("coverSeconds") or 0}


def _streamed(made: Mapping[str, Any], mark: str, files: Sequence[Media]) -> dict[str, Any]:
    """Return JSON in which each mark is replaced by a file."""
    texts = [text.encode() for text in json.dumps(made).split(mark)]
    sizes = [-(-item.size_bytes // 3) * 4 for item in files]

    async def content() -> AsyncIterator[bytes]:
        for text, item in zip(texts, files, strict=False):
            yield text
            async for piece in _base64(item):
                yield piece
        yield texts[-1]

    length = sum(map(len, texts)) + sum(sizes)
    headers = {"Content-Type": "application/json", "Content-Length": str(length)}
    return {"headers": headers, "content": content()}


async def _base64(item: Media) -> AsyncIterator[bytes]:
    rest = b""
    async for chunk in stream(item):
        rest += chunk
        whole = len(rest) - len(rest) % 3
        yield base64.b64encode(rest[:whole])
        rest = rest[whole:]
    yield base64.b64encode(rest)
