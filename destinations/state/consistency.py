"""Find destinations that contradict themselves; repair what is safe to repair.

Each check is one query for rows that must not exist. Rows in progress are no contradiction: a move,
its attempt, its event and its clock are written in one transaction, and all checks read one
snapshot.
"""

import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.db import connection, transaction

from destinations import public_ids

#: How late beat, a worker or a clock may be before it counts as an error.
TOLERANCE_SECONDS = 60
#: The most ids that are shown per finding.
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Check:
    """`sql` selects the `id` of every wrong row; `sentence` tells an operator what is wrong.

    `prefix` is that of the rows' public ids; blank: they have none, and are shown by their ids.
    `repair` fixes what is safe to fix and returns how many rows it changed. It selects its rows
    again, because they may have changed since the check.
    """

    name: str
    sentence: str
    sql: str
    repair: Callable[[], int] | None = None
    prefix: str = public_ids.DESTINATION


@dataclass(frozen=True, slots=True)
class Inconsistency:
    """The number of rows a check found wrong, and the public ids of the first of them."""

    check: Check
    count: int
    public_ids: list[str]


@contextmanager
def snapshot() -> Iterator[None]:
    """Everything inside reads one snapshot, and nothing can be written."""
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def find(checks: Iterable[Check]) -> list[Inconsistency]:
    """Return the findings; empty if nothing is wrong."""
    found = (_run(check) for check in checks)
    return [finding for finding in found if finding.count]


def _run(check: Check) -> Inconsistency:
    sql = f"SELECT id, count(*) OVER () FROM ({check.sql}) wrong ORDER BY id LIMIT {SHOWN}"
    with connection.cursor() as cursor:
        cursor.execute(sql, _values())
        rows = cursor.fetchall()
    count = rows[0][1] if rows else 0
    return Inconsistency(check, count, [_shown(check, pk) for pk, _ in rows])


def _shown(check: Check, key: uuid.UUID) -> str:
    return public_ids.encode(check.prefix, key) if check.prefix else str(key)


def ids(sql: str) -> list[uuid.UUID]:
    """Return the ids that a check's query selects now."""
    with connection.cursor() as cursor:
        cursor.execute(sql, _values())
        return [pk for (pk,) in cursor.fetchall()]


def execute(sql: str) -> int:
    """Run one repairing statement in a transaction of its own; how many rows it changed."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, _values())
        return int(cursor.rowcount)


def _values() -> dict[str, str]:
    late = settings.LEASE_SECONDS + TOLERANCE_SECONDS
    return {"late": f"{late} seconds", "tolerance": f"{TOLERANCE_SECONDS} seconds"}


# A blank id alone is no contradiction: some networks confirm a post without its id, and a person
# who resolves a destination may only give its link.
WITHOUT_PROOF = """
    SELECT d.id FROM destinations_destination d
    WHERE d.status = 'published' AND (d.published_at IS NULL OR d.platform_post_id = ''
        AND d.platform_post_url = '' AND NOT
        EXISTS (SELECT 1 FROM destinations_attempt a
                WHERE a.destination_id = d.id AND a.outcome = 'published'))
"""

# If several workspaces have connected the same account, people of each may confirm the same post.
SHARED_ID = """
    SELECT d.id FROM (
        SELECT d.id, count(*) OVER (
                PARTITION BY d.platform, d.platform_post_id, d.workspace_id) AS owners,
            d.platform, d.platform_post_id, d.workspace_id, a.platform_account_id
        FROM destinations_destination d LEFT JOIN destinations_account a ON a.id = d.account_id
        WHERE d.platform_post_id <> ''
    ) d WHERE owners > 1 OR EXISTS (
        SELECT 1 FROM destinations_destination o JOIN destinations_account a ON a.id = o.account_id
        WHERE o.platform_post_id = d.platform_post_id AND o.platform_post_id <> ''
          AND o.platform = d.platform AND a.platform_account_id = d.platform_account_id
          AND o.workspace_id <> d.workspace_id
          AND NOT EXISTS (SELECT 1 FROM destinations_event e
                          WHERE e.destination_id IN (d.id, o.id) AND e.move = 'confirm_published'))
"""

STILL_MOVING = """
    SELECT id FROM destinations_destination
    WHERE status = 'published'
      AND (due_at IS NOT NULL OR claim IS NOT NULL OR next_retry_at IS NOT NULL)
"""

# An account's rows wait for each other and for its rate limit, as long as any of them progresses,
# and what has not begun for its pauses and outages.
UNCLAIMED = """
    SELECT d.id FROM destinations_destination d
    LEFT JOIN destinations_account a ON a.id = d.account_id
    WHERE d.due_at < now() - %(late)s::interval
      AND (a.held_until IS NULL OR a.held_until < now() - %(late)s::interval)
      AND NOT EXISTS (
        SELECT 1 FROM (
            SELECT DISTINCT account_id FROM destinations_destination
            WHERE claim IS NOT NULL AND due_at > now() - %(tolerance)s::interval
               OR status <> 'queued' AND updated_at > now() - %(late)s::interval
        ) busy WHERE busy.account_id = d.account_id)
      AND (d.status IN ('publishing', 'unconfirmed') AND d.next_retry_at IS NULL OR NOT EXISTS (
        SELECT 1 FROM (
            SELECT scope, target, resumed_at FROM destinations_pause
            UNION ALL SELECT scope, target, closed_at FROM destinations_outage
        ) p
        WHERE (p.resumed_at IS NULL OR p.resumed_at > now() - %(late)s::interval)
          AND p.scope || ':' || p.target IN ('installation:', 'network:' || d.platform,
              'workspace:' || d.workspace_id, 'account:' || d.account_number)))
