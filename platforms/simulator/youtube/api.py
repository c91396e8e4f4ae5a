"""YouTube as the Data API v3 documents it: uploads. `pages.py` has the other calls, `video.py` the
video that an upload becomes, `oauth.py` the consent.

Calls: start_session, put_bytes, store_piece (each 256 KiB; only `drop` strikes here), ask_session,
channels, playlist_items, videos, video_categories, set_thumbnail, token. Settings here:
`session_seconds`, how long a session lasts; `final_status`, 201 or 200 for the last byte;
`uploads_per_day` and `units_per_day` of the project, `channel_uploads_per_day` (0: no limit).
Optional `extra` of an account: `scopes` (list), `returned_channel`. Of the network's
upload protocols, one each is supported: resumable for videos, simple (`uploadType=media`) for
thumbnails.
"""

import secrets
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from platforms.simulator.network import Network, call
from platforms.simulator.records import Account
from platforms.simulator.uploads import PIECE_BYTES, content_range
from platforms.simulator.youtube import pages, video
from platforms.simulator.youtube.metadata import PARTS, problem_with
from platforms.simulator.youtube.oauth import GoogleOAuthServer
from platforms.simulator.youtube.wire import (
    UPLOAD,
    bad_query,
    error,
    no_scope,
    parts_of,
    spend_upload,
)

FILE_BYTES = 256 * 1024**3
HOST = "www.googleapis.com"
SESSIONS = "/upload/youtube/v3/videos"
SESSION_SECONDS = 7 * 24 * 3600
QUERY = {
    "part",
    "notifySubscribers",
    "autoLevels",
    "stabilize",
    "onBehalfOfContentOwner",
    "onBehalfOfContentOwnerChannel",
}


