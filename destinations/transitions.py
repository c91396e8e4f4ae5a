"""The table of moves, and the only writer of `Destination.status`.

A move is one UPDATE guarded by the status it comes from and by the claim, one event row each, and
the roll-up of the posts, all in one transaction. Whoever loses the race learns it from the answer
and stops.
"""

import json
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from destinations.models import Destination, Event

S = Destination.Status

MOVES: dict[str, tuple[frozenset[S], S]] = {
    # move: (from, to)
    "start": (frozenset({S.QUEUED, S.FAILED}), S.PUBLISHING),  # failed: only while a retry waits
    "wait": (frozenset({S.PUBLISHING}), S.PUBLISHING),  # the network is processing
    "succeed": (frozenset({S.PUBLISHING, S.UNCONFIRMED}), S.PUBLISHED),
    "retry": (frozenset({S.PUBLISHING, S.UNCONFIRMED}), S.FAILED),  # with next_retry_at
    "lose": (frozenset({S.PUBLISHING}), S.UNCONFIRMED),  # it may be public; ask the network
    "look": (frozenset({S.UNCONFIRMED}), S.UNCONFIRMED),  # not seen yet; ask again later
    "fail": (frozenset({S.PUBLISHING, S.UNCONFIRMED}), S.FAILED),  # final: no next_retry_at
    "refuse": (frozenset({S.QUEUED, S.FAILED}), S.FAILED),  # nothing was tried: the account cannot
    "revive": (frozenset({S.FAILED}), S.QUEUED),  # by a person
}

#: Columns a move may set, with the type PostgreSQL reads them as.
COLUMNS = {
    "due_at": "timestamptz",
    "claim": "uuid",
    "wanted_at": "timestamptz",
    "attempts": "integer",
    "failures": "integer",
    "lookups": "integer",
    "begun_at": "timestamptz",
    "next_retry_at": "timestamptz",
    "checkpoint": "text",
    "error": "text",
    "error_code": "text",
    "published_at": "timestamptz",
    "platform_post_id": "text",
    "platform_post_url": "text",
}

#: What every move clears unless it says otherwise: the claim is spent and no clock runs.
CLEARED: dict[str, Any] = {"claim": None, "due_at": None, "next_retry_at": None}


@dataclass(frozen=True, slots=True)
class Change:
    """One destination's move. `claim` is the right to make it; None asks for an unclaimed row."""

    id: uuid.UUID
    claim: uuid.UUID | None
    fields: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    attempt: int | None = None


RollUp = Callable[[Collection[uuid.UUID]], None]
_roll_ups: list[RollUp] = []


def on_moved(roll_up: RollUp) -> None:
    """Call `roll_up(post_ids)` inside the transaction of every move."""
    _roll_ups.append(roll_up)


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
    """Move one destination. False: somebody else moved it first, and nothing was changed."""
    change = Change(pk, claim, fields, reason)
    return bool(move_all({name: [change]}, by=by, request_id=request_id))


def move_all(
    changes: Mapping[str, Iterable[Change]], *, by: str, request_id: str = ""
) -> set[uuid.UUID]:
    """Make many moves in one transaction and return the ids that moved.

    All changes of one move name the same fields.
    """
    moved: set[uuid.UUID] = set()
    posts: set[uuid.UUID] = set()
    at = timezone.now()
    with transaction.atomic():
        for name, wanted in changes.items():
            by_id = {change.id: change for change in wanted}
            if not by_id:
                continue
            rows = _update(name, by_id, at)
            Event.objects.bulk_create(
                _event(name, by_id[pk], old, by, request_id, at) for pk, _, old in rows
            )
            moved.update(pk for pk, _, _ in rows)
            posts.update(post_id for _, post_id, _ in rows)
        roll_up(posts)
    return moved


def roll_up(posts: Collection[uuid.UUID]) -> None:
    if posts:
        for callback in _roll_ups:
            callback(posts)


def _update(
    name: str, changes: Mapping[uuid.UUID, Change], at: datetime
) -> list[tuple[uuid.UUID, uuid.UUID, str]]:
    """Returns (id, post id, status before) of every row that moved."""
    sources, target = MOVES[name]
    rows = [
        {**CLEARED, **change.fields, "id": change.id, "held": change.claim}
        for change in changes.values()
    ]
    columns = sorted(set(rows[0]) - {"id", "held"})
    types = ", ".join(f"{column} {COLUMNS[column]}" for column in columns)
    sets = ", ".join(f"{column} = v.{column}" for column in columns)
    # The row is locked as it was, so that the event can tell where it came from.
    sql = f"""
        WITH v AS (
            SELECT * FROM jsonb_to_recordset(%s::jsonb) AS v(id uuid, held uuid, {types})
        ), old AS (
            SELECT d.id, d.status FROM destinations_destination d JOIN v ON v.id = d.id
            WHERE d.status = ANY(%s) AND d.claim IS NOT DISTINCT FROM v.held
            ORDER BY d.id FOR UPDATE OF d
        )
        UPDATE destinations_destination d
        SET status = %s, updated_at = %s, {sets}
        FROM v JOIN old ON old.id = v.id
        WHERE d.id = v.id
        RETURNING d.id, d.post_id, old.status
    """
    from_statuses = [str(status) for status in sources]
    with connection.cursor() as cursor:
        cursor.execute(sql, [json.dumps(rows, default=str), from_statuses, str(target), at])
        return list(cursor.fetchall())


def _event(name: str, change: Change, old: str, by: str, request_id: str, at: datetime) -> Event:
    return Event(
        destination_id=change.id,
        at=at,
        move=name,
        from_status=old,
        to_status=str(MOVES[name][1]),
        by=by,
        reason=change.reason,
        attempt=change.attempt,
        request_id=request_id,
    )
