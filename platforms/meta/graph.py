"""The Graph API: its versions, and the calls that Instagram and Threads share.

Those are about the containers, posts and limits of an account.
"""

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from platforms.adapter import Call
from platforms.drafts import Draft, Media
from platforms.errors import PlatformError, RateLimited, Rejected, Unauthorized, Unavailable
from platforms.http.client import Answer, Client
from platforms.http.versions import ApiVersion
from platforms.meta import listing
from platforms.meta.errors import HOUR_SECONDS

VERSION_FORM = re.compile(r"v\d+\.\d+")
VERSION_IN_WORDS = "like v26.0"
#: First days on which a version is no longer served; Meta retires one two years after the next.
#: v27.0 came on 2026-11-04. Source: Graph API, "Changelog", "Versions" (read 2026-12-02).
VERSION_ENDS: Mapping[str, date] = {
    "v20.0": date(2026, 9, 24),
    "v21.0": date(2027, 1, 21),
    "v22.0": date(2027, 5, 20),
    "v23.0": date(2027, 10, 8),
    "v24.0": date(2028, 2, 18),
    "v25.0": date(2028, 7, 29),
    "v26.0": date(2028, 11, 4),
}
GRAPH_VERSION = ApiVersion("graph", "v26.0", VERSION_FORM, VERSION_IN_WORDS, VERSION_ENDS.get)

PUBLISH_TIMEOUT_SECONDS = 60.0
#: Entries of a page of a list: captions have 2,200 letters, and an escaped emoji has 12 bytes.
ENTRIES = 50
#: An object that is not there, or that this token may not see.
MISSING = "100/33"


def address(item: Media) -> str:
    """Return the URL where the network fetches a file."""
    if not item.url:
        raise Unavailable(
            "The network cannot fetch the file: it has no public URL.", code="media_unreachable"
        )
    return item.url


def ai_label(draft: Draft) -> dict[str, Any]:
    """Return the AI label of Instagram and Facebook.

    On Instagram only the parent of a carousel carries it, on Facebook only the call which finishes
    a video, a reel or a video story: photos and texts have no such parameter.
    Source: Graph API v26.0, Page `videos`, `video_reels` and `video_stories`, as in Meta's Business
    SDK 26.0 (read 2026-11-25).
    """
    return {"is_ai_generated": True} if draft.settings.get("isAiGenerated") else {}


