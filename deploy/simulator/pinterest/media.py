"""Videos: registered, sent to another host by a form, processed.

Calls: register_media, get_media; store_file, which no token but the form authorizes. Settings of an
account or of all: `processing_seconds` (0.3), `processing_outcome` of "failed" or "never".
"""

import secrets
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.simulator.network import Dropped
from deploy.simulator.pinterest import rules
from deploy.simulator.pinterest.calls import PinterestCalls, pin_call
from deploy.simulator.state.records import Account
from deploy.simulator.state.video_facts import video_facts
from deploy.simulator.strict import once

UPLOADS = "pinterest-media-upload.s3-accelerate.amazonaws.com"
PROCESSING_SECONDS = 0.3
VIDEO_BYTES = 2 * 1024**3
#: Frames need not end at the second.
SLACK = 0.1


class PinterestMedia(PinterestCalls):
    def media_routes(self) -> list[Route]:
        return [
            Route("/v5/media", self.register_media, methods=["POST"]),
            Route("/v5/media/{id}", self.get_media),
        ]

    def upload_routes(self) -> list[Route]:
        return [Route("/", self.store_file, methods=["POST"])]

    @pin_call("register_media", *rules.WRITE_MEDIA)
    async def register_media(self, request: Request, account: Account) -> Response:
        await self.body(request, rules.MEDIA, "media_type")
        media_id = self.new_id()
        fields = {
            "key": f"uploads/{media_id}",
            "Content-Type": "multipart/form-data",
            "policy": secrets.token_urlsafe(60),
            "x-amz-algorithm": "AWS4-HMAC-SHA256",
            "x-amz-credential": f"{secrets.token_hex(10)}/us-east-1/s3/aws4_request",
            "x-amz-date": "20261201T000000Z",
            "x-amz-security-token": secrets.token_urlsafe(60),
            "x-amz-signature": secrets.token_hex(32),
        }
        kept = {"fields": fields, "file": "", "sent": 0, "problem": ""}
        self.store.put(self.key, "media", media_id, account.id, kept)
        return JSONResponse(
            {
                "media_id": media_id,
                "media_type": "video",
                "upload_url": self.public_url(request, UPLOADS, "/"),
                "upload_parameters": fields,
            },
            201,
        )

    async def store_file(self, request: Request) -> Response:
        """The file, with all fields that came with the registration, and before it."""
        async with request.form() as form:
            try:
                sent = once(form.multi_items())
            except ValueError:
                return Response("<Error><Code>InvalidArgument</Code></Error>", 400)
            file, names = sent.pop("file", None), [name for name, _ in form.multi_items()]
            media_id = str(sent.get("key", "")).removeprefix("uploads/")
            media = self.store.get(self.key, "media", media_id)
            if media is None or media["fields"] != sent or names[-1] != "file":
                return Response("<Error><Code>AccessDenied</Code></Error>", 403)
            if not isinstance(file, UploadFile) or media["file"]:
                return Response("<Error><Code>InvalidArgument</Code></Error>", 400)
            fault = self.faults.strike(self.key, media["account"], "store_file")
            if fault and fault.drop:
                raise Dropped
            if fault:
                return Response("<Error><Code>SlowDown</Code></Error>", fault.status)
            content = await file.read()
        stored = self.store.write_file(content, file.content_type or "")
        problem = _problem(content)
        told = {"file": stored, "sent": self.store.now(), "problem": problem}
        self.store.change(self.key, "media", media_id, **told)
        return Response(status_code=204)

    @pin_call("get_media", *rules.READ_MEDIA)
    async def get_media(self, request: Request, account: Account) -> Response:
        media_id = str(request.path_params["id"])
        media = self.own_media(media_id, account)
        told = {"media_id": media_id, "media_type": "video", "status": self.status_of(media)}
        return JSONResponse(told)

    def own_media(self, media_id: str, account: Account) -> dict[str, Any]:
        media = self.store.get(self.key, "media", media_id)
        if media is None or media["account"] not in self.boards_of(account):
            raise rules.refused(404, 1, "Media not found.")
        return media

    def status_of(self, media: dict[str, Any]) -> str:
        account = media["account"]
        seconds = float(self.setting(account, "processing_seconds", PROCESSING_SECONDS))
        outcome = self.setting(account, "processing_outcome", "")
        if not media["file"]:
            return "registered"
        if outcome == "never" or self.store.now() - media["sent"] < seconds:
            return "processing"
        return "failed" if media["problem"] or outcome == "failed" else "succeeded"


def _problem(content: bytes) -> str:
    facts = video_facts(content)
    if not facts.is_mp4 or not 4 - SLACK <= facts.seconds <= rules.MOST_SECONDS + SLACK:
        return "length"
    ratio = facts.width / facts.height
    return "" if 0.49 <= ratio <= 1.92 and len(content) <= VIDEO_BYTES else "shape"
