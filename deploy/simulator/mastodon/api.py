"""Mastodon: a server as Mastodon's own, one with longer texts, and one of an old release.

Calls: create_status, get_status, list_statuses, delete_status, upload_media, get_media,
verify_credentials; instance and register_app, of no account; token of `oauth.py`. An account's id
is its id on its server, an @, and the server's host; its `extra` may hold `scopes`.

Settings of an account or of all: `processing_seconds` of a video (1); `media_fails`, whether it
cannot be processed; `keeps_keys` (true), whether a repeated Idempotency-Key gets the first post;
`needs_keys` (true), whether a post must have one, as those of our adapters do and others may not;
`lists_private` (true), whether its list shows what only followers see; `ignores_paging`, whether
the list is always whole; `makes`, the visibility that posts get; `deletes` (true);
`next_id`, the id of an account's only post.
"""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.simulator.mastodon import rules
from deploy.simulator.mastodon.demo import DEMO, HOST
from deploy.simulator.mastodon.media import MastodonMedia, host_of
from deploy.simulator.mastodon.oauth import MastodonOAuthServer
from deploy.simulator.mastodon.rules import NO_RECORD, Instance, invalid, refusal, refused
from deploy.simulator.network import Dropped, call, replacement
from deploy.simulator.state import records
from deploy.simulator.state.records import Account, Post

OLD = "old.pigeons.example"
SERVERS = {"mastodon.social": Instance(), HOST: Instance(5000, 6), OLD: Instance(is_old=True)}
MOST_LISTED, LISTED = 40, 20
#: What is true in a query.
TRUE = ("1", "true", "True")
#: For how long a key is kept.
KEY_SECONDS = 3600


