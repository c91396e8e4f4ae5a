"""Try failed destinations again, on a person's word."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction

from destinations import clock, due, transitions
from destinations.models import Destination

#: The error code of a destination that failed because nobody can tell whether it is public.
MAY_BE_PUBLIC = "outcome_unknown"


@dataclass(frozen=True, slots=True)
class Revived:
    """The destinations that moved, in the order of their posts, and how many did not, and why."""

    moved: list[Destination]
    #: Failed, and may be public already: nobody gave their word.
    may_be_public: int = 0
    #: Tried again since the person looked: their word is about another try.
    tried_since: int = 0
    #: Not failed, or no longer there.
    not_failed: int = 0
    #: Being worked on, or moved by somebody else, at this moment.
    at_work: int = 0

    @property
    def skipped(self) -> int:
        return self.may_be_public + self.tried_since + self.not_failed + self.at_work


def revive(
    ids: Iterable[uuid.UUID],
    *,
    by: str,
    request_id: str = "",
    confirmed_not_published: bool = False,
    seen_attempts: Mapping[uuid.UUID, int] | None = None,
) -> Revived:
    """Queue those of `ids` that failed again, at once.

    Whatever is not failed, or is being worked on at this moment, stays as it is. So does one that
    may be public already: sending it again could make a second public post, so it moves only with
    `confirmed_not_published`, the word of somebody who has looked. Whoever says when they looked
    gives `seen_attempts`, the number of attempts of each id at that time; without it, the word
    covers whatever happened up to now.

    `attempts` goes on counting; the budget of the retry policy starts afresh.
    """
    wanted = set(ids)
    chosen = Destination.objects.filter(pk__in=wanted)
    with transaction.atomic():
        # Two callers at once: the second finds nothing to do instead of waiting for the first.
        failed = list(
            chosen.filter(status=Destination.Status.FAILED)
            .order_by("pk")
            .select_for_update(skip_locked=True)
        )
        failed_count = chosen.filter(status=Destination.Status.FAILED).count()
        known = [
            row
            for row in failed
            if seen_attempts is None or seen_attempts.get(row.pk) == row.attempts
        ]
        safe = [row for row in known if confirmed_not_published or row.error_code != MAY_BE_PUBLIC]
        moved = _queue_again(safe, by, request_id)
    return Revived(
        moved=sorted(
            (row for row in safe if row.pk in moved), key=lambda row: (row.post_id, row.position)
        ),
        may_be_public=len(known) - len(safe),
        tried_since=len(failed) - len(known),
        not_failed=len(wanted) - failed_count,
        at_work=failed_count - len(failed) + len(safe) - len(moved),
    )


def _queue_again(rows: list[Destination], by: str, request_id: str) -> set[uuid.UUID]:
    """The ids of the rows that nobody holds: they are due now, with a fresh budget."""
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
        {"revive": [transitions.Change(row.pk, None, fields) for row in rows]},
        by=by,
        request_id=request_id,
    )
    if moved:
        due.enqueue_after_commit(moved)
    return moved
