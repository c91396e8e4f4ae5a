"""The claim statement: which of the due rows are claimed next, and in which order.

Order: an account has two lanes, one of them for files that take long, which has one row in flight.
A lane's rows are claimed in the order of their places, what has begun first, and none while another
one of the lane is in flight or waits for a quick retry. A row's place is when it was first wanted;
no retry or lookup moves it. While an answer is lost, its account's other rows wait for the first
lookup (`doubt_until`), so that they do not all come into doubt.

After DEDICATED_QUEUES has changed, a lane has rows in two queues for a while. Those in flight are
all in one, so each start asks in its own queue alone. For that,
- a claim takes rows of a lane from one queue, and none while the lease of one in another queue has
  ended, which its worker may renew;
- `reassign.py` leaves what is in flight in its queue, and takes back the claims that it moves.

Fairness: workspaces take turns, then accounts within a workspace, then age. A queue has a bounded
number of rows in flight, and of messages, and a queue at its bound hides no other queue's rows.
Where customers name the servers, one workspace has at most its share of a queue's rows in flight:
its servers may hold each for as long as they like, and hold up that workspace alone.

Pauses (`holds.py`): what they hold is passed over, no matter how many rows that is. A paused
network's rows are not among the oldest that are looked at, and its queues are stepped over like
full ones, a paused workspace by one step, a paused account like one that is not free. What has
begun goes on all the same; it has an index of its own, `destination_awaits_network`, because it may
stand behind thousands that wait.

Cost: usually the oldest due rows are all there are. Where they are not, the heads of the lanes are
read instead, by a loose scan of the index `destination_lane`, which goes on where the last claim
ended. Statistics are stale exactly when many rows fall due, and the planner then expects one row.
So no step joins two sets that the planner could nest: membership is a hashed subplan (its LIMIT
keeps the estimate small enough to be hashed), and each scan is written so that one index alone can
serve it: the conditions of `destination_lane` and `destination_in_flight` are met by no other
statement, and rows of a lane are found by comparing whole rows, which only that index can do.
"""

from destinations.dispatch import holds
from destinations.state import outages, takeover

#: One claim at a time, among the advisory locks of this database. Taken before the claim's
#: snapshot, because a claim must see all earlier claims.
CLAIM_LOCK = 0x646F7665
#: The most lanes that one claim visits; a visit costs about 10 µs.
LANES = 1000
#: Before every lane.
FIRST_LANE = ("", "00000000-0000-0000-0000-000000000000", 0)

#: Of a claim's transaction, unless there is no such limit. A process that is frozen in it must not
#: keep all others from claiming.
IDLE_SECONDS = 1
#: Whether the lock is ours, whether a network that is down is to be probed, whether a worker is
#: gone, and how many ticks and claims this database knows of.
TRY_LOCK = f"""
SELECT pg_try_advisory_xact_lock({CLAIM_LOCK}),
       EXISTS (SELECT FROM destinations_outage
               WHERE closed_at IS NULL AND {outages.PROBE_IS_DUE}),
       EXISTS ({takeover.GONE}),
       COALESCE((SELECT count FROM destinations_heartbeat WHERE id = 1), 0),
       COALESCE((SELECT count FROM destinations_claimcounter WHERE id = 1), 0),
       set_config('idle_in_transaction_session_timeout',
                  CASE current_setting('idle_in_transaction_session_timeout')
                  WHEN '0' THEN '0' ELSE '{IDLE_SECONDS}s' END, true)
"""
KEPT = (
    "id, workspace_id, account_id, account_number, queue, status, wanted_at, place, due_at,"
    " begun_at, next_retry_at"
)
COLUMNS = KEPT.replace("place", "COALESCE(lane_at, wanted_at) AS place")
#: The condition of `destination_lane`, word for word.
IN_LANE = "num_nonnulls(d.due_at) = 1"
IS_SATURATED = "(SELECT is_saturated FROM sight)"


ENDED = "(SELECT ended FROM pauses)"
PAUSED = "(SELECT active FROM pauses)"
HAS_PAUSED_NETWORK = "(SELECT cardinality(closed) > 0 FROM networks)"


def _has_room(row: str) -> str:
    return f"{row}.queue <> ALL ((SELECT full_queues FROM load)::varchar[])"


def _share(row: str) -> str:
    return f"({row}.queue || ' ' || {row}.workspace_id)"


def _has_share(row: str) -> str:
    return f"{_share(row)} <> ALL ((SELECT full_shares FROM load)::text[])"


