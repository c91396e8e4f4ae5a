"""Publishing by containers, as Instagram and Threads do it.

A container is an invisible post: it is made, the network fetches its media, and one call makes it
public. Its id is the only handle on a lost answer, so it is made durable before that call. What a
second publish of the same container does is not documented; here it is sent again only when the
network said of this very container that it is not published.
"""

import asyncio
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal

from platforms import meta
from platforms.base import (
    Absent,
    Adapter,
    CannotTell,
    Checkpoint,
    Credentials,
    Draft,
    Finding,
    Media,
    Outcome,
    Processing,
    Published,
)
from platforms.client import Answer, Client
from platforms.errors import OutcomeUnknown, PlatformError, Unavailable
from platforms.listed import Listed, Window, collapsed

State = Literal["IN_PROGRESS", "FINISHED", "PUBLISHED", "ERROR", "EXPIRED"]

POLL_SECONDS = 2.0
PUBLISH_TIMEOUT_SECONDS = 60.0
#: A publish call may still be running when its answer is lost: FINISHED proves nothing before.
SETTLED_SECONDS = 180
#: How long a published container's post may be missing from the list before we stop looking.
LISTED_SECONDS = 900
#: How often one container is refused before a new one is made.
REFUSALS = 3


class ContainerAdapter(Adapter):
    """The flow; a network fills in its paths, its words and how it rewrites text.

    Needs no `extra`: the token is the account's own, `platform_account_id` its id.
    """

    deadline_seconds = 90
    api: ClassVar[str]
    #: The edges below the account that make and publish a container, and list posts.
    container_edge: ClassVar[str]
    publish_edge: ClassVar[str]
    list_edge: ClassVar[str]
    list_fields: ClassVar[str]
    #: Name of the container field with its state, and the one that says what went wrong.
    state_field: ClassVar[str]
    reason_field: ClassVar[str]
    #: Platform codes by which the network refuses a container that it is not ready to publish.
    not_ready: ClassVar[frozenset[str]]
    content_types: ClassVar[frozenset[str]]
    image_bytes: ClassVar[int]
    meanings: ClassVar[meta.Meanings]

    @abstractmethod
    def user(self, account: Credentials) -> str:
        """How the account is named in paths."""

    @abstractmethod
    def single(self, draft: Draft) -> dict[str, Any]:
        """The container of a text or of one file."""

    @abstractmethod
    def child(self, item: Media) -> dict[str, Any]:
        """The container of one file of several."""

    @abstractmethod
    def parent(self, draft: Draft, children: Sequence[str]) -> dict[str, Any]:
        """The container that joins several files."""

    @abstractmethod
    def failed(self, reason: str) -> PlatformError:
        """What a container in state ERROR means."""

    @abstractmethod
    def listed(self, entry: Mapping[str, Any]) -> Listed:
        """An entry of the list in our words. KeyError and ValueError if it is not as documented."""

    def is_same_text(self, draft: Draft, entry: Listed) -> bool:
        return collapsed(draft.text) == collapsed(entry.text)

    def check(self, draft: Draft) -> None:
        super().check(draft)
        meta.check_images(draft, self.name, self.limits, self.content_types, self.image_bytes)

    async def publish(
        self, draft: Draft, account: Credentials, http: Client, checkpoint: Checkpoint
    ) -> Outcome:
        self.check(draft)
        if post_id := checkpoint.get("post"):
            return Published(id=post_id, url=await self._permalink(post_id, account, http))
        container = checkpoint.get("container") or await self._make(
            draft, account, http, checkpoint
        )
        if container is None:
            return Processing(POLL_SECONDS)
        state, reason = await self._state(container, account, http)
        if state == "IN_PROGRESS":
            return Processing(POLL_SECONDS)
        if state == "PUBLISHED":
            return await self._adopt(draft, account, http, checkpoint)
        if state == "ERROR":
            await forget(checkpoint)
            raise self.failed(reason)
        if state == "EXPIRED":
            await forget(checkpoint)
            raise Unavailable(f"The upload at {self.name} expired.")
        post_id = await self._send(container, account, http, checkpoint)
        return Published(id=post_id, url=await self._permalink(post_id, account, http))

    async def find(
        self,
        draft: Draft,
        account: Credentials,
        http: Client,
        checkpoint: Checkpoint,
        sent_at: datetime,
    ) -> Finding:
        if post_id := checkpoint.get("post"):
            return Published(id=post_id, url=await self._permalink(post_id, account, http))
        container = checkpoint.get("container")
        if not container:
            return Absent()
        try:
            state, _ = await self._state(container, account, http)
        except Unavailable:
            state = None
        if state == "IN_PROGRESS":
            return Processing(POLL_SECONDS)
        hits = await self._hits(draft, account, http, Window.of(checkpoint.get("sent_at"), sent_at))
        age_seconds = (datetime.now(UTC) - sent_at).total_seconds()
        if state == "PUBLISHED":
            return self._live(container, hits, age_seconds)
        if len(hits) > 1 or (not draft.text and state is None):
            return CannotTell()
        if hits:
            return Published(id=hits[0].id, url=hits[0].url)
        return Absent(proven=state is not None and age_seconds >= SETTLED_SECONDS)

    def explain(self, answer: Answer) -> PlatformError:
        return meta.explain(self.name, answer, self.meanings)

    # Steps

    async def _make(
        self, draft: Draft, account: Credentials, http: Client, checkpoint: Checkpoint
    ) -> str | None:
        """The container's id, durable; None while its parts are not ready."""
        if len(draft.media) <= 1:
            body = self.single(draft)
        else:
            children = await self._children(draft, account, http, checkpoint)
            if not await self._are_finished(children, account, http, checkpoint):
                return None
            body = self.parent(draft, children)
        container = await self._create(body, account, http)
        await checkpoint.save(container=container)
        return container

    async def _children(
        self, draft: Draft, account: Credentials, http: Client, checkpoint: Checkpoint
    ) -> list[str]:
        children: list[str] = list(checkpoint.get("children", ()))
        for item in draft.media[len(children) :]:
            children.append(await self._create(self.child(item), account, http))
            await checkpoint.save(children=children)
        return children

    async def _are_finished(
        self, children: Sequence[str], account: Credentials, http: Client, checkpoint: Checkpoint
    ) -> bool:
        states = await asyncio.gather(*(self._state(c, account, http) for c in children))
        for state, reason in states:
            if state in ("ERROR", "EXPIRED"):
                await forget(checkpoint)
                raise self.failed(reason)
        return all(state == "FINISHED" for state, _ in states)

    async def _create(self, body: Mapping[str, Any], account: Credentials, http: Client) -> str:
        url = f"{self.api}/{self.user(account)}/{self.container_edge}"
        answer = await http.post(url, headers=meta.bearer(account), json=body)
        return answer.take("id")

    async def _state(self, container: str, account: Credentials, http: Client) -> tuple[State, str]:
        answer = await http.get(
            f"{self.api}/{container}",
            headers=meta.bearer(account),
            params={"fields": f"id,{self.state_field},{self.reason_field}"},
        )
        state: Any = answer.take(self.state_field)
        return state, str(answer.json().get(self.reason_field) or "")

    async def _send(
        self, container: str, account: Credentials, http: Client, checkpoint: Checkpoint
    ) -> str:
        """Make the container public; the post's id, durable."""
        is_first = "sent_at" not in checkpoint
        checkpoint.setdefault("sent_at", datetime.now(UTC).isoformat())
        try:
            answer = await http.post(
                f"{self.api}/{self.user(account)}/{self.publish_edge}",
                headers=meta.bearer(account),
                json={"creation_id": container},
                irreversible=True,
                timeout_seconds=PUBLISH_TIMEOUT_SECONDS,
            )
        except OutcomeUnknown as unknown:
            # Refused a container that was never sent before: nothing of it can be public. After
            # an earlier call the same words may mean that the earlier one worked.
            if is_first and unknown.platform_code in self.not_ready:
                raise await self._refused(unknown, checkpoint) from unknown
            raise
        except PlatformError:
            # Refused or never sent.
            if is_first:
                checkpoint.pop("sent_at")
            raise
        post_id = answer.take("id")
        await checkpoint.save(post=post_id)
        return post_id

    async def _refused(self, unknown: PlatformError, checkpoint: Checkpoint) -> Unavailable:
        checkpoint.pop("sent_at")
        checkpoint["refusals"] = checkpoint.get("refusals", 0) + 1
        await (forget(checkpoint) if checkpoint["refusals"] >= REFUSALS else checkpoint.save())
        return Unavailable(
            unknown.message,
            platform_code=unknown.platform_code,
            http_status=unknown.http_status,
            request_id=unknown.request_id,
            body=unknown.body,
            # A new container takes some seconds to reach all of the network.
            retry_after_seconds=5,
        )

    async def _permalink(self, post_id: str, account: Credentials, http: Client) -> str:
        """The post's address, or nothing: a post is published with or without it."""
        try:
            answer = await http.get(
                f"{self.api}/{post_id}",
                headers=meta.bearer(account),
                params={"fields": "id,permalink"},
            )
            return answer.take("permalink")
        except PlatformError:
            return ""

    # Recognising a post

    async def _adopt(
        self, draft: Draft, account: Credentials, http: Client, checkpoint: Checkpoint
    ) -> Published:
        """The post of a container that turned out to be published by an earlier call."""
        sent = Window.of(checkpoint.get("sent_at"), datetime.now(UTC))
        hits = await self._hits(draft, account, http, sent)
        if len(hits) == 1:
            return Published(id=hits[0].id, url=hits[0].url)
        raise OutcomeUnknown(f"{self.name} published it, but does not list it yet.")

    def _live(self, container: str, hits: Sequence[Listed], age_seconds: float) -> Finding:
        """Of a published container: the post; if no list tells it apart, by the container's id."""
        if len(hits) == 1:
            return Published(id=hits[0].id, url=hits[0].url)
        return Processing(30) if age_seconds < LISTED_SECONDS else Published(id=container)

    async def _hits(
        self, draft: Draft, account: Credentials, http: Client, sent: Window
    ) -> list[Listed]:
        """The account's posts with this text that appeared in the window."""
        answer = await http.get(
            f"{self.api}/{self.user(account)}/{self.list_edge}",
            headers=meta.bearer(account),
            params={"fields": self.list_fields, "since": sent.since, "limit": "100"},
        )
        try:
            entries = [self.listed(entry) for entry in answer.json()["data"]]
        except (KeyError, ValueError, TypeError):
            answer.unreadable("its list of posts could not be read")
        return [e for e in entries if sent.holds(e.at) and self.is_same_text(draft, e)]


async def forget(checkpoint: Checkpoint) -> None:
    """Drop a container, so that the next try makes a new one."""
    for name in ("container", "children", "refusals", "sent_at"):
        checkpoint.pop(name, None)
    await checkpoint.save()
