"""Threads: texts, images, videos, carousels and replies. Calls: see `meta/containers.py`,
and `list_replies`, `delete`, `insights`, `user_insights`. Paths work with and without a version.

Settings: those of `meta/containers.py`, `publish_twice` also `bad`; `reply_quota` (1000 in 24
hours); `forbidden_topic`, a topic that is not permitted.
"""

import re
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.simulator.demo import CHAIN, FOUR_IMAGES, Demo, DemoAccount, DemoPost
from deploy.simulator.meta import graph
from deploy.simulator.meta.container_files import LEAST_WIDTH, MEGABYTE, VideoLimits
from deploy.simulator.meta.containers import DAY_SECONDS
from deploy.simulator.meta.graph import GraphError, is_true, require_known
from deploy.simulator.meta.insights import ContainerInsights, answer
from deploy.simulator.network import call
from deploy.simulator.state import records
from deploy.simulator.state.records import Account, Post
from deploy.simulator.threads.oauth import ThreadsOAuthServer

TEXT_UNITS, LINKS, ALT_TEXT_CHARS = 500, 5, 1000
IMAGE_BYTES = 8 * MEGABYTE
REPLIES = 1000
VIDEO = VideoLimits(1024 * MEGABYTE, 0, 300, 0.01, 10)
LINK = re.compile(r"(?:https?://|(?<![\w@.:/-])[\w-]+(?:\.[\w-]+)+/)\S*", re.IGNORECASE)
TOPIC = re.compile(r"#(\w{1,50})")
EMOJI = re.compile("[\u2600-\u27bf\u2b00-\u2bff\ufe0f\u200d\U0001f000-\U0001faff]")
KINDS = {"TEXT": "TEXT_POST", "IMAGE": "IMAGE", "VIDEO": "VIDEO", "CAROUSEL": "CAROUSEL_ALBUM"}
#: media_type → its own parameters, besides those of every post.
OWN = {
    "TEXT": {"link_attachment", "poll_attachment", "text_attachment", "auto_publish_text"},
    "IMAGE": {"image_url", "alt_text", "is_carousel_item"},
    "VIDEO": {"video_url", "alt_text", "is_carousel_item"},
    "CAROUSEL": {"children"},
}
EVERY = {"media_type", "text", "reply_to_id", "quote_post_id", "reply_control", "topic_tag"}
REPLY_CONTROLS = {
    "everyone", "accounts_you_follow", "mentioned_only", "parent_post_author_only",
    "followers_only",
}  # fmt: skip


DEMO = Demo(
    accounts=(
        DemoAccount(
            "threads", "24183507894561236", "Pigeon Post", "pigeonpost", is_called_by_handle=True
        ),
    ),
    posts=(
        DemoPost("threads", "text"),
        DemoPost("threads", "image", ("morning.jpg",)),
        DemoPost("threads", "video", ("upright.mp4",)),
        DemoPost("threads", "carousel with a video", (*FOUR_IMAGES, "upright.mp4")),
        DemoPost("threads", "chain of three", parts=CHAIN),
    ),
    simulator_settings={"quota": 100_000, "reply_quota": 100_000},
)


