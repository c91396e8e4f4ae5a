"""After a restore, mark what may have been published in the lost time.

A lookup needs the time of the call and what was sent. A restored database has neither for a call
made in the lost time, so a person has to look.
"""

import uuid
from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet

from destinations.models import Destination
from destinations.runtime import clock
from destinations.state import attempts, transitions
from destinations.state.attempts import AttemptUpdate
from destinations.state.transitions import Change
from platforms.errors import OutcomeUnknown
from platforms.registry import ADAPTERS

S = Destination.Status

#: Between the clocks of two hosts.
CLOCKS = timedelta(seconds=1)
REASON = "the database was restored from an earlier state"
MAY_BE_LIVE = (
    "The database was restored from an earlier state, and this may have been sent in between. It "
    "may be live: look at {account} on {platform}. It is not sent again unless a person confirms "
    "that it was not published."
)
CHANGED = (
    "The database was restored from an earlier state, and the post was changed or deleted in "
    "between: this is how it was before that. It may be live: look at {account} on {platform}. It "
    "is not sent unless a person confirms that it was not published."
)
UNKNOWN = (
    "The database was restored from an earlier state, and it is not known whether this was "
    "published, changed or deleted in between. It may be live: look at {account} on {platform}. It "
    "is not sent unless a person confirms that it was not published."
)


def mark_possibly_published(by: str, changed: Collection[uuid.UUID] = ()) -> Counter[str]:
    """Fail everything that is due or in progress as possibly published; counts by platform.

    So fails what these changed posts have scheduled, too. Nothing is sent.
    """
    with transaction.atomic():
        was_due = Q(wanted_at__lte=clock.now()) | Q(status__in=(S.PUBLISHING, S.UNCONFIRMED))
        rows = Destination.objects.annotate(was_due=ExpressionWrapper(was_due, BooleanField()))
        return _mark(rows.filter(Q(was_due=True) | Q(post__in=list(changed))), by)


def mark_claimed(by: str, changed: Mapping[uuid.UUID, datetime]) -> Counter[str]:
    """Do so with what a worker has, and with posts that are older here than their last change."""
    lost = Q(pk__in=[])
    for post, at in changed.items():
        lost |= Q(post=post, updated_at__lt=at - CLOCKS)
    was_due = Q(claim__isnull=False)
    with transaction.atomic():
        rows = Destination.objects.annotate(was_due=ExpressionWrapper(was_due, BooleanField()))
        return _mark(rows.filter(was_due | lost), by)


def mark_not_known(rows: QuerySet[Any], by: str) -> Counter[str]:
    """Mark rows of which it is not known whether they were sent; in the caller's transaction."""
    return _mark(rows, by, UNKNOWN)


def _mark(rows: QuerySet[Any], by: str, said: str = "") -> Counter[str]:
    rows = rows.filter(due_at__isnull=False).order_by("pk")
    rows = rows.only("claim", "attempts", "account_name", "platform", "error")
    found = list(rows.select_for_update(no_key=True))
    changes = [_change(row, said) for row in found]
    moved = transitions.move_all({"mark_possibly_published": changes}, by=by)
    return Counter(row.platform for row in found if row.pk in moved)


def _change(row: Any, said: str) -> Change:
    said = said or (MAY_BE_LIVE if row.was_due else CHANGED)
    message = said.format(account=row.account_name, platform=ADAPTERS[row.platform].name)
    error = attempts.with_previous_error(message, row.error)
    fields = {"error": error, "error_code": OutcomeUnknown.default_code}
    update = AttemptUpdate(finished=True, outcome=OutcomeUnknown.default_code, error=error)
    return Change(row.pk, row.claim, fields, REASON, row.attempts, update)
