"""Recognise posts in an account's own list, if only the list can tell their ids.

A container says that its post is public, but not which post it is. Posts with the same text are
matched to the calls that got no answer: posts are listed in the order of their calls, so of those
certainly public, the first call made the first listed post, and so on. If there are more posts than
calls, or a post's call is ambiguous, nothing is guessed. No other destination may have claimed a
matched post (`Checkpoint.others`, and the pipeline when it records the result).
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from platforms.checkpoint import Lookalike
from platforms.errors import PlatformError
from platforms.meta import container_progress as progress
from platforms.meta.graph import GraphClient

#: How far an entry's time may lie before the first and after the last call that published.
BEFORE, AFTER = timedelta(seconds=120), timedelta(seconds=900)

#: The states of a container that never became a post.
DEAD = ("ERROR", "EXPIRED")


@dataclass(frozen=True, slots=True)
class ListedPost:
    """An entry of the list, with what helps to recognise a post."""

    id: str
    url: str
    text: str
    at: datetime
    #: The network's word for its type: an image, a reel, a story.
    kind: str
    #: How many files a carousel holds; 0 for other types, or if the list does not say.
    children: int = 0
    tag: str = ""
    #: The post that it replies to.
    replied_to: str = ""


@dataclass(frozen=True, slots=True)
class SendWindow:
    """The span in which a post may have appeared."""

    first_sent_at: datetime
    last_sent_at: datetime

    @classmethod
    def between(cls, first_sent_at: str | None, last_sent_at: datetime) -> "SendWindow":
        """Since the first recorded call, because any of the calls may be the one that worked."""
        first = datetime.fromisoformat(first_sent_at) if first_sent_at else last_sent_at
        return cls(min(first, last_sent_at), last_sent_at)

    @property
    def since(self) -> str:
        """Return its start in unix seconds, as lists take it."""
        return str(int((self.first_sent_at - BEFORE).timestamp()))

    def holds(self, at: datetime) -> bool:
        return self.first_sent_at - BEFORE <= at <= self.last_sent_at + AFTER


def has_as_many(entry: ListedPost, items: int) -> bool:
    """Return whether a post of so many files could be this entry."""
    return entry.children in (0, items if items > 1 else 0)


@dataclass(frozen=True, slots=True)
class Claimant:
    """A call that got no answer and may have made a post with the same text as ours.

    `is_public`: its container says that the post is public; otherwise it may say so later.
    """

    sent: SendWindow
    is_public: bool

    def may_have(self, hits: Sequence[ListedPost]) -> bool:
        return any(self.sent.holds(hit.at) for hit in hits)


@dataclass(frozen=True, slots=True)
class Pairing:
    """`hit` is our post. Without it, `is_open`: one of the hits may be ours; `clears`: a later
    lookup will tell."""

    hit: ListedPost | None = None
    is_open: bool = False
    clears: bool = False


NONE, OPEN, WAIT = Pairing(), Pairing(is_open=True), Pairing(is_open=True, clears=True)


def pair(hits: Sequence[ListedPost], ours: Claimant, lookalikes: Sequence[Claimant]) -> Pairing:
    """Pick which of the hits, newest first, is ours; lookalikes may own some of them."""
    all_claimants = _in_order(
        [ours, *(lookalike for lookalike in lookalikes if lookalike.may_have(hits))]
    )
    public = [each for each in all_claimants if each.is_public]
    # Lists give times in whole seconds; within one second the list's own order counts.
    oldest_first = hits[::-1]
    listed = sorted(oldest_first, key=lambda hit: hit.at)
    if not ours.is_public and len(listed) <= len(public):
        return NONE
    if len(listed) == len(all_claimants):
        return Pairing(listed[_place(ours, all_claimants)])
    if len(listed) > len(all_claimants):
        return OPEN
    # Some posts are not listed yet, or were never published.
    place = _place(ours, public) if ours.is_public else len(listed)
    is_enough = len(listed) <= len(public) and place < len(listed)
    return Pairing(listed[place]) if is_enough else WAIT


def _in_order(claimants: Sequence[Claimant]) -> list[Claimant]:
    return sorted(claimants, key=lambda each: each.sent.first_sent_at)


def _place(ours: Claimant, claimants: Sequence[Claimant]) -> int:
    return next(place for place, each in enumerate(claimants) if each is ours)


async def claimants(lookalikes: Sequence[Lookalike], graph: GraphClient) -> list[Claimant]:
    """Return lookalikes that may have sent their first part and know no post of it.

    One whose container is not known any more (`ContainerLookup.recall`) may have made any.
    """
    sent = [
        lookalike
        for lookalike in lookalikes
        if not progress.done(lookalike.checkpoint) and "sent_at" in lookalike.checkpoint
    ]
    words = await asyncio.gather(
        *(_word(lookalike.checkpoint.get("container", ""), graph) for lookalike in sent)
    )
    return [
        Claimant(
            SendWindow.between(lookalike.checkpoint["sent_at"], lookalike.sent_at),
            word == "PUBLISHED",
        )
        for lookalike, word in zip(sent, words, strict=True)
        if word not in DEAD
    ]


async def _word(container: str, graph: GraphClient) -> str:
    if not container:
        return ""
    try:
        return (await graph.state(container)).word
    except PlatformError:
        return ""
