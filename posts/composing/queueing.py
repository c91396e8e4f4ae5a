"""Put posts into posting queues, and take them out."""

import uuid
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from destinations.access import Reach
from posts import registry
from posts.errors import RequestRefused, invalid
from posts.models import Post, PostingQueue

#: No post has this id.
NO_POST = uuid.UUID(int=0)


class Slot(NamedTuple):
    """`at`: the slot; `publish_at`: when the post that asked for it is published."""

    at: datetime
    publish_at: datetime


class SlotSource(ABC):
    """A feature's hook that gives a time to posts that name none."""

    @abstractmethod
    def find(self, reach: Reach, queue_id: uuid.UUID | None) -> PostingQueue | None:
        """Return a queue within reach; without an id the default one."""

    @abstractmethod
    def first(
        self, queue: PostingQueue, accounts: Collection[int], now: datetime, post_id: uuid.UUID
    ) -> Slot:
        """Return the first free slot for this post. Raises RequestRefused if there is none."""

    @abstractmethod
    def lock_all(self, workspace_id: uuid.UUID) -> None:
        """Lock all queues of the workspace until the transaction ends."""

    @abstractmethod
    def is_taken(
        self,
        queue: PostingQueue,
        slot: datetime | None,
        accounts: Collection[int],
        now: datetime,
        but: uuid.UUID,
    ) -> bool:
        """Return whether there is no room in a slot of the queue. `but`: a post to ignore."""


def _slots() -> SlotSource:
    """Raises RequestRefused where there are no posting queues."""
    found = registry.hooks(SlotSource)
    if not found:
        raise RequestRefused("validation_error", "This installation has no posting queues.")
    return found[0]


def lock_all(workspace_id: uuid.UUID) -> None:
    """Let no other request put posts into queues of the workspace until the transaction ends."""
    _slots().lock_all(workspace_id)


def lock(ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, PostingQueue]:
    """These queues, as far as they exist, locked until the transaction ends."""
    # Not against foreign keys: a post may be stored while another one waits for the lock.
    rows = PostingQueue.objects.filter(pk__in=sorted(set(ids))).order_by("pk")
    return {row.pk: row for row in rows.select_for_update(no_key=True)}


@dataclass(frozen=True, slots=True)
class IntoQueue:
    """Ask for the next free slot of a queue; None: of the default one.

    `priority`: one of Post.QueuePriority; None: medium, or what the post has.
    """

    queue_id: uuid.UUID | None = None
    priority: int | None = None


def wanted(reach: Reach, into: IntoQueue, post_id: uuid.UUID | None = None) -> PostingQueue:
    """Return the queue that is meant, not locked: of a post in one already, that one by default.

    Raises RequestRefused.
    """
    queue_id = into.queue_id or (_of(reach, post_id) if post_id else None)
    found = _slots().find(reach, queue_id)
    if found is None:
        raise unknown()
    return found


def locked(reach: Reach, into: IntoQueue) -> PostingQueue:
    """Return the queue for a new post, locked until the transaction ends. Raises RequestRefused."""
    queue = wanted(reach, into)
    found = lock([queue.pk]).get(queue.pk)
    if found is None:
        raise unknown()
    return found


def _of(reach: Reach, post_id: uuid.UUID) -> uuid.UUID | None:
    """Return the queue in which the post is."""
    mine = Post.objects.filter(workspace=reach.workspace_id, pk=post_id)
    return mine.values_list("posting_queue", flat=True).first()


def unknown() -> RequestRefused:
    return invalid("queue_id", "This workspace has no such queue.")


def check(queue: PostingQueue, accounts: Collection[int]) -> None:
    """Raise RequestRefused unless the queue takes posts to all of these accounts."""
    if queue.account_ids is not None and not set(queue.account_ids).issuperset(accounts):
        raise invalid(
            "account_ids",
            f"The queue {queue.name} takes posts of some accounts only, not of these.",
        )


def check_room(reach: Reach, into: IntoQueue, accounts: Collection[int], now: datetime) -> None:
    """Raise RequestRefused unless a new post to these accounts would get a slot now."""
    queue = wanted(reach, into)
    check(queue, accounts)
    _slots().first(queue, accounts, now, NO_POST)


def enter(
    post: Post, queue: PostingQueue, accounts: Collection[int], into: IntoQueue, now: datetime
) -> None:
    """Give the post the queue's first free slot. The caller holds the lock of the queue.

    Raises RequestRefused.
    """
    check(queue, accounts)
    slot = _slots().first(queue, accounts, now, post.pk)
    post.posting_queue = queue
    post.queue_priority = into.priority or post.queue_priority or Post.QueuePriority.MEDIUM
    post.slot_at = slot.at
    post.scheduled_for = slot.publish_at
    post.status = Post.Status.SCHEDULED


def leave(post: Post) -> None:
    """Free its slot."""
    post.posting_queue = None
    post.queue_priority = None
    post.slot_at = None


def adjust_slot(
    post: Post, accounts: Collection[int], changes: Mapping[str, Any], queue: PostingQueue | None
) -> None:
    """Adjust the slot of a post that was changed and now goes to these accounts.

    `queue`: the one that it is to enter, locked by the caller. Raises RequestRefused.
    """
    into: IntoQueue | None = changes.get("queue")
    if into is None or queue is None:
        if "account_ids" in changes:
            _stay(post, accounts, IntoQueue())
    elif post.status == Post.Status.DRAFT:
        raise invalid("use_queue", "A draft is in no queue; schedule it with use_queue.")
    elif post.posting_queue_id == queue.pk:
        _stay(post, accounts, into)
    else:
        enter(post, _as_locked(queue), accounts, into, post.updated_at)


def _as_locked(queue: PostingQueue) -> PostingQueue:
    """Return the queue as it is now; it was read before it was locked."""
    try:
        queue.refresh_from_db()
    except PostingQueue.DoesNotExist:
        raise unknown() from None
    return queue


def _stay(post: Post, accounts: Collection[int], into: IntoQueue) -> None:
    """Keep the slot of a queued post or, if one of these accounts has it already, take another."""
    queue = post.posting_queue
    if queue is None:
        return
    check(queue, accounts)
    post.queue_priority = into.priority or post.queue_priority
    slots, now = _slots(), post.updated_at
    if slots.is_taken(queue, post.slot_at, accounts, now, but=post.pk):
        enter(post, queue, accounts, into, post.updated_at)
