"""Make, find, change and delete the queues of a workspace, and find the posts that wait in one."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from destinations import access
from destinations.access import Reach
from destinations.runtime import clock
from posts.composing import queueing
from posts.composing.destinations import Author
from posts.errors import RequestRefused, invalid, known
from posts.features.posting_queues import retime
from posts.features.posting_queues.slots import Slot
from posts.models import Post, PostingQueue
from posts.read_models import queries

MOST_QUEUES = 50
#: A slot each half hour.
MOST_SLOTS = 7 * 48
MOST_POSTS_PER_SLOT = 50
MOST_JITTER_MINUTES = 60
#: Of the queue that every workspace has.
DEFAULT_NAME = "Default"
DEFAULT_TIMES = (time(9), time(12), time(17))


@dataclass(frozen=True, slots=True)
class Changed:
    """A changed queue, and how many of its posts have another time now."""

    queue: PostingQueue
    reshuffled_count: int = 0


def within(reach: Reach) -> QuerySet[PostingQueue]:
    """Return the queues that may take posts of accounts within reach, oldest first."""
    found = PostingQueue.objects.filter(workspace=reach.workspace_id)
    if reach.only is None:
        return found
    takes = Q(account_ids__isnull=True)
    for number in reach.only:
        takes |= Q(account_ids__contains=[number])
    return found.filter(takes)


def default(workspace_id: uuid.UUID) -> PostingQueue:
    """Return the workspace's default queue, which is made when it is first asked for."""
    found = PostingQueue.objects.filter(workspace=workspace_id, is_default=True)
    if (queue := found.first()) is None:
        # Another process may do the same; the constraint admits one.
        PostingQueue.objects.bulk_create([_ready_made(workspace_id)], ignore_conflicts=True)
        queue = found.get()
    return queue


def _ready_made(workspace_id: uuid.UUID) -> PostingQueue:
    week = [Slot(day, each).as_json() for day in range(7) for each in DEFAULT_TIMES]
    return PostingQueue(
        workspace_id=workspace_id,
        name=DEFAULT_NAME,
        slots=week,
        is_default=True,
        updated_at=clock.now(),
    )


def lock_all(workspace_id: uuid.UUID) -> dict[uuid.UUID, PostingQueue]:
    """Lock all queues of the workspace: one at a time changes what concerns more than one."""
    default(workspace_id)
    mine = PostingQueue.objects.filter(workspace=workspace_id).order_by()
    return queueing.lock(mine.values_list("pk", flat=True))


@transaction.atomic
def create(who: Author, values: Mapping[str, Any]) -> PostingQueue:
    """Create a queue. Raises RequestRefused."""
    others = lock_all(who.reach.workspace_id)
    if len(others) >= MOST_QUEUES:
        raise RequestRefused(
            "conflict", f"A workspace has at most {MOST_QUEUES} queues; delete one first."
        )
    queue = PostingQueue(workspace_id=who.reach.workspace_id, updated_at=clock.now(), **values)
    _check_accounts(who.reach, queue)
    _check_may_rule(who.reach, values)
    if queue.is_default:
        _clear_other_defaults(others.values(), queue)
    queue.save(force_insert=True)
    return queue


@transaction.atomic
def change(
    who: Author, queue_id: uuid.UUID, values: Mapping[str, Any], *, reshuffle: bool = False
) -> Changed:
    """Change a queue. Raises RequestRefused.

    `reshuffle`: all its posts get slots anew, in the order of priority and creation. One that is
    switched off holds its posts; switched on again, it gives new slots to those whose time is past.
    """
    queues = lock_all(who.reach.workspace_id)
    queue = _locked(queues, queue_id)
    _check_mine(who.reach, queue)
    _check_may_rule(who.reach, values)
    was_active = queue.active
    for name, value in values.items():
        setattr(queue, name, value)
    if "account_ids" in values:
        _check_accounts(who.reach, queue)
    if "is_default" in values:
        _check_default(queues, queue, is_default=values["is_default"])
    queue.updated_at = clock.now()
    queue.save()
    how = retime.Retiming(queue, was_active, who.by, who.request_id, queue.updated_at)
    if reshuffle:
        return Changed(queue, how.place_all())
    if queue.active == was_active:
        return Changed(queue)
    return Changed(queue, how.resume() if queue.active else how.hold())


@transaction.atomic
def delete(who: Author, queue_id: uuid.UUID) -> None:
    """Delete a queue; its posts keep their times. Raises RequestRefused."""
    queue = _locked(lock_all(who.reach.workspace_id), queue_id)
    _check_mine(who.reach, queue)
    if queue.is_default:
        raise RequestRefused(
            "conflict", "The default queue cannot be deleted; make another one the default first."
        )
    if not queue.active and queue.posts.filter(status=Post.Status.SCHEDULED).exists():
        raise RequestRefused(
            "conflict",
            "Posts wait in this inactive queue, and without it those whose time is past would be "
            "published at once. Activate it, or delete or reschedule its posts first.",
        )
    queue.posts.update(posting_queue=None, slot_at=None, queue_priority=None)
    queue.delete()


def _locked(queues: Mapping[uuid.UUID, PostingQueue], queue_id: uuid.UUID) -> PostingQueue:
    return known(queues.get(queue_id), "queue")


def _check_accounts(reach: Reach, queue: PostingQueue) -> None:
    """Raise RequestRefused for accounts that the caller may not use."""
    ids = queue.account_ids
    if ids is None and reach.only is not None:
        raise invalid("account_ids", "This key is restricted to some accounts; choose from them.")
    found = access.named_by_id(reach, ids or ())
    if missing := [number for number in ids or () if number not in found]:
        raise RequestRefused(
            "invalid_accounts", "This workspace has no such accounts.", account_ids=missing
        )


def _check_mine(reach: Reach, queue: PostingQueue) -> None:
    """Raise RequestRefused if posts of accounts out of reach may be in the queue."""
    if reach.only is not None and (
        queue.account_ids is None or not reach.covers(queue.account_ids)
    ):
        raise RequestRefused(
            "insufficient_scope",
            "This queue also takes posts of accounts that this key may not use, so it can be used "
            "but not changed with it.",
        )


def _check_may_rule(reach: Reach, values: Mapping[str, Any]) -> None:
    """Raise RequestRefused for a default queue of a key that may not use all accounts."""
    if reach.only is not None and values.get("is_default"):
        raise RequestRefused(
            "insufficient_scope",
            "The default queue is for posts of all accounts, and this key is restricted to some.",
        )


def _check_default(
    queues: Mapping[uuid.UUID, PostingQueue], queue: PostingQueue, *, is_default: bool
) -> None:
    if not is_default and all(
        not other.is_default for other in queues.values() if other is not queue
    ):
        raise RequestRefused(
            "conflict", "A workspace has one default queue; make another one the default instead."
        )
    if is_default:
        _clear_other_defaults(queues.values(), queue)


def _clear_other_defaults(queues: Collection[PostingQueue], queue: PostingQueue) -> None:
    """Make no other queue the default."""
    others = [other.pk for other in queues if other.pk != queue.pk and other.is_default]
    PostingQueue.objects.filter(pk__in=others).update(is_default=False, updated_at=clock.now())


def waiting(reach: Reach, queue: PostingQueue, most: int) -> list[Post]:
    """Return posts within reach that the queue publishes next, in the order of their slots."""
    mine = queries.plain_posts(reach).filter(posting_queue=queue, status=Post.Status.SCHEDULED)
    return list(mine.order_by("slot_at", "pk")[:most])