"""

OPEN_ATTEMPT = """
    SELECT d.id FROM destinations_destination d
    WHERE (d.status NOT IN ('publishing', 'unconfirmed') OR d.next_retry_at IS NOT NULL)
      AND EXISTS (SELECT 1 FROM destinations_attempt a
                  WHERE a.destination_id = d.id AND a.finished_at IS NULL)
"""

# Only of rows that are final: before a row that may start again, an open attempt is a warning that
# the post may be public. The row is locked so that it is not requeued meanwhile.
CLOSE_ATTEMPTS = """
    WITH final AS (
        SELECT d.id, d.attempts, d.error_code FROM destinations_destination d
        WHERE (d.status = 'published'
               OR d.status = 'failed' AND d.next_retry_at IS NULL AND d.due_at IS NULL)
          AND EXISTS (SELECT 1 FROM destinations_attempt a
                      WHERE a.destination_id = d.id AND a.finished_at IS NULL)
        ORDER BY d.id FOR UPDATE OF d
    )
    UPDATE destinations_attempt a
    SET finished_at = statement_timestamp(),
        outcome = CASE WHEN s.error_code <> '' AND a.number = s.attempts
                       THEN left(s.error_code, 40) ELSE 'outcome_unknown' END,
        error = COALESCE(NULLIF(a.error, ''), 'How it ended was not recorded.')
    FROM final s WHERE a.destination_id = s.id AND a.finished_at IS NULL
"""

WITHOUT_CLOCK = """
    SELECT id FROM destinations_destination
    WHERE status IN ('publishing', 'unconfirmed') AND due_at IS NULL
"""

# The worker that claims a started row reads its attempt first, and asks the network if necessary.
WIND_CLOCK = f"""
    WITH lost AS ({WITHOUT_CLOCK} ORDER BY id FOR UPDATE)
    UPDATE destinations_destination d SET due_at = statement_timestamp()
    FROM lost WHERE lost.id = d.id
"""

RETRY_WITHOUT_CLOCK = """
    SELECT id FROM destinations_destination
    WHERE status = 'failed' AND next_retry_at IS NOT NULL AND due_at IS NULL
"""

CLOCK_WITHOUT_RETRY = """
    SELECT id FROM destinations_destination
    WHERE status = 'failed' AND next_retry_at IS NULL AND due_at IS NOT NULL
"""

MISCOUNTED = """
    SELECT d.id FROM destinations_destination d
    LEFT JOIN (SELECT destination_id, max(number) AS highest FROM destinations_attempt
               GROUP BY destination_id) a ON a.destination_id = d.id
    WHERE d.attempts <> COALESCE(a.highest, 0)
"""

OTHER_HISTORY = """
    SELECT d.id FROM destinations_destination d
    LEFT JOIN (SELECT DISTINCT ON (destination_id) destination_id, to_status
               FROM destinations_event ORDER BY destination_id, id DESC) e
           ON e.destination_id = d.id
    WHERE d.status <> COALESCE(e.to_status, 'queued')
"""

CHECKS = (
    Check(
        "published_without_proof",
        "It is marked as published, but has no time of publication, or neither the network's id "
        "nor a published attempt. Check whether it is public.",
        WITHOUT_PROOF,
    ),
    Check(
        "platform_id_shared",
        "Several destinations have the same post of a network: at most one of them made it. "
        "Check which of them are public.",
        SHARED_ID,
    ),
    Check(
        "published_still_moving",
        "It is published and still has a clock, a claim or a retry: a worker may send it again.",
        STILL_MOVING,
    ),
    Check(
        "not_claimed",
        "It has been due for longer than a lease and is not claimed: is beat running, is a "
        "transaction stuck?",
        UNCLAIMED,
    ),
    Check(
        "attempt_left_open",
        "An attempt is open although nothing is being published: its outcome was not recorded. "
        "If the destination is queued or waits for a retry, check whether it is public already.",
        OPEN_ATTEMPT,
        partial(execute, CLOSE_ATTEMPTS),
    ),
    Check(
        "begun_without_clock",
        "It was started and has no clock: its outcome will never be checked.",
        WITHOUT_CLOCK,
        partial(execute, WIND_CLOCK),
    ),
    Check(
        "retry_without_clock",
        "An automatic retry is announced but has no clock: it will never happen.",
        RETRY_WITHOUT_CLOCK,
    ),
    Check(
        "clock_without_retry",
        "It failed for good but has a clock: it would be retried although no person asked.",
        CLOCK_WITHOUT_RETRY,
    ),
    Check(
        "attempts_miscounted",
        "The number of attempts differs from the number of the last attempt.",
        MISCOUNTED,
    ),
    Check(
        "history_differs",
        "Its status differs from that of its last event: it was changed by hand.",
        OTHER_HISTORY,
    ),
)
