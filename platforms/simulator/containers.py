"""Making, watching and publishing containers, as simulated Instagram and Threads both do."""

import time
from abc import abstractmethod
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from platforms.simulator import meta
from platforms.simulator.meta import MetaNetwork, Refusal
from platforms.simulator.network import call
from platforms.simulator.store import Account, Post

DAY_SECONDS = 24 * 3600
MISSING = "Unsupported get request. Object does not exist or cannot be loaded"


class ContainerNetwork(MetaNetwork):
    """Calls: me, create_container, read (container or post), publish, list_posts, quota."""

    #: Posts of one account in 24 hours; `extra.quota` of an account overrides it.
    quota: ClassVar[int]
    most_children: ClassVar[int]

    @abstractmethod
    async def container(self, given: dict[str, Any], account: Account) -> dict[str, Any]:
        """Check the parameters, fetch the media; what the container remembers."""

    @abstractmethod
    def container_facts(self, container_id: str, found: dict[str, Any]) -> dict[str, Any]:
        """The fields of an unpublished container."""

    @abstractmethod
    def post_facts(self, post: Post) -> dict[str, Any]:
        """The fields of a published post."""

    @abstractmethod
    def not_publishable(self, state: str) -> Refusal:
        """The refusal of a container that is missing ("") or not FINISHED."""

    @abstractmethod
    def permalink(self, account: Account) -> str:
        """A new post's address."""

    @abstractmethod
    def over_quota(self) -> Refusal:
        """The refusal of a post beyond the quota."""

    @call("me")
    async def me(self, request: Request, account: Account) -> Response:
        facts = {
            "id": account.id,
            "user_id": account.id,
            "username": account.username,
            "name": account.name or None,
            "account_type": "BUSINESS",
        }
        return JSONResponse(meta.chosen(request, facts))

    @call("create_container")
    async def create_container(self, request: Request, account: Account) -> Response:
        self.own_user(request, account)
        given = await meta.parameters(request)
        facts = await self.container(given, account)
        now = time.time()
        ready_at = now + meta.PROCESSING_SECONDS if facts["media"] else now
        container_id = meta.new_id("17")
        facts |= {"created_at": now, "ready_at": ready_at, "post": ""}
        self.store.put(self.key, "container", container_id, account.id, facts)
        return JSONResponse({"id": container_id})

    @call("read")
    async def read(self, request: Request, account: Account) -> Response:
        object_id = request.path_params["id"]
        found = self.store.get(self.key, "container", object_id)
        if found and found["account"] == account.id:
            return JSONResponse(meta.chosen(request, self.container_facts(object_id, found)))
        post = self.store.post(self.key, object_id)
        if post and post.account == account.id:
            return JSONResponse(meta.chosen(request, self.post_facts(post)))
        raise Refusal(100, MISSING, 33, type="GraphMethodException")

    @call("publish")
    async def publish(self, request: Request, account: Account) -> Response:
        self.own_user(request, account)
        container_id = str((await meta.parameters(request)).get("creation_id", ""))
        found = self.store.get(self.key, "container", container_id)
        state = meta.state(found) if found and found["account"] == account.id else ""
        if found is None or state != "FINISHED":
            raise self.not_publishable(state)
        if found.get("is_child"):
            raise Refusal(100, "Carousel items cannot be published alone.")
        if self._used(account) >= self._quota(account):
            raise self.over_quota()
        post_id = meta.new_id("18")
        self.store.publish(
            self.key,
            post_id,
            account.id,
            text=found["text"],
            media=tuple(found["media"]),
            url=self.permalink(account),
            extra={"kind": found["kind"], "alt_texts": found["alt_texts"], **found["extra"]},
        )
        self.store.change(self.key, "container", container_id, post=post_id)
        return JSONResponse({"id": post_id})

    @call("list_posts")
    async def list_posts(self, request: Request, account: Account) -> Response:
        self.own_user(request, account)
        posts = self.store.posts_of(self.key, account.id)
        return meta.page(posts, request, lambda p: meta.chosen(request, self.post_facts(p)))

    @call("quota")
    async def read_quota(self, request: Request, account: Account) -> Response:
        self.own_user(request, account)
        config = {"quota_total": self._quota(account), "quota_duration": DAY_SECONDS}
        facts = {"quota_usage": self._used(account), "config": config}
        return JSONResponse({"data": [meta.chosen(request, facts, "quota_usage")]})

    def own_user(self, request: Request, account: Account) -> None:
        if request.path_params["user"] not in (account.id, "me"):
            raise Refusal(100, MISSING, 33, type="GraphMethodException")

    def children(self, given: dict[str, Any], account: Account) -> list[dict[str, Any]]:
        """The carousel items named by `children`, all ready."""
        named = given.get("children", "")
        ids = named.split(",") if isinstance(named, str) else [str(child) for child in named]
        if not 2 <= len(ids) <= self.most_children:
            raise self.bad_children()
        found = [self.store.get(self.key, "container", child) for child in ids]
        ready = [
            child
            for child in found
            if child
            and child["account"] == account.id
            and child.get("is_child")
            and meta.state(child) == "FINISHED"
        ]
        if len(ready) != len(ids):
            raise self.bad_children()
        return ready

    @abstractmethod
    def bad_children(self) -> Refusal:
        """The refusal of too few, too many, foreign or unfinished carousel items."""

    def _quota(self, account: Account) -> int:
        return int(account.extra.get("quota", self.quota))

    def _used(self, account: Account) -> int:
        since = time.time() - DAY_SECONDS
        posts = self.store.posts_of(self.key, account.id, self._quota(account))
        return sum(post.created_at >= since for post in posts)
