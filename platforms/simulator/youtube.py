"""YouTube as the Data API v3 documents it.

Calls: start_session, put_bytes, store_piece (each 256 KiB; only `drop` strikes here), ask_session,
playlist_items, videos. Optional `extra` of an account: `scopes` (list), `returned_channel`.
"""

import base64
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from platforms.simulator.faults import Faults
from platforms.simulator.network import Dropped, Network, call
from platforms.simulator.store import Account, Post, Store
from platforms.simulator.uploads import PIECE_BYTES, Uploads, content_range
from platforms.simulator.youtube_metadata import problem_with

SCOPE = "https://www.googleapis.com/auth/"
FILE_BYTES = 256 * 1024**3
HOST = "www.googleapis.com"
SESSIONS = "/upload/youtube/v3/videos"


class YouTubeNetwork(Network):
    key = "youtube"

    def __init__(self, store: Store, faults: Faults) -> None:
        super().__init__(store, faults)
        self.uploads = Uploads(store)

    def hosts(self) -> Mapping[str, list[Route]]:
        routes = [
            Route(SESSIONS, self.start_session, methods=["POST"]),
            Route(SESSIONS, self.session, methods=["PUT"]),
            Route("/youtube/v3/playlistItems", self.playlist_items, methods=["GET"]),
            Route("/youtube/v3/videos", self.videos, methods=["GET"]),
        ]
        return {HOST: routes, "youtube.googleapis.com": routes}

    @call("start_session")
    async def start_session(self, request: Request, account: Account) -> Response:
        query, headers = request.query_params, request.headers
        if not _allowed(account, "youtube.upload", "youtube", "youtube.force-ssl"):
            return _error(403, "insufficientPermissions", "Insufficient Permission", "global")
        if query.get("uploadType") != "resumable":
            return _error(400, "badRequest", "uploadType must be resumable.", "global")
        parts = set(query.get("part", "").split(","))
        if not parts <= {"snippet", "status"} or "snippet" not in parts:
            return _error(400, "unknownPart", f"'{query.get('part')}'", "youtube.part")
        if not headers.get("content-type", "").startswith("application/json"):
            return _error(400, "badContent", "Unsupported content with type.", "global")
        size, kind = (
            headers.get("x-upload-content-length", ""),
            headers.get("x-upload-content-type", ""),
        )
        if not size.isdigit() or not 0 < int(size) <= FILE_BYTES:
            return _error(400, "mediaBodyRequired", "The request does not include the video.")
        if not kind.startswith("video/") and kind != "application/octet-stream":
            return _error(400, "badContent", "Media type is not supported.", "global")
        try:
            body = await request.json()
        except ValueError:
            return _error(400, "parseError", "Parse Error", "global")
        if reason := problem_with(body):
            return _error(400, reason, f"The request metadata specifies an {reason}.")
        upload_id = secrets.token_urlsafe(48)
        facts = {"size": int(size), "type": kind, "slug": headers.get("slug", ""), "body": body}
        facts |= {"file": self.uploads.begin(kind), "video": ""}
        self.store.put(self.key, "session", upload_id, account.id, facts)
        path = f"{SESSIONS}?uploadType=resumable&part={query['part']}&upload_id={upload_id}"
        return Response(None, 200, {"Location": self.public_url(request, HOST, path)})

    async def session(self, request: Request) -> Response:
        asks = request.headers.get("content-range", "").startswith("bytes */")
        answer: Response = await (self.ask_session if asks else self.put_bytes)(request)
        return answer

    @call("ask_session")
    async def ask_session(self, request: Request, account: Account) -> Response:
        session = self._session(request, account)
        if session is None:
            return _error(404, "notFound", "Not Found", "global")
        if request.headers["content-range"] != f"bytes */{session['size']}":
            return _error(400, "badRequest", "Failed to parse Content-Range header.", "global")
        return self._stand(session, account)

    @call("put_bytes")
    async def put_bytes(self, request: Request, account: Account) -> Response:
        session = self._session(request, account)
        if session is None:
            return _error(404, "notFound", "Not Found", "global")
        if session["video"]:
            return self._stand(session, account)
        total = session["size"]
        span = content_range(request.headers.get("content-range", f"bytes 0-{total - 1}/{total}"))
        length = request.headers.get("content-length", "")
        if span is None or span[2] != total or length != str(span[1] - span[0] + 1):
            return _error(400, "badRequest", "Failed to parse Content-Range header.", "global")
        first, last, _ = span
        if last + 1 != total and (last + 1 - first) % PIECE_BYTES:
            message = "The number of bytes uploaded is required to be equal or greater than 262144"
            return _error(400, "badRequest", message, "global")
        file_id = session["file"]
        if first != self.uploads.size(file_id):
            return self._stand(session, account)  # overlap or gap: nothing is stored
        if not await self._append(file_id, request, account):
            return Response(status_code=400)
        if self.uploads.size(file_id) == total:
            self._make_video(str(request.query_params["upload_id"]), session, account)
        return self._stand(self._session(request, account) or session, account, status=201)

    async def _append(self, file_id: str, request: Request, account: Account) -> bool:
        """Whether everything came; else whole steps of 256 KiB are kept."""

        def each_piece() -> None:
            fault = self.faults.strike(self.key, account.id, "store_piece")
            if fault and fault.drop:
                raise Dropped

        return await self.uploads.append(file_id, request, step=PIECE_BYTES, each_piece=each_piece)

    def _session(self, request: Request, account: Account) -> dict[str, Any] | None:
        upload_id = request.query_params.get("upload_id", "")
        session = self.store.get(self.key, "session", upload_id)
        return session if session and session["account"] == account.id else None

    def _stand(self, session: dict[str, Any], account: Account, status: int = 200) -> Response:
        """The final answer if there is one, else how far the upload is."""
        if session["video"]:
            post = self.store.post(self.key, session["video"])
            if post is None:
                return _error(404, "videoNotFound", "The video cannot be found.")
            return JSONResponse(_resource(post, ("snippet", "status"), account), status)
        stored = self.uploads.size(session["file"])
        return Response(None, 308, {"Range": f"bytes=0-{stored - 1}"} if stored else {})

    def _make_video(self, upload_id: str, session: dict[str, Any], account: Account) -> None:
        video_id = base64.urlsafe_b64encode(secrets.token_bytes(8)).decode().rstrip("=")
        sha256 = self.uploads.finish(session["file"])
        is_video = (
            session["type"] != "video/mp4" or self.uploads.head(session["file"])[4:8] == b"ftyp"
        )
        status = session["body"].get("status", {})
        self.store.publish(
            self.key,
            video_id,
            account.id,
            text=session["body"]["snippet"].get("description", ""),
            media=(session["file"],),
            url=f"https://www.youtube.com/watch?v={video_id}",
            extra={
                "snippet": session["body"]["snippet"],
                "title": session["body"]["snippet"]["title"],
                "privacyStatus": status.get("privacyStatus", "public"),
                "selfDeclaredMadeForKids": status.get("selfDeclaredMadeForKids"),
                "uploadStatus": "uploaded" if is_video else "failed",
                "sha256": sha256,
                "fileName": session["slug"] or "unknown",
                "fileSize": str(session["size"]),
            },
        )
        self.store.change(self.key, "session", upload_id, video=video_id)

    @call("playlist_items")
    async def playlist_items(self, request: Request, account: Account) -> Response:
        if not _allowed(account, "youtube.readonly", "youtube", "youtube.force-ssl"):
            return _error(403, "insufficientPermissions", "Insufficient Permission", "global")
        playlist = request.query_params.get("playlistId", "")
        if playlist != f"UU{account.id[2:]}":
            message = "The playlist identified with the playlistId parameter cannot be found."
            return _error(404, "playlistNotFound", message, "youtube.playlistItem")
        limit = int(request.query_params.get("maxResults", "5"))
        if not 0 <= limit <= 50:
            return _error(400, "invalidValue", "Invalid value for maxResults.", "youtube.parameter")
        items = [
            {"kind": "youtube#playlistItem", "contentDetails": {"videoId": post.id}}
            for post in self.store.posts_of(self.key, account.id, limit)
        ]
        return JSONResponse({"kind": "youtube#playlistItemListResponse", "items": items})

    @call("videos")
    async def videos(self, request: Request, account: Account) -> Response:
        if not _allowed(account, "youtube.readonly", "youtube", "youtube.force-ssl"):
            return _error(403, "insufficientPermissions", "Insufficient Permission", "global")
        parts = tuple(request.query_params.get("part", "").split(","))
        ids = request.query_params.get("id", "").split(",")
        found = [post for video_id in ids if (post := self.store.post(self.key, video_id))]
        mine = [post for post in found if post.account == account.id]
        if len(mine) < len(found) and "fileDetails" in parts:
            return _error(
                403, "forbidden", "The request is not properly authorized.", "youtube.video"
            )
        items = [_resource(post, parts, account) for post in found]
        return JSONResponse({"kind": "youtube#videoListResponse", "items": items})

    def unauthorized(self) -> Response:
        message = "Request had invalid authentication credentials."
        return _error(401, "authError", message, "global", status="UNAUTHENTICATED")

    def rate_limited(self, reset_seconds: int) -> Response:
        answer = _error(429, "rateLimitExceeded", "Rate Limit Exceeded", "global")
        answer.headers["Retry-After"] = str(reset_seconds)
        return answer

    def error(self, status: int) -> Response:
        reasons = {404: "notFound", 403: "forbidden", 400: "badRequest"}
        return _error(status, reasons.get(status, "backendError"), "Backend Error", "global")


