"""X's media endpoints: images in one call, any file in segments, processing, alt texts.

Calls: upload_media, initialize, append, finalize, media_status, set_metadata. Settings, of an
account or of all: `processing_seconds` (0: files are ready at once), `processing_outcome` of
"failed" or "never", `processing_error`, `media_seconds` (how long an unused file is kept).
"""

import asyncio
import base64
import binascii
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.simulator.network import Refused, is_json
from deploy.simulator.state.records import Account
from deploy.simulator.strict import object_of, once, text
from deploy.simulator.x.calls import XCalls, invalid, not_found, problem, x_call
from deploy.simulator.x.files import CATEGORIES, MOST_BYTES, problem_with, read_image
from deploy.simulator.x.rules import is_id, json_body, snowflake

MEDIA_SECONDS = 86400
PROCESSING_SECONDS = 0.3
SEGMENTS = 1000
SEGMENT_BYTES = 5 * 1024 * 1024
ALT_TEXT_CHARS = 1000
METADATA = object_of(
    {"id": is_id, "metadata": object_of({"alt_text": object_of({"text": text}, {})}, {})}, {}
)
KEY_PREFIXES = {"tweet_image": "3", "tweet_gif": "16", "tweet_video": "13"}
BAD_FILE = {"code": 1, "name": "InvalidMedia", "message": "The file cannot be used."}


