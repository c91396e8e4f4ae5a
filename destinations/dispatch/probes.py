"""Send single posts to a network that is down, to see whether it is back.

A probe is the next lookup of a post whose answer was lost, because asking is harmless. Without one,
and once that is answered, it is the oldest post that waits, published as any other, under all
protections. The next one is of another account if there is one, because one account's posts may
fail for a reason of their own.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from destinations.dispatch import holds
from destinations.dispatch.claims import Claimed
from destinations.models import Destination, Outage
from destinations.runtime import clock
from destinations.state import attempts, outages, transitions
from destinations.state.transitions import Change
from platforms.registry import ADAPTERS

log = structlog.get_logger()

#: How long a probe may take before the next one begins all the same.
PROBE_SECONDS = 15
#: How soon an outage without a post that could probe is looked at again.
IDLE_SECONDS = 1
#: An outage without a post that is due so soon ends: nothing waits for it.
NEEDED_WITHIN = timedelta(minutes=20)
#: Of how many of a network's oldest posts one is chosen.
LOOK_AHEAD = 1000
REFUSED_AT_ONCE = 500

# Lanes as in `fairness`: of one that has a post in flight, or between two quick tries, only that
# post is chosen.
CANDIDATE = f"""
WITH pauses AS MATERIALIZED (SELECT ({holds.ACTIVE_PAUSES}) AS active),
busy AS MATERIALIZED (
    SELECT account_number, right(queue, 7) = '.upload' AS is_long
    FROM destinations_destination WHERE in_flight
)
SELECT d.id, d.account_number FROM (
    SELECT id, account_id, account_number, workspace_id, queue, status, next_retry_at, due_at,
           wanted_at, in_flight
    FROM destinations_destination
    WHERE platform = %(platform)s AND platform <> '' AND due_at IS NOT NULL
      AND wanted_at <= statement_timestamp()
    ORDER BY wanted_at LIMIT %(look_ahead)s
) d
WHERE d.due_at <= statement_timestamp() AND NOT {holds.has_begun("d")}
  AND (%(account)s::bigint IS NULL OR d.account_number = %(account)s)
  AND NOT {holds.covers("(SELECT active FROM pauses)", "d")}
  AND (d.in_flight OR (d.account_number, right(d.queue, 7) = '.upload')
       NOT IN (SELECT account_number, is_long FROM busy LIMIT 100000))
  AND ((SELECT a.held_until FROM destinations_account a WHERE a.id = d.account_id)
       > statement_timestamp()) IS NOT TRUE
ORDER BY d.account_number IS NOT DISTINCT FROM %(last_account)s::bigint,
    right(d.queue, 7) = '.upload', d.wanted_at, d.id
LIMIT 1
"""
# Never before its first pause is over, and what answered once keeps its pauses: they are part of
# the proof that nothing is public.
LOOKUP = """
SELECT id, account_number FROM destinations_destination d
WHERE awaits_network AND status = 'unconfirmed' AND lookups = 0 AND claim IS NULL
  AND platform = %(platform)s AND platform <> ''
  AND EXISTS (SELECT FROM destinations_attempt a
              WHERE a.destination_id = d.id AND a.number = d.attempts
                AND a.sent_at <= statement_timestamp() - %(first_pause)s::interval)
  AND (%(account)s::bigint IS NULL OR account_number = %(account)s)