def _allowed(account: Account, *scopes: str) -> bool:
    granted = account.extra.get("scopes")
    return granted is None or any(SCOPE + scope in granted for scope in scopes)


def _error(
    code: int, reason: str, message: str, domain: str = "youtube.video", *, status: str = ""
) -> Response:
    error: dict[str, Any] = {
        "code": code,
        "message": message,
        "errors": [{"message": message, "domain": domain, "reason": reason}],
    }
    if status:
        error["status"] = status
    return Response(json.dumps({"error": error}), code, media_type="application/json")


def _resource(post: Post, parts: tuple[str, ...], account: Account) -> dict[str, Any]:
    extra = post.extra
    published_at = datetime.fromtimestamp(post.created_at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    channel = account.extra.get("returned_channel", post.account)
    known: dict[str, Any] = {
        "snippet": {**extra["snippet"], "publishedAt": published_at, "channelId": channel},
        "status": {
            "uploadStatus": extra["uploadStatus"],
            "privacyStatus": extra["privacyStatus"],
            "license": "youtube",
            "embeddable": True,
            "publicStatsViewable": True,
            "madeForKids": bool(extra["selfDeclaredMadeForKids"]),
        },
        "fileDetails": {"fileName": extra["fileName"], "fileSize": extra["fileSize"]},
    }
    chosen = {part: known[part] for part in parts if part in known}
    return {"kind": "youtube#video", "etag": secrets.token_hex(8), "id": post.id, **chosen}
