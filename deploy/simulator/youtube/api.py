"""YouTube as the Data API v3 documents it: uploads. `pages.py` has the other calls, `video.py` the
video that an upload becomes, `oauth.py` the consent.

Calls: start_session, put_bytes, store_piece (each 256 KiB; only `drop` strikes here), ask_session,
channels, playlist_items, videos, delete_video, video_categories, set_thumbnail, token. Settings
here: `final_status`, 201 or 200 for the last byte; `uploads_per_day` and `units_per_day` of the
project, `channel_uploads_per_day` (0: no limit). Optional `extra` of an account: `scopes` (list),
`returned_channel`. Of the network's upload protocols, one each is supported: resumable for videos,
simple (`uploadType=media`) for thumbnails.
"""

import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.simulator.demo import Demo, DemoAccount, DemoPost
from deploy.simulator.network import Network, call, is_json, json_value
from deploy.simulator.state.records import Account
from deploy.simulator.state.uploads import PIECE_BYTES, content_range
from deploy.simulator.youtube import pages, video
from deploy.simulator.youtube.metadata import PARTS, problem_with
from deploy.simulator.youtube.oauth import GoogleOAuthServer
from deploy.simulator.youtube.wire import UPLOAD, DataError, admit, parts_of, spend_upload

DEMO = Demo(
    accounts=(DemoAccount("youtube", "UCq3Wm7xK0mVb8tR5yZ1aLdQ", "Pigeon Post", "pigeonpost"),),
    posts=(
        DemoPost("youtube", "video", ("wide.mp4",)),
        DemoPost("youtube", "Short", ("upright.mp4",), "Short"),
        DemoPost("youtube", "unlisted", ("wide.mp4",), settings={"privacyStatus": "unlisted"}),
        DemoPost(
            "youtube",
            "thumbnail",
            ("wide.mp4", "noon.jpg"),
            settings={"useImageAsThumbnail": True},
            seen=1,
        ),
    ),
)


