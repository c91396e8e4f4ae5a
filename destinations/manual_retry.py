"""Manual retries: queue failed destinations again when a person asks."""

import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from django.db import transaction

from destinations.dispatch import enqueue
from destinations.models import Deletion, Destination
from destinations.models.deletion import OPEN
from destinations.runtime import clock
from destinations.state import transitions
from platforms.registry import ADAPTERS

FAILED = Destination.Status.FAILED
UNCONFIRMED = Destination.Status.UNCONFIRMED

#: The error code of a destination that failed because it is unknown whether it is public.
MAY_BE_PUBLIC = "outcome_unknown"

#: Why a destination is not retried. `may_be_live`: it may be public, and this was not confirmed to
#: be false. `not_approved`: its post is not approved. `being_deleted`: what is public of it is
#: to go first. `tried_since`: it was tried after the person looked. `not_named`: `seen_attempts`
#: does not name it. `in_progress`: it is being worked on or moved right now. `not_failed`: there is
#: nothing to retry.
Reason = Literal[
    "may_be_live",
    "tried_since",
    "not_named",
    "in_progress",
    "being_deleted",
    "not_failed",
    "not_approved",
]
_unapproved: Callable[[Collection[uuid.UUID]], set[uuid.UUID]] | None = None


def approved_by(unapproved: Callable[[Collection[uuid.UUID]], set[uuid.UUID]]) -> None:
    """Let this say which of some posts may not be published. Called once, at the start."""
    global _unapproved
    _unapproved = unapproved


@dataclass(frozen=True, slots=True)
class SkippedDestination:
    """A destination that was not retried."""

    row: Destination
    reason: Reason

    @property
    def how(self) -> str:
        """Return what the caller can do about it."""
        name = ADAPTERS[self.row.platform].name
        status = "publishing" if self.row.status == UNCONFIRMED else self.row.status
        return {
            "may_be_live": (
                f"Look at {self.row.account_name} on {name}. If the post is not there, retry with "
                "confirm_not_published: true; if it is, resolve the destination as published."
            ),
            "tried_since": "It was tried after you looked. Read its results, then retry.",
            "not_named": "seen_attempts does not name it. Add it with the attempts of its results.",
            "being_deleted": (
                f"What is public of it is being deleted from {name}. Retry it once that is done."
            ),
            "in_progress": "It is being published right now. Read its results in a moment.",
            "not_approved": "The post is not approved. Have it approved, then retry.",
            "not_failed": f"It is {status}. Only failed destinations are retried.",
        }[self.reason]


@dataclass(frozen=True, slots=True)
class Requeued:
    """The destinations that moved, in the order of their posts, and those that did not."""

    moved: list[Destination]
    skipped: list[SkippedDestination] = field(default_factory=list)
    #: How many ids no longer exist.
    gone: int = 0

    def count(self, *reasons: Reason) -> int:
        return sum(each.reason in reasons for each in self.skipped)


def requeue(
    ids: Iterable[uuid.UUID],
    *,
    by: str,
    request_id: str = "",
    confirmed_not_published: bool = False,
    seen_attempts: Mapping[uuid.UUID, int] | None = None,
) -> Requeued:
    """Queue those of `ids` that failed again, due at once.

    A destination that has not failed, or is being worked on, is left alone. So is one that may be
    public: sending it again could publish it twice, so it needs `confirmed_not_published`, from a
    person who has looked. `seen_attempts`: how many attempts each id had when that person looked;
    without it, the confirmation covers every attempt up to now.

    `attempts` continues to count. A manual retry resets the retry budget.
    """
    wanted = set(ids)
    with transaction.atomic():
        failed, others = _lock_failed(wanted)
        reasons = {row.pk: _why_not(row, confirmed_not_published, seen_attempts) for row in failed}
        reasons |= dict.fromkeys(_being_deleted(failed), "being_deleted")
        reasons |= dict.fromkeys(_not_approved(failed), "not_approved")
        safe = [row for row in failed if reasons[row.pk] is None]
        moved = _queue(safe, by, request_id)
    reasons |= {row.pk: "in_progress" for row in safe if row.pk not in moved}
    for row in others:
        # A failed row among the others is locked by another transaction.
        reasons[row.pk] = "in_progress" if row.status == FAILED else "not_failed"
    rows = sorted([*failed, *others], key=lambda row: (row.post_id, row.position))
    left = ((row, reasons[row.pk]) for row in rows)
    return Requeued(
        moved=[row for row in rows if row.pk in moved],
        skipped=[SkippedDestination(row, reason) for row, reason in left if reason],
        gone=len(wanted) - len(rows),
    )


def _lock_failed(ids: set[uuid.UUID]) -> tuple[list[Destination], list[Destination]]:
    """Return the failed rows, locked, and the others. Of two callers, the second gets none."""
    chosen = Destination.objects.filter(pk__in=ids)
    locked = chosen.filter(status=FAILED).order_by("pk").select_for_update(skip_locked=True)
    failed = list(locked)
    return failed, list(chosen.exclude(pk__in=[row.pk for row in failed]))


def _being_deleted(failed: Iterable[Destination]) -> set[uuid.UUID]:
    """Return the failed ones of which a part is public and is to go; their rows are locked."""
    deletions = Deletion.objects.filter(
        destination_id__in=[row.pk for row in failed], status__in=OPEN
    )
    return set(deletions.values_list("destination_id", flat=True))


def _not_approved(failed: Collection[Destination]) -> Iterator[uuid.UUID]:
    """Return the failed ones of unapproved posts. Decisions wait for the rows' locks."""
    posts = {row.post_id for row in failed}
    held = _unapproved(posts) if _unapproved and posts else set()
    return (row.pk for row in failed if row.post_id in held)


def _why_not(
    row: Destination, confirmed: bool, seen_attempts: Mapping[uuid.UUID, int] | None
) -> Reason | None:
    """Return why a failed destination is not retried; None if it is."""
    if seen_attempts is not None and row.pk not in seen_attempts:
        return "not_named"
    if seen_attempts is not None and seen_attempts[row.pk] != row.attempts:
        return "tried_since"
    return None if confirmed or row.error_code != MAY_BE_PUBLIC else "may_be_live"


def _queue(rows: list[Destination], by: str, request_id: str) -> set[uuid.UUID]:
    """Make the unclaimed ones of these due now, with a fresh budget; their ids."""
    now = clock.now()
    fields = {
        "due_at": now,
        "wanted_at": now,
        "not_after": None,
        "failures": 0,
        "lookups": 0,
        "begun_at": None,
        "error": "",
        "error_code": "",
    }
    moved = transitions.move_all(
        {"requeue": [transitions.Change(row.pk, None, fields) for row in rows]},
        by=by,
        request_id=request_id,
    )
    if moved:
        enqueue.WAKE.after_commit()
    return moved
