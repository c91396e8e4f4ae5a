"""Send single posts to a network that is down, to see whether it is back.

A probe first asks the network something harmless (`Adapter.ping`). Once that is answered it is a
publish as any other, under all protections. Workspaces take turns, then their accounts: who was
probed longest ago is next, and so no number of posts of one account keeps another from its turn.
But an account that was just answered is asked once more, because the next one may fail for its own
sake. An account's first post is sent, unless it failed lately and its network could be reached:
then it may fail for its own sake, too, and the account's other posts go first.
"""

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from destinations.dispatch import fairness, holds, queues
from destinations.dispatch.claims import Claimed
from destinations.models import Account, Destination, Outage
from destinations.runtime import clock
from destinations.state import attempts, breaker, outages, transitions, tries
from destinations.state.transitions import Change
from platforms.registry import ADAPTERS

log = structlog.get_logger()

#: How long a probe may take before the next one begins all the same. One begins so often at least.
PROBE_SECONDS = breaker.LONGEST_PAUSE.total_seconds()
#: How soon an outage without a post that could probe is looked at again.
IDLE_SECONDS = 1
#: An outage without a post that is due so soon ends: nothing waits for it.
NEEDED_WITHIN = timedelta(minutes=20)
REFUSED_AT_ONCE = 500
_OPEN = Outage.objects.filter(closed_at__isnull=True)

