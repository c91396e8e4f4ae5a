"""Posts, photos and comments of a simulated Page."""

import json
import re
import time
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deploy.simulator.facebook.page import COUNTED, TEXT_CHARS, FacebookInsights
from deploy.simulator.meta import graph
from deploy.simulator.meta.graph import GraphError, chosen, is_true
from deploy.simulator.network import call
from deploy.simulator.state.records import Account, Post

COMMENT_CHARS = 8000
WEBSITE = "https://www.facebook.com"
#: Fields of a post that exist but have no value here.
NEVER_SET = (
    "application",
    "full_picture",
    "message_tags",
    "scheduled_publish_time",
    "shares",
    "status_type",
    "story",
)
PHOTO_BYTES = 4 * 1024 * 1024
PHOTO_FORMATS = ("JPEG", "PNG", "GIF", "BMP", "TIFF")
#: How long the same message is a duplicate of the previous one.
DUPLICATE_SECONDS = 300
PHOTO_FIELDS = ("source", "url", "published", "temporary", "alt_text_custom", "caption", "message")
FEED_FIELDS = (
    "message",
    "link",
    "published",
    "attached_media",
    "scheduled_publish_time",
    "unpublished_content_type",
    "client_mutation_id",
)


class FacebookPosts(FacebookInsights):
    @call("photos")
    async def photos(self, request: Request, account: Account) -> Response:
        given = self.may_post(request, account, *PHOTO_FIELDS)
        data = given.get("source")
        if not isinstance(data, bytes):
            if not given.get("url"):
                raise GraphError(324, "Missing or invalid image file", 2069019)
            data = await self.fetch(str(given["url"]))
        kind, _, _ = graph.image_facts(data)
        if kind not in PHOTO_FORMATS or len(data) > PHOTO_BYTES:
            raise GraphError(324, "Missing or invalid image file", 2069019)
        photo_id = graph.new_id("122", 18)
        facts = {
            "file": self.store.write_file(data, f"image/{kind.lower()}"),
            "alt_text": given.get("alt_text_custom", ""),
            "used_by": "",
        }
        self.store.put(self.key, "photo", photo_id, account.id, facts)
        if not is_true(given.get("published", True)):
            return JSONResponse({"id": photo_id})
        post_id = self._make(account, str(given.get("caption", "")), "", [photo_id])
        self._publish(post_id, account)
        return JSONResponse({"id": photo_id, "post_id": post_id})

    @call("feed")
    async def feed(self, request: Request, account: Account) -> Response:
        given = self.may_post(request, account, *FEED_FIELDS)
        message, link = given.get("message"), str(given.get("link") or "")
        photos = _attached(given)
        if ("message" in given and not message) or not (message or link or photos):
            raise GraphError(197, "The post is empty. Please enter a message to share.")
        if not isinstance(message, str | None) or len(message or "") > TEXT_CHARS:
            raise GraphError(100, "Param message is too long")
        if link and not re.match(r"https?://[^/\s]+", link):
            raise GraphError(1500, "The url you supplied is invalid")
        published = is_true(given.get("published", True))
        self._check_schedule(given, published)
        self.check_photos(photos, account)
        if published:
            self._refuse_duplicate(message or "", photos, account)
        post_id = self._make(account, message or "", link, photos)
        if published:
            self._publish(post_id, account)
        return JSONResponse({"id": post_id, "post_supports_client_mutation_id": True})

    @call("change_post")
    async def change_post(self, request: Request, account: Account) -> Response:
        post_id = request.path_params["node"]
        self.allow(request, account, "pages_manage_posts", task=True)
        found = self.own("post", post_id, account)
        given = self.given(request, "is_published", "message")
        if not {"is_published", "message"} & given.keys():
            raise GraphError(100, "Nothing is changed.")
        if given.get("message"):
            self.store.change(self.key, "post", post_id, message=str(given["message"]))
        if is_true(given.get("is_published")) and not found["is_published"]:
            self._refuse_duplicate(found["message"], found["photos"], account)
            self._publish(post_id, account)
        return JSONResponse({"success": True})

    @call("read_post")
    async def read_post(self, request: Request, account: Account) -> Response:
        post_id = request.path_params["node"]
        self.allow(request, account, "pages_read_engagement")
        found = self.own("post", post_id, account)
        lag = self.setting(account.id, "published_lag_seconds", 0)
        is_shown = found["is_published"] and time.time() >= found.get("published_at", 0) + lag
        facts = self._facts(post_id, {**found, "is_published": is_shown}, account)
        counts = self.counts(request, post_id, account)
        facts |= {name: counts[name] for name in ("shares", *COUNTED)}
        return JSONResponse(chosen(request, facts))

    @call("list_posts")
    async def list_posts(self, request: Request, account: Account) -> Response:
        """Public posts and videos, newest first; at `video_reels` only reels."""
        self.own_page(request, account)
        self.allow(request, account, "pages_read_engagement")
        wanted = {"Reel"} if request.url.path.endswith("/video_reels") else {"", "Reel"}
        posts = [post for post in self.listed(account) if post.extra.get("kind", "") in wanted]
        usual = "id,message,created_time" if "" in wanted else "id,description,updated_time"
        return graph.page(posts, request, lambda post: self._entry(request, post, account, usual))

    def _entry(self, request: Request, post: Post, account: Account, usual: str) -> dict[str, Any]:
        facts = self._facts(post.id, self.store.get(self.key, "post", post.id) or {}, account)
        facts |= {
            "message": post.text or None,
            "description": post.text or None,
            "created_time": graph.timestamp(post.created_at),
            "updated_time": graph.timestamp(post.created_at),
            "permalink_url": post.url,
            "is_published": True,
        }
        return chosen(request, facts, usual)

    def _facts(self, post_id: str, found: Mapping[str, Any], account: Account) -> dict[str, Any]:
        photos = found.get("photos") or []
        parts = [
            {"media_type": "photo", "target": {"id": photo}, "url": f"{WEBSITE}/photo/{photo}"}
            for photo in photos
        ]
        album = {"media_type": "album", "subattachments": {"data": parts}}
        link = {"media_type": "link", "url": found.get("link")} if found.get("link") else None
        shown = link or (album if len(parts) > 1 else next(iter(parts), None))
        return {
            **dict.fromkeys(NEVER_SET),
            "id": post_id,
            "message": found.get("message") or None,
            "is_published": found.get("is_published"),
            "created_time": graph.timestamp(found.get("created_at", 0)),
            "updated_time": graph.timestamp(found.get("created_at", 0)),
            "permalink_url": _url(post_id),
            "from": {"id": account.id, "name": account.name},
            "attachments": {"data": [shown]} if shown else None,
        }

    @call("delete_post")
    async def delete_post(self, request: Request, account: Account) -> Response:
        post_id = request.path_params["node"]
        self.allow(request, account, "pages_manage_posts", task=True)
        kind = "video" if self.store.get(self.key, "video", post_id) else "post"
        self.own(kind, post_id, account)
        self.store.delete_post(self.key, post_id)
        self.store.put(self.key, kind, post_id, "", {})
        return JSONResponse({"success": True})

    @call("comment")
    async def comment(self, request: Request, account: Account) -> Response:
        """A Page comments on its own public post."""
        post_id = request.path_params["post"]
        self.allow(request, account, "pages_manage_engagement")
        given = self.given(request, "message")
        post = self.own_post(post_id, account)
        message = given.get("message")
        if not isinstance(message, str) or not 0 < len(message) <= COMMENT_CHARS:
            raise GraphError(100, "Invalid parameter: message")
        comment_id = f"{post_id.partition('_')[2] or post_id}_{graph.new_id('1', 16)}"
        entry = {
            "id": comment_id,
            "message": message,
            "created_time": graph.timestamp(time.time()),
            "from": {"id": account.id, "name": account.name},
        }
        self.add_comment(post, account, entry, "message")
        return JSONResponse({"id": comment_id})

    @call("list_comments")
    async def list_comments(self, request: Request, account: Account) -> Response:
        self.allow(request, account, "pages_read_engagement")
        post_id = request.path_params["post"]
        if self.store.post(self.key, post_id) is None:
            raise self.missing()
        return graph.paged(self.comments(post_id), request, lambda entry: chosen(request, entry))

    def _check_schedule(self, given: Mapping[str, Any], published: bool) -> None:
        if "scheduled_publish_time" not in given:
            return
        try:
            ahead = float(given["scheduled_publish_time"]) - time.time()
        except (TypeError, ValueError):
            ahead = 0
        if published or not 600 <= ahead <= 30 * 86400:
            raise GraphError(100, "The specified scheduled publish time is invalid.")

    def check_photos(self, photos: list[str], account: Account) -> None:
        for photo_id in photos:
            found = self.store.get(self.key, "photo", photo_id)
            if found is None or found["account"] != account.id:
                raise GraphError(100, "Invalid parameter: attached_media")
            if found["used_by"]:
                raise GraphError(100, "These photos were already posted.", 1366051)

    def _refuse_duplicate(self, message: str, photos: list[str], account: Account) -> None:
        newest = next(iter(self.store.posts_of(self.key, account.id, 1)), None)
        if newest is None or photos or newest.media or not message:
            return
        if newest.text == message and time.time() - newest.created_at < DUPLICATE_SECONDS:
            raise GraphError(506, "Duplicate status message")

    def _make(self, account: Account, message: str, link: str, photos: list[str]) -> str:
        post_id = f"{account.id}_{graph.new_id('122', 18)}"
        facts = {
            "message": message,
            "link": link,
            "photos": photos,
            "is_published": False,
            "created_at": time.time(),
        }
        self.store.put(self.key, "post", post_id, account.id, facts)
        for photo_id in photos:
            self.store.change(self.key, "photo", photo_id, used_by=post_id)
        return post_id

    def _publish(self, post_id: str, account: Account) -> None:
        found = self.own("post", post_id, account)
        photos = [self.store.get(self.key, "photo", photo_id) for photo_id in found["photos"]]
        self.store.publish(
            self.key,
            post_id,
            account.id,
            text=found["message"],
            media=tuple(photo["file"] for photo in photos if photo),
            url=_url(post_id),
            extra={
                "link": found["link"],
                "alt": [photo["alt_text"] for photo in photos if photo],
            },
        )
        shown = {"is_published": True, "published_at": time.time()}
        self.store.change(self.key, "post", post_id, **shown)


def _url(post_id: str) -> str:
    page_id, _, number = post_id.partition("_")
    return f"{WEBSITE}/{page_id}/posts/{number}"


def _attached(given: Mapping[str, Any]) -> list[str]:
    """Photo ids of `attached_media`: a JSON array, or form keys `attached_media[0]`."""
    entries = given.get("attached_media")
    if entries is None:
        keys = sorted(key for key in given if re.fullmatch(r"attached_media\[\d+\]", key))
        entries = [given[key] for key in keys]
    try:
        if isinstance(entries, str):
            entries = json.loads(entries)
        parsed = [json.loads(entry) if isinstance(entry, str) else entry for entry in entries]
        found = [str(entry["media_fbid"]) for entry in parsed]
    except (ValueError, TypeError, KeyError):
        found = parsed = []
    is_odd = len(set(found)) < len(found) or any(len(entry) > 1 for entry in parsed)
    if is_odd or ("attached_media" in given and not found):
        raise GraphError(100, "Invalid parameter: attached_media")
    return found
