"""The table of moves, and the only writer of `Destination.status`.

A move is one statement: an UPDATE guarded by the current status and by the claim, one event per
row, the change to its attempt, what its post needs (`RollUp`), and what customers are told of it
(`Telling`). A caller that loses a race learns it from the result and stops.
"""

import json
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction

from destinations.models import Destination
from destinations.runtime import clock, database
from destinations.state import attempts, lease_sql, sanitize
from destinations.state.attempts import AttemptUpdate

S = Destination.Status

MOVES: dict[str, tuple[frozenset[S], S]] = {
    # move: (from, to)
    # Opens an attempt. From publishing and failed only while a retry waits.
    "start": (frozenset({S.QUEUED, S.PUBLISHING, S.FAILED}), S.PUBLISHING),
    # The network is still processing.
    "wait": (frozenset({S.PUBLISHING}), S.PUBLISHING),
    "succeed": (frozenset({S.PUBLISHING, S.UNCONFIRMED}), S.PUBLISHED),
    # Both set next_retry_at: within a minute, and later.
    "retry_soon": (frozenset({S.PUBLISHING, S.UNCONFIRMED}), S.PUBLISHING),
    "retry": (frozenset({S.PUBLISHING, S.UNCONFIRMED}), S.FAILED),
    # The network is down: it waits in its place until that is over, and spends no try.
    "put_back": (frozenset({S.PUBLISHING}), S.QUEUED),
    # It may be public. The network is asked.
    "mark_unconfirmed": (frozenset({S.PUBLISHING}), S.UNCONFIRMED),
    # The network does not show it yet. It is asked again later.
    "check_again": (frozenset({S.UNCONFIRMED}), S.UNCONFIRMED),
    # Final: no next_retry_at.
    "fail": (frozenset({S.PUBLISHING, S.UNCONFIRMED}), S.FAILED),
    # Nothing was sent, because the account cannot post. From publishing and failed as for start.
    "refuse": (frozenset({S.QUEUED, S.PUBLISHING, S.FAILED}), S.FAILED),
    # A person asks for another try.
    "requeue": (frozenset({S.FAILED}), S.QUEUED),
    # A person has found the post.
    "confirm_published": (frozenset({S.FAILED}), S.PUBLISHED),
    # A worker that had lost its claim returns with proof.
    "confirm_late": (frozenset({S.QUEUED, S.FAILED}), S.PUBLISHED),
    # A person has looked, and the post is not public.
    "confirm_not_published": (frozenset({S.FAILED}), S.FAILED),
    # The database lost its last commits, and it may be public. The network is asked.
    "look_up_doubtful": (
        frozenset({S.QUEUED, S.FAILED, S.PUBLISHING, S.UNCONFIRMED}),
        S.UNCONFIRMED,
    ),
    # The database was restored from an earlier state: see `dispatch.restoring`.
    "mark_possibly_published": (
        frozenset({S.QUEUED, S.FAILED, S.PUBLISHING, S.UNCONFIRMED}),
        S.FAILED,
    ),
}

#: Moves of a row that waits. A row that is being published waits for a quick retry, or not at all.
FROM_WAITING = ("start", "refuse")

#: Columns a move may set, with the type PostgreSQL reads them as.
COLUMNS = {
    "due_at": "timestamptz",
    "claim": "uuid",
    "wanted_at": "timestamptz",
    "not_after": "timestamptz",
    "attempts": "integer",
    "failures": "integer",
    "lookups": "integer",
    "begun_at": "timestamptz",
    "begun_count": "smallint",
    "next_retry_at": "timestamptz",
    "checkpoint": "text",
    "error": "text",
    "error_code": "text",
    "notes": "jsonb",
    "published_at": "timestamptz",
    "platform_post_id": "text",
    "platform_post_url": "text",
}

#: The place of a row in its account's lane: when it was first wanted.
PLACE = "COALESCE(d.lane_at, d.wanted_at)"
#: Whether something is still to happen to a row by itself.
IS_OPEN = f"(d.status NOT IN ('{S.PUBLISHED}', '{S.FAILED}') OR d.next_retry_at IS NOT NULL)"
#: More columns of `moved` for the SQL of `Telling`: the row as the move left it.
TOLD_COLUMNS = """, d.workspace_id, d.platform, d.account_number, d.account_name, d.next_retry_at,
    d.published_at, d.platform_post_id, d.platform_post_url, d.error, d.error_code"""

