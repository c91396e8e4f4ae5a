"""Bluesky: accounts on two servers, the app that shows their posts, the video service.

Calls: apply_writes, get_record, delete_record, upload_blob, service_auth, resolve_handle,
get_posts, get_profile, upload_video, job_status; and those of `sessions.py`, whose settings stand
there. Setting: `processing_seconds` of a video (1); `video_fails`, the failure's code.
"""

import base64
import hashlib
import secrets
import time
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.simulator.bluesky import rules
from deploy.simulator.bluesky.demo import DEMO, PDS
from deploy.simulator.bluesky.pages import pages
from deploy.simulator.bluesky.rules import POST, Rules
from deploy.simulator.bluesky.sessions import Sessions, body_of, refusal, refused
from deploy.simulator.network import call
from deploy.simulator.state import records
from deploy.simulator.state.records import Account, Post
from deploy.simulator.strict import media_type
from platforms.bluesky.pds import address
from platforms.bluesky.records import cid_of

APP_VIEW = "did:web:api.bsky.app#bsky_appview"
#: The beginnings of files that a server knows.
STARTS = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG", "image/webp": b"RIFF"}
PAGE = (
    '<html><head><title>Dovecote</title><meta property="og:description" content="Doves &amp; co">'
)


class BlueskyNetwork(Sessions):
    demo = DEMO
    repeatable = frozenset({"uris"})

    def hosts(self) -> Mapping[str, list[Route]]:
        known = [Route("/.well-known/atproto-did", self.well_known)]
        server = [
            Route(f"/xrpc/{name}", handler, methods=[method])
            for method, name, handler in (
                ("POST", "com.atproto.server.createSession", self.create_session),
                ("POST", "com.atproto.server.refreshSession", self.refresh_session),
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
        return {
            "bsky.social": server,
            PDS.removeprefix("https://"): server,
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
            return self.by_name(request.query_params.get("repo", ""))
        if request.url.path.endswith("getJobStatus"):
            job = self.store.get(self.key, "job", request.query_params.get("jobId", ""))
            return self.store.account(self.key, job["account"]) if job else None
        owner = super().account(request)
        is_video = request.url.path.endswith("uploadVideo")
        return owner if owner and (is_video or self._is_here(owner, request)) else None

    @call("apply_writes")
    async def apply_writes(self, request: Request, account: Account) -> Response:
        body = await body_of(request)
        if set(body) != {"repo", "writes"} or not rules.writes(body["writes"]):
            raise refused(400, "InvalidRequest", "Input is invalid")
        if body["repo"] != account.id:
            raise refused(400, "InvalidRequest", "Could not find repo")
        made: list[tuple[dict[str, Any], Rules]] = []
        for write in body["writes"]:
            write.setdefault("rkey", "3" + secrets.choice("abcdefghij") * 12)
            made.append((write, self._checked(account, write, [each for each, _ in made])))
        for write, checked in made:
            self._store(account, write, tuple(checked.files))
        results = [
            {
                "$type": "com.atproto.repo.applyWrites#createResult",
                "uri": f"at://{account.id}/{write['collection']}/{write['rkey']}",
                "cid": cid_of(write["value"]),
                "validationStatus": "valid",
            }
            for write, _ in made
        ]
        return JSONResponse({"commit": {"cid": results[0]["cid"], "rev": "3"}, "results": results})

    def _checked(
        self, account: Account, write: dict[str, Any], before: list[dict[str, Any]]
    ) -> Rules:
        found = Rules(account.id, lambda link: self.store.get(self.key, "blob", link))
        record, rkey = write["value"], write["rkey"]
        if problem := found.problem(write["collection"], rkey, record):
            raise refused(400, "InvalidRequest", problem)
        if write["collection"] == POST and self._record(rkey):
            raise refused(500, "InternalServerError", "Internal Server Error")
        earlier = {each["rkey"]: each["value"] for each in before}
        references = [*(record.get("reply") or {}).values(), *_quoted(record)]
        for reference in references:
            key = reference["uri"].rpartition("/")[2]
            known = earlier.get(key) or self._record(key)
            if known is None or cid_of(known) != reference["cid"]:
                raise refused(400, "InvalidRequest", "A referenced record does not exist")
        for facet in record.get("facets", ()):
            did = facet["features"][0].get("did")
            if did and self.store.account(self.key, did) is None:
                raise refused(400, "InvalidRequest", "A mentioned account does not exist")
        return found

    def _store(self, account: Account, write: dict[str, Any], files: tuple[str, ...]) -> None:
        record, rkey = write["value"], write["rkey"]
        if write["collection"] != POST:
            self.store.put(self.key, write["collection"], rkey, account.id, record)
            return
        extra = {"record": record, "alt": _alts(record), "reply": bool(record.get("reply"))}
        link = address(account.id, rkey)
        text = record["text"]
        self.store.publish(
            self.key, rkey, account.id, text=text, media=files, url=link, extra=extra
        )

    def _record(self, rkey: str) -> dict[str, Any] | None:
        post = self.store.post(self.key, rkey)
        return dict(post.extra["record"]) if post else None

    @call("get_record")
    async def get_record(self, request: Request, account: Account) -> Response:
        query = request.query_params
        uri = f"at://{account.id}/{query.get('collection')}/{query.get('rkey')}"
        post = self.store.post(self.key, query.get("rkey", ""))
        if query.get("collection") != POST or post is None or post.account != account.id:
            raise refused(400, "RecordNotFound", f"Could not locate record: {uri}")
        record = post.extra["record"]
        return JSONResponse({"uri": uri, "cid": cid_of(record), "value": record})

    @call("delete_record")
    async def delete_record(self, request: Request, account: Account) -> Response:
        body = await body_of(request)
        wanted = {"repo": account.id, "collection": POST, "rkey": body.get("rkey")}
        if body != wanted or not rules.TID.fullmatch(str(body["rkey"])):
            raise refused(400, "InvalidRequest", "Input is invalid")
        post = self.store.post(self.key, body["rkey"])
        if post and post.account == account.id:
            self.store.delete_post(self.key, post.id)
        return JSONResponse({})

    @call("upload_blob")
    async def upload_blob(self, request: Request, account: Account) -> Response:
        content, kind = await request.body(), media_type(request.headers.get("content-type", ""))
        if kind not in STARTS or not content.startswith(STARTS[kind]):
            raise refused(400, "InvalidMimeType", "The file is not what its type says")
        return JSONResponse({"blob": self._keep(account, content, kind)})

    def _keep(self, account: Account, content: bytes, kind: str) -> dict[str, Any]:
        digest = b"\x01\x55\x12\x20" + hashlib.sha256(content).digest()
        link = "b" + base64.b32encode(digest).decode().rstrip("=").lower()
        file = self.store.write_file(content, kind)
        facts = {"type": kind, "size": len(content), "file": file}
        self.store.put(self.key, "blob", link, account.id, facts)
        return {"$type": "blob", "ref": {"$link": link}, "mimeType": kind, "size": len(content)}

    @call("service_auth")
    async def service_auth(self, request: Request, account: Account) -> Response:
        query = dict(request.query_params)
        until = query.pop("exp", "0")
        wanted = {
            "aud": f"did:web:{self.server_of(account).removeprefix('https://')}",
            "lxm": "com.atproto.repo.uploadBlob",
        }
        if query != wanted or not until.isdigit() or int(until) > self.store.now() + 3600:
            raise refused(400, "BadExpiration", "The audience, method or expiration is invalid")
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
        blob = self._keep(account, content, kind)
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
        posts = [self.store.post(self.key, uri.rpartition("/")[2]) for uri in dict.fromkeys(uris)]
        return JSONResponse({"posts": [self._shown(post) for post in posts if post]})

    def _shown(self, post: Post) -> dict[str, Any]:
        numbers, record = self.numbers(post), post.extra["record"]
        return {
            "uri": f"at://{post.account}/{POST}/{post.id}",
            "cid": cid_of(record),
            "record": record,
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


def _quoted(record: dict[str, Any]) -> list[dict[str, Any]]:
    embed = record.get("embed", {})
    inner = embed.get("record", {})
    found = inner.get("record", inner) if embed.get("$type", "").endswith("Media") else inner
    return [found] if found else []


def _alts(record: dict[str, Any]) -> list[str]:
    embed = record.get("embed", {})
    embed = embed.get("media", embed)
    files = embed.get("images") or embed.get("items") or [embed]
    return [str(each.get("alt", "")) for each in files]