class MastodonNetwork(MastodonMedia):
    demo = DEMO

    def hosts(self) -> Mapping[str, list[Route]]:
        return {host: self._routes(host, server) for host, server in SERVERS.items()}

    def _routes(self, host: str, server: Instance) -> list[Route]:
        oauth = MastodonOAuthServer(self, host, is_old=server.is_old)
        newer = [
            Route("/api/v2/instance", self.instance),
            Route("/api/v2/media", self.upload_media, methods=["POST"]),
        ]
        return [
            *oauth.routes(),
            *([] if server.is_old else newer),
            Route("/api/v1/instance", self.instance),
            Route("/api/v1/media", self.upload_media, methods=["POST"]),
            Route("/api/v1/media/{id}", self.get_media),
            Route("/api/v1/accounts/verify_credentials", self.verify_credentials),
            Route("/api/v1/accounts/{id}/statuses", self.list_statuses),
            Route("/api/v1/statuses", self.create_status, methods=["POST"]),
            Route("/api/v1/statuses/{id}", self.get_status),
            Route("/api/v1/statuses/{id}", self.delete_status, methods=["DELETE"]),
        ]

    def unauthorized(self) -> Response:
        return refusal(401, "The access token is invalid")

    def rate_limited(self, reset_seconds: int) -> Response:
        answer = refusal(429, "Too many requests")
        ends = datetime.fromtimestamp(time.time() + reset_seconds, UTC)
        reset = ends.isoformat().replace("+00:00", "Z")
        answer.headers.update({"x-ratelimit-remaining": "0", "x-ratelimit-reset": reset})
        return answer

    def error(self, status: int) -> Response:
        return refusal(status, HTTPStatus(status).phrase)

    async def instance(self, request: Request) -> Response:
        fault = self.faults.strike(self.key, "", "instance")
        if fault and fault.drop:
            raise Dropped
        if fault and fault.status:
            return replacement(fault.status, fault.body)
        host = host_of(request)
        server = SERVERS[host]
        told = {"domain": host, "title": host, "version": "4.5.0", "languages": ["en"]}
        if "/v1/" in request.url.path:
            told = {"uri": host, "title": host, "version": "3.5.3"}
        versions = {} if server.is_old else {"api_versions": {"mastodon": 7}}
        return JSONResponse({**told, **versions, "configuration": server.configuration()})

    @call("verify_credentials")
    async def verify_credentials(self, request: Request, account: Account) -> Response:
        self.need(request, "read:accounts")
        return JSONResponse(self._told(account))

    @call("create_status")
    async def create_status(self, request: Request, account: Account) -> Response:
        self.need(request, "write:statuses")
        body = await rules.body_of(request)
        if body is None:
            raise refused(400, "The simulator takes JSON and forms")
        rules.check_status(body, SERVERS[host_of(request)])
        key = request.headers.get("idempotency-key", "")
        if not key and self.setting(account.id, "needs_keys", True):
            raise invalid("The simulator takes no post without an Idempotency-Key")
        if key and (kept := self._kept(account, key)):
            return JSONResponse(self._shown(kept))
        files = [self.file(media_id, account) for media_id in body.get("media_ids", ())]
        if len(files) > 1 and any(file["told"]["type"] == "video" for file in files):
            raise invalid("Cannot attach a video to a post that already contains images")
        for name in ("in_reply_to_id", "quoted_status_id"):
            if name in body and not self._readable(body[name], account):
                what = "reply to" if name == "in_reply_to_id" else "quote"
                said = f"The post you are trying to {what} does not appear to exist."
                raise refused(404, said)
        post = self._publish(account, body, files)
        if key:
            self.store.put(self.key, "key", f"{account.id}:{key}", account.id, {"post": post.id})
        return JSONResponse(self._shown(post))

    def _kept(self, account: Account, key: str) -> Post | None:
        """The post that was made with a key, while that is kept."""
        found = self.store.get(self.key, "key", f"{account.id}:{key}")
        post = self.store.post(self.key, found["post"]) if found else None
        is_kept = post and time.time() - post.created_at < KEY_SECONDS
        return post if is_kept and self.setting(account.id, "keeps_keys", True) else None

    def _publish(
        self, account: Account, body: Mapping[str, Any], files: list[dict[str, Any]]
    ) -> Post:
        post_id = str(self.setting(account.id, "next_id", "")) or self._next_id()
        words, name = body.get("status", ""), account.username.partition("@")[0]
        said = {name: value for name, value in body.items() if name not in ("status", "poll")}
        extra = {
            "said": said,
            "files": [file["told"] for file in files],
            "alt": [file["told"]["description"] or "" for file in files],
            "visibility": self.setting(account.id, "makes", body.get("visibility", "public")),
            "poll": body.get("poll"),
            "reply": body.get("in_reply_to_id"),
            "title": body.get("spoiler_text", ""),
        }
        self.store.publish(
            self.key,
            post_id,
            account.id,
            text=words,
            media=tuple(file["file"] for file in files),
            url=f"https://{account.id.rpartition('@')[2]}/@{name}/{post_id}",
            extra=extra,
        )
        for media_id in body.get("media_ids", ()):
            self.store.change(self.key, "media", media_id, post=post_id)
        found = self.store.post(self.key, post_id)
        assert found is not None  # noqa: S101 - it was published above
        return found

    def _next_id(self) -> str:
        """Return an id that is larger than all before it: its first bits are the time."""
        now = int(time.time() * 1000) << 16
        last = self.store.get(self.key, "last", "id") or {"id": 0}
        number = max(now, int(last["id"]) + 1)
        self.store.put(self.key, "last", "id", "", {"id": number})
        return str(number)

    @call("get_status")
    async def get_status(self, request: Request, account: Account) -> Response:
        self.need(request, "read:statuses")
        post = self._readable(request.path_params["id"], account)
        return JSONResponse(self._shown(post)) if post else refusal(404, NO_RECORD)

    @call("list_statuses")
    async def list_statuses(self, request: Request, account: Account) -> Response:
        self.need(request, "read:statuses")
        query = dict(request.query_params)
        has_replies = query.pop("exclude_replies", "") not in TRUE
        query.pop("exclude_reblogs", "")  # there are none
        if set(query) - {"limit", "max_id", "since_id"} or not _are_numbers(query):
            raise invalid("The simulator takes no such parameter")
        owner = f"{request.path_params['id']}@{host_of(request)}"
        if self.store.account(self.key, owner) is None:
            raise refused(404, NO_RECORD)
        lag = float(self.setting(owner, "listing_lag_seconds", 0))
        posts = self.store.posts_of(self.key, owner, 1000, until=time.time() - lag)
        posts = [post for post in posts if self._lists(post, account)]
        posts = [post for post in posts if has_replies or not post.extra["reply"]]
        if not self.setting(owner, "ignores_paging", False):
            newest, oldest = int(query.get("max_id", 2**80)), int(query.get("since_id", 0))
            posts = [post for post in posts if oldest < int(post.id) < newest]
            posts = posts[: min(int(query.get("limit", LISTED)), MOST_LISTED)]
        return JSONResponse([self._shown(post) for post in posts])

    def _lists(self, post: Post, reader: Account) -> bool:
        is_private = post.extra["visibility"] in ("private", "direct")
        return not is_private or (
            post.account == reader.id and self.setting(reader.id, "lists_private", True)
        )

    @call("delete_status")
    async def delete_status(self, request: Request, account: Account) -> Response:
        self.need(request, "write:statuses")
        post = self.store.post(self.key, request.path_params["id"])
        if not self.setting(account.id, "deletes", True) or not post:
            raise refused(404, NO_RECORD)
        if post.account != account.id:
            raise refused(404, NO_RECORD)
        self.store.delete_post(self.key, post.id)
        return JSONResponse({**self._shown(post), "text": post.text})

    def _readable(self, post_id: str, reader: Account) -> Post | None:
        post = self.store.post(self.key, post_id)
        same_server = post and post.account.rpartition("@")[2] == reader.id.rpartition("@")[2]
        is_open = post and (
            post.account == reader.id or post.extra["visibility"] in ("public", "unlisted")
        )
        return post if same_server and is_open else None

    def _shown(self, post: Post) -> dict[str, Any]:
        author = self.store.account(self.key, post.account)
        assert author is not None  # noqa: S101 - accounts are never deleted
        return rules.as_status(post, self._told(author), self.numbers(post))

    def _told(self, account: Account) -> dict[str, Any]:
        return rules.as_account(account, records.followers(account.id, self.store.now()))


def _are_numbers(query: Mapping[str, str]) -> bool:
    return all(value.isascii() and value.isdigit() and len(value) < 25 for value in query.values())
