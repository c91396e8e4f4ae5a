"""Claim the deliveries to send next, under a lease.

`due_at` is the only clock. A delivery that is to be sent, one that is tried again and one whose
worker died are the same case: a row that is due. It may then be sent a second time: receivers know
it by its event's id.

Webhooks take turns: the scan reads one row of each webhook that has something to do, by a loose
scan of `webhook_delivery_due` that goes on where the last one ended, and then a few rows of each
that is due. So it costs the same whether one webhook has ten rows waiting or a million. A webhook
has at most eight requests in flight, one that fails two, so that dead receivers, however many, hold
few of a worker's slots.
"""

import uuid
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from destinations.runtime import database

#: Six times what one attempt may take.
LEASE_SECONDS = 60
#: Requests in flight per webhook, in all processes.
IN_FLIGHT = 8
#: The number in flight after so many failures in a row.
IN_FLIGHT_FAILING = 2
FAILING = 3
#: The most webhooks that one claim looks at; one costs about 10 µs.
LOOKED_AT = 1000
#: Deliveries of webhooks that are off, ended by one claim.
ENDED = 1000
#: Among the advisory locks of this database.
LOCK = 0x686F6F6B
FIRST = uuid.UUID(int=0)

TRY_LOCK = f"SELECT pg_try_advisory_xact_lock({LOCK})"
# The head of each webhook is its earliest row; what is in flight is due when its lease ends.
DUE = """
    WITH RECURSIVE heads AS (
        SELECT %(after)s::uuid AS webhook_id, 0 AS number, false AS is_due
        UNION ALL
        SELECT head.webhook_id, heads.number + 1, head.due_at <= statement_timestamp()
        FROM heads CROSS JOIN LATERAL (
            SELECT d.webhook_id, d.due_at FROM posts_webhookdelivery d
            WHERE d.due_at IS NOT NULL AND d.webhook_id > heads.webhook_id
            ORDER BY d.webhook_id, d.due_at LIMIT 1
        ) AS head
        WHERE heads.number < %(most)s
    )
    SELECT heads.webhook_id, heads.number, heads.is_due, COALESCE(w.is_active, false),
        CASE WHEN w.consecutive_failures >= %(failing)s THEN %(few)s::integer
            ELSE %(many)s::integer END - (
            SELECT count(*) FROM (
                SELECT 1 FROM posts_webhookdelivery f
                WHERE f.webhook_id = heads.webhook_id AND f.claim IS NOT NULL
                    AND f.due_at > statement_timestamp()
                LIMIT %(many)s::integer
            ) AS in_flight)
    FROM heads LEFT JOIN posts_webhook w ON w.id = heads.webhook_id
    WHERE heads.number > 0 ORDER BY heads.number
"""
# First one of each webhook, then a second one of each.
CLAIM = """
    WITH due AS MATERIALIZED (
        SELECT head.id, row_number() OVER (PARTITION BY h.place ORDER BY head.due_at) AS turn,
            h.place
        FROM unnest(%(webhooks)s::uuid[], %(rooms)s::integer[])
            WITH ORDINALITY AS h(webhook_id, room, place)
        CROSS JOIN LATERAL (
            SELECT d.id, d.due_at FROM posts_webhookdelivery d
            WHERE d.webhook_id = h.webhook_id AND d.due_at IS NOT NULL
                AND d.due_at <= statement_timestamp()
            ORDER BY d.due_at LIMIT h.room FOR UPDATE SKIP LOCKED
        ) AS head
    ), claimed AS (
        UPDATE posts_webhookdelivery d
        SET claim = gen_random_uuid(), due_at = statement_timestamp() + %(lease)s::interval
        WHERE d.id = ANY (ARRAY(SELECT id FROM due ORDER BY turn, place LIMIT %(limit)s))
        RETURNING d.id, d.claim, d.webhook_id, d.event_id, d.attempts, d.tries
    )
    SELECT c.id, c.claim, c.webhook_id, c.attempts, c.tries, e.event, e.event_id, e.body,
        w.id_form, w.url, w.secret, w.previous_secret, w.previous_secret_until
    FROM claimed c JOIN posts_webhook w ON w.id = c.webhook_id
        JOIN posts_webhookevent e ON e.id = c.event_id
"""
# Of a webhook that was deleted, nothing is left to see.
END = """
    WITH due AS MATERIALIZED (
        SELECT d.id FROM posts_webhookdelivery d
        WHERE d.webhook_id = ANY (%(webhooks)s) AND d.due_at IS NOT NULL
            AND d.due_at <= statement_timestamp()
        LIMIT %(most)s FOR UPDATE SKIP LOCKED
    )
    UPDATE posts_webhookdelivery d
    SET status = 'failed', claim = NULL, due_at = NULL, next_attempt_at = NULL
    WHERE d.id = ANY (ARRAY(SELECT id FROM due))
    RETURNING 1
"""


class ClaimedDelivery(NamedTuple):
    """The right to send a delivery until its lease ends, with what to send."""

    id: uuid.UUID
    claim: uuid.UUID
    webhook_id: uuid.UUID
    attempts: int
    tries: int
    event: str
    event_id: uuid.UUID
    body: str
    id_form: str
    url: str
    secret: str
    previous_secret: str
    previous_secret_until: datetime | None


class DeliverySweep:
    """The position of a series of claims."""

    def __init__(self) -> None:
        #: The webhook behind which the next claim goes on.
        self.after = FIRST
        #: Whether another claim may find more at once.
        self.has_more = False


def claim(limit: int, sweep: DeliverySweep) -> list[ClaimedDelivery]:
    """Claim up to `limit` due deliveries, webhooks in turn.

    One claim runs at a time, because two would not see what the other one takes of a webhook; while
    another one runs, this one takes nothing. What is due for webhooks that are off ends as failed.
    """
    with transaction.atomic():
        ((is_ours,),) = database.execute_prepared(TRY_LOCK, {})
        if not is_ours:
            sweep.has_more = True
            return []
        heads = _heads(limit, sweep)
        off = [webhook for webhook, is_active, _ in heads if not is_active]
        ended = database.execute_prepared(END, {"webhooks": off, "most": ENDED}) if off else []
        rooms = {webhook: room for webhook, is_active, room in heads if is_active and room > 0}
        claimed = _claim(rooms, limit) if rooms else []
        sweep.has_more |= len(ended) == ENDED or len(claimed) == limit
        return claimed


def _heads(limit: int, sweep: DeliverySweep) -> list[tuple[uuid.UUID, bool, int]]:
    """Webhooks that have something due: whether they are on, and how many may be sent."""
    values = {
        "after": sweep.after,
        "most": LOOKED_AT,
        "failing": FAILING,
        "few": IN_FLIGHT_FAILING,
        "many": IN_FLIGHT,
    }
    rows = database.execute_prepared(DUE, values)
    due = [(webhook, is_active, room) for webhook, _, is_due, is_active, room in rows if is_due]
    sweep.has_more = len(due) > limit or len(rows) == LOOKED_AT
    last = due[limit - 1][0] if len(due) > limit else rows[-1][0] if sweep.has_more else FIRST
    sweep.after = last
    return due[:limit]


def _claim(rooms: dict[uuid.UUID, int], limit: int) -> list[ClaimedDelivery]:
    values = {
        "webhooks": list(rooms),
        "rooms": list(rooms.values()),
        "lease": f"{LEASE_SECONDS} seconds",
        "limit": limit,
    }
    return [ClaimedDelivery(*row) for row in database.execute_prepared(CLAIM, values)]
