"""Deletes posts older than KEEP_POSTS_DAYS, with their destinations, attempts and events.

Only whole posts: attempts and events leave with their destination and never before it, because the
database refuses to shorten a history. However old they are, these stay: drafts, posts with anything
still to do, posts that may be live until a person has looked, and posts that a feature needs.

The oldest go first, by the index of the operators' list, in small transactions. Each locks in the
order of moves, and leaves alone what others have locked: it waits for none, and only rows that no
claim takes are locked.
"""

import time
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import structlog
from django.conf import settings
from django.db import transaction

from destinations.jobs import isolated
from destinations.models import Deletion, Destination
from destinations.runtime import clock, database
from destinations.runtime.worker import shutdown
from posts.composing.extensions import lifecycle
from posts.models import Post

log = structlog.get_logger()

#: Posts that one statement looks at, and that one transaction deletes.
LOOK, BATCH = 1000, 50
#: A run ends then; the next one goes on.
MOST_SECONDS = 60.0
ENDED = (Post.Status.PUBLISHED, Post.Status.PARTIAL, Post.Status.FAILED)
#: The first comparison of times is for the index, which has no id.
OLDEST = """
    SELECT created_at, id, updated_at < %(before)s AND status = ANY(%(ended)s) FROM posts_post
    WHERE num_nonnulls(created_at) = 1 AND created_at < %(before)s
        AND created_at >= %(at)s AND (created_at, id) > (%(at)s, %(id)s)
    ORDER BY created_at, id LIMIT %(look)s
"""


class RetentionPlace(NamedTuple):
    """A post in the order of `OLDEST`."""

    at: datetime
    id: uuid.UUID


BEGINNING = RetentionPlace(datetime(1970, 1, 1, tzinfo=UTC), uuid.UUID(int=0))


def forget() -> int:
    """Delete old posts for a while, if the operator wants it; returns how many."""
    if not settings.KEEP_POSTS_DAYS:
        return 0
    before = clock.now() - timedelta(days=settings.KEEP_POSTS_DAYS)
    until = time.monotonic() + MOST_SECONDS
    count, place = 0, BEGINNING
    while time.monotonic() < until and not shutdown.is_requested():
        found = _oldest(place, before)
        candidates = [post_id for _, post_id, has_ended in found if has_ended]
        for first in range(0, len(candidates), BATCH):
            if time.monotonic() > until or shutdown.is_requested():
                break
            count += isolated.together(_delete, candidates[first : first + BATCH], "forget_posts")
        if len(found) < LOOK:
            break
        place = RetentionPlace(*found[-1][:2])
    count_deletions = _forget_deletions(before)
    if count or count_deletions:
        log.info("posts_forgotten", count=count, deletions=count_deletions)
    return count


def _oldest(after: RetentionPlace, before: datetime) -> list[tuple[datetime, uuid.UUID, bool]]:
    """Return the next posts: when each was created, and whether it ended long ago."""
    values = {**after._asdict(), "before": before, "ended": list(ENDED), "look": LOOK}
    return database.execute(OLDEST, values)


@transaction.atomic
def _delete(post_ids: Sequence[uuid.UUID]) -> int:
    """Delete those of the posts that nothing and no person needs any more."""
    of_posts = Destination.objects.filter(post__in=post_ids)
    rows = of_posts.order_by("pk").select_for_update(skip_locked=True)
    locked = {row.pk: row for row in rows.only("post", "due_at", "claim", "error_code")}
    stay = {
        post_id
        for pk, post_id in of_posts.values_list("pk", "post")
        if pk not in locked or _is_needed(locked[pk])
    }
    stay.update(lifecycle.needed(post_ids))
    asked = Deletion.objects.filter(post_id__in=post_ids, due_at__isnull=False)
    stay.update(asked.values_list("post_id", flat=True))
    free = Post.objects.filter(pk__in=set(post_ids) - stay, status__in=ENDED)
    gone = list(
        free.order_by("pk").select_for_update(skip_locked=True).values_list("pk", flat=True)
    )
    Post.objects.filter(pk__in=gone).delete()
    return len(gone)


def _is_needed(row: Destination) -> bool:
    return bool(row.due_at or row.claim or row.error_code == "outcome_unknown")


def _forget_deletions(before: datetime) -> int:
    """Delete records of posts that were deleted so long ago; failures wait for a person."""
    old = Deletion.objects.filter(asked_at__lt=before, due_at__isnull=True)
    ended = old.exclude(status=Deletion.Status.FAILED).order_by("asked_at", "id")
    oldest = list(ended.values_list("pk", flat=True)[:LOOK])
    return Deletion.objects.filter(pk__in=oldest).delete()[0]