class YouTubeNetwork(Network):
    key = "youtube"

    def hosts(self) -> Mapping[str, list[Route]]:
        oauth = GoogleOAuthServer(self)
        routes = [
            Route(SESSIONS, self.start_session, methods=["POST"]),
            Route(f"/resumable{SESSIONS}", self.start_session, methods=["POST"]),
            Route(SESSIONS, self.session, methods=["PUT"]),
            *pages.routes(self),
        ]
        return {
            HOST: routes,
            "youtube.googleapis.com": routes,
            "accounts.google.com": oauth.pages(),
            "oauth2.googleapis.com": oauth.api(),
        }

    @call("start_session")
    async def start_session(self, request: Request, account: Account) -> Response:
        if refused := (
            spend_upload(self, account.id)
            or no_scope(self, request, UPLOAD)
            or bad_query(request, QUERY, PARTS)
            or _bad_start(request)
        ):
            return refused
        try:
            body = await request.json()
        except ValueError:
            return error(400, "parseError", "Parse Error", "global")
        if reason := problem_with(body):
            return error(400, reason, f"The request metadata specifies an {reason}.")
        query, headers = request.query_params, request.headers
        # Parts that are not named in the query are ignored.
        body = {part: value for part, value in body.items() if part in parts_of(request)}
        upload_id, kind = secrets.token_urlsafe(48), headers["x-upload-content-type"]
        facts = {
            "size": int(headers["x-upload-content-length"]),
            "type": kind,
            "slug": headers.get("slug", ""),
            "body": body,
            "notify": query.get("notifySubscribers", "true") == "true",
            "file": self.uploads.begin(kind),
            "video": "",
            "until": self.store.now()
            + self.setting(account.id, "session_seconds", SESSION_SECONDS),
        }
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
            return error(404, "notFound", "Not Found", "global")
        if request.headers["content-range"] != f"bytes */{session['size']}":
            return error(400, "badRequest", "Failed to parse Content-Range header.", "global")
        return self._progress(session, account)

    @call("put_bytes")
    async def put_bytes(self, request: Request, account: Account) -> Response:
        session = self._session(request, account)
        if session is None:
            return error(404, "notFound", "Not Found", "global")
        if session["video"]:
            return self._progress(session, account)
        total = session["size"]
        span = content_range(request.headers.get("content-range", f"bytes 0-{total - 1}/{total}"))
        length = request.headers.get("content-length", "")
        if span is None or span[2] != total or length != str(span[1] - span[0] + 1):
            return error(400, "badRequest", "Failed to parse Content-Range header.", "global")
        first, last, _ = span
        if last + 1 != total and (last + 1 - first) % PIECE_BYTES:
            message = "The number of bytes uploaded is required to be equal or greater than 262144"
            return error(400, "badRequest", message, "global")
        file_id = session["file"]
        if first != self.uploads.size(file_id):
            return self._progress(session, account)  # overlap or gap: nothing is stored
        if not await self._append(file_id, request, account):
            return Response(status_code=400)
        if self.uploads.size(file_id) == total:
            session["video"] = video.make(self, account, session)
            upload_id = request.query_params["upload_id"]
            self.store.change(self.key, "session", upload_id, video=session["video"])
        final = self.setting(account.id, "final_status", 201)
        return self._progress(session, account, status=final)

    async def _append(self, file_id: str, request: Request, account: Account) -> bool:
        """Whether the whole body came; otherwise whole steps of 256 KiB are kept."""
        return await self.uploads.append(
            file_id, request, step=PIECE_BYTES, each_piece=lambda: self.strike_piece(account)
        )

    def _session(self, request: Request, account: Account) -> dict[str, Any] | None:
        upload_id = request.query_params.get("upload_id", "")
        session = self.store.get(self.key, "session", upload_id)
        if session is None or session["account"] != account.id:
            return None
        return session if session["until"] > self.store.now() else None

    def _progress(self, session: dict[str, Any], account: Account, status: int = 200) -> Response:
        """The video if the upload is complete, else how many bytes are stored."""
        if session["video"]:
            post = self.store.post(self.key, session["video"])
            if post is None:
                return error(404, "videoNotFound", "The video cannot be found.")
            parts = tuple(session["body"])
            return JSONResponse(video.resource(self, post, parts, account), status)
        stored = self.uploads.size(session["file"])
        return Response(None, 308, {"Range": f"bytes=0-{stored - 1}"} if stored else {})

    def unauthorized(self) -> Response:
        message = "Request had invalid authentication credentials."
        return error(401, "authError", message, "global", status="UNAUTHENTICATED")

    def rate_limited(self, reset_seconds: int) -> Response:
        answer = error(429, "rateLimitExceeded", "Rate Limit Exceeded", "global")
        answer.headers["Retry-After"] = str(reset_seconds)
        return answer

    def error(self, status: int) -> Response:
        reasons = {404: "notFound", 403: "forbidden", 400: "badRequest"}
        return error(status, reasons.get(status, "backendError"), "Backend Error", "global")


def _bad_start(request: Request) -> Response | None:
    """The error of a session whose headers or parameters are wrong."""
    headers = request.headers
    if request.query_params.get("uploadType") != "resumable":
        return error(400, "badRequest", "uploadType must be resumable.", "global")
    if "snippet" not in parts_of(request):
        return error(400, "unexpectedPart", "The snippet is needed.", "youtube.part")
    if request.query_params.get("notifySubscribers", "true") not in ("true", "false"):
        message = "Invalid value for notifySubscribers."
        return error(400, "invalidValue", message, "youtube.parameter")
    if not headers.get("content-type", "").startswith("application/json"):
        return error(400, "badContent", "Unsupported content with type.", "global")
    size = headers.get("x-upload-content-length", "")
    if not size.isdigit() or not 0 < int(size) <= FILE_BYTES:
        return error(400, "mediaBodyRequired", "The request does not include the video.")
    kind = headers.get("x-upload-content-type", "")
    if not kind.startswith("video/") and kind != "application/octet-stream":
        return error(400, "badContent", "Media type is not supported.", "global")
    return None
