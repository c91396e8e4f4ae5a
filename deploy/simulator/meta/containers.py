"""Creating, reading and publishing containers, for the simulated Instagram and Threads.

Settings: `processing_seconds`; `processing_fails` (the reason of the state ERROR);
`published_lag_seconds` until a container says that it is published; `listing_lag_seconds` until
lists show a post; `publish_twice`, what a second publish of a container does (`refuse`, `same`,
`again`, and each network's own); `quota`, posts in 24 hours; `usage_percent`, the usage headers.
"""

import json
from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deploy.simulator.meta import graph
from deploy.simulator.meta.container_files import VideoLimits, problem_with
from deploy.simulator.meta.graph import GraphError, MetaNetwork, chosen, paged, require_known
from deploy.simulator.network import call
from deploy.simulator.state.records import Account, Post
from deploy.simulator.state.video_facts import video_facts

DAY_SECONDS = 24 * 3600
#: How long a container with media stays IN_PROGRESS.
PROCESSING_SECONDS = 0.4


class ContainerNetwork(MetaNetwork):
    """Calls: me, create_container, read (container or post), publish, list_posts, quota."""

    quota: ClassVar[int]
    most_children: ClassVar[int]
    #: Permission → the scopes of which one is needed for it.
    scopes: ClassVar[Mapping[str, tuple[str, ...]]]

    @abstractmethod
    async def container(
        self, given: dict[str, Any], account: Account, request: Request
    ) -> dict[str, Any]:
        """Check the parameters and fetch the media; returns the container's record."""

    def created(
        self, request: Request, container_id: str, facts: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return what the answer contains besides the new container's id."""
        return {}

    @abstractmethod
    def container_facts(self, container_id: str, found: dict[str, Any]) -> dict[str, Any]:
        """The fields of an unpublished container."""

    def post_facts(self, post: Post) -> dict[str, Any]:
        """The fields of a published post that both networks have."""
        account = self.store.account(self.key, post.account)
        children = post.extra.get("children")
        return {
            "id": post.id,
            "permalink": post.url,
            "shortcode": post.url.rstrip("/").rpartition("/")[2],
            "timestamp": graph.timestamp(post.created_at),
            "media_type": post.extra["media_type"],
            "username": account.username if account else None,
            "owner": {"id": post.account},
            "alt_text": (post.extra["alt"] or [""])[0] or None,
            "media_url": None,
            "thumbnail_url": None,
            "children": children and {"data": [{"id": child} for child in children]},
        }

    @abstractmethod
    def own_facts(self, account: Account) -> dict[str, Any]:
        """The fields of the account itself."""

    @abstractmethod
    def not_publishable(self, state: str, twice: str) -> GraphError:
        """The error of a container that is missing ("") or not FINISHED."""

    @abstractmethod
    def permalink(self, account: Account, found: Mapping[str, Any]) -> str:
        """The URL of a new post."""

    @abstractmethod
    def over_quota(self) -> GraphError:
        """The error of a post beyond the quota."""

    @abstractmethod
    def bad_children(self) -> GraphError:
        """The error of too few, too many, foreign or unfinished carousel items."""

    def limit_facts(self, account: Account) -> dict[str, Any]:
        """The fields of the publishing limit."""
        config = {"quota_total": self.most(account), "quota_duration": DAY_SECONDS}
        return {"quota_usage": self.used(account), "config": config}

    def stamp(self, answer: Response) -> None:
        percent = self.setting("", "usage_percent", None)
        if percent is not None:
            usage = {"call_count": percent, "total_time": percent, "total_cputime": percent}
            answer.headers["x-app-usage"] = json.dumps(usage)

    def need(self, request: Request, what: str) -> None:
        token = self.token(request)
        if token is None or not any(token.allows(scope) for scope in self.scopes[what]):
            message = "Application does not have permission for this action"
            raise GraphError(10, message, status=403)

    @call("me")
    async def me(self, request: Request, account: Account) -> Response:
        self.need(request, "read")
        facts = chosen(request, self.own_facts(account))
        wrapped = self.setting(account.id, "wrapped", False)
        return JSONResponse({"data": [facts]} if wrapped else facts)

    @call("create_container")
    async def create_container(self, request: Request, account: Account) -> Response:
        self.own_user(request, account)
        self.need(request, "publish")
        given = await graph.parameters(request)
        facts = await self.container(given, account, request)
        now = self.store.now()
        seconds = self.setting(account.id, "processing_seconds", PROCESSING_SECONDS)
        failed = self.setting(account.id, "processing_fails", "") if facts["media"] else ""
        facts = {
            "failed": failed,
            "created_at": now,
            "ready_at": now + (seconds if facts["media"] else 0),
            "post": "",
            **facts,
        }
        container_id = graph.new_id("17")
        self.store.put(self.key, "container", container_id, account.id, facts)
        return JSONResponse({"id": container_id, **self.created(request, container_id, facts)})

    @call("read")
    async def read(self, request: Request, account: Account) -> Response:
        self.need(request, "read")
        object_id = request.path_params["id"]
        found = self.store.get(self.key, "container", object_id)
        if found and self.is_own(request, account, found["account"]):
            return JSONResponse(chosen(request, self.container_facts(object_id, found)))
        post = self.store.post(self.key, object_id)
        if post and self.is_own(request, account, post.account):
            return JSONResponse(chosen(request, self.post_facts(post)))
        if (own := self.store.account(self.key, object_id)) and self.is_own(
            request, account, own.id
        ):
            return JSONResponse(chosen(request, self.own_facts(own)))
        raise self.missing()

    @call("publish")
    async def publish(self, request: Request, account: Account) -> Response:
        self.own_user(request, account)
        self.need(request, "publish")
        given = await graph.parameters(request)
        require_known(given, ("creation_id",))
        container_id = str(given.get("creation_id", ""))
        found = self.store.get(self.key, "container", container_id)
        if found is None or found["account"] != account.id:
            raise self.not_publishable("", "refuse")
        twice = self.setting(account.id, "publish_twice", "refuse") if found["post"] else ""
        if twice == "same":
            return JSONResponse({"id": found["post"]})
        state = (
            self.state({**found, "post": ""}) if twice == "again" else self.state(found, real=True)
        )
        if state != "FINISHED":
            raise self.not_publishable(state, twice)
        if found["is_child"]:
            raise GraphError(100, "Carousel items cannot be published alone.")
        self.spend(found, account)
        return JSONResponse({"id": self._make_public(container_id, found, account)})

    def spend(self, found: Mapping[str, Any], account: Account) -> None:
        """Raises GraphError if the quota is used up."""
        if self.used(account) >= self.most(account):
            raise self.over_quota()

    def _make_public(self, container_id: str, found: dict[str, Any], account: Account) -> str:
        post_id, now = graph.new_id("18"), self.store.now()
        self.store.publish(
            self.key,
            post_id,
            account.id,
            text=found["text"],
            media=tuple(found["media"]),
            url=self.permalink(account, found),
            extra={"media_type": found["kind"], "alt": found["alt"], **found["extra"]},
            created_at=now,
        )
        self.store.change(self.key, "container", container_id, post=post_id, published_at=now)
        return post_id

    @call("list_posts")
    async def list_posts(self, request: Request, account: Account) -> Response:
        return self.listing(request, account, lambda facts: True)

    def listing(
        self, request: Request, account: Account, shows: Callable[[Mapping[str, Any]], bool]
    ) -> Response:
        """The account's posts for whose `extra` `shows` is true; newest first."""
        self.own_user(request, account)
        self.need(request, "read")
        query = request.query_params
        since, until = float(query.get("since", 0)), float(query.get("until", "inf"))
        until = min(until, self.store.now() - self.setting(account.id, "listing_lag_seconds", 0))
        posts = self.store.posts_of(self.key, account.id, 1000, since=since, until=until)
        shown = [post for post in posts if shows(post.extra)]
        return paged(shown, request, lambda post: chosen(request, self.post_facts(post)))

    @call("quota")
    async def read_quota(self, request: Request, account: Account) -> Response:
        self.own_user(request, account)
        self.need_quota(request)
        first = request.query_params.get("fields", "quota_usage").partition(",")[0]
        return JSONResponse({"data": [chosen(request, self.limit_facts(account), first, first)]})

    def need_quota(self, request: Request) -> None:
        """Raises GraphError unless the token may read the limits that the call asks for."""
        self.need(request, "publish")

    def own_user(self, request: Request, account: Account) -> None:
        if request.path_params["user"] not in (account.id, "me"):
            raise self.missing()

    def is_own(self, request: Request, account: Account, owner: str) -> bool:
        return owner == account.id

    def named_post(self, request: Request, account: Account) -> Post:
        """The post that the path names. Raises GraphError if it is not one of the account's."""
        post = self.store.post(self.key, request.path_params["id"])
        if post is None or not self.is_own(request, account, post.account):
            raise self.missing()
        return post

    async def fetched(self, given: dict[str, Any], name: str) -> bytes:
        """The file at the URL of a parameter."""
        if not given.get(name):
            raise GraphError(100, f"The parameter {name} is required.")
        return await self.fetch(str(given[name]))

    async def fetched_video(
        self, given: dict[str, Any], rule: VideoLimits, code: str = ""
    ) -> dict[str, Any]:
        """The video of a container, and why it fails, by `code` or Threads' name for the reason."""
        data = await self.fetched(given, "video_url")
        problem = problem_with(video_facts(data), len(data), rule)
        failed = {"failed": code or problem} if problem else {}
        return {**failed, "media": [self.store.write_file(data, "video/mp4")]}

    def carousel(self, given: dict[str, Any], account: Account) -> dict[str, Any]:
        """The files and alt texts of the items named by `children`, which must all be ready."""
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
            and child["is_child"]
            and self.state(child) == "FINISHED"
        ]
        if len(ready) != len(ids):
            raise self.bad_children()
        return {
            "media": [file for child in ready for file in child["media"]],
            "alt": [text for child in ready for text in child["alt"]],
            "children": ids,
        }

    def state(self, found: Mapping[str, Any], *, real: bool = False) -> str:
        """The state of a container; the one it shows unless `real`."""
        now = self.store.now()
        if found["post"]:
            lag = self.setting(found["account"], "published_lag_seconds", 0)
            is_shown = real or now >= found["published_at"] + lag
            return "PUBLISHED" if is_shown else "FINISHED"
        if now > found["created_at"] + DAY_SECONDS:
            return "EXPIRED"
        if now < found["ready_at"]:
            return "IN_PROGRESS"
        return "ERROR" if found["failed"] else "FINISHED"

    def most(self, account: Account) -> int:
        return int(self.setting(account.id, "quota", self.quota))

    def used(self, account: Account, *, replies: bool = False) -> int:
        since = self.store.now() - DAY_SECONDS
        posts = self.store.posts_of(self.key, account.id, 2000, since=since)
        return sum(bool(post.extra.get("replied_to")) == replies for post in posts)