#: Columns that every move resets unless it sets them: claim, clock, and count of crashes.
CLEARED: dict[str, Any] = {
    "claim": None,
    "due_at": None,
    "next_retry_at": None,
    "begun_count": 0,
}


@dataclass(frozen=True, slots=True)
class Change:
    """One destination's move. `claim` authorizes it; None requires an unclaimed row.

    If `fields` has a new claim, the row stays leased: `due_at` is set by `lease_sql.EXTENDED`, and
    `updated_at` is left alone, so that the update can be HOT.
    """

    id: uuid.UUID
    claim: uuid.UUID | None
    fields: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    attempt: int | None = None
    #: How that attempt changes.
    update: AttemptUpdate | None = None


@dataclass(frozen=True, slots=True)
class RollUp:
    """SQL that updates posts after their destinations, in the transaction of every move.

    The SQL is part of the move's statement, and returns a row per post that it concerns. With
    moves of several kinds it could lock posts in an order in which two workers block each other.
    """

    #: SQL for starts: the posts of `moved` are publishing; their other destinations do not matter.
    publishing: str
    #: SQL for other moves: locks the posts of `moved` in the order of their ids.
    lock: str
    #: Derives the statuses of these locked posts. A statement of its own, because it must count
    #: what was committed while another one waited for the locks. Also given: those of them of which
    #: a destination was open before its move.
    count: Callable[[Collection[uuid.UUID], Collection[uuid.UUID]], None]
    #: Locks these posts, and derives their statuses.
    lock_and_count: Callable[[Collection[uuid.UUID], Collection[uuid.UUID]], None]


@dataclass(frozen=True, slots=True)
class Telling:
    """SQL and a callback that write customers' events of moves, in their transaction."""

    #: SQL by move: writes an event for each row of `moved` of which one is wanted, and returns it.
    events: Mapping[str, str]
    #: Called in the transaction if events were written.
    on_told: Callable[[], None]


_roll_up: RollUp | None = None
_telling: Telling | None = None


def on_moved(roll_up: RollUp, telling: Telling) -> None:
    """Let posts and customers follow every move. Called once, when the application starts."""
    global _roll_up, _telling
    _roll_up, _telling = roll_up, telling


def move(
    name: str,
    pk: uuid.UUID,
    *,
    by: str,
    claim: uuid.UUID | None = None,
    reason: str = "",
    request_id: str = "",
    **fields: Any,
) -> bool:
    """Move one destination. False: it was moved first by another caller; nothing changed."""
    change = Change(pk, claim, fields, reason)
    return bool(move_all({name: [change]}, by=by, request_id=request_id))


def move_all(
    changes: Mapping[str, Iterable[Change]], *, by: str, request_id: str = ""
) -> set[uuid.UUID]:
    """Make many moves in one transaction and return the ids that moved.

    All changes of one move name the same fields.
    """
    is_alone = len(changes) == 1
    with transaction.atomic(savepoint=False):
        moved = [
            row
            for name, wanted in changes.items()
            for row in _move(name, list(wanted), by, request_id, is_alone=is_alone)
        ]
        posts = {row.post_id for row in moved}
        opened = {row.post_id for row in moved if row.was_open}
        if _roll_up and posts and not is_alone:
            _roll_up.lock_and_count(posts, opened)
        elif _roll_up and posts and "start" not in changes:
            _roll_up.count(posts, opened)
        if _telling and any(row.told for row in moved):
            _telling.on_told()
    return {row.id for row in moved}


class _Moved(NamedTuple):
    id: uuid.UUID
    post_id: uuid.UUID
    #: Whether something was still to happen to it by itself.
    was_open: bool
    #: How many events customers are told, of all rows of the statement.
    told: int


