"""Instagram with Instagram login: images and carousels. Calls: see containers.py.

`extra.quota` of an account sets its posts per day; 50 without.
"""

import re
import secrets
from collections.abc import Mapping
from typing import Any

from starlette.routing import Route

from platforms.simulator import meta
from platforms.simulator.containers import ContainerNetwork
from platforms.simulator.meta import Refusal, truth
from platforms.simulator.store import Account, Post

CAPTION_CHARS, HASHTAGS, MENTIONS, ALT_TEXT_CHARS = 2200, 30, 20, 1000
IMAGE_BYTES = 8 * 1024 * 1024


class InstagramNetwork(ContainerNetwork):
    key = "instagram"
    versions = frozenset(f"v{number}.0" for number in range(21, 27))
    throttle_code = 80002
    quota = 50
    most_children = 10

    def hosts(self) -> Mapping[str, list[Route]]:
        return {
            "graph.instagram.com": [
                self.route("/me", GET=self.me),
                self.route("/{user}/media", POST=self.create_container, GET=self.list_posts),
                self.route("/{user}/media_publish", POST=self.publish),
                self.route("/{user}/content_publishing_limit", GET=self.read_quota),
                self.route("/{id}", GET=self.read),
            ]
        }

    async def container(self, given: dict[str, Any], account: Account) -> dict[str, Any]:
        caption, is_child = str(given.get("caption", "")), truth(given.get("is_carousel_item"))
        _check_caption(caption)
        facts = {"text": caption, "is_child": is_child, "extra": {}}
        if given.get("media_type") == "CAROUSEL":
            children = self.children(given, account)
            files = [file for child in children for file in child["media"]]
            alt_texts = [text for child in children for text in child["alt_texts"]]
            return {**facts, "kind": "CAROUSEL_ALBUM", "media": files, "alt_texts": alt_texts}
        if given.get("media_type") not in (None, "IMAGE"):
            raise Refusal(100, "The simulator knows images only.", 2207023)
        if not given.get("image_url"):
            raise Refusal(100, "The parameter image_url is required.")
        alt_text = str(given.get("alt_text", ""))
        if len(alt_text) > ALT_TEXT_CHARS:
            raise Refusal(100, "Param alt_text must be no longer than 1000 characters")
        data = await self.fetch(str(given["image_url"]))
        _check_image(data)
        file = self.store.write_file(data, "image/jpeg")
        return {**facts, "kind": "IMAGE", "media": [file], "alt_texts": [alt_text]}

    def container_facts(self, container_id: str, found: dict[str, Any]) -> dict[str, Any]:
        state = meta.state(found)
        return {"id": container_id, "status_code": state, "status": f"{state.title()}: ready"}

    def post_facts(self, post: Post) -> dict[str, Any]:
        return {
            "id": post.id,
            "permalink": post.url,
            "shortcode": post.url.rstrip("/").rpartition("/")[2],
            "timestamp": meta.moment(post.created_at),
            "media_type": post.extra["kind"],
            "media_product_type": "FEED",
            "caption": post.text or None,
        }

    def not_publishable(self, state: str) -> Refusal:
        if state == "IN_PROGRESS":
            return Refusal(9007, "Media ID is not available", 2207027)
        if state == "EXPIRED":
            return Refusal(-2, "The media container has expired.", 2207020)
        return Refusal(24, "The media container does not exist.", 2207008)

    def bad_children(self) -> Refusal:
        return Refusal(100, "A carousel needs 2 to 10 finished items.", 2207028)

    def over_quota(self) -> Refusal:
        return Refusal(9, "The account has reached its publishing limit.", 2207042)

    def permalink(self, account: Account) -> str:
        return f"https://www.instagram.com/p/{secrets.token_urlsafe(8)}/"


def _check_caption(caption: str) -> None:
    hashtags = re.findall(r"(?<!\w)#\w+", caption)
    if len(caption) > CAPTION_CHARS or len(hashtags) > HASHTAGS:
        raise Refusal(36004, "The caption is too long.", 2207010)
    if len(re.findall(r"(?<!\w)@\w+", caption)) > MENTIONS:
        raise Refusal(100, "The caption holds too many tags.", 2207040)


def _check_image(data: bytes) -> None:
    if len(data) > IMAGE_BYTES:
        raise Refusal(36000, "The image size is too large.", 2207004)
    kind, ratio = meta.image_facts(data)
    if kind != "JPEG":
        raise Refusal(36001, "The image format is not supported.", 2207005)
    if not 0.795 <= ratio <= 1.915:
        raise Refusal(36003, "The aspect ratio is not supported.", 2207009)
