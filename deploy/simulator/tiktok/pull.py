"""Media that the simulated TikTok fetches itself: the URLs it accepts, and checks of the files.

Source: TikTok for Developers, Media Transfer Guide (read 2026-11-24).
"""

import io
from collections.abc import Sequence
from ipaddress import ip_address
from urllib.parse import urlsplit

from PIL import Image, UnidentifiedImageError

from deploy.simulator.tiktok.base import TikTokError
from platforms.downloads.addresses import is_address
from platforms.http.client import Client
from platforms.http.refusals import explain_by_status
from platforms.http.transport import Transport

PHOTO_BYTES = 20 * 1000**2
#: 1080p, landscape or portrait.
SHORT_SIDE, LONG_SIDE = 1080, 1920
PHOTOS = {"JPEG": "image/jpeg", "WEBP": "image/webp"}


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
