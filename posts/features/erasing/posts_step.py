"""Delete posts and destinations of an erasure, but for those that are in flight.

Rows are locked in the order of moves. A worker that claims one at the same moment comes first, and
then the row is in flight, or finds it gone. What was scheduled is noted as changed, so that a
database that is set back does not publish it.
"""

import uuid
from collections.abc import Collection, Iterable, Sequence

from destinations.dispatch import changes, enqueue
from destinations.models import Destination
from destinations.runtime import clock
from destinations.state import breaker
from posts.composing import status
from posts.features.erasing import flights, rows
from posts.features.erasing.models import Erasure
from posts.models import Post

#: Posts of one transaction.
BATCH = 100


def of_workspace(erasure: Erasure) -> int:
    """Delete a batch of its posts; return how many were looked at, 0 at the end."""
    mine = Post.objects.filter(workspace=erasure.target).exclude(pk__in=flights.posts(erasure))
    found = list(mine.order_by("-created_at", "id").values_list("pk", flat=True)[:BATCH])
    return _delete(erasure, found)


def of_account(erasure: Erasure) -> int:
    """Delete a batch of its destinations, and posts that had no other; return as `of_workspace`."""
    mine = Destination.objects.filter(account=int(erasure.target)).order_by()
    mine = mine.exclude(post__in=flights.posts(erasure))
    return _delete(erasure, list(mine.values_list("post", flat=True)[:BATCH]))


def _delete(erasure: Erasure, found: Sequence[uuid.UUID]) -> int:
    if not found:
        return 0
    with rows.locked(erasure):
        every = list(_locked(found))
        # Once more: some may have been claimed before their rows were locked.
        in_flight = flights.posts(erasure)
        gone = [row for row in every if _is_mine(erasure, row) and row.post_id not in in_flight]
        keys = {row.pk for row in gone}
        kept = {row.post_id for row in every if row.pk not in keys}
        alone = set(found) - kept - in_flight
        _note(gone)
        rows.delete_whole(Destination.objects.filter(pk__in=keys))
        _delete_posts(alone)
        _roll_up({row.post_id for row in gone} & kept)
        if breaker.release_probes(keys):
            enqueue.WAKE.after_commit()
    return len(found)


def _locked(posts: Collection[uuid.UUID]) -> Iterable[Destination]:
    of_posts = Destination.objects.filter(post__in=posts).order_by("pk").select_for_update()
    return of_posts.only("post", "account_number", "due_at", "wanted_at")


def _is_mine(erasure: Erasure, row: Destination) -> bool:
    is_all = erasure.scope == Erasure.Scope.WORKSPACE
    return is_all or row.account_number == int(erasure.target)


def _note(gone: Iterable[Destination]) -> None:
    due = [row for row in gone if row.due_at]
    changes.note(
        {row.post_id: max(r.wanted_at for r in due if r.post_id == row.post_id) for row in due}
    )


def _delete_posts(alone: Collection[uuid.UUID]) -> None:
    locked = Post.objects.filter(pk__in=alone).order_by("pk").select_for_update()
    keys = list(locked.values_list("pk", flat=True))
    rows.delete_whole(Post.objects.filter(pk__in=keys))


def _roll_up(kept: Collection[uuid.UUID]) -> None:
    """Let posts that went elsewhere too follow what is left of them."""
    if kept:
        status.roll_up(kept)
        # Drafts as well: what counts posts looks for this.
        Post.objects.filter(pk__in=kept).update(updated_at=clock.now())
