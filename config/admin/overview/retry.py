"""Retries a group of failures: what would happen, and doing it in batches.

Only what had failed for good when the operator looked is retried. What may be live is not: a person
looks at each. What an account cannot publish is not either: it would fail again at once.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction
from django.db.models import Q, QuerySet

from destinations import pauses, retry
from destinations.models import Destination, Pause
from destinations.retry import MAY_BE_PUBLIC, Requeued
from destinations.statistics import failures

#: The most that one confirmation retries, and how many in one transaction.
MOST, BATCH = 5_000, 500
#: How many are shown before.
SAMPLE = 5

CAN_POST = Q(account__is_active=True, account__needs_reconnection_since__isnull=True)


@dataclass(frozen=True, slots=True)
class RetrySelection:
    """Failures of one network with one code, between two moments."""

    platform: str
    code: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a retry of the chosen ones would do. At most MOST of them are looked at."""

    #: These are sent again.
    ready: list[uuid.UUID]
    sample: list[Destination]
    #: Their account is disconnected or inactive.
    unable: int
    #: They may be live.
    doubtful: int
    #: Of `ready`: they wait until a pause ends.
    paused: int
    pauses: list[Pause]
    has_more: bool


def forecast(chosen: RetrySelection) -> Forecast:
    found = failures.ids(chosen.platform, chosen.code, chosen.since, MOST + 1)
    rows = _failed(found[:MOST], chosen.until)
    if chosen.code == MAY_BE_PUBLIC:
        return Forecast([], [], 0, rows.count(), 0, [], len(found) > MOST)
    ready = rows.filter(CAN_POST)
    places = list(ready.values_list("pk", "workspace_id", "account_number"))
    active = pauses.active()
    holding = [pauses.covering(active, chosen.platform, *each[1:]) for each in places]
    return Forecast(
        ready=[pk for pk, _, _ in places],
        sample=list(ready.select_related("workspace").defer("checkpoint", "claim")[:SAMPLE]),
        unable=rows.exclude(CAN_POST).count(),
        doubtful=0,
        paused=sum(pause is not None for pause in holding),
        pauses=list({pause.pk: pause for pause in holding if pause}.values()),
        has_more=len(found) > MOST,
    )


def requeue(ids: Iterable[uuid.UUID], *, by: str, request_id: str, user_id: int) -> Requeued:
    """Queue these again, a batch at a time, each with its log entries.

    If the process dies, the batches before are queued and logged, and the others have failed as
    before.
    """
    wanted, done = list(ids), Requeued([])
    for start in range(0, len(wanted), BATCH):
        with transaction.atomic():
            batch = retry.requeue(wanted[start : start + BATCH], by=by, request_id=request_id)
            LogEntry.objects.log_actions(user_id, batch.moved, CHANGE, "Retry of a group")
        done = Requeued(
            [*done.moved, *batch.moved], [*done.skipped, *batch.skipped], done.gone + batch.gone
        )
    return done


def _failed(ids: list[uuid.UUID], until: datetime) -> QuerySet[Destination]:
    """Those of these that have failed for good until then."""
    failed = Destination.objects.filter(pk__in=ids, status=Destination.Status.FAILED)
    return failed.filter(next_retry_at=None, updated_at__lte=until).order_by("updated_at", "pk")
