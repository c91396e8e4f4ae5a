"""Find a post that was made of containers, if the answer of its call was lost."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from platforms import clock
from platforms.adapter import Call
from platforms.checkpoint import Checkpoint, Lookalike
from platforms.drafts import Credentials, Draft
from platforms.errors import PlatformError, Rejected, Unavailable
from platforms.http.client import Client
from platforms.meta import container_progress as progress
from platforms.meta import matching
from platforms.meta.container_build import POLL_SECONDS, ContainerMaker
from platforms.meta.graph import MISSING, GraphCall, GraphClient
from platforms.meta.matching import Claimant, ListedPost, Pairing, SendWindow
from platforms.outcomes import (
    Absent,
    Finding,
    PartiallyPublished,
    Processing,
    Published,
    Undeterminable,
    is_settled,
)
from platforms.text import collapsed

#: A publish call may still be running when its answer is lost: before, FINISHED proves nothing.
SETTLED_AFTER = timedelta(minutes=3)
#: How long a published container's post may be missing from the list before the search ends.
LISTED_SECONDS = 900
#: How often one container may be sent while the outcome of the earlier calls is unknown.
SENDS = 3


class ContainerLookup(ContainerMaker):
    """The lookup; a network says how it lists posts."""

    @abstractmethod
    async def hits(
        self, part: Draft, reply_to: str, graph: GraphClient, sent: SendWindow
    ) -> Sequence[ListedPost] | None:
        """Return the account's posts of that window that look like the part.

        None: the account has not granted what listing them needs.
        """

    @abstractmethod
    def reads_as(self, part: Draft) -> str:
        """Return the network's word for the type that the part is listed as."""

    def parts(self, draft: Draft) -> tuple[Draft, ...]:
        """Return the parts to publish one by one, each as a reply to the one before."""
        return (draft,)

    def give_up_the_rest(self, call: GraphCall) -> None:
        """Record what will not be done any more because only a lookup found the post."""

    async def complete(self, call: GraphCall) -> tuple[str, ...]:
        """Do what is left; the notes for the customer. Raises nothing."""
        return tuple(call.checkpoint.get("notes", ()))

    def with_graph(self, call: Call) -> GraphCall:
        graph = self.graph(call.account, call.http)
        return GraphCall(call.draft, call.account, call.http, call.checkpoint, graph)

    def recall(
        self, draft: Draft, kept: Mapping[str, Any], since: datetime
    ) -> Mapping[str, Any] | None:
        """Without its container a post is found by its text, and never proven absent."""
        is_wordless = not draft.text.strip() or draft.post_type in self.wordless_types
        return None if is_wordless or len(self.parts(draft)) > 1 else {"sent_at": since.isoformat()}

    async def find(self, call: Call, sent_at: datetime) -> Finding:
        call, parts = self.with_graph(call), self.parts(call.draft)
        checkpoint = call.checkpoint
        done = progress.done(checkpoint)
        if done < len(parts) and await _may_be_sent(call):
            found = await self._look(parts[done], call, sent_at)
            if not isinstance(found, ListedPost):
                return found
            if not found.kind and done + 1 < len(parts):
                # The next part needs its real id, which is unknown.
                return Undeterminable()
            if not done:
                checkpoint["url"] = found.url
            done += 1
            progress.record(found.id, checkpoint)
        if not done:
            return Absent()
        if done < len(parts):
            return PartiallyPublished(checkpoint["posts"][0])
        self.give_up_the_rest(call)
        return await self.published(call)

    async def _look(
        self, part: Draft, call: GraphCall, sent_at: datetime
    ) -> ListedPost | Processing | Absent | Undeterminable:
        """Return what became of the part in flight."""
        checkpoint = call.checkpoint
        container: str = checkpoint.get("container", "")
        try:
            state = (await call.graph.state(container)).word if container else ""
        except (Unavailable, Rejected):
            state = ""
        if state == "IN_PROGRESS":
            return Processing(POLL_SECONDS)
        sent = SendWindow.between(checkpoint.get("sent_at"), sent_at)
        paired = await self.pair(part, state, call, sent)
        age_seconds = (clock.now() - sent_at).total_seconds()
        # If no list identifies a public part's post, the container's id stands for the post's.
        unlisted = ListedPost(container, "", part.text, sent_at, "")
        if paired is None:
            # The container alone does not prove absence: its state may be out of date.
            return unlisted if state == "PUBLISHED" else Absent(proven=False)
        if state == "PUBLISHED":
            if paired.hit:
                return paired.hit
            return Processing(30) if age_seconds < LISTED_SECONDS else unlisted
        if not part.text and (paired != matching.NONE or not state):
            # Without a text it cannot be told from another post of the same type.
            return Undeterminable()
        if paired.hit:
            return paired.hit
        if paired.is_open:
            return Absent(proven=False) if paired.clears else Undeterminable()
        if checkpoint.get("sends", 0) >= SENDS:
            return Undeterminable()
        return Absent(proven=bool(state) and is_settled(sent_at, SETTLED_AFTER))

    async def shows_as_own(self, post_id: str, account: Credentials, http: Client) -> bool | None:
        """Return whether the account can read this post: it reads its own only."""
        if not post_id.isascii() or not post_id.isdigit():
            return None
        try:
            await self.graph(account, http).read(post_id, "id,permalink")
        except PlatformError as refusal:
            if refusal.platform_code == MISSING:
                return False
            raise
        return True

    async def published(self, call: GraphCall) -> Published:
        notes = await self.complete(call)
        first = call.checkpoint["posts"][0]
        url = call.checkpoint.get("url") or await call.graph.permalink(first)
        return Published(id=first, url=url, notes=notes)

    async def pair(
        self, part: Draft, word: str, call: GraphCall, sent: SendWindow
    ) -> Pairing | None:
        """Pick the hit that is ours and no other's; None if the account may not list its posts.

        `word` is what the part's own container says.
        """
        checkpoint = call.checkpoint
        hits = await self.hits(part, progress.last(checkpoint), call.graph, sent)
        if hits is None:
            return None
        theirs = await checkpoint.others({hit.id: hit.url for hit in hits})
        hits = [hit for hit in hits if hit.id not in theirs]
        lookalikes = await self._lookalikes(part, checkpoint) if hits else ()
        if lookalikes is None:
            return matching.OPEN
        ours = Claimant(sent, word == "PUBLISHED")
        return matching.pair(hits, ours, await matching.claimants(lookalikes, call.graph))

    async def _lookalikes(self, part: Draft, checkpoint: Checkpoint) -> Sequence[Lookalike] | None:
        """Others that may have made a post with this part's text; None if there are too many."""
        if progress.done(checkpoint):
            # A reply names the post it answers, so it cannot belong to another thread.
            return ()
        lookalikes = await checkpoint.lookalikes()
        return lookalikes and [
            lookalike
            for lookalike in lookalikes
            if self._look_alike(part, self.parts(lookalike.draft)[0])
        ]

    def _look_alike(self, one: Draft, other: Draft) -> bool:
        same_kind = self.reads_as(one) == self.reads_as(other)
        same_size = len(one.media) == len(other.media)
        return same_kind and same_size and collapsed(one.text) == collapsed(other.text)


async def _may_be_sent(call: GraphCall) -> bool:
    """Return whether the part in flight may be public, by a recorded call or its container."""
    container = call.checkpoint.get("container")
    return "sent_at" in call.checkpoint or bool(container and await call.graph.is_public(container))