def _move(
    name: str, changes: list[Change], by: str, request_id: str, *, is_alone: bool
) -> list[_Moved]:
    """Return every row that moved. Each gets an event."""
    if not changes:
        return []
    columns = sorted(CLEARED.keys() | changes[0].fields.keys())
    stays_leased = "claim" in changes[0].fields
    values = {
        "rows": json.dumps([_row(change) for change in changes], default=str),
        "at": clock.now(),
        "by": by,
        "request_id": request_id,
        "lease": f"{settings.LEASE_SECONDS} seconds",
    }
    sql = _sql(name, tuple(columns), stays_leased=stays_leased, is_alone=is_alone)
    return [_Moved(*row) for row in database.execute_prepared(sql, values)]


def _row(change: Change) -> dict[str, Any]:
    return sanitize.values(
        {
            **CLEARED,
            **change.fields,
            "id": change.id,
            "held": change.claim,
            "reason": change.reason,
            "attempt": change.attempt,
            "attempt_update": change.update and asdict(change.update),
        }
    )


def _assignments(name: str, columns: Iterable[str], *, stays_leased: bool) -> str:
    """Return what a move sets, as SQL. One that keeps the lease changes no column of an index.

    No retry, lookup or poll moves a row from its place in its lane; only a person's retry does.
    """
    values = {column: f"v.{column}" for column in columns}
    if stays_leased:
        values["due_at"] = lease_sql.EXTENDED
    else:
        values["updated_at"] = "%(at)s"
    if name == "put_back":
        values |= {"due_at": PLACE, "wanted_at": PLACE, "lane_at": "NULL"}
    elif "wanted_at" in values:
        values["lane_at"] = "NULL" if name == "requeue" else PLACE
    return ", ".join(f"{column} = {value}" for column, value in values.items())


@lru_cache(maxsize=32)
def _sql(name: str, columns: tuple[str, ...], *, stays_leased: bool, is_alone: bool) -> str:
    types = ", ".join(f"{column} {COLUMNS[column]}" for column in columns)
    sources, target = MOVES[name]
    sources_sql = ", ".join(f"'{status}'" for status in sorted(sources))
    sets = _assignments(name, columns, stays_leased=stays_leased)
    attempted = attempts.OPEN if name == "start" else attempts.UPDATE
    waits = f"(d.status <> '{S.PUBLISHING}' OR d.next_retry_at IS NOT NULL)"
    posts = "SELECT 1"
    if _roll_up and is_alone:
        posts = _roll_up.publishing if name == "start" else _roll_up.lock
    told = _telling.events.get(name, "") if _telling else ""
    returned = TOLD_COLUMNS if told else ""
    # The row is locked before the update, so that the event records the status it came from. What
    # locks the posts would not be executed if nothing read it.
    return f"""
        WITH v AS MATERIALIZED (
            SELECT * FROM jsonb_to_recordset(%(rows)s::jsonb)
            AS v(id uuid, held uuid, reason text, attempt integer, attempt_update jsonb, {types})
        ), old AS (
            SELECT d.id, d.status, {IS_OPEN} AS was_open
            FROM destinations_destination d JOIN v ON v.id = d.id
            WHERE d.status IN ({sources_sql}) AND d.claim IS NOT DISTINCT FROM v.held
                AND {waits if name in FROM_WAITING else "true"}
            ORDER BY d.id FOR UPDATE OF d
        ), moved AS (
            UPDATE destinations_destination d
            SET status = '{target}',
                request_id = COALESCE(NULLIF(%(request_id)s::text, ''), d.request_id), {sets}
            FROM v JOIN old ON old.id = v.id
            WHERE d.id = v.id
            RETURNING d.id, d.post_id, d.attempts, d.wanted_at, old.status, old.was_open,
                v.reason, v.attempt, v.attempt_update {returned}
        ), recorded AS (
            INSERT INTO destinations_event
                (destination_id, at, move, from_status, to_status, by, reason, attempt, request_id)
            SELECT id, %(at)s, '{name}', status, '{target}', %(by)s::text, reason, attempt,
                %(request_id)s::text
            FROM moved ORDER BY id
        ), attempted AS ({attempted}), posts AS ({posts}), told AS ({told or "SELECT 1 LIMIT 0"})
        SELECT id, post_id, was_open, (SELECT count(*) FROM told) FROM moved
        WHERE (SELECT count(*) FROM posts) >= 0
    """
