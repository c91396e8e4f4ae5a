"""The two ways of a post's media to TikTok: Dovecote sends a file, or TikTok fetches it.

A file that is sent becomes a post with its last byte: the init may be repeated, and the last piece
is the irreversible call. The upload URL is a secret: its holder may upload. If TikTok fetches the
file, the init itself is the post: it is the irreversible call and is never repeated.
Source: TikTok for Developers, Direct Post, Photo, Media Transfer Guide (read 2026-11-24).
"""

import hashlib
import json
import re
from typing import Any

from platforms import clock
from platforms.adapter import Call
from platforms.checkpoint import Checkpoint
from platforms.drafts import Draft, Media
from platforms.errors import OutcomeUnknown, PlatformError, Unavailable
from platforms.http.client import Answer, Client
from platforms.http.uploads import stream
from platforms.tiktok import api, creator, options

#: TikTok says MB without a definition; these fit both.
SINGLE_BYTES = 64_000_000
CHUNK_BYTES = 16_000_000
#: An upload URL lives for an hour; after this much more, it accepts nothing.
URL_SECONDS = 3600
GRACE_SECONDS = 300
#: The answer to the last piece may take a while.
ANSWER_SECONDS = 60
COMPLETE, PARTIAL, ELSEWHERE = 201, 206, 416

VIDEO_INIT, PHOTO_INIT = "post/publish/video/init/", "post/publish/content/init/"