def _is_shared(row: str) -> str:
    return f"split_part({row}.queue, '.', 2) = ANY (%(shared_networks)s)"


def _is_long(row: str) -> str:
    """Return which of its account's two lanes a row is in."""
    return f"(right({row}.queue, 7) = '.upload')"


def _lane(row: str) -> str:
    return f"({row}.account_number, {_is_long(row)})"


def _is_free(row: str) -> str:
    return f"{_lane(row)} NOT IN (SELECT account_number, is_long FROM in_flight LIMIT 100000)"


def _is_in_queue_of_lane(row: str) -> str:
    """Return SQL: its lane has no ended lease in another queue. `reassign.py` moves such rows."""
    return f"""({_lane(row)} NOT IN (SELECT account_number, is_long FROM ended LIMIT 100000)
        OR ({row}.queue, {row}.account_number) IN
           (SELECT queue, account_number FROM ended LIMIT 100000))"""


def _is_of_paused_network(row: str) -> str:
    return f"split_part({row}.queue, '.', 2) = ANY ((SELECT closed FROM networks)::text[])"


def _goes_on(row: str) -> str:
    """Return whether the walk of the lanes goes on in the queue of a row, instead of behind it."""
    return f"{row}.queue <> ALL ((SELECT queues FROM shut)::varchar[])"


def _is_of_paused_workspace(row: str) -> str:
    return (
        f"CASE WHEN {PAUSED} IS NULL THEN false"
        f" ELSE {PAUSED} ? ('workspace:' || {row}.workspace_id) END"
    )


def _is_paused(row: str, pauses: str = PAUSED) -> str:
    """Return whether one of these pauses holds a row."""
    return f"(NOT {holds.has_begun(row)} AND {holds.covers(pauses, row)})"


def is_behind(row: str) -> str:
    """Return whether an earlier row of its lane is in flight, as SQL for a claimed row.

    A claim takes no row of such a lane. But a message may come twice or late, so each start asks
    again.
    """
    lane = f"{row}.queue, {row}.workspace_id, {row}.account_number, statement_timestamp()"
    order = "({0}.status IN ('queued', 'failed'), COALESCE({0}.lane_at, {0}.wanted_at), {0}.id)"
    return f"""EXISTS (
        SELECT FROM destinations_destination e
        -- Not `in_flight` alone, for which the planner would read all that is.
        WHERE num_nonnulls(e.due_at) = 1 AND e.in_flight IS NOT FALSE AND e.id <> {row}.id
          AND (e.queue, e.workspace_id, e.account_number, e.due_at) > ({lane})
          AND (e.queue, e.workspace_id, e.account_number, e.due_at)
              <= ({lane} + %(longest_flight)s::interval)
          AND {order.format("e")} < {order.format(row)}
    )"""


