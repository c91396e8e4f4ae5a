"""Facebook Pages.

Calls: read_page, photos, feed, change_post, read_post, delete_post, list_posts.
Accounts are Pages with their Page tokens; `extra` needs nothing.
"""

import json
import re
import time
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from platforms.simulator import meta
from platforms.simulator.meta import MetaNetwork, Refusal, truth
from platforms.simulator.network import call
from platforms.simulator.store import Account, Post

MESSAGE_CHARS = 63206
PHOTO_BYTES = 4 * 1024 * 1024
PHOTO_FORMATS = ("JPEG", "PNG", "GIF", "BMP", "TIFF")
#: How long an identical message counts as a repetition of the one before.
DUPLICATE_SECONDS = 300
MISSING = "Unsupported request. Object does not exist or cannot be loaded"


class FacebookNetwork(MetaNetwork):
    key = "facebook"
    versions = frozenset(f"v{number}.0" for number in range(21, 27))
    throttle_code = 80001

    def hosts(self) -> Mapping[str, list[Route]]:
        return {
            "graph.facebook.com": [
                self.route("/me", GET=self.read_page),
                self.route("/{page}/photos", POST=self.photos),
                self.route("/{page}/feed", POST=self.feed, GET=self.list_posts),
                self.route("/{page}/published_posts", GET=self.list_posts),
                self.route(
                    "/{post:str}",
                    GET=self.read_post,
                    POST=self.change_post,
                    DELETE=self.delete_post,
                ),
            ]
        }

    @call("read_page")
    async def read_page(self, request: Request, account: Account) -> Response:
        return JSONResponse(meta.chosen(request, self._page(account)))

    @call("photos")
    async def photos(self, request: Request, account: Account) -> Response:
        self._own_page(request, account)
        given = await meta.parameters(request)
        data = given.get("source")
        if not isinstance(data, bytes):
            if not given.get("url"):
                raise Refusal(324, "Missing or invalid image file", 2069019)
            data = await self.fetch(str(given["url"]))
        kind, _ = meta.image_facts(data)
        if kind not in PHOTO_FORMATS or len(data) > PHOTO_BYTES:
            raise Refusal(324, "Missing or invalid image file", 2069019)
        photo_id = meta.new_id("122", 18)
        facts = {
            "file": self.store.write_file(data, f"image/{kind.lower()}"),
            "alt_text": given.get("alt_text_custom", ""),
            "used_by": "",
        }
        self.store.put(self.key, "photo", photo_id, account.id, facts)
        if not truth(given.get("published", True)):
            return JSONResponse({"id": photo_id})
        post_id = self._make(account, str(given.get("caption", "")), "", [photo_id])
        self._publish(post_id, account)
        return JSONResponse({"id": photo_id, "post_id": post_id})

    @call("feed")
    async def feed(self, request: Request, account: Account) -> Response:
        self._own_page(request, account)
        given = await meta.parameters(request)
        message, link = given.get("message"), str(given.get("link") or "")
        photos = _attached(given)
        if ("message" in given and not message) or not (message or link or photos):
            raise Refusal(197, "The post is empty. Please enter a message to share.")
        if not isinstance(message, str | None) or len(message or "") > MESSAGE_CHARS:
            raise Refusal(100, "Param message is too long")
        if link and not re.match(r"https?://[^/\s]+", link):
            raise Refusal(1500, "The url you supplied is invalid")
        published = truth(given.get("published", True))
        self._check_schedule(given, published)
        self._check_photos(photos, account)
        if published:
            self._refuse_repetition(message or "", photos, account)
        post_id = self._make(account, message or "", link, photos)
        if published:
            self._publish(post_id, account)
        return JSONResponse({"id": post_id, "post_supports_client_mutation_id": True})

    @call("change_post")
    async def change_post(self, request: Request, account: Account) -> Response:
        post_id = request.path_params["post"]
        found = self._own_post(post_id, account)
        given = await meta.parameters(request)
        if truth(given.get("is_published")) and not found["is_published"]:
            self._refuse_repetition(found["message"], found["photos"], account)
            self._publish(post_id, account)
        return JSONResponse({"success": True})

    @call("read_post")
    async def read_post(self, request: Request, account: Account) -> Response:
        post_id = request.path_params["post"]
        if post_id == account.id:
            return JSONResponse(meta.chosen(request, self._page(account)))
        found = self._own_post(post_id, account)
        facts = {
            "id": post_id,
            "message": found["message"] or None,
            "is_published": found["is_published"],
            "created_time": meta.moment(found["created_at"]),
            "permalink_url": _url(post_id),
        }
        return JSONResponse(meta.chosen(request, facts))

    @call("delete_post")
    async def delete_post(self, request: Request, account: Account) -> Response:
        post_id = request.path_params["post"]
        self._own_post(post_id, account)
        self.store.delete_post(self.key, post_id)
        self.store.put(self.key, "post", post_id, "", {})
        return JSONResponse({"success": True})

    @call("list_posts")
    async def list_posts(self, request: Request, account: Account) -> Response:
        self._own_page(request, account)

        def show(post: Post) -> dict[str, Any]:
            facts = {
                "id": post.id,
                "message": post.text or None,
                "created_time": meta.moment(post.created_at),
                "permalink_url": post.url,
            }
            return meta.chosen(request, facts)

        return meta.page(self.store.posts_of(self.key, account.id), request, show)

    def _page(self, account: Account) -> dict[str, Any]:
        return {"id": account.id, "name": account.name, "username": account.username or None}

    def _own_page(self, request: Request, account: Account) -> None:
        if request.path_params["page"] not in (account.id, "me"):
            raise Refusal(200, "Permissions error", status=403)

    def _own_post(self, post_id: str, account: Account) -> dict[str, Any]:
        found = self.store.get(self.key, "post", post_id)
        if found is None or found["account"] != account.id:
            raise Refusal(100, MISSING, 33, type="GraphMethodException")
        return found

    def _check_schedule(self, given: Mapping[str, Any], published: bool) -> None:
        if "scheduled_publish_time" not in given:
            return
        ahead = float(given["scheduled_publish_time"]) - time.time()
        if published or not 600 <= ahead <= 30 * 86400:
            raise Refusal(100, "The specified scheduled publish time is invalid.")

    def _check_photos(self, photos: list[str], account: Account) -> None:
        for photo_id in photos:
            found = self.store.get(self.key, "photo", photo_id)
            if found is None or found["account"] != account.id:
                raise Refusal(100, "Invalid parameter: attached_media")
            if found["used_by"]:
                raise Refusal(100, "These photos were already posted.", 1366051)

    def _refuse_repetition(self, message: str, photos: list[str], account: Account) -> None:
        newest = next(iter(self.store.posts_of(self.key, account.id, 1)), None)
        if newest is None or photos or newest.media or not message:
            return
        if newest.text == message and time.time() - newest.created_at < DUPLICATE_SECONDS:
            raise Refusal(506, "Duplicate status message")

    def _make(self, account: Account, message: str, link: str, photos: list[str]) -> str:
        post_id = f"{account.id}_{meta.new_id('122', 18)}"
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
        found = self._own_post(post_id, account)
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
                "alt_texts": [photo["alt_text"] for photo in photos if photo],
            },
        )
        self.store.change(self.key, "post", post_id, is_published=True)


def _url(post_id: str) -> str:
    page_id, _, number = post_id.partition("_")
    return f"https://www.facebook.com/{page_id}/posts/{number}"


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
        return [str(entry["media_fbid"]) for entry in parsed]
    except (ValueError, TypeError, KeyError):
        raise Refusal(100, "Invalid parameter: attached_media") from None
