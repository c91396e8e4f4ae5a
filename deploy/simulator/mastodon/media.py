"""Files of posts: stored at once, processed later if they are videos.

Calls: upload_media, get_media, whose settings stand in `api.py`.
"""

import io
import math
import secrets
from typing import Any

from PIL import Image, UnidentifiedImageError
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deploy.simulator.mastodon import rules
from deploy.simulator.mastodon.rules import IMAGES, NO_RECORD, VIDEOS, invalid, refused
from deploy.simulator.network import Network, call
from deploy.simulator.state.records import Account
from deploy.simulator.strict import sniffed, wrong

#: The beginnings of files, and where they are.
STARTS = {
    "image/jpeg": (0, b"\xff\xd8\xff"),
    "image/png": (0, b"\x89PNG"),
    "image/gif": (0, b"GIF8"),
    "image/webp": (0, b"RIFF"),
    "video/mp4": (4, b"ftyp"),
    "video/quicktime": (4, b"ftyp"),
    "video/webm": (0, b"\x1aE\xdf\xa3"),
}


class MastodonMedia(Network):
    """The calls about files, and who may make any call."""

    key = "mastodon"
    name, colour = "Mastodon", "#563acc"

    def account(self, request: Request) -> Account | None:
        owner = super().account(request)
        return owner if owner and owner.id.endswith(f"@{host_of(request)}") else None

    def need(self, request: Request, scope: str) -> None:
        """Raise Refused unless the token may do this: `write:media` or all of `write`."""
        token = self.token(request)
        if token is None or not (token.allows(scope) or token.allows(scope.partition(":")[0])):
            raise refused(403, "This action is outside the authorized scopes")

    @call("upload_media")
    async def upload_media(self, request: Request, account: Account) -> Response:
        self.need(request, "write:media")
        async with request.form() as form:
            items = form.multi_items()
            said = {name: value for name, value in items if name != "file"}
            file, about = form.get("file"), str(form.get("description", ""))
            is_odd = len(items) != len(form) or wrong(said, rules.FILE)
            if is_odd or not isinstance(file, UploadFile):
                raise invalid("File can't be blank")
            content = await file.read()
            # Servers look into a file that does not say what it is.
            kind = file.content_type or sniffed(content, STARTS)
        at, start = STARTS.get(kind, (0, b"?"))
        if content[at : at + len(start)] != start:
            raise invalid("File content type is invalid, File is invalid")
        most = rules.IMAGE_BYTES if kind in IMAGES else rules.VIDEO_BYTES
        if len(content) > most:
            raise invalid(f"File file size must be less than {most} bytes")
        if kind in IMAGES:
            check_pixels(content)
        is_slow = kind in VIDEOS and request.url.path.endswith("/v2/media")
        return self._keep(account, content, kind, about, is_slow=is_slow)

    def _keep(
        self, account: Account, content: bytes, kind: str, about: str, *, is_slow: bool
    ) -> Response:
        media_id = str(int.from_bytes(secrets.token_bytes(7)) + 1)
        seconds = float(self.setting(account.id, "processing_seconds", 1)) if is_slow else 0
        host = account.id.rpartition("@")[2]
        told = {
            "id": media_id,
            "type": "video" if kind in VIDEOS else "gifv" if kind == "image/gif" else "image",
            "url": f"https://{host}/media/{media_id}",
            "preview_url": f"https://{host}/media/{media_id}/small",
            "description": about or None,
        }
        stored = self.store.write_file(content, kind)
        known = {"told": told, "file": stored, "until": self.store.now() + seconds, "post": ""}
        self.store.put(self.key, "media", media_id, account.id, known)
        return JSONResponse({**told, "url": None} if is_slow else told, 202 if is_slow else 200)

    @call("get_media")
    async def get_media(self, request: Request, account: Account) -> Response:
        self.need(request, "write:media")
        found = self.store.get(self.key, "media", request.path_params["id"])
        if found is None or found["account"] != account.id or found["post"]:
            raise refused(404, NO_RECORD)
        if self.setting(account.id, "media_fails", False):
            raise refused(422, "Error processing thumbnail for uploaded media")
        if found["until"] > self.store.now():
            return JSONResponse({**found["told"], "url": None}, 206)
        return JSONResponse(found["told"])

    def file(self, media_id: str, account: Account) -> dict[str, Any]:
        """Return a file that a post may have. Raises Refused."""
        found = self.store.get(self.key, "media", media_id)
        if found is None or found["account"] != account.id or found["post"]:
            raise invalid(f"Media {media_id} not found or already attached to another post")
        if found["until"] > self.store.now():
            said = "Cannot attach files that have not finished processing. Try again in a moment!"
            raise invalid(said)
        return found


def check_pixels(content: bytes) -> None:
    try:
        with Image.open(io.BytesIO(content)) as image:
            size = image.size
    except (UnidentifiedImageError, OSError):
        raise invalid("File content type is invalid, File is invalid") from None
    if math.prod(size) > rules.IMAGE_PIXELS:
        raise refused(422, "{}x{} images are not supported".format(*size))


def host_of(request: Request) -> str:
    return str(request.scope["root_path"]).strip("/")
