"""Publish by containers, as Instagram and Threads do.

A container is an invisible post: it is created, the network fetches its media, and one call makes
it public. After a lost answer its id is all there is to ask with, so it is saved before that call.
What a second publish of one container does is not documented. It is only sent again if the network
said of this container that it is not published.

The parts of a thread are published one by one, each by its own container.
"""

from dataclasses import replace
from typing import ClassVar

from platforms import clock
from platforms.adapter import Call
from platforms.checkpoint import Checkpoint
from platforms.drafts import Draft
from platforms.errors import OutcomeUnknown, PlatformError, Rejected, Unauthorized, Unavailable
from platforms.meta import container_progress as progress
from platforms.meta import matching
from platforms.meta.container_build import POLL_SECONDS, REFUSALS
from platforms.meta.container_lookup import ContainerLookup
from platforms.meta.graph import GraphCall
from platforms.meta.matching import ListedPost, SendWindow
from platforms.outcomes import (
    Outcome,
    Processing,
)

#: A new container needs some seconds to be visible everywhere at the network.
REFUSED_SECONDS = 5.0


class ContainerAdapter(ContainerLookup):
    """Publishing; the checkpoint is described in `container_progress`."""

    deadline_seconds = 90
    #: Platform codes for a container that does not exist: at most one new one is made.
    gone: ClassVar[frozenset[str]] = frozenset()

    async def publish(self, call: Call) -> Outcome:
        self.check(call.draft)
        call, parts, found = self.with_graph(call), self.parts(call.draft), False
        checkpoint = call.checkpoint
        while (done := progress.done(checkpoint)) < len(parts):
            part = parts[done]
            container = await self.make(part, call)
            if not container:
                return Processing(POLL_SECONDS)
            post = await self._publish(part, container, call)
            if isinstance(post, Processing):
                return post
            if isinstance(post, ListedPost):
                if done + 1 < len(parts):
                    # A lookup must make sure whose post it is before the next part replies to it.
                    raise OutcomeUnknown(f"{self.name} already shows this part.")
                found = not done
                progress.record(post.id, checkpoint)
            else:
                progress.record(post, checkpoint)
                await checkpoint.save()
        return replace(await self.published(call), found=found)

    async def _publish(
        self, part: Draft, container: str, call: GraphCall
    ) -> str | ListedPost | Processing:
        """Publish a part; return its post's id, or its list entry if an earlier call made it."""
        checkpoint = call.checkpoint
        [state] = await self.states([container], call)
        if state.word == "IN_PROGRESS":
            return Processing(POLL_SECONDS)
        if "sent_at" in checkpoint or state.word == "PUBLISHED":
            # An earlier call may have worked, no matter what the container says now.
            sent = SendWindow.between(checkpoint.get("sent_at"), clock.now())
            paired = await self.pair(part, state.word, call, sent)
            if paired and paired.hit and (part.text or state.word == "PUBLISHED"):
                return paired.hit
            if paired != matching.NONE or state.word == "PUBLISHED":
                raise OutcomeUnknown(f"{self.name} does not show which post it published.")
        if state.word != "FINISHED":
            await progress.forget(checkpoint)
            raise self.spoilt(state)
        await call.graph.check_limit("reply_" if progress.last(checkpoint) else "", self.name)
        return await self._send(container, call)

    async def _send(self, container: str, call: GraphCall) -> str | Processing:
        """Make the container public; the post's id."""
        graph, checkpoint = call.graph, call.checkpoint
        earlier = checkpoint.get("sends", 0)
        checkpoint["sends"] = earlier + 1
        checkpoint.setdefault("sent_at", clock.now().isoformat())
        try:
            return await graph.publish(container)
        except OutcomeUnknown as unknown:
            # After an earlier call, the same refusal may mean that the earlier one worked.
            may_be_there = (unknown.http_status or 0) >= 500 or '"id"' in unknown.body
            if earlier or may_be_there or unknown.platform_code not in self.not_ready:
                raise
            if await graph.is_public(container):
                raise
            progress.unsend(checkpoint, earlier)
            return await self._wait(unknown, checkpoint)
        except PlatformError as refusal:
            # Seen although the post was public.
            if refusal.code == "permission_missing" and await graph.is_public(container):
                raise refusal.as_(OutcomeUnknown) from refusal
            # Refused or never sent, which says nothing about the earlier calls.
            progress.unsend(checkpoint, earlier)
            if earlier and isinstance(refusal, Rejected):
                raise refusal.as_(OutcomeUnknown) from refusal
            raise

    async def _wait(self, refusal: PlatformError, checkpoint: Checkpoint) -> Processing:
        """Wait for a container that is not ready, then try another one, then give up."""
        # The answer was readable and says that nothing is public.
        checkpoint.answered()
        if refusal.platform_code in self.gone:
            is_second = "renewed" in checkpoint
            await progress.forget(checkpoint, renewed=True)
            if is_second:
                raise refusal.as_(Unauthorized)
        elif await progress.refuse(checkpoint, REFUSALS):
            raise refusal.as_(Unavailable, code="media_processing_failed")
        return Processing(REFUSED_SECONDS)
