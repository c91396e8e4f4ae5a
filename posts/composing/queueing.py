"""How posts enter and leave posting queues."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from destinations.access import Reach
from posts.errors import RequestRefused, invalid
from posts.features.posting_queues import free_slots, queues
from posts.models import Post, PostingQueue


@dataclass(frozen=True, slots=True)
class IntoQueue:
    """A wish for the next free slot of a queue; None: of the default one.

    `priority`: one of Post.QueuePriority; None: medium, or what the post has.
    """

    queue_id: uuid.UUID | None = None
    priority: int | None = None


def wanted(reach: Reach, into: IntoQueue, post_id: uuid.UUID | None = None) -> PostingQueue:
    """The queue that is meant, not locked: of a post in one already, that one by default.

    Raises RequestRefused.
    """
    queue_id = into.queue_id or (_of(reach, post_id) if post_id else None)
    if queue_id is None:
        return queues.default(reach.workspace_id)
    found = queues.within(reach).filter(pk=queue_id).first()
    if found is None:
        raise unknown()
    return found


def locked(reach: Reach, into: IntoQueue) -> PostingQueue:
    """The same for a new post, locked until the transaction ends. Raises RequestRefused."""
    queue = wanted(reach, into)
    found = free_slots.lock([queue.pk]).get(queue.pk)
    if found is None:
        raise unknown()
    return found


def _of(reach: Reach, post_id: uuid.UUID) -> uuid.UUID | None:
    """The queue in which the post is."""
    mine = Post.objects.filter(workspace=reach.workspace_id, pk=post_id)
    return mine.values_list("posting_queue", flat=True).first()


def unknown() -> RequestRefused:
    return invalid("queue_id", "This workspace has no such queue.")


def check(queue: PostingQueue, accounts: Collection[int]) -> None:
    """Raises RequestRefused unless the queue takes posts to all of these accounts."""
    if queue.account_ids is not None and not set(queue.account_ids).issuperset(accounts):
        raise invalid(
            "account_ids",
            f"The queue {queue.name} takes posts of some accounts only, not of these.",
        )


def check_room(reach: Reach, into: IntoQueue, accounts: Collection[int], now: datetime) -> None:
    """Raises RequestRefused unless a new post to these accounts would get a slot now."""
    queue = wanted(reach, into)
    check(queue, accounts)
    free_slots.first(queue, accounts, now)


def enter(
    post: Post, queue: PostingQueue, accounts: Collection[int], into: IntoQueue, now: datetime
) -> None:
    """Give the post the queue's first free slot. The caller holds the lock of the queue.

    Raises RequestRefused.
    """
    check(queue, accounts)
    slot = free_slots.first(queue, accounts, now, but=post.pk)
    post.posting_queue = queue
    post.queue_priority = into.priority or post.queue_priority or Post.QueuePriority.MEDIUM
    post.slot_at = slot
    post.scheduled_for = free_slots.jittered(queue, post.pk, slot)
    post.status = Post.Status.SCHEDULED


def leave(post: Post) -> None:
    """Free its slot."""
    post.posting_queue = None
    post.queue_priority = None
    post.slot_at = None


def follow(
    post: Post, accounts: Collection[int], changes: Mapping[str, Any], queue: PostingQueue | None
) -> None:
    """What a change of the post, which now goes to these accounts, means for its slot.

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
    """The queue as it is now; it was read before it was locked."""
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
    if post.slot_at in free_slots.taken(queue, accounts, post.updated_at, but=post.pk):
        enter(post, queue, accounts, into, post.updated_at)