@dataclass(frozen=True, slots=True)
class EndpointNames:
    """The network's names for an account's edges and a container's fields."""

    containers: str
    publish: str
    limit: str
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class ContainerState:
    """`word` is IN_PROGRESS, FINISHED, PUBLISHED, ERROR or EXPIRED; `reason` goes with ERROR."""

    word: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token, with the proof that some apps must send with it."""

    token: str
    proof: str = ""

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def params(self) -> dict[str, str]:
        return {"appsecret_proof": self.proof} if self.proof else {}


class GraphClient:
    """One account at one network. `user` is how its paths name it. Raises PlatformError.

    Reads try the `tokens` in turn if an object cannot be seen: for some weeks of 2026 the person's
    token could read containers and the Page's could not.
    """

    def __init__(
        self, names: EndpointNames, api: str, user: str, tokens: Sequence[AccessToken], http: Client
    ) -> None:
        self._names, self._api, self._user, self._http = names, api, user, http
        self._tokens = tuple(tokens)
        for token in tokens:
            http.hide(token.token, token.proof)

    async def create(self, body: Mapping[str, Any]) -> str:
        """Create a container; return its id."""
        with as_account():
            answer = await self.post(f"{self._user}/{self._names.containers}", body)
        return answer.take("id")

    async def read_account(self) -> None:
        with as_account():
            answer = await self._get(self._user, {"fields": "id"}, self._tokens[0])
        answer.take("id")

    async def state(self, container: str) -> ContainerState:
        answer = await self.read(container, f"id,{self._names.state},{self._names.reason}")
        word = answer.take(self._names.state)
        return ContainerState(word, str(answer.json().get(self._names.reason) or ""))

    async def is_public(self, container: str) -> bool:
        """Return whether a container says that it is public; False also if it cannot be asked."""
        try:
            return (await self.state(container)).word == "PUBLISHED"
        except PlatformError:
            return False

    async def publish(self, container: str) -> str:
        """Make a container public, and return the post's id: the irreversible call."""
        answer = await self.post(
            f"{self._user}/{self._names.publish}",
            {"creation_id": container},
            irreversible=True,
            timeout_seconds=PUBLISH_TIMEOUT_SECONDS,
        )
        return answer.take("id")

    async def permalink(self, post_id: str) -> str:
        """Return the post's URL, or nothing: a post is published with or without it."""
        try:
            return (await self.read(post_id, "id,permalink")).take("permalink")
        except PlatformError:
            return ""

    async def check_limit(self, prefix: str, name: str) -> None:
        """Raise RateLimited if the rolling day has room for no further post.

        `prefix` is `reply_` if replies have a limit of their own.
        """
        path = f"{self._user}/{self._names.limit}"
        try:
            answer = await self.read(path, f"{prefix}quota_usage,{prefix}config")
        except Rejected:
            # Not every account may read its limit; the network refuses once it is reached.
            return
        except (Unauthorized, Unavailable) as refusal:
            if not lacks_permission(refusal):
                raise
            return
        if _is_reached(answer, prefix):
            raise RateLimited(
                f"The account has reached {name}'s daily limit of posts.",
                code="daily_limit_reached",
                retry_after_seconds=HOUR_SECONDS,
            )

    async def posts(self, edge: str, fields: str, **params: str) -> list[dict[str, Any]]:
        """Return the account's public posts at one of its edges, newest first."""
        return await self.listed(f"{self._user}/{edge}", fields, **params)

    async def listed(self, path: str, fields: str, **params: str) -> list[dict[str, Any]]:
        """Return a whole list, in the network's order."""
        return [
            entry
            async for entry in listing.entries(
                lambda page: self.read(path, fields, **params, **page), ENTRIES
            )
        ]

    async def read(self, path: str, fields: str, **params: str) -> Answer:
        return await self._read(path, {"fields": fields, **params})

    async def insights(self, path: str, *metrics: str) -> dict[str, Any]:
        """Return the answer of a post's or the account's insights edge."""
        answer = await self._read(path, {"metric": ",".join(metrics)})
        return {"data": answer.take_list("data")}

    async def _read(self, path: str, params: Mapping[str, str]) -> Answer:
        first, *spare = self._tokens
        try:
            return await self._get(path, params, first)
        except PlatformError as refusal:
            if refusal.platform_code != MISSING:
                raise
            for token in spare:
                try:
                    return await self._get(path, params, token)
                except PlatformError:
                    continue
            raise

    async def _get(self, path: str, params: Mapping[str, str], token: AccessToken) -> Answer:
        return await self._http.get(
            f"{self._api}/{path}", headers=token.headers, params={**params, **token.params}
        )

    async def remove(self, path: str) -> None:
        """Delete an object of the account."""
        token = self._tokens[0]
        answer = await self._http.request(
            "DELETE", f"{self._api}/{path}", headers=token.headers, params=token.params or None
        )
        if answer.take("success") != "True":
            answer.unreadable("it did not say that it succeeded")

    async def post(self, path: str, body: Mapping[str, Any], **options: Any) -> Answer:
        token = self._tokens[0]
        return await self._http.post(
            f"{self._api}/{path}",
            headers=token.headers,
            params=token.params or None,
            json=body,
            **options,
        )


@dataclass(frozen=True, slots=True)
class GraphCall(Call):
    """A call of a network that publishes by containers."""

    graph: GraphClient


@contextlib.contextmanager
def as_account() -> Iterator[None]:
    """Raise Unauthorized if the account itself is missing: the token may no longer act for it."""
    try:
        yield
    except Unavailable as refusal:
        if refusal.platform_code != MISSING:
            raise
        raise refusal.as_(Unauthorized) from refusal


def lacks_permission(refusal: PlatformError) -> bool:
    """Return whether the account has not granted this call; it may still have granted others.

    Threads also refuses with the code of a missing permission under a 5xx.
    """
    return refusal.code == "permission_missing" or refusal.platform_code.split("/")[0] == "10"


def _is_reached(answer: Answer, prefix: str) -> bool:
    """False if the answer does not say; the network refuses then."""
    try:
        [facts] = answer.json()["data"]
        used, config = facts[f"{prefix}quota_usage"], facts[f"{prefix}config"]
        return int(used) >= int(config["quota_total"])
    except (KeyError, ValueError, TypeError):
        return False
