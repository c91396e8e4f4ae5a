"""The life of a TikTok publish id: begun, uploaded, then posted or failed; and lists of posts."""

import random
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from deploy.simulator.network import call
from deploy.simulator.state.records import Account, Post
from deploy.simulator.strict import list_of, matching, object_of
from deploy.simulator.tiktok.base import (
    DAY_SECONDS,
    TikTokBase,
    TikTokError,
    asked_fields,
    ok,
    read_body,
)

#: From the last byte until the post is public, and from then until its id is shown.
PROCESSING_SECONDS = 0.3
LISTING_LAG_SECONDS = 0.5
PUBLIC = "PUBLIC_TO_EVERYONE"
_filters = object_of({"video_ids": list_of(matching("[0-9]{1,20}"), 1, 20)}, {})
NUMBERS = {"id", "view_count", "like_count", "comment_count", "share_count"}


class TikTokPosts(TikTokBase):
    """Calls: status, cancel, list_videos, query_videos.

    Settings: `processing_seconds`, `listing_lag_seconds`, `fail_reason` (with which posts fail),
    `inbox_done` (the owner has finished the drafts in the inbox).
    """

    def begin(self, account: Account, prefix: str, kind: str, **facts: Any) -> str:
        """A new publish id. `kind` is video, photo or inbox."""
        publish_id = f"{prefix}{random.getrandbits(62)}"
        facts |= {"kind": kind, "ready_at": None, "fail_reason": "", "post_id": "", "bytes": 0}
        self.store.put(self.key, "publish", publish_id, account.id, facts)
        self.note(f"publishes:{account.id}", DAY_SECONDS, publish_id)
        return publish_id

    def complete(
        self,
        publish_id: str,
        account: Account,
        files: Sequence[str],
        digests: Sequence[str],
        reason: str = "",
    ) -> None:
        """All bytes are there: processing starts. How it ends is decided now."""
        facts = self.store.get(self.key, "publish", publish_id) or {}
        now, info, kind = self.store.now(), facts["info"], facts["kind"]
        reason = reason or self.fact(account, "fail_reason", "")
        post_id = str(7_000_000_000_000_000_000 + random.getrandbits(58))
        seconds = self.fact(account, "processing_seconds", PROCESSING_SECONDS)
        ends = {"ready_at": now + seconds, "fail_reason": reason, "post_id": post_id}
        self.store.change(self.key, "publish", publish_id, **ends)
        if reason or kind == "inbox":
            return
        self.note(f"posts:{account.id}", DAY_SECONDS, post_id)
        # A video's title is its text for readers; photos have a title besides their text.
        text = info.pop("title" if kind == "video" else "description", "")
        self.store.publish(
            self.key,
            post_id,
            account.id,
            text=text,
            media=tuple(files),
            url=f"https://www.tiktok.com/@{account.username}/{kind}/{post_id}",
            extra={
                **info,
                **facts.get("also", {}),
                "sha256": list(digests) if kind == "photo" else digests[0],
                "publish_id": publish_id,
            },
            created_at=now,
        )

    def withdraw(self, account: Account) -> None:
        """The account withdrew its consent: posts that are not public yet fail."""
        for _, publish_id in self.recent(f"publishes:{account.id}", DAY_SECONDS):
            facts = self.store.get(self.key, "publish", publish_id)
            if facts and facts["ready_at"] and facts["ready_at"] > self.store.now():
                self._fail(publish_id, facts, "auth_removed")

    def _fail(self, publish_id: str, facts: Mapping[str, Any], reason: str) -> None:
        ends = {"fail_reason": reason, "ready_at": self.store.now()}
        self.store.change(self.key, "publish", publish_id, **ends)
        self.store.delete_post(self.key, facts["post_id"])

    @call("status")
    async def status(self, request: Request, account: Account) -> Response:
        self.need(request, "video.publish", "video.upload")
        self.count(request, account, "status")
        _, facts = await self._own(request, account)
        now, ready_at = self.store.now(), facts["ready_at"]
        name = "downloaded_bytes" if facts.get("pulled") else "uploaded_bytes"
        shown: dict[str, Any] = {name: self.uploaded(facts)}
        if ready_at is None or now < ready_at:
            word = "PROCESSING_DOWNLOAD" if facts.get("pulled") else "PROCESSING_UPLOAD"
            return ok(status=word, **shown)
        if facts["fail_reason"]:
            return ok(status="FAILED", fail_reason=facts["fail_reason"], **shown)
        if facts["kind"] == "inbox" and not self.fact(account, "inbox_done", False):
            return ok(status="SEND_TO_USER_INBOX", **shown)
        lag = self.fact(account, "listing_lag_seconds", LISTING_LAG_SECONDS)
        is_public = facts["info"].get("privacy_level", PUBLIC) == PUBLIC
        ids = [int(facts["post_id"])] if is_public and now >= ready_at + lag else []
        return ok(status="PUBLISH_COMPLETE", publicaly_available_post_id=ids, **shown)

    def uploaded(self, facts: Mapping[str, Any]) -> int:
        """Return how many bytes TikTok has received."""
        return int(facts["bytes"])

    @call("cancel")
    async def cancel(self, request: Request, account: Account) -> Response:
        self.need(request, "video.publish", "video.upload")
        publish_id, facts = await self._own(request, account)
        is_out = facts["ready_at"] and facts["ready_at"] <= self.store.now()
        if is_out or not facts.get("pulled"):
            raise TikTokError(400, "publish_not_cancellable", "The publish cannot be cancelled.")
        self._fail(publish_id, facts, "publish_cancelled")
        return ok()

    async def _own(self, request: Request, account: Account) -> tuple[str, dict[str, Any]]:
        """The publish id in the body, and its record. Raises TikTokError."""
        body = await read_body(request)
        publish_id = body.get("publish_id")
        if set(body) != {"publish_id"} or not isinstance(publish_id, str):
            raise TikTokError(400, "invalid_params", "The body holds a publish_id.")
        facts = self.store.get(self.key, "publish", publish_id)
        if facts is None:
            raise TikTokError(400, "invalid_publish_id", "The publish_id does not exist.")
        if facts["account"] != account.id:
            code = "token_not_authorized_for_specified_publish_id"
            raise TikTokError(400, code, "The publish_id belongs to another account.")
        return publish_id, facts

    @call("list_videos")
    async def list_videos(self, request: Request, account: Account) -> Response:
        self.need(request, "video.list")
        self.count(request, account, "list_videos")
        body = await read_body(request, optional=True)
        fields = asked_fields(request)
        most, until = body.get("max_count", 10), body.get("cursor")
        known = {"id", "create_time", "title", "video_description", "share_url"}
        if not set(fields) <= known or set(body) - {"max_count", "cursor"}:
            raise TikTokError(400, "invalid_params", "There is no such field.")
        if type(most) is not int or not 1 <= most <= 20:
            raise TikTokError(400, "invalid_params", "The max_count is 1 to 20.")
        lag = self.fact(account, "listing_lag_seconds", LISTING_LAG_SECONDS)
        newest = min(self.store.now() - lag, until / 1000 if until else float("inf"))
        posts = self.store.posts_of(self.key, account.id, until=newest)
        shown = [post for post in posts if post.extra.get("privacy_level") == PUBLIC]
        videos = [
            {
                "id": post.id,
                "create_time": int(post.created_at),
                "title": post.text[:150],
                "video_description": post.text[:150],
                "share_url": f"{post.url}?utm_source=tt4d_open_api",
            }
            for post in shown[:most]
        ]
        cursor = int(shown[most - 1].created_at * 1000) - 1 if len(shown) > most else 0
        chosen = [{name: video[name] for name in fields} for video in videos]
        return ok(videos=chosen, cursor=cursor, has_more=len(shown) > most)

    @call("query_videos")
    async def query_videos(self, request: Request, account: Account) -> Response:
        self.need(request, "video.list")
        self.count(request, account, "query_videos")
        body, names = await read_body(request), asked_fields(request)
        filters: Any = body.get("filters")
        if set(body) != {"filters"} or not _filters(filters) or not set(names) <= NUMBERS:
            raise TikTokError(400, "invalid_params", "The fields or the video_ids are wrong.")
        ids = filters["video_ids"]
        posts = [post for each in ids if (post := self.store.post(self.key, each))]
        return ok(
            videos=[
                {name: value for name, value in self._numbers(post).items() if name in names}
                for post in posts
                if post.account == account.id and post.extra.get("privacy_level") == PUBLIC
            ]
        )

    def _numbers(self, post: Post) -> dict[str, Any]:
        numbers = self.numbers(post)
        return {
            "id": post.id,
            "view_count": numbers.views,
            "like_count": numbers.likes,
            "comment_count": numbers.comments,
            "share_count": numbers.shares,
        }
