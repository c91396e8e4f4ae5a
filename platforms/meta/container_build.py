"""Making the container of a post, with all that goes into it, and watching it."""

import asyncio
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from platforms.adapter import Adapter
from platforms.checkpoint import Checkpoint
from platforms.drafts import Credentials, Draft, Media
from platforms.errors import PlatformError, Unavailable
from platforms.http.client import Client
from platforms.meta import container_progress as progress
from platforms.meta.graph import MISSING, Calls, State

#: How often one container is refused before a new one is made.
REFUSALS = 3


class ContainerMaker(Adapter):
    """What a network makes of a draft: one container, or one for each file and one for all."""

    #: Platform codes by which the network refuses a container that it is not ready to publish.
    not_ready: ClassVar[frozenset[str]]

    @abstractmethod
    def calls(self, account: Credentials, http: Client) -> Calls:
        """How the network is asked on behalf of the account."""

    @abstractmethod
    def single(self, part: Draft, account: Credentials, reply_to: str) -> dict[str, Any]:
        """The container of a text or of one file."""

    @abstractmethod
    def child(self, item: Media, account: Credentials) -> dict[str, Any]:
        """The container of one file of several."""

    @abstractmethod
    def parent(self, part: Draft, children: Sequence[str], reply_to: str) -> dict[str, Any]:
        """The container that joins several files."""

    @abstractmethod
    def failed(self, reason: str) -> PlatformError:
        """What a container in state ERROR means."""

    async def create(self, body: dict[str, Any], calls: Calls, checkpoint: Checkpoint) -> str:
        """The new container's id."""
        return await calls.create(body)

    async def deliver(
        self,
        item: Media,
        container: str,
        account: Credentials,
        http: Client,
        checkpoint: Checkpoint,
    ) -> None:
        """Send a container its file, where the network does not fetch it."""

    async def make(
        self, part: Draft, account: Credentials, http: Client, calls: Calls, checkpoint: Checkpoint
    ) -> str:
        """The part's container, durable, with its file; empty while its items are not ready."""
        container: str = checkpoint.get("container", "")
        if len(part.media) <= 1:
            if not container:
                body = self.single(part, account, progress.last(checkpoint))
                container = await self.create(body, calls, checkpoint)
                await checkpoint.save(container=container)
            for item in part.media:
                await self.deliver(item, container, account, http, checkpoint)
        elif not container:
            children: list[str] = list(checkpoint.get("children", ()))
            for item in part.media[len(children) :]:
                children.append(await self.create(self.child(item, account), calls, checkpoint))
                await checkpoint.save(children=children)
            for item, child in zip(part.media, children, strict=True):
                await self.deliver(item, child, account, http, checkpoint)
            if not await self._are_finished(children, calls, checkpoint):
                return ""
            body = self.parent(part, children, progress.last(checkpoint))
            container = await self.create(body, calls, checkpoint)
            await checkpoint.save(container=container)
        return container

    async def _are_finished(
        self, children: Sequence[str], calls: Calls, checkpoint: Checkpoint
    ) -> bool:
        states = await self.states(children, calls, checkpoint)
        for state in states:
            if state.word in ("ERROR", "EXPIRED"):
                await progress.forget(checkpoint)
                raise self.spoilt(state)
        return all(state.word == "FINISHED" for state in states)

    async def states(
        self, containers: Sequence[str], calls: Calls, checkpoint: Checkpoint
    ) -> list[State]:
        """Where containers stand. Those that are not to be seen for long are made anew."""
        found = await asyncio.gather(*map(calls.state, containers), return_exceptions=True)
        for failure in found:
            if not isinstance(failure, BaseException):
                continue
            code = failure.platform_code if isinstance(failure, PlatformError) else ""
            if code in {MISSING, *self.not_ready} and "sent_at" not in checkpoint:
                await progress.refuse(checkpoint, REFUSALS)
            raise failure
        return [state for state in found if isinstance(state, State)]

    def spoilt(self, state: State) -> PlatformError:
        if state.word == "ERROR":
            return self.failed(state.reason)
        return Unavailable(f"The upload at {self.name} expired.", code="media_processing_failed")
