"""Bluesky: accounts on two servers, the app that shows their posts, the video service.

Calls: service_auth, resolve_handle, get_posts, get_profile, upload_video, job_status; and those of
`repos.py` and `sessions.py`, whose settings stand there. Settings: `processing_seconds` of a video
(1); `video_fails`, the failure's code.
"""

import re
import secrets
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.simulator.bluesky.cids import cid_of
from deploy.simulator.bluesky.demo import DEMO, PDS
from deploy.simulator.bluesky.lexicon import FORMATS
from deploy.simulator.bluesky.oauth import BlueskyOAuthServer
from deploy.simulator.bluesky.pages import pages
from deploy.simulator.bluesky.repos import Repos
from deploy.simulator.bluesky.rules import POST
from deploy.simulator.bluesky.sessions import ENTRYWAY, refusal, refused
from deploy.simulator.network import call
from deploy.simulator.state import records
from deploy.simulator.state.records import Account, Post
from deploy.simulator.strict import media_type

APP_VIEW = "did:web:api.bsky.app#bsky_appview"
PAGE = (
    '<html><head><title>Dovecote</title><meta property="og:description" content="Doves &amp; co">'
)


class BlueskyNetwork(Repos):
    demo = DEMO
    repeatable = frozenset({"uris"})

    def hosts(self) -> Mapping[str, list[Route]]:
        known = [Route("/.well-known/atproto-did", self.well_known)]
        server = [
            Route(f"/xrpc/{name}", handler, methods=[method])
            for method, name, handler in (
                ("POST", "com.atproto.server.createSession", self.create_session),
                ("POST", "com.atproto.server.refreshSession", self.refresh_session),
                ("POST", "com.atproto.server.deleteSession", self.delete_session),
                ("GET", "com.atproto.server.getServiceAuth", self.service_auth),
                ("POST", "com.atproto.repo.applyWrites", self.apply_writes),
                ("GET", "com.atproto.repo.getRecord", self.get_record),
                ("POST", "com.atproto.repo.deleteRecord", self.delete_record),
                ("POST", "com.atproto.repo.uploadBlob", self.upload_blob),
                ("GET", "com.atproto.identity.resolveHandle", self.resolve_handle),
                ("GET", "app.bsky.feed.getPosts", self.get_posts),
                ("GET", "app.bsky.actor.getProfile", self.get_profile),
            )
        ]
        hosts = (ENTRYWAY.removeprefix("https://"), PDS.removeprefix("https://"))
        return {
            **{host: [*server, *BlueskyOAuthServer(self, host).routes()] for host in hosts},
            "pigeons.example": known,
            "doves.example": known,
            "plc.directory": [Route("/{did}", self.document)],
            "public.api.bsky.app": [
                Route("/xrpc/com.atproto.identity.resolveHandle", self.resolve_public)
            ],
            "video.bsky.app": [
                Route("/xrpc/app.bsky.video.uploadVideo", self.upload_video, methods=["POST"]),
                Route("/xrpc/app.bsky.video.getJobStatus", self.job_status),
            ],
            "example.com": pages(self.setting),
        }

    def unauthorized(self) -> Response:
        return refusal(400, "ExpiredToken", "Token has expired")

    def rate_limited(self, reset_seconds: int) -> Response:
        answer = refusal(429, "RateLimitExceeded", "Rate Limit Exceeded")
        reset = str(int(time.time()) + reset_seconds)
        answer.headers.update({"ratelimit-remaining": "0", "ratelimit-reset": reset})
        return answer

    def error(self, status: int) -> Response:
        return refusal(
            status, "InternalServerError" if status >= 500 else "", f"Simulated {status}"
        )

    def account(self, request: Request) -> Account | None:
        """The owner of the token; of a public read, the account that is read."""
        if request.url.path.endswith("getRecord"):
            return self.read_of(request)
        if request.url.path.endswith("getJobStatus"):
            job = self.store.get(self.key, "job", request.query_params.get("jobId", ""))
            return self.store.account(self.key, job["account"]) if job else None
        if request.url.path.endswith("uploadVideo"):
            return super().account(request)
        owner = self.store.account(self.key, self.valid_token(request).account)
        return owner if owner and self._is_here(owner, request) else None

    @call("service_auth")
    async def service_auth(self, request: Request, account: Account) -> Response:
        query = dict(request.query_params)
        now = time.time()  # by the clients' clock, not the networks'
        until = query.pop("exp", str(int(now) + 60))
        server = self.server_of(account).removeprefix("https://")
        wanted = {"aud": f"did:web:{server}", "lxm": "com.atproto.repo.uploadBlob"}
        if not query.get("aud", "").startswith("did:"):
            words = "aud must be a valid atproto DID or did#serviceId reference"
            raise refused(400, "InvalidRequest", words)
        if not until.isdigit() or int(until) < now:
            raise refused(400, "BadExpiration", "expiration is in past")
        if int(until) > now + 3600:
            words = "cannot request a token with an expiration more than an hour in the future"
            raise refused(400, "BadExpiration", words)
        if query != wanted:
            raise refused(400, "InvalidRequest", "The simulator grants uploads to the server alone")
        return JSONResponse({"token": self._issue(account, "service", 1800, "service")})

    @call("upload_video")
    async def upload_video(self, request: Request, account: Account) -> Response:
        query, content = request.query_params, await request.body()
        kind = media_type(request.headers.get("content-type", ""))
        token = self.token(request)
        name_fits = query.get("name", "").endswith(".mp4")
        if not token or token.kind != "service" or query.get("did") != account.id or not name_fits:
            return JSONResponse({"error": "invalid_did", "message": "Not the account's"}, 401)
        if kind != "video/mp4" or content[4:8] != b"ftyp":
            return JSONResponse({"error": "invalid_video", "message": "Not an MP4"}, 400)
        job = secrets.token_hex(8)
        until = self.store.now() + float(self.setting(account.id, "processing_seconds", 1))
        blob = self.keep_file(account, content, kind)
        self.store.put(self.key, "job", job, account.id, {"until": until, "blob": blob})
        return JSONResponse({"jobId": job, "did": account.id, "state": "JOB_STATE_CREATED"})

    @call("job_status")
    async def job_status(self, request: Request, account: Account) -> Response:
        job_id = request.query_params["jobId"]
        job = self.store.get(self.key, "job", job_id) or {}
        status: dict[str, Any] = {"jobId": job_id, "did": account.id}
        if job["until"] > self.store.now():
            return JSONResponse({"jobStatus": {**status, "state": "JOB_STATE_ENCODING"}})
        if code := self.setting(account.id, "video_fails", ""):
            failed = {"state": "JOB_STATE_FAILED", "failureCode": code, "message": "Cannot encode"}
            return JSONResponse({"jobStatus": {**status, **failed}})
        done = {"state": "JOB_STATE_COMPLETED", "blob": job["blob"]}
        return JSONResponse({"jobStatus": {**status, **done}})

    @call("resolve_handle")
    async def resolve_handle(self, request: Request, account: Account) -> Response:
        return await self.resolve_public(request)

    @call("get_posts")
    async def get_posts(self, request: Request, account: Account) -> Response:
        uris = request.query_params.getlist("uris")
        _check_proxy(request)
        if not 1 <= len(uris) <= 25:
            raise refused(400, "InvalidRequest", "uris must have 1 to 25 items")
        for number, uri in enumerate(uris):
            if not re.fullmatch(FORMATS["at-uri"], uri):
                words = f"Error: Params must have the property uris/{number} as a valid at-uri"
                raise refused(400, "InvalidRequest", words)
        return JSONResponse({"posts": [*filter(None, map(self._at, dict.fromkeys(uris)))]})

    def _at(self, uri: str) -> dict[str, Any] | None:
        post = self.store.post(self.key, uri.rpartition("/")[2])
        named = post and f"at://{post.account}/{POST}/{post.id}"
        return self._shown(post) if post and named == uri else None

    def _shown(self, post: Post) -> dict[str, Any]:
        numbers, record = self.numbers(post), post.extra["record"]
        author = self.store.account(self.key, post.account)
        assert author is not None  # noqa: S101 - accounts are never deleted
        return {
            "uri": f"at://{post.account}/{POST}/{post.id}",
            "cid": cid_of(record),
            "author": {"did": author.id, "handle": author.username},
            "record": record,
            "indexedAt": datetime.fromtimestamp(post.created_at, UTC).isoformat(),
            "likeCount": numbers.likes,
            "replyCount": numbers.comments,
            "repostCount": numbers.shares,
            "quoteCount": 0,
        }

    @call("get_profile")
    async def get_profile(self, request: Request, account: Account) -> Response:
        _check_proxy(request)
        shown = self.by_name(request.query_params.get("actor", ""))
        if shown is None:
            raise refused(400, "InvalidRequest", "Profile not found")
        found = {"did": shown.id, "handle": shown.username, "displayName": shown.name}
        avatar = f"https://cdn.bsky.app/img/avatar/plain/{shown.id}/bafy"
        count = records.followers(shown.id, self.store.now())
        return JSONResponse({**found, "avatar": avatar, "followersCount": count})


def _check_proxy(request: Request) -> None:
    if request.headers.get("atproto-proxy", APP_VIEW) != APP_VIEW:
        raise refused(400, "InvalidRequest", "could not resolve proxy did service url")
