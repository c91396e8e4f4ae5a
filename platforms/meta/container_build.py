"""Create the container of a post with its files, and watch it."""

import asyncio
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from platforms.adapter import Adapter
from platforms.drafts import Credentials, Draft, Media
from platforms.errors import PlatformError, Unavailable
from platforms.http.client import Client
from platforms.meta import container_progress as progress
from platforms.meta.graph import MISSING, ContainerState, GraphCall, GraphClient

POLL_SECONDS = 2.0
#: How many refusals of one container before a new one is created.
REFUSALS = 3


class ContainerMaker(Adapter):
    """Creates one container for a draft, or one for each file and one that joins them."""

    #: Platform codes for a container that is not ready to be published.
    not_ready: ClassVar[frozenset[str]]

    @abstractmethod
    def graph(self, account: Credentials, http: Client) -> GraphClient:
        """Return the client for calls on behalf of the account."""

    @abstractmethod
    def single(self, part: Draft, account: Credentials, reply_to: str) -> dict[str, Any]:
        """Return the container of a text or of one file."""

    @abstractmethod
    def child(self, item: Media, account: Credentials) -> dict[str, Any]:
        """Return the container of one file of several."""

    @abstractmethod
    def parent(self, part: Draft, children: Sequence[str], reply_to: str) -> dict[str, Any]:
        """Return the container that joins several files."""

    @abstractmethod
    def failed(self, reason: str) -> PlatformError:
        """Return what a container in state ERROR means."""

    async def read_account(self, account: Credentials, http: Client) -> None:
        await self.graph(account, http).read_account()

    async def create(self, body: dict[str, Any], call: GraphCall) -> str:
        """Return the new container's id."""
        return await call.graph.create(body)

    async def deliver(self, item: Media, container: str, call: GraphCall) -> None:
        """Send a container its file, if the network does not fetch it."""

    async def make(self, part: Draft, call: GraphCall) -> str:
        """Return the part's saved container with its file; empty while its items are not ready."""
        checkpoint = call.checkpoint
        container: str = checkpoint.get("container", "")
        if len(part.media) <= 1:
            if not container:
                body = self.single(part, call.account, progress.last(checkpoint))
                container = await self.create(body, call)
                await checkpoint.save(container=container)
            for item in part.media:
                await self.deliver(item, container, call)
        elif not container:
            children: list[str] = list(checkpoint.get("children", ()))
            for item in part.media[len(children) :]:
                children.append(await self.create(self.child(item, call.account), call))
                await checkpoint.save(children=children)
            for item, child in zip(part.media, children, strict=True):
                await self.deliver(item, child, call)
            if not await self._are_finished(children, call):
                return ""
            body = self.parent(part, children, progress.last(checkpoint))
            container = await self.create(body, call)
            await checkpoint.save(container=container)
        return container

    async def _are_finished(self, children: Sequence[str], call: GraphCall) -> bool:
        states = await self.states(children, call)
        for state in states:
            if state.word in ("ERROR", "EXPIRED"):
                await progress.forget(call.checkpoint)
                raise self.spoilt(state)
        return all(state.word == "FINISHED" for state in states)

    async def states(self, containers: Sequence[str], call: GraphCall) -> list[ContainerState]:
        """Return the states of containers. Those that stay invisible for long are created again."""
        found = await asyncio.gather(*map(call.graph.state, containers), return_exceptions=True)
        for failure in found:
            if not isinstance(failure, BaseException):
                continue
            code = failure.platform_code if isinstance(failure, PlatformError) else ""
            if code in {MISSING, *self.not_ready} and "sent_at" not in call.checkpoint:
                await progress.refuse(call.checkpoint, REFUSALS)
            raise failure
        return [state for state in found if isinstance(state, ContainerState)]

    def spoilt(self, state: ContainerState) -> PlatformError:
        if state.word == "ERROR":
            return self.failed(state.reason)
        return Unavailable(f"The upload at {self.name} expired.", code="media_processing_failed")
