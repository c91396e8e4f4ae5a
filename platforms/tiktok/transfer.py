"""The two ways of a post to TikTok: Dovecote sends its file, or TikTok fetches it.

Sources: TikTok for Developers, Direct Post, Photo, Media Transfer Guide (read 2026-11-24).

A file that is sent becomes a post with its last byte, so its init may be repeated. If TikTok
fetches the file, the init itself is the post: it is the irreversible call and is never repeated.
"""

import hashlib
import json
from typing import Any

from platforms import clock
from platforms.call import Call
from platforms.drafts import Draft
from platforms.errors import Unavailable
from platforms.tiktok import api, creator, media, options

VIDEO_INIT, PHOTO_INIT = "post/publish/video/init/", "post/publish/content/init/"


async def begin(call: Call) -> None:
    """Get a publish id. The checkpoint then holds what a status or a lookup needs."""
    draft, checkpoint = call.draft, call.checkpoint
    owner = await creator.ask(call.http, call.account.token)
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
    source = media.source_info(call.draft.media[0].size_bytes)
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
