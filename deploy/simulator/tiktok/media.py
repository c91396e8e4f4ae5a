"""Media of the simulated TikTok: files that it fetches itself, and chunks sent to its upload host.

Source: TikTok for Developers, Media Transfer Guide (read 2026-11-24).
"""

import io
from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from PIL import Image, UnidentifiedImageError
from starlette.requests import Request
from starlette.responses import Response

from deploy.simulator.network import call
from deploy.simulator.state.records import Account
from deploy.simulator.state.uploads import content_range
from deploy.simulator.tiktok.base import TikTokError
from deploy.simulator.tiktok.posts import TikTokPosts
from platforms.downloads.addresses import is_address
from platforms.http.client import Client
from platforms.http.refusals import explain_by_status
from platforms.http.transport import Transport

PHOTO_BYTES = 20 * 1000**2
#: 1080p, landscape or portrait.
SHORT_SIDE, LONG_SIDE = 1080, 1920
PHOTOS = {"JPEG": "image/jpeg", "WEBP": "image/webp"}
URL_SECONDS = 3600
TYPES = ("video/mp4", "video/quicktime", "video/webm")
WEBM = b"\x1a\x45\xdf\xa3"


def check_address(url: object, verified: Sequence[str] | None) -> None:
    """Raises TikTokError for a URL that TikTok does not fetch.

    `verified` holds domains and URL prefixes. With None, hosts of this machine and its network are
    allowed, which the real TikTok never reaches.
    """
    parts = urlsplit(url if isinstance(url, str) else "")
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not host:
        raise TikTokError(400, "invalid_params", "The URL is invalid.")
    if verified is None and _is_local(host):
        return
    known = verified or ()
    if any("://" in prefix and str(url).startswith(prefix) for prefix in known):
        return
    if parts.scheme != "https" or is_address(host):
        raise TikTokError(400, "invalid_params", "The URL must be https, and its host a domain.")
    if not any(host == domain or host.endswith(f".{domain}") for domain in known):
        message = "Please verify the ownership of the URL's domain or prefix."
        raise TikTokError(403, "url_ownership_unverified", message)


async def fetch(transport: Transport, url: str) -> bytes:
    """The file. Redirects are not followed. Raises PlatformError."""
    client = Client(transport, explain=lambda answer: explain_by_status("TikTok", answer))
    return (await client.get(url, headers={"Connection": "close"})).content


def check_photo(content: bytes) -> tuple[str, str]:
    """(content type, reason to refuse it) by the file's bytes."""
    try:
        with Image.open(io.BytesIO(content)) as image:
            kind, (width, height) = PHOTOS.get(image.format or "", ""), image.size
    except (UnidentifiedImageError, OSError):
        return "", "file_format_check_failed"
    if not kind or len(content) > PHOTO_BYTES:
        return kind, "file_format_check_failed"
    if min(width, height) > SHORT_SIDE or max(width, height) > LONG_SIDE:
        return kind, "picture_size_check_failed"
    return kind, ""


def check_video(content: bytes) -> tuple[str, str]:
    """(content type, reason to refuse it) by the file's bytes."""
    if content[:4] == b"\x1a\x45\xdf\xa3":
        return "video/webm", ""
    is_video = content[4:8] in (b"ftyp", b"moov")
    return "video/mp4", "" if is_video else "file_format_check_failed"


def _is_local(host: str) -> bool:
    return ip_address(host).is_private if is_address(host) else "." not in host


class TikTokUploads(TikTokPosts):
    """Calls: put_chunk, store_piece (each 256 KiB; only `drop` strikes here)."""

    def account(self, request: Request) -> Account | None:
        """The token's account; at the upload host the owner of the URL, which needs no token."""
        upload = self._upload(request)
        if upload is None:
            return super().account(request)
        return self.store.account(self.key, upload["account"])

    def uploaded(self, facts: Mapping[str, Any]) -> int:
        return self.uploads.size(facts["file"]) if facts.get("file") else super().uploaded(facts)

    async def put(self, request: Request) -> Response:
        return await self.put_chunk(request) if self._upload(request) else Response(status_code=404)

    def _upload(self, request: Request) -> dict[str, Any] | None:
        upload_id = request.query_params.get("upload_id", "")
        found = self.store.get(self.key, "upload", upload_id)
        given = request.query_params.get("upload_token")
        return {**found, "id": upload_id} if found and found["token"] == given else None

    @call("put_chunk")
    async def put_chunk(self, request: Request, account: Account) -> Response:
        upload = self._upload(request) or {}
        publish = self.store.get(self.key, "publish", upload["publish_id"]) or {}
        if publish["ready_at"]:
            return Response(status_code=404)
        if self.store.now() > upload["ends_at"]:
            return Response(status_code=403)
        source, file_id = publish["source"], publish["file"]
        total, stored = source["video_size"], self.uploads.size(file_id)
        span, headers = content_range(request, total), request.headers
        kind = headers.get("content-type", "")
        if span is None or "content-range" not in headers or kind not in TYPES:
            return Response(status_code=400)
        if span[0] != stored:
            return Response(status_code=416, headers=_progress(stored, total))
        number = stored // source["chunk_size"]
        is_last = number == source["total_chunk_count"] - 1
        if span[1] + 1 != (total if is_last else stored + source["chunk_size"]):
            return Response(status_code=400)
        if not await self.receive(file_id, request, account, step=0):
            return Response(status_code=400)
        if is_last:
            digest = self.uploads.finish(file_id)
            self.store.change("", "file", file_id, content_type=kind)
            problem = "" if self._is_video(file_id, kind) else "file_format_check_failed"
            self.complete(upload["publish_id"], account, [file_id], [digest], problem)
        return Response(status_code=201 if is_last else 206, headers=_progress(span[1] + 1, total))

    def _is_video(self, file_id: str, kind: str) -> bool:
        head = self.uploads.head(file_id)
        return head[:4] == WEBM if kind == "video/webm" else head[4:8] in (b"ftyp", b"moov")


def _progress(stored: int, total: int) -> dict[str, str]:
    return {"Content-Range": f"bytes 0-{stored}/{total}"}
