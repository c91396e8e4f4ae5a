"""X as its API v2 document describes it.

Calls: get_me, create_post, get_post, get_posts, delete_post, list_posts, and those of `media.py`.
An account's `extra` may hold `scopes`, a list; without it every scope is granted. Texts are
answered with links shortened as X does; the wall shows what was sent.

Settings, of an account or of all: `listing_lag_seconds` (how long new posts cannot be read),
`self_serve` (false allows quotes, and replies to others), `dialect` (the only one of `post.fields`
and `tweet.fields` that is taken), and those of `calls.py` and `media.py`.
"""

import base64
import binascii
import hashlib
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.simulator.demo import CHAIN, FOUR_IMAGES, Demo, DemoAccount, DemoPost
from deploy.simulator.network import Refused
from deploy.simulator.state import records
from deploy.simulator.state.records import FAR_FUTURE, Account, Post
from deploy.simulator.x.calls import invalid, not_found, problem, x_call
from deploy.simulator.x.media import XMedia
from deploy.simulator.x.oauth import XOAuthServer
from deploy.simulator.x.queries import FORMER, PRESENT
from deploy.simulator.x.rules import (
    as_resource,
    as_shown,
    check_post,
    created_at,
    json_body,
    listed,
    snowflake,
    wanted,
)

#: How long the same text of an account is a duplicate. X does not document it.
DUPLICATE_SECONDS = 600
#: More posts than can be made in one millisecond; only their ids tell them apart.
SAME_MILLISECOND = 50
POST_SCOPES = ("tweet.read", "tweet.write", "users.read")
READ_SCOPES = ("tweet.read", "users.read")


DEMO = Demo(
    accounts=(
        DemoAccount(
            "x", "1529384756102938475", "Pigeon Post", "pigeonpost", is_called_by_handle=True
        ),
    ),
    posts=(
        DemoPost("x", "text"),
        DemoPost("x", "one image", ("morning.jpg",)),
        DemoPost("x", "four images", FOUR_IMAGES),
        DemoPost("x", "GIF", ("sunrise.gif",)),
        DemoPost("x", "video", ("wide.mp4",)),
        DemoPost("x", "thread of three", ("noon.jpg",), parts=CHAIN),
        DemoPost("x", "limited replies", settings={"replySettings": "following"}),
    ),
)


