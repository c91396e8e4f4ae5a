"""TikTok as its Content Posting API documents it: videos by FILE_UPLOAD.

Calls: creator_info, init, put_chunk, store_piece (each 256 KiB; only `drop` strikes here), status.
Optional `extra` of an account: `scopes` (list), `privacy_level_options`, `comment_disabled`,
`duet_disabled`, `stitch_disabled`, `max_video_post_duration_sec`, `fail_reason` (posts end so).
"""

import random
import secrets
import time
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from platforms.simulator.faults import Faults
from platforms.simulator.network import Dropped, Network, call
from platforms.simulator.store import Account, Store
from platforms.simulator.tiktok_init import OPTIONS, problem_with
from platforms.simulator.uploads import Uploads, content_range

API = "open.tiktokapis.com"
UPLOAD = "open-upload.tiktokapis.com"
URL_SECONDS = 3600
#: After the last byte: so long until the post is out, and until its id is told.
COMPLETE_AFTER_SECONDS = 0.3
ID_AFTER_SECONDS = 0.8


class TikTokNetwork(Network):
    key = "tiktok"

    def __init__(self, store: Store, faults: Faults) -> None:
        super().__init__(store, faults)
        self.uploads = Uploads(store)

    def hosts(self) -> Mapping[str, list[Route]]:
        base = "/v2/post/publish"
        return {
            API: [
                Route(f"{base}/creator_info/query/", self.creator_info, methods=["POST"]),
                Route(f"{base}/video/init/", self.init, methods=["POST"]),
                Route(f"{base}/status/fetch/", self.status, methods=["POST"]),
            ],
            UPLOAD: [Route("/video/", self.put_chunk, methods=["PUT"])],
        }

    def account(self, request: Request) -> Account | None:
        """The bearer; at the upload host the owner of the URL, which needs no token."""
        upload_id = request.query_params.get("upload_id")
        if not upload_id:
            return super().account(request)
        upload = self.store.get(self.key, "upload", upload_id)
        if upload is None or upload["token"] != request.query_params.get("upload_token"):
            return None
        return self.store.account(self.key, upload["account"])

    @call("creator_info")
    async def creator_info(self, request: Request, account: Account) -> Response:
        if not _may_publish(account):
            return _error(401, "scope_not_authorized", "The scope was not authorized.")
        extra = account.extra
        return _ok(
            creator_avatar_url="https://example.com/avatar.jpg",
            creator_username=account.username,
            creator_nickname=account.name,
            privacy_level_options=extra.get("privacy_level_options", OPTIONS),
            comment_disabled=extra.get("comment_disabled", False),
            duet_disabled=extra.get("duet_disabled", False),
            stitch_disabled=extra.get("stitch_disabled", False),
            max_video_post_duration_sec=extra.get("max_video_post_duration_sec", 600),
        )

    @call("init")
    async def init(self, request: Request, account: Account) -> Response:
        if not _may_publish(account):
            return _error(401, "scope_not_authorized", "The scope was not authorized.")
        body = await _json(request)
        if problem := problem_with(body):
            return _error(400, "invalid_param", problem)
        offered = account.extra.get("privacy_level_options", OPTIONS)
        if body["post_info"]["privacy_level"] not in offered:
            return _error(403, "privacy_level_option_mismatch", "Privacy level is not offered.")
        upload_id, token = str(random.getrandbits(62)), secrets.token_hex(16)
        publish_id = f"v_pub_file~v2-1.{random.getrandbits(62)}"
        facts = {
            "token": token,
            "publish_id": publish_id,
            "body": body,
            "file": self.uploads.begin("video/mp4"),
            "ends_at": time.time() + URL_SECONDS,
            "complete_at": None,
            "post_id": "",
        }
        self.store.put(self.key, "upload", upload_id, account.id, facts)
        self.store.put(self.key, "publish", publish_id, account.id, {"upload": upload_id})
        path = f"/video/?upload_id={upload_id}&upload_token={token}"
        return _ok(publish_id=publish_id, upload_url=self.public_url(request, UPLOAD, path))

    @call("put_chunk")
    async def put_chunk(self, request: Request, account: Account) -> Response:
        upload_id = str(request.query_params["upload_id"])
        upload = self.store.get(self.key, "upload", upload_id)
        if upload is None or upload["complete_at"]:
            return Response(status_code=404)
        if time.time() > upload["ends_at"]:
            return Response(status_code=403)
        source, file_id = upload["body"]["source_info"], upload["file"]
        total, stored = source["video_size"], self.uploads.size(file_id)
        span = content_range(request.headers.get("content-range", ""))
        length = request.headers.get("content-length", "")
        kind = request.headers.get("content-type", "")
        if span is None or span[2] != total or length != str(span[1] - span[0] + 1):
            return Response(status_code=400)
        if kind not in ("video/mp4", "video/quicktime", "video/webm"):
            return Response(status_code=400)
        if span[0] != stored:
            return Response(status_code=416, headers=_progress(stored, total))
        number = stored // source["chunk_size"]
        is_last = number == source["total_chunk_count"] - 1
        if span[1] + 1 != (total if is_last else stored + source["chunk_size"]):
            return Response(status_code=400)
        if not await self._append(file_id, request, account):
            return Response(status_code=400)
        if is_last:
            self._post(upload_id, upload, account, kind)
        return Response(status_code=201 if is_last else 206, headers=_progress(span[1] + 1, total))

    async def _append(self, file_id: str, request: Request, account: Account) -> bool:
        """A chunk counts wholly or not at all."""

        def each_piece() -> None:
            fault = self.faults.strike(self.key, account.id, "store_piece")
            if fault and fault.drop:
                raise Dropped

        return await self.uploads.append(file_id, request, step=0, each_piece=each_piece)

    def _post(self, upload_id: str, upload: dict[str, Any], account: Account, kind: str) -> None:
        """All bytes are in: posting starts, and fails now if it is to fail."""
        sha256, info = self.uploads.finish(upload["file"]), upload["body"]["post_info"]
        self.store.change("", "file", upload["file"], content_type=kind)
        reason = account.extra.get("fail_reason", "")
        if kind == "video/mp4" and self.uploads.head(upload["file"])[4:8] != b"ftyp":
            reason = "file_format_check_failed"
        post_id = str(7_000_000_000_000_000_000 + random.getrandbits(58))
        self.store.change(
            self.key,
            "upload",
            upload_id,
            complete_at=time.time() + COMPLETE_AFTER_SECONDS,
            fail_reason=reason,
            post_id=post_id,
        )
        if not reason:
            self.store.publish(
                self.key,
                post_id,
                account.id,
                text=info.get("title", ""),
                media=(upload["file"],),
                url=f"https://www.tiktok.com/@{account.username}/video/{post_id}",
                extra={**info, "sha256": sha256, "publish_id": upload["publish_id"]},
            )

    @call("status")
    async def status(self, request: Request, account: Account) -> Response:
        body = await _json(request)
        publish_id = str(body.get("publish_id", "")) if isinstance(body, dict) else ""
        publish = self.store.get(self.key, "publish", publish_id)
        if publish is None:
            return _error(400, "invalid_publish_id", "The publish_id does not exist.")
        if publish["account"] != account.id:
            code = "token_not_authorized_for_specified_publish_id"
            return _error(400, code, "The publish_id belongs to another account.")
        upload = self.store.get(self.key, "upload", publish["upload"]) or {}
        uploaded = self.uploads.size(upload["file"])
        complete_at, ids = upload["complete_at"], []
        if complete_at is None or time.time() < complete_at:
            return _ok(status="PROCESSING_UPLOAD", uploaded_bytes=uploaded)
        if upload["fail_reason"]:
            return _ok(status="FAILED", fail_reason=upload["fail_reason"], uploaded_bytes=uploaded)
        is_public = upload["body"]["post_info"]["privacy_level"] == "PUBLIC_TO_EVERYONE"
        if is_public and time.time() - complete_at > ID_AFTER_SECONDS - COMPLETE_AFTER_SECONDS:
            ids = [int(upload["post_id"])]
        return _ok(
            status="PUBLISH_COMPLETE", publicaly_available_post_id=ids, uploaded_bytes=uploaded
        )

    def unauthorized(self) -> Response:
        message = "The access token is invalid or not found in the request."
        return _error(401, "access_token_invalid", message)

    def rate_limited(self, reset_seconds: int) -> Response:
        return _error(429, "rate_limit_exceeded", "The API rate limit was exceeded.")

    def error(self, status: int) -> Response:
        return _error(status, "internal_error", "Something went wrong. Please try again later.")


def _may_publish(account: Account) -> bool:
    return "video.publish" in account.extra.get("scopes", ["video.publish"])


async def _json(request: Request) -> Any:
    if not request.headers.get("content-type", "").startswith("application/json"):
        return None
    try:
        return await request.json()
    except ValueError:
        return None


def _progress(stored: int, total: int) -> dict[str, str]:
    return {"Content-Range": f"bytes 0-{stored}/{total}"}


def _ok(**data: Any) -> Response:
    error = {"code": "ok", "message": "", "log_id": _log_id()}
    return JSONResponse({"data": data, "error": error})


def _error(status: int, code: str, message: str) -> Response:
    error = {"code": code, "message": message, "log_id": _log_id()}
    return JSONResponse({"data": {}, "error": error}, status)


def _log_id() -> str:
    return time.strftime("%Y%m%d%H%M%S") + secrets.token_hex(8).upper()