# What keeps posts from being sent is asked of their account first, so that no number of posts that
# wait for something else hides one that could be sent. Of a lane that has a post in flight, or
# between two quick tries, only that post is chosen. A lane is read by its own index alone.
_CANDIDATE = f"""
WITH pauses AS MATERIALIZED (SELECT ({holds.ACTIVE_PAUSES}) AS active),
busy AS MATERIALIZED (
    SELECT account_number, right(queue, 7) = '.upload' AS is_long
    FROM destinations_destination WHERE in_flight
)
SELECT head.id, head.account_number FROM (
    SELECT *, max(probed_at) OVER (PARTITION BY workspace_id) AS workspace_probed_at
    FROM destinations_account WHERE platform = %(platform)s OFFSET 0
) AS account CROSS JOIN LATERAL (
    SELECT lane.id, lane.account_number
    FROM unnest(%(queues)s::varchar[]) WITH ORDINALITY AS q(queue, place) CROSS JOIN LATERAL (
        SELECT d.id, d.account_number FROM destinations_destination d
        WHERE {fairness.IN_LANE}
          AND (d.queue, d.workspace_id, d.account_number)
              >= (q.queue, account.workspace_id, account.id)
          AND (d.queue, d.workspace_id, d.account_number, d.due_at)
              <= (q.queue, account.workspace_id, account.id, statement_timestamp())
          AND NOT {holds.has_begun("d")} AND (d.not_after < statement_timestamp()) IS NOT TRUE
          AND {{which}}
          AND (d.in_flight OR (d.account_number, right(d.queue, 7) = '.upload')
               NOT IN (SELECT account_number, is_long FROM busy LIMIT 100000))
        ORDER BY {{order}} LIMIT 1
    ) AS lane
    ORDER BY q.place LIMIT 1
) AS head
WHERE (%(account)s::bigint IS NULL OR account.id = %(account)s)
  AND account.is_active AND account.needs_reconnection_since IS NULL
  AND NOT ({holds.account_waits("account")})
  AND NOT {holds.includes("(SELECT active FROM pauses)", holds.keys_of_account("account"))}
ORDER BY (account.id = %(answered)s::bigint) IS TRUE DESC, account.workspace_probed_at NULLS FIRST,
    account.probed_at NULLS FIRST, account.id LIMIT 1
"""
_IN_ORDER = "d.queue, d.workspace_id, d.account_number, d.due_at"
#: A post of the account whose turn it is.
NEXT = _CANDIDATE.format(which="true", order=_IN_ORDER)
#: The first of a lane that has not failed lately, or only because the network was not reached.
UNTRIED = _CANDIDATE.format(
    which="""NOT EXISTS (
        SELECT FROM destinations_unansweredtry t
        WHERE t.destination_id = d.id AND t.at > %(tried_since)s AND NOT t.is_unreachable
    )""",
    order=_IN_ORDER,
)
#: Where all were, the one that was tried longest ago: the first may fail for its own sake for ever.
TRIED = _CANDIDATE.format(which="true", order="d.updated_at, d.id")
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
DUE = f"""
SELECT * FROM destinations_outage WHERE closed_at IS NULL AND {outages.PROBE_IS_DUE}
ORDER BY id FOR UPDATE SKIP LOCKED
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
    due = list(Outage.objects.raw(DUE))
    of_networks = _OPEN.filter(scope=Outage.Scope.NETWORK)
    down = set(of_networks.values_list("platform", flat=True))
    # While all of a network is down, its posts probe for their accounts' outages, too.
    within = [each for each in due if each.scope == each.Scope.ACCOUNT and each.platform in down]
    _put_off(within)
    found = [probe for outage in due if outage not in within and (probe := _probe(outage))]
    counted = _row(COUNT) if found else None
    return found, counted[0] if counted else 0


def refuse_late() -> None:
    """Fail the posts that have waited for their network for too long."""
    for outage in _OPEN.all():
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


def _put_off(found: Collection[Outage]) -> None:
    soon = clock.now() + timedelta(seconds=IDLE_SECONDS)
    Outage.objects.filter(pk__in=[each.pk for each in found]).update(probe_at=soon)


def _probe(outage: Outage) -> Claimed | None:
    chosen = _candidate(outage)
    claimed = _claim(chosen[0]) if chosen else None
    now = clock.now()
    if chosen and claimed:
        outage.probe, outage.probe_account = chosen
        outage.probes += 1
        outage.probe_at = now + timedelta(seconds=PROBE_SECONDS)
        _note_account(outage, now)
    elif outage.answered or not _is_needed(outage, now):
        outages.close(outage)
        return None
    else:
        outage.probe_at = now + timedelta(seconds=IDLE_SECONDS)
    outage.save(update_fields=["probe", "probe_account", "probes", "probe_at"])
    return claimed


def _note_account(outage: Outage, now: datetime) -> None:
    """Note that the account was probed, also for an outage of its own, which does not hold it.

    Those who record results lock accounts before outages. So what is locked is not waited for.
    """
    accounts = Account.objects.filter(pk=outage.probe_account).only("pk")
    for account in accounts.select_for_update(skip_locked=True, no_key=True):
        account.probed_at = now
        account.save(update_fields=["probed_at"])
    same = _OPEN.filter(scope=Outage.Scope.ACCOUNT, target=str(outage.probe_account))
    for own in same.exclude(pk=outage.pk).select_for_update(skip_locked=True):
        own.probe, own.probe_at = outage.probe, outage.probe_at
        own.save(update_fields=["probe", "probe_at"])


def _is_needed(outage: Outage, now: datetime) -> bool:
    """Return whether something that could be sent is due, or in flight."""
    rows = outages.concerned(outage).filter(due_at__lte=now + NEEDED_WITHIN)
    rows = rows.filter(account__is_active=True, account__needs_reconnection_since=None)
    return rows.exclude(not_after__lt=now).exists()


def _candidate(outage: Outage) -> tuple[Any, ...] | None:
    """Return the id and account of the post that probes next."""
    values = {
        "platform": outage.platform,
        "account": outages.account_of(outage),
        "answered": outage.probe_account if outage.answered else None,
        "queues": _queues(outage.platform),
        "tried_since": clock.now() - tries.WITHIN,
    }
    turn = _row(NEXT, values)
    if turn is None:
        return None
    _, values["account"] = turn
    return _row(UNTRIED, values) or _row(TRIED, values)


def _queues(platform: str) -> list[str]:
    """Return the queues of a network, those of texts first: they take seconds, files minutes."""
    found = [queue for queue in queues.known() if queue.split(".")[1] == platform]
    return sorted(found, key=lambda queue: queue.endswith(queues.UPLOAD))


def _claim(pk: uuid.UUID) -> Claimed | None:
    row = _row(CLAIM, {"id": pk, "lease": f"{settings.LEASE_SECONDS} seconds"})
    return Claimed(*row) if row else None


def _row(statement: str, values: Mapping[str, Any] | None = None) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return next(iter(cursor.fetchall()), None)