CLAIM = f"""
WITH RECURSIVE kept AS MATERIALIZED (
    SELECT {COLUMNS}, claim, {_is_long("d")} AS is_long
    FROM destinations_destination d WHERE in_flight
), in_flight AS MATERIALIZED (
    SELECT queue, workspace_id, account_number, is_long, claim
    FROM kept WHERE due_at > statement_timestamp()
), ended AS MATERIALIZED (
    SELECT account_number, is_long,
           CASE min(queue) WHEN max(queue) THEN min(queue) ELSE '' END AS queue
    FROM kept WHERE due_at <= statement_timestamp() GROUP BY account_number, is_long
), shares AS MATERIALIZED (
    SELECT {_share("in_flight")} AS share, count(claim) AS rows
    FROM in_flight WHERE {_is_shared("in_flight")} GROUP BY share
), load AS MATERIALIZED (
    SELECT jsonb_object_agg(queue, rows) AS used,
           COALESCE(array_agg(queue) FILTER (WHERE rows >= %(ahead)s), '{{}}')
               || %(full)s::varchar[] AS full_queues,
           (SELECT jsonb_object_agg(share, rows) FROM shares) AS used_shares,
           ARRAY(SELECT share FROM shares WHERE rows >= %(share)s) AS full_shares
    FROM (SELECT queue, count(claim) AS rows FROM in_flight GROUP BY queue) AS queues
), every_pause AS MATERIALIZED ({holds.PAUSES}), pauses AS MATERIALIZED (
    SELECT jsonb_object_agg(key, true) FILTER (WHERE resumed_at IS NULL) AS active,
           jsonb_object_agg(key, true) FILTER (WHERE resumed_at IS NOT NULL) AS ended
    FROM every_pause
), networks AS MATERIALIZED (
    SELECT COALESCE(array_agg(name) FILTER (WHERE is_paused), '{{}}') AS closed,
           COALESCE(array_agg(name) FILTER (WHERE NOT is_paused), '{{}}') AS open
    FROM (
        SELECT name, COALESCE(active ?| ARRAY['installation:', 'network:' || name], false)
            AS is_paused
        FROM pauses, unnest(%(networks)s::text[]) AS name
    ) AS known
), shut AS MATERIALIZED (
    SELECT full_queues || ARRAY(
        SELECT queue FROM networks, unnest(%(queues)s::varchar[]) AS queue
        WHERE split_part(queue, '.', 2) = ANY (closed)
    ) AS queues
    FROM load
), oldest AS MATERIALIZED (
    (SELECT {COLUMNS} FROM destinations_destination
     WHERE due_at <= statement_timestamp() AND NOT {HAS_PAUSED_NETWORK}
     ORDER BY due_at, id LIMIT %(look_ahead)s)
    UNION ALL
    SELECT head.* FROM networks, unnest(open) AS name CROSS JOIN LATERAL (
        SELECT {COLUMNS} FROM destinations_destination d
        WHERE d.platform = name AND d.platform <> '' AND d.due_at IS NOT NULL
          AND d.wanted_at <= statement_timestamp()
          -- Hidden from the other indexes of what has a `due_at`.
          AND d.due_at + interval '0' <= statement_timestamp()
        ORDER BY d.wanted_at LIMIT %(look_ahead)s
    ) AS head
    WHERE {HAS_PAUSED_NETWORK}
), sight AS MATERIALIZED (
    SELECT count(*) >= %(look_ahead)s AS is_saturated FROM oldest
), lanes AS (
    SELECT %(queue)s::varchar AS queue, %(workspace)s::uuid AS workspace_id,
           %(account)s::bigint AS account_number, 0 AS visited, 0 AS found, false AS is_open
    WHERE {IS_SATURATED}
    UNION ALL
    SELECT next.queue, next.workspace_id, next.account_number, lanes.visited + 1,
           lanes.found + next.is_open::int, next.is_open
    FROM lanes CROSS JOIN LATERAL (
        SELECT head.queue, head.workspace_id, head.account_number,
               head.due_at <= statement_timestamp() AND {_goes_on("head")}
               AND {_is_free("head")} AND {_has_share("head")}
               AND NOT {holds.covers(PAUSED, "head")} AS is_open
        FROM (
            SELECT d.queue, d.workspace_id, d.account_number, d.due_at
            FROM destinations_destination d
            WHERE {IN_LANE} AND (d.queue, d.workspace_id, d.account_number) > (
                lanes.queue,
                CASE WHEN {_goes_on("lanes")} THEN lanes.workspace_id
                     ELSE 'ffffffff-ffff-ffff-ffff-ffffffffffff' END,
                CASE WHEN {_goes_on("lanes")} AND NOT {_is_of_paused_workspace("lanes")}
                     THEN lanes.account_number ELSE 9223372036854775807 END)
            ORDER BY d.queue, d.workspace_id, d.account_number, d.due_at LIMIT 1
        ) AS head
    ) AS next
    WHERE lanes.visited < %(lanes)s AND lanes.found < %(limit)s
), open_lanes AS MATERIALIZED (
    SELECT queue, workspace_id, account_number FROM lanes WHERE is_open
), due AS (
    SELECT * FROM oldest WHERE NOT {IS_SATURATED}
    UNION ALL
    SELECT head.* FROM open_lanes CROSS JOIN LATERAL (
        SELECT {COLUMNS} FROM destinations_destination d
        WHERE {IN_LANE} AND NOT d.in_flight
          AND (d.queue, d.workspace_id, d.account_number)
              >= (open_lanes.queue, open_lanes.workspace_id, open_lanes.account_number)
          AND (d.queue, d.workspace_id, d.account_number, d.due_at)
              <= (open_lanes.queue, open_lanes.workspace_id, open_lanes.account_number,
                  statement_timestamp())
        ORDER BY d.queue, d.workspace_id, d.account_number, d.due_at
        LIMIT (SELECT LEAST(%(per_account)s, 1 + %(limit)s / GREATEST(count(*), 1))
               FROM open_lanes)
    ) AS head
    UNION ALL
    SELECT {KEPT} FROM kept
    WHERE due_at <= statement_timestamp()
      AND ({IS_SATURATED} OR {_is_of_paused_network("kept")})
    UNION ALL
    -- Not `due_at` alone, which would let the planner use every index of what has one.
    (SELECT {COLUMNS} FROM destinations_destination d
     WHERE {PAUSED} IS NOT NULL AND d.awaits_network
       AND (d.awaits_network, d.due_at) <= (true, statement_timestamp())
       AND ({_is_of_paused_network("d")}
            OR {IS_SATURATED} AND {holds.covers(PAUSED, "d")})
     ORDER BY d.awaits_network, d.due_at LIMIT %(look_ahead)s)
), numbered AS MATERIALIZED (
    SELECT id, workspace_id, account_number, queue, place, due_at, row_number() OVER (
        PARTITION BY account_number, {_is_long("due")}
        ORDER BY status IN ('queued', 'failed'), place, id
    ) AS number
    FROM due
    WHERE {_has_room("due")} AND {_has_share("due")} AND {_is_free("due")}
      AND NOT {_is_paused("due")}
      -- A limit, or a doubt, holds what is to be sent. Polls and lookups have their own pauses.
      AND ({holds.has_begun("due")}
           OR (SELECT {holds.account_waits("a")}
               FROM destinations_account a WHERE a.id = due.account_id) IS NOT TRUE
           OR COALESCE(begun_at, wanted_at) < statement_timestamp() - %(longest)s::interval
           AND NOT {_is_paused("due", ENDED)})
), turns AS MATERIALIZED (
    SELECT *, row_number() OVER (
        PARTITION BY workspace_id ORDER BY number, place, id
    ) AS turn, row_number() OVER (
        PARTITION BY workspace_id, queue ORDER BY number, place, id
    ) AS turn_in_queue
    FROM numbered
    WHERE number <= CASE WHEN {_is_long("numbered")} THEN 1 ELSE %(per_account)s END
      AND {_is_in_queue_of_lane("numbered")}
), places AS MATERIALIZED (
    SELECT *, row_number() OVER (PARTITION BY queue ORDER BY turn, place, id) AS seat
    FROM turns WHERE turn <= %(limit)s
      AND (NOT {_is_shared("turns")} OR turn_in_queue <= %(share)s
           - COALESCE(((SELECT used_shares FROM load) ->> {_share("turns")})::int, 0))
), chosen AS MATERIALIZED (
    SELECT * FROM places
    WHERE seat <= %(ahead)s - COALESCE(((SELECT used FROM load) ->> queue)::int, 0)
    ORDER BY turn, place, id LIMIT %(limit)s
), locked AS MATERIALIZED (
    SELECT chosen.*, row_number() OVER (
        PARTITION BY chosen.queue, chosen.account_number ORDER BY chosen.number
    ) AS nth
    FROM chosen CROSS JOIN LATERAL (
        SELECT FROM destinations_destination d
        -- Not `=`, which would let the planner use every index of what has a `due_at`.
        WHERE d.id = chosen.id
          AND (d.due_at, d.queue) IS NOT DISTINCT FROM (chosen.due_at, chosen.queue)
        FOR UPDATE SKIP LOCKED
    ) AS lock
), claimed AS (
    UPDATE destinations_destination d
    SET claim = gen_random_uuid(), due_at = statement_timestamp() + %(lease)s::interval
    -- A row that is being edited, or has another queue, keeps those behind it waiting.
    FROM locked WHERE d.id = locked.id AND locked.nth = locked.number
    RETURNING d.id, d.claim, d.queue, d.account_id, locked.turn, locked.place
), counted AS (
    -- One claim at a time, so no other waits for this row.
    INSERT INTO destinations_claimcounter AS c (id, count) SELECT 1, 1
    WHERE EXISTS (SELECT FROM claimed)
    ON CONFLICT (id) DO UPDATE SET count = c.count + 1 RETURNING count
), last AS (
    SELECT queue, workspace_id, account_number FROM lanes
    WHERE visited > 0 AND (visited >= %(lanes)s OR found >= %(limit)s)
    ORDER BY visited DESC LIMIT 1
)
SELECT {IS_SATURATED},
       (SELECT ARRAY[queue, workspace_id::text, account_number::text] FROM last),
       (SELECT count FROM counted),
       claimed.id, claimed.claim, claimed.queue, claimed.account_id
FROM (SELECT) AS one LEFT JOIN claimed ON true
ORDER BY claimed.turn, claimed.place, claimed.id
"""
