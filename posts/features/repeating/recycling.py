"""Begin, change and end the recycling of posts."""

import uuid
from collections.abc import Collection, Mapping
from copy import copy
from datetime import datetime
from typing import Any

from django.db import transaction

from destinations.runtime import clock, database
from platforms.registry import ADAPTERS
from posts.composing.compose import Composed
from posts.composing.destinations import Author
from posts.errors import RequestRefused, invalid
from posts.features.repeating import worker
from posts.features.repeating.models import Occurrence, RecycledPost, Recycling
from posts.features.repeating.rules import Rule, When
from posts.models import Post, Workspace

FREQUENCIES = {"week": "weekly", "month": "monthly"}
MOST_PER_ACCOUNT = 10
FULL = f"""
    SELECT d.account_number FROM posts_recycling r
    JOIN destinations_destination d ON d.post_id = r.post_id
    WHERE r.workspace_id = %s AND r.enabled AND r.ended_because = '' AND r.post_id <> %s
        AND d.account_number = ANY(%s)
    GROUP BY d.account_number HAVING count(*) >= {MOST_PER_ACCOUNT}
"""


def begin(author: Author, made: Composed, wanted: Mapping[str, Any]) -> None:
    """Recycle a post that was just stored, in the same transaction. Raises RequestRefused."""
    post = made.post
    numbers = [each.number for each in made.destinations]
    check({each.platform for each in made.destinations})
    row = Recycling(
        post_id=post.pk,
        workspace_id=author.workspace_id,
        created_by=author.by,
        updated_at=post.updated_at,
        **wanted,
    )
    if row.enabled:
        check_turns(row, post, post.updated_at, "recycling.")
        _check_room(author.workspace_id, post.pk, numbers)
        row.look_at = _first_look(post, post.updated_at)
    row.save(force_insert=True)


def check(platforms: Collection[str]) -> None:
    """Raise RequestRefused if posts to one of these networks are not recycled."""
    adapters = [adapter for key, adapter in ADAPTERS.items() if key in platforms]
    if refused := [adapter.name for adapter in adapters if not adapter.can_recycle]:
        found = " and ".join(refused)
        raise invalid("recycling", f"Posts to {found} are not recycled; leave these accounts out.")


def check_turns(row: Recycling, post: Post, now: datetime, path: str = "") -> None:
    """Raise RequestRefused unless at least one more turn of a post may come.

    A draft may be published at any time from now on: then only the earliest turn is known.
    """
    if row.expire_count is not None and row.turns >= row.expire_count:
        raise invalid(
            f"{path}expire_count", f"It has had {row.turns} turns already; send more, or null."
        )
    if row.expire_date is None:
        return
    if row.start_date and row.start_date > row.expire_date:
        raise invalid(f"{path}expire_date", f"It is before start_date, {row.start_date}.")
    published_at = post.published_at or post.scheduled_for
    unbounded = copy(row)
    unbounded.expire_date = None
    if published_at is None:
        unbounded.start_date = None
    first = next_turn(unbounded, post, published_at or now, now)
    if first and first.date > row.expire_date:
        late = f"The next turn would be on {first.date}, after this date."
        raise invalid(f"{path}expire_date", late)


def next_turn(row: Recycling, post: Post, published_at: datetime, after: datetime) -> When | None:
    """Return the first turn later than that, of a post that was published then."""
    freq = FREQUENCIES[row.gap_unit]
    rule = Rule(freq, published_at, post.timezone, row.gap, until=row.expire_date)
    for when in rule.after(max(published_at, after)):
        if row.start_date is None or when.date >= row.start_date:
            return when
    return None


def check_still(post: Post) -> None:
    """Check a post whose accounts may have been changed."""
    check(set(post.destinations.values_list("platform", flat=True)))


def find(post: Post) -> Recycling | None:
    return Recycling.objects.filter(pk=post.pk).first()


@transaction.atomic
def change(author: Author, post: Post, wanted: Mapping[str, Any]) -> Recycling:
    """Begin, change or end the recycling of a post within reach. Raises RequestRefused."""
    row = Recycling.objects.filter(pk=post.pk).select_for_update(no_key=True).first()
    now = clock.now()
    if row is None:
        _check_original(post)
        row = Recycling(post_id=post.pk, workspace_id=post.workspace_id, created_by=author.by)
    for name, value in wanted.items():
        setattr(row, name, value)
    if not (row.gap and row.gap_unit):
        raise invalid("gap", "Send gap and gap_unit: how long to wait between two turns.")
    if row.enabled:
        rows = list(post.destinations.values_list("account_number", "platform"))
        check({platform for _, platform in rows})
        check_turns(row, post, now)
        _check_room(post.workspace_id, post.pk, [number for number, _ in rows])
    row.ended_because, row.next_at, row.updated_at = "", None, now
    row.look_at = _first_look(post, now) if row.enabled else None
    worker.clear_refusal(row)
    row.save()
    return row


def _first_look(post: Post, now: datetime) -> datetime:
    return max(post.scheduled_for or now, now)


def _check_original(post: Post) -> None:
    """Raise RequestRefused for a post that itself came again."""
    if RecycledPost.objects.filter(post_id=post.pk).exists():
        raise invalid("recycling", "This post is a turn of a recycled one; change that one.")
    if Occurrence.objects.filter(post_id=post.pk).exists():
        raise invalid("recycling", "This post belongs to a recurrence.")


def _check_room(workspace_id: uuid.UUID, post_id: uuid.UUID, numbers: Collection[int]) -> None:
    # Locked, so that two callers do not both take the last place.
    Workspace.objects.select_for_update(no_key=True).get(pk=workspace_id)
    full = [number for (number,) in database.execute(FULL, [workspace_id, post_id, list(numbers)])]
    if full:
        raise RequestRefused(
            "recycling_limit_reached",
            f"An account has at most {MOST_PER_ACCOUNT} recycled posts; end the recycling of some.",
            account_ids=full,
            limit=MOST_PER_ACCOUNT,
        )
