"""A post's status follows from its destinations."""

import uuid
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping

from django.db.models import Count
from django.utils import timezone

from destinations.models import Destination
from posts.models import Post

D = Destination.Status
P = Post.Status


def derive(counts: Mapping[str, int], *, is_draft: bool, is_due: bool) -> Post.Status:
    """The status of a post whose destinations have these statuses; first match wins."""
    if is_draft:
        return P.DRAFT
    if counts.get(D.PUBLISHING) or counts.get(D.UNCONFIRMED):
        return P.PUBLISHING
    if counts.get(D.QUEUED):
        others = sum(counts.values()) - counts[D.QUEUED]
        return P.PUBLISHING if is_due or others else P.SCHEDULED
    if not counts.get(D.FAILED):
        return P.PUBLISHED
    return P.PARTIAL if counts.get(D.PUBLISHED) else P.FAILED


def roll_up(post_ids: Collection[uuid.UUID]) -> None:
    """Recompute and store the status of these posts. Runs inside the caller's transaction."""
    # Locked first and counted after: whoever waited here counts what the other one wrote.
    locked = Post.objects.filter(pk__in=post_ids).order_by("pk").select_for_update()
    posts = list(locked.values_list("pk", "status", "scheduled_for"))
    counts: dict[uuid.UUID, Counter[str]] = defaultdict(Counter)
    rows = Destination.objects.filter(post__in=post_ids).order_by()
    for post_id, status, count in rows.values_list("post", "status").annotate(Count("pk")):
        counts[post_id][status] = count
    now = timezone.now()
    changed: dict[Post.Status, list[uuid.UUID]] = defaultdict(list)
    for pk, status, scheduled_for in posts:
        is_due = scheduled_for is None or scheduled_for <= now
        changed[derive(counts[pk], is_draft=status == P.DRAFT, is_due=is_due)].append(pk)
    for new_status, ids in changed.items():
        Post.objects.filter(pk__in=ids).update(status=new_status, updated_at=now)
