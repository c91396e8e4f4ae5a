"""The occurrences of a rule, those that were made and those that are still to come."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice

from posts.features.repeating import templates
from posts.features.repeating.models import Occurrence, Recurrence
from posts.models import Post


@dataclass(frozen=True, slots=True)
class PlannedOccurrence:
    """`status`: planned (no post yet), made, deleted (the post is gone) or missed.

    `edited`: the post waits and is not as the rule made it.
    """

    date: date
    scheduled_for: datetime
    status: str
    post_id: uuid.UUID | None = None
    edited: bool = False
    reason: str = ""


def upcoming(row: Recurrence, now: datetime, most: int) -> list[PlannedOccurrence]:
    """Return the next occurrences, the soonest first; none while the rule is paused."""
    claims = list(row.occurrences.filter(at__gt=now).order_by("at")[:most])
    found = _shown(claims)
    if row.paused_at is None:
        taken = set(row.occurrences.filter(at__gt=now).values_list("date", flat=True))
        free = (when for when in templates.rule(row).after(now) if when.date not in taken)
        found += [PlannedOccurrence(when.date, when.at, "planned") for when in islice(free, most)]
    return sorted(found, key=lambda each: each.scheduled_for)[:most]


def past(row: Recurrence, now: datetime, most: int) -> list[PlannedOccurrence]:
    """Return the last occurrences, the newest first."""
    return _shown(list(row.occurrences.filter(at__lte=now).order_by("-at")[:most]))


def next_at(row: Recurrence, now: datetime) -> datetime | None:
    """Return when the rule has its next occurrence; None if it is paused or over."""
    found = None if row.paused_at else templates.rule(row).next(now)
    return found.at if found else None


def _shown(claims: Collection[Occurrence]) -> list[PlannedOccurrence]:
    posts = Post.objects.in_bulk([each.post_id for each in claims if each.post_id])
    return [_one(each, posts.get(each.post_id)) for each in claims]


def _one(claim: Occurrence, post: Post | None) -> PlannedOccurrence:
    if claim.post_id is None:
        return PlannedOccurrence(claim.date, claim.at, "missed", reason=claim.missed_because)
    if post is None:
        return PlannedOccurrence(claim.date, claim.at, "deleted")
    waits = post.status == Post.Status.SCHEDULED
    edited = waits and post.updated_at != claim.written_at
    return PlannedOccurrence(claim.date, post.scheduled_for or claim.at, "made", post.pk, edited)


def state(row: Recurrence, now: datetime) -> str:
    """`active`, `paused`, or `ended` when no occurrence is ahead."""
    if row.paused_at:
        return "paused"
    return "active" if next_at(row, now) else "ended"
