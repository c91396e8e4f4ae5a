"""Let posts wait past their time until people agree. Features implement it.

A post that is held has destinations without a due time, so that nothing can claim them. Locks are
taken in one order: destinations, then their post, then what a hold keeps of it.
"""

import uuid
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from destinations.models import Destination
from posts import registry
from posts.models import Post

Files = Iterable[tuple[uuid.UUID, str]]


@dataclass(frozen=True, slots=True)
class InsertionSql:
    """A hold's part of the statement that stores a new post: see `insertion`."""

    #: SQL for whether the post waits, over a row of `posts_workspace`.
    waits: str
    #: Columns of `rule`, from the same row.
    columns: Mapping[str, str] = field(default_factory=dict)
    #: Statements that are parts of it, by names of their own.
    parts: Mapping[str, str] = field(default_factory=dict)
    #: The parts that write events, and return a row if they do.
    events: Collection[str] = ()


class HeldChange(ABC):
    """A change of a post that a hold concerns."""

    #: Why the change may not publish the post at once; only overriding changes may.
    refusal: str

    @abstractmethod
    def end(
        self, post: Post, accounts: Iterable[int], files: Files, *, by: str, request_id: str
    ) -> None:
        """Decide whether the changed post waits, before it is stored; it goes to these accounts.

        Sets `awaits_approval` and the status. `files`: the id and the alt text of each.
        """


class Hold(ABC):
    #: SQL for whether a post waits; `{post}` is SQL for its id.
    is_held: str

    @abstractmethod
    def insertion(self) -> InsertionSql: ...

    @abstractmethod
    def parameters(self, post: Post) -> Mapping[str, Any]:
        """Return those of `insertion`, for a new post."""

    @abstractmethod
    def annotations(self) -> Mapping[str, Any]:
        """Return what `begin` must know of a post, for the query that locks it."""

    @abstractmethod
    def begin(
        self, post: Post, rows: Iterable[Destination], *, overrides: bool
    ) -> HeldChange | None:
        """Begin a change of a post that was just locked; None if it does not concern the hold."""

    @abstractmethod
    def retimed(
        self,
        times: Mapping[uuid.UUID, tuple[datetime, datetime]],
        now: datetime,
        *,
        by: str,
        request_id: str,
        is_queue_active: bool,
    ) -> None:
        """Note that posts of a queue get these times, each given with the one before.

        Called before their destinations are due again, under the locks of both.
        """

    @abstractmethod
    def held(self, post_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
        """Return those of the posts that wait."""


def every() -> tuple[Hold, ...]:
    return registry.hooks(Hold)


def begin(
    post: Post, rows: Collection[Destination], *, overrides: bool = False
) -> list[HeldChange]:
    """Return what must `end` with a change of a post that was just locked."""
    found = (hold.begin(post, rows, overrides=overrides) for hold in every())
    return [change for change in found if change]


@cache
def is_held(post: str) -> str:
    """Return SQL for whether a post waits for people; `post` is SQL for its id."""
    return f"({' OR '.join(hold.is_held.format(post=post) for hold in every()) or 'FALSE'})"


def held(post_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Return those of the posts that wait for people."""
    return {post_id for hold in every() for post_id in hold.held(post_ids)}


def annotations() -> dict[str, Any]:
    return {name: value for hold in every() for name, value in hold.annotations().items()}
