"""Threads: texts, images and carousels. Calls: see containers.py.

`extra.quota` of an account sets its posts per day; 250 without.
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

TEXT_UNITS, LINKS, ALT_TEXT_CHARS = 500, 5, 1000
IMAGE_BYTES = 8 * 1024 * 1024
EMOJI = re.compile("[\u2600-\u27bf\u2b00-\u2bff\ufe0f\u200d\U0001f000-\U0001faff]")
KINDS = {"TEXT": "TEXT_POST", "IMAGE": "IMAGE", "CAROUSEL": "CAROUSEL_ALBUM"}


class ThreadsNetwork(ContainerNetwork):
    key = "threads"
    versions = frozenset({"v1.0"})
    throttle_code = 4
    quota = 250
    most_children = 20

    def hosts(self) -> Mapping[str, list[Route]]:
        return {
            "graph.threads.net": [
                self.route("/me", GET=self.me),
                self.route("/{user}/threads", POST=self.create_container, GET=self.list_posts),
                self.route("/{user}/threads_publish", POST=self.publish),
                self.route("/{user}/threads_publishing_limit", GET=self.read_quota),
                self.route("/{id}", GET=self.read),
            ]
        }

    async def container(self, given: dict[str, Any], account: Account) -> dict[str, Any]:
        kind, text = str(given.get("media_type", "")), str(given.get("text", ""))
        if kind not in KINDS:
            raise Refusal(100, "Param media_type must be one of {TEXT, IMAGE, CAROUSEL}")
        _check_text(text)
        if kind == "TEXT" and not text:
            raise Refusal(100, "The parameter text is required.")
        stored, tag = _with_topic(text, str(given.get("topic_tag", "")))
        facts: dict[str, Any] = {
            "text": stored,
            "kind": KINDS[kind],
            "is_child": truth(given.get("is_carousel_item")),
            "extra": {"topic_tag": tag},
            "media": [],
            "alt_texts": [],
        }
        if kind == "CAROUSEL":
            children = self.children(given, account)
            facts["media"] = [file for child in children for file in child["media"]]
            facts["alt_texts"] = [text for child in children for text in child["alt_texts"]]
        elif kind == "IMAGE":
            facts["media"] = [await self._image(given)]
            facts["alt_texts"] = [str(given.get("alt_text", ""))]
        return facts

    async def _image(self, given: dict[str, Any]) -> str:
        if not given.get("image_url"):
            raise Refusal(100, "The parameter image_url is required.")
        if len(str(given.get("alt_text", ""))) > ALT_TEXT_CHARS:
            raise Refusal(100, "Param alt_text must be at most 1000 characters long.")
        data = await self.fetch(str(given["image_url"]))
        kind, ratio = meta.image_facts(data)
        if kind not in ("JPEG", "PNG") or len(data) > IMAGE_BYTES:
            raise Refusal(100, "The image format or size is not supported.", 2207005)
        if not 0.1 <= ratio <= 10:
            raise Refusal(100, "The aspect ratio is not supported.", 2207009)
        return self.store.write_file(data, f"image/{kind.lower()}")

    def container_facts(self, container_id: str, found: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": container_id,
            "status": meta.state(found),
            "error_message": found.get("failed") or None,
        }

    def post_facts(self, post: Post) -> dict[str, Any]:
        return {
            "id": post.id,
            "permalink": post.url,
            "shortcode": post.url.rpartition("/")[2],
            "timestamp": meta.moment(post.created_at),
            "text": post.text or None,
            "media_type": post.extra["kind"],
            "media_product_type": "THREADS",
            "topic_tag": post.extra["topic_tag"] or None,
        }

    def not_publishable(self, state: str) -> Refusal:
        return Refusal(24, "The requested resource does not exist", 4279009)

    def bad_children(self) -> Refusal:
        return Refusal(100, "The carousel's children are invalid or unfinished.", 4279004)

    def over_quota(self) -> Refusal:
        return Refusal(4, "The account has reached its publishing limit.")

    def permalink(self, account: Account) -> str:
        return f"https://www.threads.com/@{account.username}/post/{secrets.token_urlsafe(8)}"


def _check_text(text: str) -> None:
    units = sum(len(char.encode()) if EMOJI.match(char) else 1 for char in text)
    if units > TEXT_UNITS:
        raise Refusal(100, "Param text must be at most 500 characters long.")
    if len(set(re.findall(r"https?://\S+", text))) > LINKS:
        raise Refusal("THREADS_API__LINK_LIMIT_EXCEEDED", "Too many links in the post.")


def _with_topic(text: str, tag: str) -> tuple[str, str]:
    """(stored text, topic): without a topic of its own, the first #word becomes it."""
    if tag:
        if not 1 <= len(tag) <= 50 or re.search(r"[.&]", tag):
            raise Refusal(100, "The topic tag is not permitted.", 4279071)
        return text, tag
    found = re.search(r"#(\w{1,50})", text)
    if not found:
        return text, ""
    return text[: found.start()] + found[1] + text[found.end() :], found[1]