class XMedia(XCalls):
    def media_routes(self) -> list[Route]:
        base = "/2/media/upload"
        return [
            Route(base, self.upload_media, methods=["POST"]),
            Route(base, self.media_status, methods=["GET"]),
            Route(f"{base}/initialize", self.initialize, methods=["POST"]),
            Route(f"{base}/{{id}}/append", self.append, methods=["POST"]),
            Route(f"{base}/{{id}}/finalize", self.finalize, methods=["POST"]),
            Route("/2/media/metadata", self.set_metadata, methods=["POST"]),
        ]

    @x_call("upload_media", "media.write")
    async def upload_media(self, request: Request, account: Account) -> Response:
        fields = {"media", "media_category", "additional_owners"}
        content, form = await _form(request, fields)
        if form.get("media_category") != "tweet_image":
            given = [form.get("media_category", "")]
            raise Refused(invalid("media_category is invalid.", {"media_category": given}))
        file_id = self.store.write_file(content, "")
        facts = read_image(self.store.files / file_id)
        self.store.change("", "file", file_id, content_type=facts["image_type"])
        media_id = self._keep(account, "tweet_image", facts["image_type"], file_id, len(content))
        digest = hashlib.sha256(content).hexdigest()
        self.store.change(self.key, "media", media_id, digest=digest, is_done=True, image=facts)
        return JSONResponse({"data": self._shown(media_id, account)})

    @x_call("initialize", "media.write")
    async def initialize(self, request: Request, account: Account) -> Response:
        body = await json_body(request)
        known = {"media_type", "total_bytes", "media_category", "additional_owners", "shared"}
        for key in body.keys() - known:
            raise Refused(invalid(f"[$.{key}: is not defined in the schema]", {key: [""]}))
        category, kind = str(body.get("media_category")), str(body.get("media_type"))
        total = body.get("total_bytes")
        if kind not in CATEGORIES.get(category, ()):
            given = {"media_category": [category], "media_type": [kind]}
            raise Refused(invalid("The media type does not fit the category.", given))
        if type(total) is not int or not 0 < total <= MOST_BYTES[category]:
            raise Refused(invalid("total_bytes is invalid.", {"total_bytes": [str(total)]}))
        file_id = self.store.write_file(b"", kind)
        media_id = self._keep(account, category, kind, file_id, total)
        data = self._shown(media_id, account)
        return JSONResponse({"data": {key: data[key] for key in data if key != "size"}})

    @x_call("append", "media.write")
    async def append(self, request: Request, account: Account) -> Response:
        media_id, media = self._own(request.path_params["id"], account)
        content, form = await _form(request, {"media", "segment_index"})
        index = str(form.get("segment_index", ""))
        if not (index.isascii() and index.isdigit() and int(index) < SEGMENTS):
            raise Refused(invalid("segment_index must be 0..999.", {"segment_index": [index]}))
        if media["finalized_at"] is not None or media["is_done"]:
            raise Refused(invalid("The media is finalized.", {"id": [media_id]}))
        if not content or len(content) > SEGMENT_BYTES:
            raise Refused(problem(413, "The segment is empty or too big."))
        # The same segment may come again and replaces what was there.
        (self.store.files / f"{media['file']}-{int(index)}").write_bytes(content)
        segments = {**media["segments"], index: len(content)}
        self.store.change(self.key, "media", media_id, segments=segments)
        return JSONResponse({"data": {"expires_at": int(media["expires_at"])}})

    @x_call("finalize", "media.write")
    async def finalize(self, request: Request, account: Account) -> Response:
        media_id, media = self._own(request.path_params["id"], account)
        if media["finalized_at"] is None and not media["is_done"]:
            segments = media["segments"]
            if sorted(map(int, segments)) != list(range(len(segments))):
                raise Refused(invalid("A segment is missing.", {"id": [media_id]}))
            if sum(segments.values()) != media["total"]:
                message = "The segments are not as long as total_bytes."
                raise Refused(invalid(message, {"id": [media_id]}))
            await asyncio.to_thread(self._join, media_id, media)
        return JSONResponse({"data": self._shown(media_id, account)})

    def _join(self, media_id: str, media: Mapping[str, Any]) -> None:
        path = self.store.files / media["file"]
        pieces = [Path(f"{path}-{index}") for index in range(len(media["segments"]))]
        self.uploads.join(media["file"], pieces)
        for piece in pieces:
            piece.unlink()
        digest = self.uploads.finish(media["file"])
        is_image = media["category"] == "tweet_image"
        facts: dict[str, Any] = {"digest": digest, "finalized_at": self.store.now()}
        if is_image:
            facts |= {"image": read_image(path), "is_done": True}
        else:
            facts["problem"] = problem_with(path, media["category"])
        self.store.change(self.key, "media", media_id, **facts)

    @x_call("media_status", "media.write")
    async def media_status(self, request: Request, account: Account) -> Response:
        media_id, media = self._own(request.query_params.get("media_id", ""), account)
        if media["finalized_at"] is None and not media["is_done"]:
            raise Refused(invalid("The media is not finalized.", {"media_id": [media_id]}))
        return JSONResponse({"data": self._shown(media_id, account)})

    @x_call("set_metadata", "media.write")
    async def set_metadata(self, request: Request, account: Account) -> Response:
        body = await json_body(request)
        if not METADATA(body):
            raise Refused(invalid("The body is not as documented.", {}))
        media_id, alt = body["id"], body["metadata"]["alt_text"]["text"]
        if len(alt) > ALT_TEXT_CHARS:
            raise Refused(invalid("The alt text is too long.", {"metadata.alt_text.text": [alt]}))
        _, media = self._own(media_id, account)
        if media["category"] == "tweet_video":
            raise Refused(invalid("Videos take no alt text.", {"id": [media_id]}))
        self.store.change(self.key, "media", media_id, alt=alt)
        return JSONResponse({"data": {"id": media_id, "associated_metadata": body["metadata"]}})

    def is_ready(self, media: Mapping[str, Any]) -> bool:
        return str(self._state(media)["state"]) == "succeeded"

    def _keep(self, account: Account, category: str, kind: str, file_id: str, total: int) -> str:
        seconds = self.setting(account.id, "media_seconds", MEDIA_SECONDS)
        media_id = snowflake()
        facts = {
            "category": category,
            "media_type": kind,
            "file": file_id,
            "total": total,
            "segments": {},
            "finalized_at": None,
            "is_done": False,
            "expires_at": self.store.now() + seconds,
        }
        self.store.put(self.key, "media", media_id, account.id, facts)
        return media_id

    def _own(self, media_id: str, account: Account) -> tuple[str, dict[str, Any]]:
        media = self.store.get(self.key, "media", media_id)
        if not media or media["account"] != account.id or media["expires_at"] <= self.store.now():
            raise Refused(not_found("media", media_id))
        return media_id, media

    def _shown(self, media_id: str, account: Account) -> dict[str, Any]:
        _, media = self._own(media_id, account)
        data = {
            "id": media_id,
            "media_key": f"{KEY_PREFIXES[media['category']]}_{media_id}",
            "size": media["total"],
            "expires_after_secs": round(media["expires_at"] - self.store.now()),
        }
        if "image" in media:
            return {**data, "image": media["image"]}
        if media["finalized_at"] is not None:
            work = self._state(media)
            if work["state"] == "succeeded" and media["category"] == "tweet_video":
                data["video"] = {"video_type": media["media_type"]}
            # Files that need no processing have no processing_info.
            if self.setting(account.id, "processing_seconds", PROCESSING_SECONDS):
                data["processing_info"] = work
        return data

    def _state(self, media: Mapping[str, Any]) -> dict[str, Any]:
        if media["is_done"]:
            return {"state": "succeeded"}
        if media["finalized_at"] is None:
            return {"state": "pending"}
        account = media["account"]
        seconds = self.setting(account, "processing_seconds", PROCESSING_SECONDS)
        outcome = self.setting(account, "processing_outcome", "")
        share = (self.store.now() - media["finalized_at"]) / seconds if seconds else 1
        if share < 1 or outcome == "never":
            if share < 0.5:
                return {"state": "pending", "check_after_secs": 1}
            progress = min(int(share * 100), 99)
            return {"state": "in_progress", "check_after_secs": 1, "progress_percent": progress}
        if media["problem"] or outcome == "failed":
            error = {**BAD_FILE, "message": media["problem"] or BAD_FILE["message"]}
            return {
                "state": "failed",
                "error": self.setting(account, "processing_error", error),
                "progress_percent": 0,
            }
        return {"state": "succeeded", "progress_percent": 100}


async def _form(request: Request, known: set[str]) -> tuple[bytes, dict[str, Any]]:
    """The file and the other fields of a multipart form, or of JSON with the file in base64."""
    if is_json(request):
        fields = await json_body(request)
        try:
            content = base64.b64decode(str(fields.get("media", "")), validate=True)
        except binascii.Error:
            raise Refused(invalid("media is not base64.", {"media": [""]})) from None
    else:
        async with request.form() as form:
            try:
                fields = once(form.multi_items())
            except ValueError as twice:
                raise Refused(invalid(str(twice), {})) from None
            upload = fields.get("media")
            content = await upload.read() if isinstance(upload, UploadFile) else b""
    for key in fields.keys() - known:
        raise Refused(invalid(f"[$.{key}: is not defined in the schema]", {key: [""]}))
    return content, {key: value for key, value in fields.items() if key != "media"}
