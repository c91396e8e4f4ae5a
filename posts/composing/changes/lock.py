"""Lock posts that may still be changed.

A change and a publish of the same destination cannot both win: both need the row's lock, and the
one that finds the row locked, claimed or started gives way. Nor can two changes undo each other:
each needs the post's lock, and gives way if the destinations it locked first are no longer the
post's.
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import OperationalError
from django.db.models import Q
from psycopg.errors import LockNotAvailable

from destinations.dispatch.holds import is_held
from destinations.models import Destination
from destinations.runtime import clock
from posts.composing import queueing
from posts.composing.destinations import Author
from posts.composing.extensions import holds
from posts.errors import RequestRefused
from posts.models import Post

QUEUED = Destination.Status.QUEUED
#: The answer to the second of two simultaneous changes.
BUSY = "The post is being changed or published right now."
STARTED = "The post is being published right now."
TRIED = "Some of the post's destinations were tried before."
CHANGED = "The post was changed since you looked."


@dataclass(frozen=True, slots=True)
class Guard:
    """Further conditions of the caller on the post.

    `seen`: the post's `updated_at` when a person looked; refused if it has changed since.
    `or_waiting`: also accept a post that was to be published at once, if no worker has ever started
    any of its destinations: they wait, for instance because their network is paused.
    """

    seen: datetime | None = None
    or_waiting: bool = False


ANY = Guard()


def lock(
    author: Author,
    post_id: uuid.UUID,
    guard: Guard = ANY,
    *,
    deleting: bool = False,
    or_held: bool = False,
    into: uuid.UUID | None = None,
) -> tuple[Post, list[Destination]]:
    """Return the post and its destinations, in order, locked until the transaction ends.

    So are its posting queue and `into`, the one that it is to enter. Raises RequestRefused if there
    is no such post, if it may no longer be changed, or if another request is changing it.
    """
    post, rows = lock_any(author, post_id, into=into)
    check_editable(post, rows, guard, deleting=deleting, or_held=or_held)
    return post, rows


def lock_any(
    author: Author, post_id: uuid.UUID, *, into: uuid.UUID | None = None
) -> tuple[Post, list[Destination]]:
    """Lock the post like `lock`, no matter what state it is in."""
    mine = Post.objects.filter(workspace=author.workspace_id, pk=post_id)
    theirs = Destination.objects.filter(post=post_id)
    queue_ids = mine.values_list("posting_queue", flat=True)[:1]
    if not (found := list(queue_ids)):
        raise RequestRefused("not_found", "There is no such post.")
    named = {key for key in (*found, into) if key}
    queues = queueing.lock(named) if named else {}
    try:
        # Destinations first, in the order of moves, so that the two cannot deadlock.
        rows = list(theirs.order_by("pk").select_for_update(nowait=True))
        found_now = mine.annotate(**holds.annotations()).select_for_update(
            nowait=True, of=("self",)
        )
        post = found_now.first()
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        raise RequestRefused("conflict", BUSY) from None
    # Before the post was locked, another edit may have replaced its destinations.
    if post and {row.pk for row in rows} != set(theirs.values_list("pk", flat=True)):
        raise RequestRefused("conflict", BUSY)
    if post is None or not author.reach.covers(row.account_number for row in rows):
        raise RequestRefused("not_found", "There is no such post.")
    if post.posting_queue_id != found[0]:
        raise RequestRefused("conflict", BUSY)
    post.posting_queue = queues.get(post.posting_queue_id)
    return post, sorted(rows, key=lambda row: row.position)


def check_editable(
    post: Post,
    rows: Collection[Destination],
    guard: Guard = ANY,
    *,
    deleting: bool,
    or_held: bool = False,
) -> None:
    """Raise RequestRefused unless the post may be changed.

    `or_held`: also accept one that `is_held_untried`.
    """
    if deleting and post.status == Post.Status.PUBLISHED:
        raise RequestRefused(
            "post_already_published",
            "The post is published. Name the platforms to delete it from in delete_on_platforms.",
        )
    waits = guard.or_waiting and post.status == Post.Status.PUBLISHING
    is_open = waits or post.status in (Post.Status.SCHEDULED, Post.Status.DRAFT)
    if not is_open and not (or_held and is_held_untried(post, rows)):
        raise RequestRefused(
            "conflict",
            f"Only scheduled posts and drafts can be changed; this post is {post.status}.",
        )
    if any(row.claim or row.status != QUEUED for row in rows):
        raise RequestRefused("conflict", STARTED)
    if waits and any(row.attempts or row.begun_count for row in rows):
        raise RequestRefused("conflict", TRIED)
    if guard.seen and guard.seen != post.updated_at:
        raise RequestRefused("conflict", CHANGED)


def is_held_untried(post: Post, rows: Collection[Destination]) -> bool:
    """Return whether a post for now waits for the end of an outage, a pause or a limit.

    No worker has begun any of its destinations, and none can while the caller has them locked.
    """
    is_touched = any(
        row.claim or row.attempts or row.begun_count or row.status != QUEUED for row in rows
    )
    if post.status != Post.Status.PUBLISHING or is_touched:
        return False
    now = clock.now()
    is_put_off = Q(due_at__gt=now, wanted_at__lte=now)
    waits = is_held() | Q(account__held_until__gt=now) | is_put_off
    due = Destination.objects.filter(pk__in=[row.pk for row in rows], due_at__isnull=False)
    return due.filter(waits).exists()
