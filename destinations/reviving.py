"""Try failed destinations again, on a person's word."""

import uuid

from django.db import transaction
from django.utils import timezone

from destinations import due, transitions
from destinations.models import Destination

#: The error code of a destination that failed because nobody can tell whether it is public.
MAY_BE_PUBLIC = "outcome_unknown"


def revive(
    post_id: uuid.UUID,
    *,
    by: str,
    request_id: str = "",
    confirmed_not_published: bool = False,
) -> list[Destination]:
    """Queue a post's failed destinations again, at once, and return those that moved, in order.

    Whatever is not failed, or is being worked on at this moment, stays as it is. So does one that
    may be public already: sending it again could make a second public post, so it moves only with
    `confirmed_not_published`, the word of somebody who has looked.

    `attempts` goes on counting; the budget of the retry policy starts afresh.
    """
    with transaction.atomic():
        failed = Destination.objects.filter(post=post_id, status=Destination.Status.FAILED)
        if not confirmed_not_published:
            failed = failed.exclude(error_code=MAY_BE_PUBLIC)
        # Two callers at once: the second finds nothing to do instead of waiting for the first.
        rows = list(failed.order_by("pk").select_for_update(skip_locked=True))
        now = timezone.now()
        fields = {
            "due_at": now,
            "wanted_at": now,
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
    return sorted((row for row in rows if row.pk in moved), key=lambda row: row.position)
