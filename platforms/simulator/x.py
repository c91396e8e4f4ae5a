"""X as its API v2 document describes it.

Calls: get_me, create_post, get_post, delete_post, list_posts, upload_media, set_metadata. An
account's `extra` may hold `scopes`, a list; without it every scope counts as granted. Links are
shown as X shortens them, the wall keeps what was written.
"""

import hashlib
import time
import uuid
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from platforms.simulator.network import Network, call
from platforms.simulator.store import Account
from platforms.simulator.x_oauth import XOAuthDesk
from platforms.simulator.x_rules import (
    PROBLEMS,
    Refused,
    as_shown,
    check_body,
    created_at,
    invalid,
    listed,
    not_found,
    problem,
    read_image,
    require,
    snowflake,
)

MEDIA_SECONDS = 86400
#: How long the same text of an account counts as a duplicate; X does not say.
DUPLICATE_SECONDS = 600
LIMIT = 100
#: More rows than can bear ids of one millisecond, which their time cannot tell apart.
SAME_MOMENT = 50


class XNetwork(Network):
    key = "x"

    def hosts(self) -> Mapping[str, list[Route]]:
        desk = XOAuthDesk(self)
        return {
            "x.com": desk.pages(),
            "api.x.com": [
                *desk.api(),
                Route("/2/users/me", self.get_me),
                Route("/2/users/{id}/tweets", self.list_posts),
                Route("/2/tweets", self.create_post, methods=["POST"]),
                Route("/2/tweets/{id}", self.get_post),
                Route("/2/tweets/{id}", self.delete_post, methods=["DELETE"]),
                Route("/2/media/upload", self.upload_media, methods=["POST"]),
                Route("/2/media/metadata", self.set_metadata, methods=["POST"]),
            ],
        }

    @call("get_me")
    async def get_me(self, request: Request, account: Account) -> Response:
        user = {"id": account.id, "name": account.name, "username": account.username}
        return JSONResponse({"data": user})

    @call("create_post")
    async def create_post(self, request: Request, account: Account) -> Response:
        try:
            require(account, "tweet.write")
            body = check_body(request, await request.body())
            media = self._media(body, account)
            return self._create(str(body.get("text", "")), media, account)
        except Refused as refused:
            return refused.answer

    def _media(self, body: dict[str, Any], account: Account) -> list[dict[str, Any]]:
        ids = body.get("media", {}).get("media_ids", [])
        found = [self.store.get(self.key, "media", str(media_id)) for media_id in ids]
        good = [
            item
            for item in found
            if item and item["account"] == account.id and item["expires_at"] > time.time()
        ]
        if len(good) != len(ids):
            raise Refused(invalid("Your media IDs are invalid.", {"media.media_ids": ids}))
        return good

    def _create(self, text: str, media: list[dict[str, Any]], account: Account) -> Response:
        digest = hashlib.sha256("\0".join([text, *(m["digest"] for m in media)]).encode())
        mark = f"{account.id}:{digest.hexdigest()}"
        earlier = self.store.get(self.key, "text", mark)
        if earlier and earlier["at"] > time.time() - DUPLICATE_SECONDS:
            detail = "You are not allowed to create a Tweet with duplicate content."
            return problem(403, detail)
        post_id = snowflake()
        shown = as_shown(text, bool(media))
        self.store.publish(
            self.key,
            post_id,
            account.id,
            text=text,
            media=tuple(item["file"] for item in media),
            url=f"https://x.com/{account.username}/status/{post_id}",
            created_at=created_at(int(post_id)),
            extra={"shown": shown, "alt": [item.get("alt", "") for item in media]},
        )
        self.store.put(self.key, "text", mark, account.id, {"at": time.time()})
        return JSONResponse({"data": {"id": post_id, "text": shown}}, 201)

    @call("get_post")
    async def get_post(self, request: Request, account: Account) -> Response:
        post = self.store.post(self.key, request.path_params["id"])
        if post is None:
            return not_found("tweet", request.path_params["id"])
        return JSONResponse({"data": listed(post)})

    @call("delete_post")
    async def delete_post(self, request: Request, account: Account) -> Response:
        post = self.store.post(self.key, request.path_params["id"])
        if post is None or post.account != account.id:
            return problem(403, "Forbidden")
        self.store.delete_post(self.key, post.id)
        return JSONResponse({"data": {"deleted": True}})

    @call("list_posts")
    async def list_posts(self, request: Request, account: Account) -> Response:
        """Newest first. The page token is the id below which the next page begins."""
        query = request.query_params
        try:
            since, until = int(query.get("since_id", 0)), int(query.get("until_id", 2**63))
            until = min(until, int(query.get("pagination_token", until)))
            size = int(query.get("max_results", 10))
        except ValueError:
            return invalid("A parameter is not a number.", dict(query))
        if not 5 <= size <= 100:
            return invalid("max_results must be 5..100.", {"max_results": [str(size)]})
        posts = self.store.posts_of(
            self.key,
            request.path_params["id"],
            size + 1 + SAME_MOMENT,
            since=created_at(since),
            until=created_at(until),
        )
        posts = [post for post in posts if since < int(post.id) < until]
        page = posts[:size]
        meta: dict[str, Any] = {"result_count": len(page)}
        if not page:
            return JSONResponse({"meta": meta})
        meta |= {"newest_id": page[0].id, "oldest_id": page[-1].id}
        if len(posts) > size:
            meta["next_token"] = page[-1].id
        return JSONResponse({"data": [listed(post) for post in page], "meta": meta})

    @call("upload_media")
    async def upload_media(self, request: Request, account: Account) -> Response:
        try:
            require(account, "media.write")
            async with request.form() as form:
                upload, category = form.get("media"), form.get("media_category")
                content = await upload.read() if isinstance(upload, UploadFile) else b""
            if category != "tweet_image":
                raise Refused(invalid("media_category is invalid.", {"media_category": [category]}))
            facts = read_image(content)
        except Refused as refused:
            return refused.answer
        media_id = snowflake()
        stored = {
            "file": self.store.write_file(content, facts["image_type"]),
            "digest": hashlib.sha256(content).hexdigest(),
            "expires_at": time.time() + MEDIA_SECONDS,
        }
        self.store.put(self.key, "media", media_id, account.id, stored)
        data = {
            "id": media_id,
            "media_key": f"3_{media_id}",
            "size": len(content),
            "expires_after_secs": MEDIA_SECONDS,
            "image": facts,
        }
        return JSONResponse({"data": data})

    @call("set_metadata")
    async def set_metadata(self, request: Request, account: Account) -> Response:
        try:
            require(account, "media.write")
            body = await request.json()
            media_id, alt = str(body["id"]), str(body["metadata"]["alt_text"]["text"])
        except Refused as refused:
            return refused.answer
        except (ValueError, KeyError, TypeError):
            return invalid("The body is not as documented.", {})
        media = self.store.get(self.key, "media", media_id)
        if media is None or media["account"] != account.id:
            return not_found("media", media_id)
        if len(alt) > 1000:
            return invalid("The alt text is too long.", {"metadata.alt_text.text": [alt]})
        self.store.change(self.key, "media", media_id, alt=alt)
        return JSONResponse({"data": {"id": media_id, "associated_metadata": body["metadata"]}})

    def unauthorized(self) -> Response:
        return problem(401, "Unauthorized")

    def rate_limited(self, reset_seconds: int) -> Response:
        answer = problem(429, "Too Many Requests")
        answer.headers["x-rate-limit-remaining"] = "0"
        answer.headers["x-rate-limit-reset"] = str(int(time.time()) + reset_seconds)
        return answer

    def error(self, status: int) -> Response:
        if status == 402:
            return problem(402, "credits depleted", f"{PROBLEMS}/credits-depleted")
        return problem(status, HTTPStatus(status).phrase)

    def stamp(self, answer: Response) -> None:
        """The limit is stated and never reached: load tests come here too."""
        answer.headers["x-transaction-id"] = uuid.uuid4().hex[:16]
        answer.headers["api-version"] = "2.167"
        # A refusal that carries no reset time is a case of its own.
        if answer.status_code < 400:
            answer.headers["x-rate-limit-limit"] = str(LIMIT)
            answer.headers["x-rate-limit-remaining"] = str(LIMIT - 1)
            answer.headers["x-rate-limit-reset"] = str(int(time.time()) + 900)