class XNetwork(XMedia):
    demo = DEMO

    def hosts(self) -> Mapping[str, list[Route]]:
        oauth = XOAuthServer(self)
        api = [
            *oauth.api(),
            Route("/2/users/me", self.get_me),
            Route("/2/users/{id}/tweets", self.list_posts),
            Route("/2/tweets", self.create_post, methods=["POST"]),
            Route("/2/tweets", self.get_posts),
            Route("/2/tweets/{id}", self.get_post),
            Route("/2/tweets/{id}", self.delete_post, methods=["DELETE"]),
            *self.media_routes(),
        ]
        pages = oauth.pages()
        # Older client libraries still use the former names.
        return {"x.com": pages, "twitter.com": pages, "api.x.com": api, "api.twitter.com": api}

    @x_call("get_me", *READ_SCOPES)
    async def get_me(self, request: Request, account: Account) -> Response:
        user = {"id": account.id, "name": account.name, "username": account.username}
        asked = request.query_params.get("user.fields", "").split(",")
        is_former = self.setting(account.id, "dialect", PRESENT) == FORMER
        more = {
            "profile_image_url": f"https://pbs.twimg.com/profile_images/{account.id}_normal.jpg",
            "verified_type": account.extra.get("verified_type", "none"),
            "subscription_type": account.extra.get("subscription_type", "None"),
            "public_metrics": {
                "followers_count": records.followers(account.id, self.store.now()),
                "following_count": 0,
                "listed_count": 0,
                "tweet_count" if is_former else "post_count": self.store.count(
                    network=self.key, account=account.id
                ),
            },
        }
        return JSONResponse({"data": user | {k: v for k, v in more.items() if k in asked}})

    @x_call("create_post", *POST_SCOPES)
    async def create_post(self, request: Request, account: Account) -> Response:
        body = await json_body(request)
        check_post(body)
        media = self._media(body.get("media", {}).get("media_ids", []), account)
        self._check_targets(body, account)
        return self._create(body, media, account)

    def _media(self, ids: list[str], account: Account) -> list[dict[str, Any]]:
        found = [self.store.get(self.key, "media", media_id) for media_id in ids]
        good = [
            item
            for item in found
            if item
            and item["account"] == account.id
            and item["expires_at"] > self.store.now()
            and self.is_ready(item)
        ]
        if len(good) != len(ids):
            raise Refused(invalid("Your media IDs are invalid.", {"media.media_ids": ids}))
        if len(good) > 1 and any(item["category"] != "tweet_image" for item in good):
            message = "A post takes up to four images, or one GIF, or one video."
            raise Refused(invalid(message, {"media.media_ids": ids}))
        return good

    def _check_targets(self, body: Mapping[str, Any], account: Account) -> None:
        """Raises Refused if the post may not reply to or quote its target."""
        self_serve = self.setting(account.id, "self_serve", True)
        if "reply" in body:
            post = self._readable(body["reply"]["in_reply_to_tweet_id"])
            if self_serve and post.account != account.id:
                raise Refused(problem(403, "You may not reply to this conversation."))
        if "quote_tweet_id" in body:
            self._readable(body["quote_tweet_id"])
            if self_serve:
                raise Refused(problem(403, "Quote Posts are not available to this app."))

    def _create(
        self, body: Mapping[str, Any], media: list[dict[str, Any]], account: Account
    ) -> Response:
        text = body.get("text", "")
        parts = [text, body.get("quote_tweet_id", ""), *(item["digest"] for item in media)]
        digest = hashlib.sha256("\0".join(parts).encode())
        mark = f"{account.id}:{digest.hexdigest()}"
        earlier = self.store.get(self.key, "text", mark)
        if earlier and earlier["at"] > self.store.now() - DUPLICATE_SECONDS:
            detail = "You are not allowed to create a Tweet with duplicate content."
            return problem(403, detail)
        post_id = snowflake()
        shown = as_shown(text, bool(media) + ("quote_tweet_id" in body))
        extra = {
            "shown": shown,
            "alt": [item.get("alt", "") for item in media],
            "conversation": self._conversation(body) or post_id,
        }
        stored = ("reply", "reply_settings", "made_with_ai", "paid_partnership", "quote_tweet_id")
        self.store.publish(
            self.key,
            post_id,
            account.id,
            text=text,
            media=tuple(item["file"] for item in media),
            url=f"https://x.com/{account.username}/status/{post_id}",
            created_at=created_at(int(post_id)),
            extra=extra | {key: body[key] for key in stored if key in body},
        )
        self.store.put(self.key, "text", mark, account.id, {"at": self.store.now()})
        return JSONResponse({"data": as_resource(post_id, shown)}, 201)

    def _conversation(self, body: Mapping[str, Any]) -> str:
        """The first post of the thread that a post continues; empty if it begins one."""
        if "reply" not in body:
            return ""
        answered = self._readable(body["reply"]["in_reply_to_tweet_id"])
        return str(answered.extra.get("conversation", answered.id))

    def _readable(self, post_id: str) -> Post:
        post = self.store.post(self.key, post_id)
        if post is None:
            raise Refused(not_found("tweet", post_id))
        return post

    @x_call("get_post", *READ_SCOPES)
    async def get_post(self, request: Request, account: Account) -> Response:
        post = self.store.post(self.key, request.path_params["id"])
        if post is None or post.created_at > self._shown_until(post.account):
            return not_found("tweet", request.path_params["id"])
        return JSONResponse({"data": self._told(post, request.query_params)})

    @x_call("get_posts", *READ_SCOPES)
    async def get_posts(self, request: Request, account: Account) -> Response:
        query = request.query_params
        ids = query["ids"].split(",")
        posts = [post for each in ids if (post := self.store.post(self.key, each))]
        known = {post.id for post in posts}
        found: dict[str, Any] = {"data": [self._told(post, query) for post in posts]}
        if missing := [each for each in ids if each not in known]:
            found["errors"] = [{"value": each, "title": "Not Found Error"} for each in missing]
        return JSONResponse(found)

    def _told(self, post: Post, query: Mapping[str, str]) -> dict[str, Any]:
        """Return what is told of a post, by the words of the dialect that the query speaks."""
        fields = wanted(query)
        found = listed(post, fields)
        if "public_metrics" not in fields:
            return found
        numbers = self.numbers(post)
        public = {
            "like_count": numbers.likes,
            "reply_count": numbers.comments,
            "retweet_count" if FORMER in query else "repost_count": numbers.shares,
            "quote_count": 0,
            "bookmark_count": 0,
            "impression_count": numbers.impressions,
        }
        return {**found, "public_metrics": public}

    @x_call("delete_post", *POST_SCOPES)
    async def delete_post(self, request: Request, account: Account) -> Response:
        post = self.store.post(self.key, request.path_params["id"])
        if post is None or post.account != account.id:
            return problem(403, "You may not delete this post.")
        self.store.delete_post(self.key, post.id)
        return JSONResponse({"data": {"deleted": True}})

    @x_call("list_posts", *READ_SCOPES)
    async def list_posts(self, request: Request, account: Account) -> Response:
        """Newest first. A page token encodes the id below which the next page begins."""
        query = request.query_params
        since, until = int(query.get("since_id", 0)), int(query.get("until_id", 2**63))
        try:
            if "pagination_token" in query:
                until = min(until, _page_end(query["pagination_token"]))
        except ValueError:
            return invalid("pagination_token is not one of ours.", dict(query))
        size = int(query.get("max_results", 10))
        user = request.path_params["id"]
        start, end = (_seconds(query.get(name, "")) for name in ("start_time", "end_time"))
        posts = self.store.posts_of(
            self.key,
            user,
            size + 1 + SAME_MILLISECOND,
            since=max(created_at(since), start or 0),
            until=min(created_at(until), self._shown_until(user), end or FAR_FUTURE),
        )
        hidden = "replies" in query.get("exclude", "").split(",")
        posts = [post for post in posts if since < int(post.id) < until]
        posts = [post for post in posts if not (hidden and "reply" in post.extra)]
        page = posts[:size]
        meta: dict[str, Any] = {"result_count": len(page)}
        if not page:
            return JSONResponse({"meta": meta})
        meta |= {"newest_id": page[0].id, "oldest_id": page[-1].id}
        if len(posts) > size:
            meta["next_token"] = _page_token(page[-1].id)
        return JSONResponse({"data": [self._told(post, query) for post in page], "meta": meta})

    def _shown_until(self, account: str) -> float:
        return time.time() - float(self.setting(account, "listing_lag_seconds", 0))


def _seconds(moment: str) -> float | None:
    return datetime.fromisoformat(moment).timestamp() if moment else None


def _page_token(post_id: str) -> str:
    return base64.b32hexencode(post_id.encode()).decode().rstrip("=").lower()


def _page_end(token: str) -> int:
    """Raises ValueError unless it is a page token."""
    try:
        return int(base64.b32hexdecode(token.upper() + "=" * (-len(token) % 8)))
    except binascii.Error as wrong:
        raise ValueError(token) from wrong