ORDER BY account_number IS NOT DISTINCT FROM %(last_account)s::bigint, due_at LIMIT 1
"""
CLAIM = """
WITH locked AS MATERIALIZED (
    SELECT id FROM destinations_destination
    WHERE id = %(id)s AND due_at IS NOT NULL
      AND (claim IS NULL OR due_at <= statement_timestamp())
    FOR UPDATE SKIP LOCKED
)
UPDATE destinations_destination d
SET claim = gen_random_uuid(), due_at = statement_timestamp() + %(lease)s::interval
FROM locked WHERE d.id = locked.id
RETURNING d.id, d.claim, d.queue, d.account_id
"""
COUNT = """
INSERT INTO destinations_claimcounter AS c (id, count) VALUES (1, 1)
ON CONFLICT (id) DO UPDATE SET count = c.count + 1 RETURNING count
"""


@transaction.atomic
def claim() -> tuple[list[Claimed], int]:
    """Claim a post for each outage whose next probe may begin; and the number of this claim.

    An outage without one ends if its last probe was answered.
    """
    waiting = Outage.objects.filter(closed_at__isnull=True, probe_at__lte=clock.now())
    found = [
        probe
        for outage in waiting.order_by("pk").select_for_update(skip_locked=True)
        if (probe := _probe(outage))
    ]
    counted = _row(COUNT) if found else None
    return found, counted[0] if counted else 0


def refuse_late() -> None:
    """Fail the posts that have waited for their network for too long."""
    for outage in Outage.objects.filter(closed_at__isnull=True):
        if late := _waited_too_long(outage):
            message = f"{ADAPTERS[outage.platform].name} was down for too long."
            changes = [Change(row.pk, None, _late(row, message), message) for row in late]
            moved = transitions.move_all({"refuse": changes}, by="dispatcher")
            log.warning("outage_too_long", network=outage.platform, destinations=len(moved))


def _waited_too_long(outage: Outage) -> list[Destination]:
    """Return posts that waited for this alone, and for longer than their network's policy says."""
    patience = timedelta(seconds=ADAPTERS[outage.platform].retry.outage_patience_seconds)
    since = clock.now() - patience
    if outage.opened_at > since:
        return []
    is_waiting = Q(status__in=("queued", "failed")) | Q(next_retry_at__isnull=False)
    late = outages.concerned(outage).filter(is_waiting, claim__isnull=True, wanted_at__lt=since)
    late = late.exclude(holds.was_paused(since)).order_by("wanted_at")
    return list(late.only("pk", "attempts", "error")[:REFUSED_AT_ONCE])


def _late(row: Destination, message: str) -> dict[str, str]:
    """Return the fields of a refusal, which repeats what an earlier try said is public."""
    earlier = attempts.last_error(row.pk, row.attempts, row.error)
    error = attempts.with_previous_error(message, earlier)
    return {"error": error, "error_code": outages.CODES[0]}


def _probe(outage: Outage) -> Claimed | None:
    chosen = _candidate(outage)
    claimed = _claim(chosen[0]) if chosen else None
    now = clock.now()
    if chosen and claimed:
        outage.probe, outage.probe_account = chosen
        outage.probes += 1
        outage.probe_at = now + timedelta(seconds=PROBE_SECONDS)
    elif outage.answered or not _is_needed(outage, now):
        outages.close(outage)
        return None
    else:
        outage.probe_at = now + timedelta(seconds=IDLE_SECONDS)
    outage.save(update_fields=["probe", "probe_account", "probes", "probe_at"])
    return claimed


def _is_needed(outage: Outage, now: datetime) -> bool:
    """Return whether something of it is due, or in flight."""
    return outages.concerned(outage).filter(due_at__lte=now + NEEDED_WITHIN).exists()


def _candidate(outage: Outage) -> tuple[Any, ...] | None:
    """Return the id and account of the post that probes next."""
    values = {
        "platform": outage.platform,
        "account": int(outage.target) if outage.scope == Outage.Scope.ACCOUNT else None,
        "last_account": outage.probe_account,
        "first_pause": f"{ADAPTERS[outage.platform].retry.find_delays_seconds[0]} seconds",
        "look_ahead": LOOK_AHEAD,
    }
    return (not outage.answered and _row(LOOKUP, values)) or _row(CANDIDATE, values)


def _claim(pk: uuid.UUID) -> Claimed | None:
    row = _row(CLAIM, {"id": pk, "lease": f"{settings.LEASE_SECONDS} seconds"})
    return Claimed(*row) if row else None


def _row(statement: str, values: Mapping[str, Any] | None = None) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return next(iter(cursor.fetchall()), None)
