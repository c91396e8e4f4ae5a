"""After a restore, doubt what may have been published in the lost time.

A lookup needs what was sent and when. The database has no record of a call made in the lost time.
If it knows since when it lacks commits, and which posts were changed meanwhile, then the frozen
draft of any other is what was sent, and some networks can be asked for it by its text
(`Adapter.recall`). The lookup counts from the moment when no worker of before can send any more:
its claim is taken away here, and what was announced under it leaves within its lease. For
everything else a person has to look.
"""

import uuid
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet

from destinations.models import Destination
from destinations.runtime import clock, database
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


#: Returns the sealed checkpoint by which a row's network finds its post; None if it cannot.
Recall = Callable[[Any, datetime], str | None]
#: Between the clocks of the database's former and present hosts, beside its last tick.
BEFORE = timedelta(minutes=5)
#: The call that is not known of, for each row. `sent_at` is when it left at the latest.
UNKNOWN_CALL = """
    INSERT INTO destinations_attempt (destination_id, number, wanted_at, started_at, sent_at,
        worker, outcome, error, platform_code, platform_request_id, response, unmapped)
    SELECT id, attempts, wanted_at, %(since)s, %(sent_at)s, '', '', '', '', '', '', false
    FROM destinations_destination WHERE id = ANY(%(ids)s)
    ON CONFLICT (destination_id, number) DO UPDATE SET sent_at = excluded.sent_at,
        answered_at = NULL, finished_at = NULL, outcome = '', error = ''
"""


def _ask_a_person(row: Any, since: datetime) -> None:
    return None


_recall: Recall = _ask_a_person


def recalled_by(recall: Recall) -> None:
    """Let this decide what can be looked up. Called once, when the application starts."""
    global _recall
    _recall = recall


def mark_possibly_published(
    by: str, changed: Collection[uuid.UUID] = (), since: datetime | None = None
) -> Counter[str]:
    """Doubt everything that is due or in progress; counts by platform. Nothing is sent.

    It fails as possibly published, and so does what these changed posts have scheduled. With
    `since`, when the lost time began, what can be is looked up instead.
    """
    with transaction.atomic():
        was_due = Q(wanted_at__lte=clock.now()) | Q(status__in=(S.PUBLISHING, S.UNCONFIRMED))
        rows = Destination.objects.annotate(was_due=ExpressionWrapper(was_due, BooleanField()))
        return _doubt(rows, Q(post__in=list(changed)), by, since)


def mark_claimed(
    by: str, changed: Mapping[uuid.UUID, datetime], since: datetime | None = None
) -> Counter[str]:
    """Do so with what a worker has, and with posts that are older here than their last change."""
    lost = Q(pk__in=[])
    for post, at in changed.items():
        lost |= Q(post=post, updated_at__lt=at - CLOCKS)
    was_due = Q(claim__isnull=False)
    with transaction.atomic():
        rows = Destination.objects.annotate(was_due=ExpressionWrapper(was_due, BooleanField()))
        return _doubt(rows, lost, by, since)


def mark_not_known(rows: QuerySet[Any], by: str) -> Counter[str]:
    """Mark rows of which it is not known whether they were sent; in the caller's transaction."""
    return _mark(rows, by, UNKNOWN)


def _doubt(rows: QuerySet[Any], lost: Q, by: str, since: datetime | None) -> Counter[str]:
    """Look up or mark what was due, and mark what is `lost`: it may have been sent otherwise."""
    looked_up = {}
    if since is not None:
        looked_up = _look_up(rows.filter(was_due=True).exclude(lost), by, since)
    rows = rows.filter(Q(was_due=True) | lost).exclude(pk__in=list(looked_up))
    return Counter(looked_up.values()) + _mark(rows, by)


def _look_up(rows: QuerySet[Any], by: str, since: datetime) -> dict[uuid.UUID, str]:
    """Let the networks be asked for what they can find of these rows; their platforms by id."""
    now, since = clock.now(), since - BEFORE
    sent_at = now + timedelta(seconds=settings.LEASE_SECONDS)
    rows = rows.filter(due_at__isnull=False, account__isnull=False).order_by("pk")
    found = list(rows.select_for_update(no_key=True, of=("self",)))
    changes = [
        _lookup(row, checkpoint, sent_at, now)
        for row in found
        if (checkpoint := _recall(row, since)) is not None
    ]
    moved = transitions.move_all({"look_up_doubtful": changes}, by=by)
    values = {"ids": list(moved), "since": since, "sent_at": sent_at}
    database.execute(UNKNOWN_CALL, values)
    return {row.pk: row.platform for row in found if row.pk in moved}


def _lookup(row: Any, checkpoint: str, sent_at: datetime, now: datetime) -> Change:
    pause = ADAPTERS[row.platform].retry.find_delays_seconds[0]
    fields = {
        "due_at": sent_at + timedelta(seconds=pause),
        "attempts": row.attempts if row.is_begun else row.attempts + 1,
        "begun_at": row.begun_at or now,
        "lookups": 0,
        "checkpoint": checkpoint,
        "error": "",
        "error_code": "",
    }
    return Change(row.pk, row.claim, fields, REASON, fields["attempts"])


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
