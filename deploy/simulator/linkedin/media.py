"""LinkedIn's uploads: images and documents in one request, videos in parts.

Setting: `processing_seconds`.
"""

import asyncio
import secrets
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.simulator.linkedin.files import forbidden, initialize, is_good
from deploy.simulator.linkedin.rest import LinkedInRest, author_of, rest
from deploy.simulator.linkedin.rules import denied, invalid, problem, read_json
from deploy.simulator.network import Refused, call
from deploy.simulator.state.records import Account

PROCESSING_SECONDS = 0.3
UPLOAD_URL_SECONDS = 24 * 3600
VIDEO_URL_SECONDS = 30 * 24 * 3600
PART_BYTES = 4 * 1024 * 1024
VIDEO_BYTES = (75 * 1024, 5 * 1024**3)
UPLOADS = "/dms-uploads/"
KINDS = {"images": "image", "videos": "video", "documents": "document"}
PREFIXES = {"image": "C4E10AQ", "video": "C5F10AQ", "document": "C4D1FAQ"}


class LinkedInMedia(LinkedInRest):
    def media_routes(self) -> list[Route]:
        calls = {"image": self.start_upload, "document": self.start_document}
        calls |= {"video": self.change_video}
        looks = {"image": self.get_image, "document": self.get_document, "video": self.get_video}
        starts = [
            Route(f"/rest/{name}", calls[kind], methods=["POST"]) for name, kind in KINDS.items()
        ]
        return starts + [
            Route(f"/rest/{name}/{{urn}}", looks[kind]) for name, kind in KINDS.items()
        ]

    def upload_routes(self) -> list[Route]:
        return [
            Route(UPLOADS + "image/{key}", self.upload_image, methods=["PUT"]),
            Route(UPLOADS + "document/{key}", self.upload_document, methods=["PUT"]),
            Route(UPLOADS + "video/{key}/{part:int}", self.upload_part, methods=["PUT"]),
        ]

    def account(self, request: Request) -> Account | None:
        """The token's account; the URL of a part needs no token."""
        if "part" not in request.path_params:
            return super().account(request)
        upload = self._upload(f"urn:li:video:{request.path_params['key']}")
        return self.store.account(self.key, upload["account"]) if upload else None

    # Starting uploads

    @rest("start_upload")
    async def start_upload(self, request: Request, account: Account) -> Response:
        return await self._start(request, account, "image")

    @rest("start_document")
    async def start_document(self, request: Request, account: Account) -> Response:
        return await self._start(request, account, "document")

    async def _start(self, request: Request, account: Account, kind: str) -> Response:
        asked = await initialize(request, {"owner"})
        urn, expires_at = self._begin(request, account, asked["owner"], kind, {})
        path = f"{UPLOADS}{kind}/{urn.rpartition(':')[2]}"
        value = {
            "uploadUrlExpiresAt": int(expires_at * 1000),
            "uploadUrl": self.public_url(request, "www.linkedin.com", path),
            kind: urn,
        }
        return JSONResponse({"value": value})

    async def change_video(self, request: Request) -> Response:
        if request.query_params.get("action") == "finalizeUpload":
            return await self.finalize_video(request)
        return await self.start_video(request)

    @rest("start_video")
    async def start_video(self, request: Request, account: Account) -> Response:
        flags = {"uploadCaptions", "uploadThumbnail"}
        asked = await initialize(request, {"owner", "fileSizeBytes", *flags})
        size = asked["fileSizeBytes"]
        if not isinstance(size, int) or not VIDEO_BYTES[0] <= size <= VIDEO_BYTES[1]:
            raise Refused(invalid("fileSizeBytes"))
        token = secrets.token_urlsafe(8)
        facts = {"size": size, "token": token, "parts": {}}
        urn, expires_at = self._begin(request, account, asked["owner"], "video", facts)
        path = f"{UPLOADS}video/{urn.rpartition(':')[2]}"
        instructions = [
            {
                "uploadUrl": self.public_url(request, "www.linkedin.com", f"{path}/{number}"),
                "firstByte": first,
                "lastByte": min(first + PART_BYTES, size) - 1,
            }
            for number, first in enumerate(range(0, size, PART_BYTES))
        ]
        value = {
            "video": urn,
            "uploadToken": token,
            "uploadUrlsExpireAt": int(expires_at * 1000),
            "uploadInstructions": instructions,
        }
        return JSONResponse({"value": value})

    def _begin(
        self, request: Request, account: Account, owner: Any, kind: str, facts: dict[str, Any]
    ) -> tuple[str, float]:
        acting = self.writer(request, account, owner, "ACTION-initializeUpload")
        usual = VIDEO_URL_SECONDS if kind == "video" else UPLOAD_URL_SECONDS
        expires_at = self.store.now() + usual
        urn = f"urn:li:{kind}:{PREFIXES[kind]}{secrets.token_urlsafe(12)}"
        facts = {"expires_at": expires_at, "done_at": 0, **facts}
        self.store.put(self.key, "upload", urn, acting.id, facts)
        return urn, expires_at

    # Receiving files

    @call("upload_image")
    async def upload_image(self, request: Request, account: Account) -> Response:
        return await self._receive(request, account, "image")

    @call("upload_document")
    async def upload_document(self, request: Request, account: Account) -> Response:
        return await self._receive(request, account, "document")

    async def _receive(self, request: Request, account: Account, kind: str) -> Response:
        urn = f"urn:li:{kind}:{request.path_params['key']}"
        upload = self._upload(urn)
        owner = self.store.account(self.key, upload["account"]) if upload else None
        if not upload or not owner or upload["expires_at"] <= self.store.now():
            return problem(400, "EXPIRED_UPLOAD_URL", "The upload URL has expired.")
        if self.acting(account, author_of(owner)) is None:
            return denied("PUT", "dmsUploads")
        content_type = request.headers.get("content-type", "")
        if not content_type or upload.get("file"):
            return problem(400, "UPDATING_ASSET_FAILED", "The asset cannot be updated.")
        file = self.uploads.begin(content_type)
        is_whole = await self.receive(file, request, account, step=0)
        if not is_whole or not self.uploads.size(file):
            return problem(400, "UPDATING_ASSET_FAILED", "The body is empty or was cut off.")
        self._done(urn, file, owner)
        return Response(status_code=201)

    @call("upload_part")
    async def upload_part(self, request: Request, account: Account) -> Response:
        """Accepts any bytes; wrong ones are found when the video is assembled."""
        urn = f"urn:li:video:{request.path_params['key']}"
        upload = self._upload(urn)
        if not upload or upload["expires_at"] <= self.store.now() or upload["done_at"]:
            return problem(400, "EXPIRED_UPLOAD_URL", "The upload URL has expired.")
        if request.headers.get("content-type") != "application/octet-stream":
            return problem(400, "UPDATING_ASSET_FAILED", "The part is no octet stream.")
        file = self.uploads.begin("application/octet-stream")
        is_whole = await self.receive(file, request, account, step=0)
        if not is_whole or not self.uploads.size(file):
            return problem(400, "UPDATING_ASSET_FAILED", "The body is empty or was cut off.")
        etag = f"/ambry-video/signedId/{secrets.token_urlsafe(24)}.bin"
        parts = (self._upload(urn) or upload)["parts"]
        number = str(request.path_params["part"])
        part = {"etag": etag, "file": file, "puts": parts.get(number, {}).get("puts", 0) + 1}
        self.store.change(self.key, "upload", urn, parts={**parts, number: part})
        return Response(status_code=200, headers={"ETag": f'"{etag}"'})

    @rest("finalize_video")
    async def finalize_video(self, request: Request, account: Account) -> Response:
        body = await read_json(request)
        asked = body.get("finalizeUploadRequest")
        needed = {"video", "uploadToken", "uploadedPartIds"}
        if len(body) > 1 or not isinstance(asked, dict) or set(asked) != needed:
            raise Refused(problem(400, "MISSING_FIELD", "finalizeUploadRequest"))
        urn = str(asked["video"])
        upload, owner = self._own(request, account, urn)
        count = -(-upload["size"] // PART_BYTES)
        parts = [upload["parts"].get(str(number)) for number in range(count)]
        etags = [part["etag"] for part in parts if part]
        sizes = sum(self.uploads.size(part["file"]) for part in parts if part)
        whole = len(etags) == count and sizes == upload["size"] and not upload["done_at"]
        if (
            not whole
            or asked["uploadedPartIds"] != etags
            or asked["uploadToken"] != upload["token"]
        ):
            return problem(400, "UPDATING_ASSET_FAILED", "The parts do not make up the video.")
        file = self.uploads.begin("video/mp4")
        pieces = [self.store.files / part["file"] for part in parts if part]
        await asyncio.to_thread(self.uploads.join, file, pieces)
        self._done(urn, file, owner)
        return Response(status_code=200)

    def _done(self, urn: str, file: str, owner: Account) -> None:
        kind = urn.split(":")[2]
        digest = self.uploads.finish(file)
        seconds = self.setting(owner.id, "processing_seconds", PROCESSING_SECONDS)
        self.store.change(
            self.key,
            "upload",
            urn,
            file=file,
            digest=digest,
            bad=not is_good(kind, self.store.files / file),
            done_at=self.store.now() + seconds,
        )

    # Reading files

    @rest("get_image")
    async def get_image(self, request: Request, account: Account) -> Response:
        return self._read(request, account, readable=False)

    @rest("get_document")
    async def get_document(self, request: Request, account: Account) -> Response:
        return self._read(request, account, readable=False)

    @rest("get_video")
    async def get_video(self, request: Request, account: Account) -> Response:
        return self._read(request, account, readable=True)

    def _read(self, request: Request, account: Account, *, readable: bool) -> Response:
        """`readable`: permission to write includes reading this kind of file."""
        urn = request.path_params["urn"]
        upload, owner = self._own(request, account, urn)
        if not readable and not self.may_read(request, owner):
            raise Refused(denied("GET", "partnerApiMedia"))
        status = self.status(upload)
        shown = {"id": urn, "owner": author_of(owner), "status": status}
        if status == "PROCESSING_FAILED":
            shown["processingFailureReason"] = "The file is not what it should be."
        return JSONResponse(shown)

    def _own(self, request: Request, account: Account, urn: str) -> tuple[dict[str, Any], Account]:
        upload = self._upload(urn)
        owner = self.store.account(self.key, upload["account"]) if upload else None
        if not upload or not owner:
            raise Refused(problem(404, "NOT_FOUND", "Not found."))
        if self.acting(account, author_of(owner)) is None:
            raise Refused(forbidden(urn))
        return upload, owner

    def postable(self, urn: str, author: Account) -> dict[str, Any]:
        """A file that a post of the author may use. Raises Refused."""
        upload = self._upload(urn)
        if upload is None or upload["account"] != author.id:
            raise Refused(forbidden(urn))
        status = self.status(upload)
        if status == "PROCESSING_FAILED":
            raise Refused(problem(400, "MEDIA_ASSET_PROCESSING_FAILED", "The media is bad."))
        if status != "AVAILABLE":
            raise Refused(problem(400, "MEDIA_ASSET_WAITING_UPLOAD", "The media is not ready."))
        return upload

    def status(self, upload: Mapping[str, Any]) -> str:
        if not upload["done_at"]:
            return "WAITING_UPLOAD"
        if self.store.now() < upload["done_at"]:
            return "PROCESSING"
        return "PROCESSING_FAILED" if upload["bad"] else "AVAILABLE"

    def _upload(self, urn: str) -> dict[str, Any] | None:
        return self.store.get(self.key, "upload", urn)