#: The discovery document says video/*; these are registered.
FILE_TYPES = {
    *("video/mp4", "video/quicktime", "video/webm", "video/mpeg", "video/x-msvideo"),
    *("video/x-matroska", "video/x-flv", "video/3gpp", "video/x-ms-wmv", "video/ogg"),
    "application/octet-stream",
}
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
    demo = DEMO
    key = "youtube"
    name, colour = "YouTube", "#d90000"
    #: As the discovery document says.
    repeatable = frozenset({"part", "id"})

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
        spend_upload(self, account.id)
        admit(self, request, UPLOAD, QUERY, PARTS)
        _check_start(request)
        try:
            body = await json_value(request)
        except ValueError:
            raise DataError(400, "parseError", "Parse Error", "global") from None
        if reason := problem_with(body):
            raise DataError(400, reason, f"The request metadata specifies an {reason}.")
        query, headers = request.query_params, request.headers
        if unnamed := body.keys() - parts_of(request):
            message = f"The part parameter does not name {', '.join(sorted(unnamed))}."
            raise DataError(400, "unexpectedPart", message, "youtube.part")
        upload_id, kind = secrets.token_urlsafe(48), headers["x-upload-content-type"]
        facts = {
            "size": int(headers["x-upload-content-length"]),
            "type": kind,
            "slug": headers.get("slug", ""),
            "body": body,
            "notify": query.get("notifySubscribers", "true") == "true",
            "file": self.uploads.begin(kind),
            "video": "",
            "until": self.store.now() + SESSION_SECONDS,
            "query": f"uploadType=resumable&part={','.join(parts_of(request))}"
            f"&upload_id={upload_id}",
        }
        self.store.put(self.key, "session", upload_id, account.id, facts)
        path = f"{SESSIONS}?{facts['query']}"
        return Response(None, 200, {"Location": self.public_url(request, HOST, path)})

    async def session(self, request: Request) -> Response:
        asks = request.headers.get("content-range", "").startswith("bytes */")
        answer: Response = await (self.ask_session if asks else self.put_bytes)(request)
        return answer

    @call("ask_session")
    async def ask_session(self, request: Request, account: Account) -> Response:
        session = self._session(request, account)
        if request.headers["content-range"] != f"bytes */{session['size']}":
            raise DataError(400, "badRequest", "Failed to parse Content-Range header.", "global")
        return self._progress(session, account)

    @call("put_bytes")
    async def put_bytes(self, request: Request, account: Account) -> Response:
        session = self._session(request, account)
        if session["video"]:
            return self._progress(session, account)
        total = session["size"]
        span = content_range(request, total)
        if span is None:
            raise DataError(400, "badRequest", "Failed to parse Content-Range header.", "global")
        first, last = span
        if last + 1 != total and (last + 1 - first) % PIECE_BYTES:
            message = "The number of bytes uploaded is required to be equal or greater than 262144"
            raise DataError(400, "badRequest", message, "global")
        file_id = session["file"]
        stored = self.uploads.size(file_id)
        if first > stored:
            message = f"The upload offset is {first} byte(s), which exceeds the {stored} received."
            raise DataError(400, "badRequest", f"Invalid request. {message}", "global")
        if first < stored:
            return self._progress(session, account)  # an overlap: nothing is stored
        if not await self.receive(file_id, request, account, step=PIECE_BYTES):
            return Response(status_code=400)
        if self.uploads.size(file_id) == total:
            session["video"] = video.make(self, account, session)
            upload_id = request.query_params["upload_id"]
            self.store.change(self.key, "session", upload_id, video=session["video"])
        final = self.setting(account.id, "final_status", 201)
        return self._progress(session, account, status=final)

    def _session(self, request: Request, account: Account) -> dict[str, Any]:
        upload_id = request.query_params.get("upload_id", "")
        session = self.store.get(self.key, "session", upload_id)
        if session is None or session["account"] != account.id:
            raise DataError(404, "notFound", "Not Found", "global")
        if session["until"] <= self.store.now() or unquote(request.url.query) != session["query"]:
            raise DataError(404, "notFound", "Not Found", "global")
        return session

    def _progress(self, session: dict[str, Any], account: Account, status: int = 200) -> Response:
        """The video if the upload is complete, else how many bytes are stored."""
        if session["video"]:
            post = self.store.post(self.key, session["video"])
            if post is None:
                raise DataError(404, "videoNotFound", "The video cannot be found.")
            parts = tuple(session["body"])
            return JSONResponse(video.resource(self, post, parts, account), status)
        stored = self.uploads.size(session["file"])
        return Response(None, 308, {"Range": f"bytes=0-{stored - 1}"} if stored else {})

    def unauthorized(self) -> Response:
        message = "Request had invalid authentication credentials."
        return DataError(401, "authError", message, "global", status="UNAUTHENTICATED").answer

    def rate_limited(self, reset_seconds: int) -> Response:
        answer = DataError(429, "rateLimitExceeded", "Rate Limit Exceeded", "global").answer
        answer.headers["Retry-After"] = str(reset_seconds)
        return answer

    def error(self, status: int) -> Response:
        reason = {404: "notFound", 403: "forbidden", 400: "badRequest"}.get(status, "backendError")
        return DataError(status, reason, "Backend Error", "global").answer


def _check_start(request: Request) -> None:
    """Raises DataError for a session whose headers or parameters are wrong."""
    headers = request.headers
    if request.query_params.get("uploadType") != "resumable":
        raise DataError(400, "badRequest", "uploadType must be resumable.", "global")
    if "snippet" not in parts_of(request):
        raise DataError(400, "unexpectedPart", "The snippet is needed.", "youtube.part")
    if request.query_params.get("notifySubscribers", "true") not in ("true", "false"):
        message = "Invalid value for notifySubscribers."
        raise DataError(400, "invalidValue", message, "youtube.parameter")
    if not is_json(request):
        raise DataError(400, "badContent", "Unsupported content with type.", "global")
    size = headers.get("x-upload-content-length", "")
    if not size.isdigit() or not 0 < int(size) <= FILE_BYTES:
        raise DataError(400, "mediaBodyRequired", "The request does not include the video.")
    if headers.get("x-upload-content-type") not in FILE_TYPES:
        raise DataError(400, "badContent", "Media type is not supported.", "global")