def plan(size: int) -> tuple[int, int]:
    """(bytes per piece, number of pieces); the last piece also carries the remainder."""
    return (size, 1) if size <= SINGLE_BYTES else (CHUNK_BYTES, size // CHUNK_BYTES)


def source_info(size: int) -> dict[str, str | int]:
    """Return the source of an init, for a file of this size that Dovecote sends."""
    chunk_bytes, count = plan(size)
    return {
        "source": "FILE_UPLOAD",
        "video_size": size,
        "chunk_size": chunk_bytes,
        "total_chunk_count": count,
    }


def is_over(checkpoint: Checkpoint) -> bool:
    """Return whether the current publish id accepts no upload any more."""
    ends_at = float(checkpoint["started_at"]) + URL_SECONDS + GRACE_SECONDS
    return bool(checkpoint.get("url_refused")) or clock.unix_seconds() > ends_at


async def send(video: Media, http: Client, checkpoint: Checkpoint) -> None:
    """Send what TikTok does not have yet, from `uploaded_bytes` on. Saves `submitted_at`."""
    size, (chunk, count) = video.size_bytes, plan(video.size_bytes)
    last = (count - 1) * chunk
    first = min(int(checkpoint.get("uploaded_bytes", 0)) // chunk * chunk, last)
    while first < last:
        answer = await _put(video, http, checkpoint, first, chunk)
        first = _next(answer, first, chunk)
        await checkpoint.save(uploaded_bytes=first)
    checkpoint["last_piece_sent"] = True
    answer = await _put(video, http, checkpoint, last, size - last)
    if answer.status == PARTIAL:
        # TikTok expects more, so nothing is posted; the next try asks for the progress.
        raise Unavailable("TikTok did not take the whole file.", http_status=answer.status)
    if answer.status != COMPLETE:
        raise OutcomeUnknown(
            "TikTok's answer to the upload is unknown.", http_status=answer.status, body=answer.text
        )
    await checkpoint.save(submitted_at=clock.unix_seconds())


def _next(answer: Answer, first: int, chunk: int) -> int:
    """Return the offset after a piece. Raises Unavailable if TikTok does not have this piece."""
    if answer.status != ELSEWHERE:
        return first + chunk
    # TikTok has this piece already. It is not documented whether the range ends with a count.
    found = re.match(r"bytes 0-(\d+)/", answer.headers.get("content-range", ""))
    taken = (int(found[1]) + 1) // chunk * chunk if found else 0
    if taken <= first:
        raise Unavailable("TikTok has lost a piece of the file.", http_status=answer.status)
    return taken


async def _put(video: Media, http: Client, checkpoint: Checkpoint, first: int, size: int) -> Answer:
    is_last = first + size == video.size_bytes
    try:
        return await http.put(
            checkpoint["upload_url"],
            headers={
                "Content-Type": video.content_type,
                "Content-Length": str(size),
                "Content-Range": f"bytes {first}-{first + size - 1}/{video.size_bytes}",
            },
            content=stream(video, first, size),
            # For the last piece, it may mean that TikTok has the whole file.
            accept=() if is_last else (ELSEWHERE,),
            irreversible=is_last,
            timeout_seconds=ANSWER_SECONDS,
        )
    except PlatformError as error:
        # Once the last piece has left, only time proves that the upload cannot complete.
        if error.http_status in (403, 404) and not checkpoint.get("last_piece_sent"):
            await checkpoint.save(url_refused=True)
        raise


async def begin(call: Call) -> None:
    """Get a publish id. The checkpoint then holds what a status or a lookup needs."""
    draft, checkpoint = call.draft, call.checkpoint
    owner = await creator.read_creator(call.http, call.account.token)
    info = creator.post_info(draft, owner)
    checkpoint.clear()
    checkpoint.update(
        draft=fingerprint(draft),
        username=owner.username or call.account.username,
        public=info["privacy_level"] == options.PUBLIC,
        notes=creator.notes(draft, info),
        started_at=clock.unix_seconds(),
    )
    if options.is_pulled(draft):
        await _pull(call, info)
    else:
        await _open(call, info)


async def _open(call: Call, info: dict[str, Any]) -> None:
    """Get a publish id and an upload URL. Nothing is posted without bytes."""
    source = source_info(call.draft.media[0].size_bytes)
    body = {"post_info": info, "source_info": source}
    answer = await api.call(call.http, call.account.token, VIDEO_INIT, body)
    upload_url = answer.take("data", "upload_url")
    if not upload_url.startswith(("https://", "http://")):
        answer.unreadable("its answer held no upload URL")
    publish_id = answer.take("data", "publish_id")
    await call.checkpoint.save(publish_id=publish_id, upload_url=upload_url)


async def _pull(call: Call, info: dict[str, Any]) -> None:
    photos = options.is_photos(call.draft)
    body = _photos(call.draft, info) if photos else _video(call.draft, info)
    call.checkpoint["pulled"] = True
    path = PHOTO_INIT if photos else VIDEO_INIT
    answer = await api.call(call.http, call.account.token, path, body, irreversible=True)
    await call.checkpoint.save(publish_id=answer.take("data", "publish_id"))


def _video(draft: Draft, info: dict[str, Any]) -> dict[str, Any]:
    (url,) = _urls(draft)
    return {"post_info": info, "source_info": {"source": options.PULL, "video_url": url}}


def _photos(draft: Draft, info: dict[str, Any]) -> dict[str, Any]:
    body = {
        "media_type": "PHOTO",
        "post_mode": "DIRECT_POST",
        "post_info": info,
        "source_info": {
            "source": options.PULL,
            "photo_cover_index": draft.settings.get("photoCoverIndex", 0),
            "photo_images": _urls(draft),
        },
    }
    # Only if it is set, because older documents do not have this field.
    return {**body, "is_aigc": True} if draft.settings.get("isAigc") else body


def _urls(draft: Draft) -> list[str]:
    urls = [item.url for item in draft.media]
    if not all(url.startswith(("https://", "http://")) for url in urls):
        raise Unavailable("TikTok has no URL to fetch the file from.", code="media_unreachable")
    return urls


def fingerprint(draft: Draft) -> str:
    """Distinguishes an edited draft from the one that a publish id belongs to.

    Covers only what is sent: a new release may describe a file differently during an upload.
    """
    files = [[item.key, item.size_bytes] for item in draft.media]
    sent = json.dumps([draft.text, files, dict(draft.settings)], sort_keys=True)
    return hashlib.sha256(sent.encode()).hexdigest()[:16]