class ThreadsNetwork(ContainerInsights):
    demo = DEMO
    key = "threads"
    name, colour = "Threads", "#444"
    versions = frozenset({"v1.0"})
    throttle_code = 4
    quota = 250
    most_children = 20
    scopes = {
        "read": ("threads_basic",),
        "publish": ("threads_content_publish",),
        "read_replies": ("threads_read_replies",),
        "manage_replies": ("threads_manage_replies",),
        "delete": ("threads_delete",),
        "insights": ("threads_manage_insights",),
    }

    def hosts(self) -> Mapping[str, list[Route]]:
        login = ThreadsOAuthServer(self, prefix="th", mark="THAA", basic="threads_basic")
        pages = login.consent("/oauth/authorize")
        api = [
            Route("/oauth/access_token", login.redeem_code, methods=["POST"]),
            Route("/oauth/access_token", login.app_token),
            Route("/access_token", login.exchange),
            Route("/refresh_access_token", login.refresh),
            *self._edges(self.unversioned),
            *self._edges(self.route),
            *self._nodes(login, self.route),
            *self._nodes(login, self.unversioned),
        ]
        return {
            "threads.net": pages,
            "www.threads.net": pages,
            "graph.threads.net": api,
            "graph.threads.com": api,
        }

    def _edges(self, route: Callable[..., Route]) -> list[Route]:
        return [
            route("/{user}/threads", POST=self.create_container, GET=self.list_posts),
            route("/{user}/replies", GET=self.list_replies),
            route("/{user}/threads_publish", POST=self.publish),
            route("/{user}/threads_publishing_limit", GET=self.read_quota),
            route("/{user}/threads_insights", GET=self.user_insights),
            route("/{id}/insights", GET=self.insights),
        ]

    def _nodes(self, login: ThreadsOAuthServer, route: Callable[..., Route]) -> list[Route]:
        return [
            route("/debug_token", GET=login.inspect),
            route("/me", GET=self.me),
            route("/{id}", GET=self.read, DELETE=self.delete),
        ]

    async def container(
        self, given: dict[str, Any], account: Account, request: Request
    ) -> dict[str, Any]:
        kind, text = str(given.get("media_type", "")), str(given.get("text", ""))
        if kind not in KINDS:
            raise GraphError(100, f"Param media_type must be one of {{{', '.join(KINDS)}}}")
        require_known(given, EVERY | OWN[kind])
        self._check(given, kind, text, account)
        stored, tag = self._with_topic(text, given.get("topic_tag"), account)
        extra: dict[str, Any] = {
            "topic_tag": tag,
            "replied_to": str(given.get("reply_to_id", "")),
            "kind": "Reply" if given.get("reply_to_id") else "",
            "link": str(given.get("link_attachment", "")),
            "reply_control": str(given.get("reply_control", "everyone")),
        }
        facts: dict[str, Any] = {
            "text": stored,
            "kind": KINDS[kind],
            "is_child": is_true(given.get("is_carousel_item")),
            "extra": extra,
            "media": [],
            "alt": [],
        }
        if kind == "CAROUSEL":
            carousel = self.carousel(given, account)
            extra["children"] = carousel.pop("children")
            facts |= carousel
        elif kind != "TEXT":
            facts["alt"] = [str(given.get("alt_text", ""))]
            video = kind == "VIDEO"
            facts |= await (self.fetched_video(given, VIDEO) if video else self._image(given))
        return facts

    def _check(self, given: dict[str, Any], kind: str, text: str, account: Account) -> None:
        link = str(given.get("link_attachment", ""))
        _check_text(text, link)
        if kind == "TEXT" and not text:
            raise GraphError(100, "The parameter text is required.")
        if given.get("reply_control", "everyone") not in REPLY_CONTROLS:
            raise GraphError(100, "Param reply_control is not one of the allowed values.")
        if is_true(given.get("auto_publish_text")):
            raise GraphError(100, "The simulator publishes in two steps only.")
        if len(str(given.get("alt_text", ""))) > ALT_TEXT_CHARS:
            raise GraphError(100, "Param alt_text must be at most 1000 characters long.")
        for name in {"reply_to_id", "quote_post_id"} & given.keys():
            if self.store.post(self.key, given[name]) is None:
                raise GraphError(24, "The requested resource does not exist", 4279009)

    async def _image(self, given: dict[str, Any]) -> dict[str, Any]:
        data = await self.fetched(given, "image_url")
        kind, width, ratio = graph.image_facts(data)
        if kind not in ("JPEG", "PNG") or len(data) > IMAGE_BYTES or width < LEAST_WIDTH:
            raise GraphError(100, "The image format or size is not supported.", 2207005)
        if not 0.1 <= ratio <= 10:
            raise GraphError(100, "The aspect ratio is not supported.", 2207009)
        return {"media": [self.store.write_file(data, f"image/{kind.lower()}")]}

    def _with_topic(self, text: str, tag: str | None, account: Account) -> tuple[str, str]:
        """(stored text, topic): without a topic tag, the first #word becomes the topic."""
        if tag is not None:
            forbidden = tag == self.setting(account.id, "forbidden_topic", "")
            if forbidden or not 1 <= len(tag) <= 50 or re.search(r"[.&]", tag):
                raise GraphError(100, "The topic tag is not permitted.", 4279071)
            return text, tag
        links = [each.span() for each in LINK.finditer(text)]
        outside = (
            each
            for each in TOPIC.finditer(text)
            if not any(first <= each.start() < last for first, last in links)
        )
        found = next(outside, None)
        if not found:
            return text, ""
        return text[: found.start()] + found[1] + text[found.end() :], found[1]

    # Fields

    def container_facts(self, container_id: str, found: dict[str, Any]) -> dict[str, Any]:
        state = self.state(found)
        reason = found["failed"] if state == "ERROR" else None
        return {"id": container_id, "status": state, "error_message": reason}

    def own_facts(self, account: Account) -> dict[str, Any]:
        return {
            "id": account.id,
            "username": account.username,
            "name": account.name or None,
            "threads_profile_picture_url": "https://scontent.cdninstagram.com/v/picture.jpg",
            "threads_biography": "",
            "is_verified": False,
        }

    def post_facts(self, post: Post) -> dict[str, Any]:
        replied_to = post.extra["replied_to"]
        return {
            **super().post_facts(post),
            "text": post.text or None,
            "media_product_type": "THREADS",
            "topic_tag": post.extra["topic_tag"] or None,
            "is_quote_post": False,
            "link_attachment_url": post.extra["link"] or None,
            "reply_audience": post.extra["reply_control"].upper(),
            "is_reply": bool(replied_to),
            "has_replies": None,
            "replied_to": {"id": replied_to} if replied_to else None,
        }

    def limit_facts(self, account: Account) -> dict[str, Any]:
        most = self._most_replies(account)
        return {
            **super().limit_facts(account),
            "reply_quota_usage": self.used(account, replies=True),
            "reply_config": {"quota_total": most, "quota_duration": DAY_SECONDS},
            "delete_quota_usage": 0,
            "delete_config": {"quota_total": 100, "quota_duration": DAY_SECONDS},
        }

    def _most_replies(self, account: Account) -> int:
        return int(self.setting(account.id, "reply_quota", REPLIES))

    def spend(self, found: Mapping[str, Any], account: Account) -> None:
        if not found["extra"]["replied_to"]:
            super().spend(found, account)
        elif self.used(account, replies=True) >= self._most_replies(account):
            raise self.over_quota()

    def not_publishable(self, state: str, twice: str) -> GraphError:
        if twice == "bad":
            return GraphError(100, "The container was published before.")
        return GraphError(24, "The requested resource does not exist", 4279009)

    def bad_children(self) -> GraphError:
        return GraphError(100, "The carousel's children are invalid or unfinished.", 4279004)

    def over_quota(self) -> GraphError:
        return GraphError(4, "The account has reached its publishing limit.")

    def permalink(self, account: Account, found: Mapping[str, Any]) -> str:
        return f"https://www.threads.com/@{account.username}/post/{secrets.token_urlsafe(8)}"

    @call("list_posts")
    async def list_posts(self, request: Request, account: Account) -> Response:
        return self.listing(request, account, lambda extra: not extra["replied_to"])

    def need_quota(self, request: Request) -> None:
        super().need_quota(request)
        asked = request.query_params.get("fields", "")
        if "reply_" in asked:
            self.need(request, "manage_replies")
        if "delete_" in asked:
            self.need(request, "delete")

    @call("list_replies")
    async def list_replies(self, request: Request, account: Account) -> Response:
        self.need(request, "read_replies")
        return self.listing(request, account, lambda extra: bool(extra["replied_to"]))

    def insight_values(self, post: Post) -> Mapping[str, int]:
        numbers = self.numbers(post)
        return {
            "views": numbers.views,
            "likes": numbers.likes,
            "replies": numbers.comments,
            "reposts": numbers.shares,
            "quotes": 0,
            "shares": numbers.shares // 2,
        }

    @call("user_insights")
    async def user_insights(self, request: Request, account: Account) -> Response:
        self.own_user(request, account)
        self.need(request, "insights")
        followers = records.followers(account.id, self.store.now())
        return answer(request, {"followers_count": followers})

    @call("delete")
    async def delete(self, request: Request, account: Account) -> Response:
        self.need(request, "delete")
        post = self.own_post(request.path_params["id"], account)
        self.store.delete_post(self.key, post.id)
        return JSONResponse({"success": True, "deleted_id": post.id})


def _check_text(text: str, link: str) -> None:
    units = sum(len(char.encode()) if EMOJI.match(char) else 1 for char in text)
    if units > TEXT_UNITS:
        raise GraphError(100, "Param text must be at most 500 characters long.")
    found = re.findall(r"(?i)https?://\S+|(?<![\w.@/:-])www\.[\w-]\S*", text)
    if len({each.rstrip(".,;:!?)]}\"'") for each in (*found, *([link] if link else []))}) > LINKS:
        raise GraphError("THREADS_API__LINK_LIMIT_EXCEEDED", "Too many links in the post.")
