"""What the database does for trips: begin, save, finish; many at once, in one transaction."""

import json
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

import structlog
from django.conf import settings
from django.db import Error, connection, transaction

from destinations import (
    attempts,
    beginning,
    clock,
    database,
    failpoints,
    leases,
    owning,
    tokens,
    transitions,
    vault,
)
from destinations.attempts import Note
from destinations.deciding import Decision, Result, decide
from destinations.loop import Asked
from destinations.models import Account, Destination
from destinations.transitions import Change
from destinations.trips import Trip
from platforms.errors import CODES
from platforms.outcomes import Absent, Published

log = structlog.get_logger()

Value = TypeVar("Value")
#: How long a worker that cannot reach the database keeps trying to write down what it knows.
PATIENCE_SECONDS = 600


class ClaimLost(Exception):
    """The lease ended and somebody else holds the destination now."""


class Broke(ClaimLost):
    """Our bug. It is logged, and whoever finds the destination when its lease ends goes on."""


@dataclass(frozen=True, slots=True)
class Begin:
    """Asks for the trip of a claimed destination; answered None if there is nothing to do."""

    id: uuid.UUID
    claim: uuid.UUID


@dataclass(frozen=True, slots=True)
class Save:
    """Asks to make a checkpoint durable, and with `sending` that the irreversible call leaves.

    Answered with the moment (`leases.now`) from which the lease runs again.
    """

    trip: Trip
    checkpoint: dict[str, Any]
    sending: bool
    answered: bool


@dataclass(frozen=True, slots=True)
class Done:
    """Asks to record how a trip ended."""

    trip: Trip
    result: Result
    checkpoint: dict[str, Any]
    answered: bool


SAVE = f"""
WITH v AS (
    SELECT * FROM jsonb_to_recordset(%(rows)s::jsonb) AS v(
        id uuid, held uuid, attempt integer, checkpoint text, sending boolean, answered boolean)
), saved AS (
    UPDATE destinations_destination d
    SET checkpoint = v.checkpoint, due_at = statement_timestamp() + %(lease)s::interval
    FROM v WHERE d.id = v.id AND d.claim = v.held
    RETURNING d.id, v.attempt, v.sending, v.answered
), sent AS ({attempts.SENT})
SELECT id FROM saved
"""


def patiently(work: Callable[[], Value]) -> Value:
    """Does the work, again and again while the database is away: what we know must not be lost."""
    pause, give_up_at = 0.1, time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return work()
        except Error as failure:
            is_over = connection.in_atomic_block or time.monotonic() > give_up_at
            if is_over or not database.is_away(failure):
                raise
            log.warning("database_away", failure=str(failure), retry_in_seconds=pause)
            connection.close()
            time.sleep(pause)
            pause = min(pause * 2, 5)


def record(group: Sequence[Asked], by: str) -> None:
    """Do what was asked, in one transaction, and fill in the answers.

    One that breaks is done, and fails, alone: the others of its group have nothing to do with it.
    """
    try:
        _record(group, by)
    except Exception as bug:
        if database.is_away(bug):
            raise
        if len(group) > 1:
            for asked in group:
                record([asked], by)
            return
        log.exception("recording_broke", request=type(group[0].request).__name__)
        _give_up(group[0], by)
        group[0].failure = Broke(repr(bug))


def _give_up(asked: Asked, by: str) -> None:
    if isinstance(asked.request, Begin):
        with transaction.atomic():
            beginning.broke(asked.request.id, asked.request.claim, by)


def _record(group: Sequence[Asked], by: str) -> None:
    asked_at = leases.now()
    with transaction.atomic():
        _finish([asked.request for asked in group if isinstance(asked.request, Done)], by)
        saved = _save([asked.request for asked in group if isinstance(asked.request, Save)])
        _answer([asked for asked in group if isinstance(asked.request, tokens.Request)])
        begins = [asked.request for asked in group if isinstance(asked.request, Begin)]
        trips = beginning.begin([(begin.id, begin.claim) for begin in begins], by) if begins else {}
    for asked in group:
        if isinstance(asked.request, Begin):
            asked.value = trips.get(asked.request.id)
        elif isinstance(asked.request, Save):
            asked.value = asked_at
            asked.failure = None if asked.request.trip.id in saved else ClaimLost()


def _answer(group: Sequence[Asked]) -> None:
    """Accounts in one order, so that two processes never wait for each other."""
    for asked in sorted(group, key=lambda each: each.request.account_id):
        asked.value = tokens.answer(asked.request)


def _save(saves: Sequence[Save]) -> set[uuid.UUID]:
    """Ids whose checkpoint is now durable; the others are no longer ours."""
    if not saves:
        return set()
    rows = [
        {
            "id": save.trip.id,
            "held": save.trip.claim,
            "attempt": save.trip.attempt,
            "checkpoint": vault.seal(save.checkpoint),
            "sending": save.sending,
            "answered": save.answered,
        }
        for save in saves
    ]
    values: dict[str, str | datetime] = {
        "rows": json.dumps(rows, default=str),
        "lease": f"{settings.LEASE_SECONDS} seconds",
        "at": clock.now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(SAVE, values)
        return {pk for (pk,) in cursor.fetchall()}


def _finish(dones: Sequence[Done], by: str) -> None:
    if not dones:
        return
    now = clock.now()
    taken = _taken(dones)
    decisions = {
        done.trip.id: decide(
            done.trip,
            Absent(proven=False) if done.trip.id in taken else done.result,
            checkpoint=done.checkpoint,
            now=now,
        )
        for done in dones
    }
    moved = transitions.move_all(_changes(dones, decisions), by=by)
    late = _come_late([done for done in dones if done.trip.id not in moved], decisions, by)
    if late:
        attempts.overtake(late, now)
    moved |= late
    _tell_accounts(
        [(done.trip, decisions[done.trip.id]) for done in dones if done.trip.id in moved]
    )
    for done in dones:
        failpoints.reach(failpoints.RECORDING, done.trip.adapter.key)
        _log(done.trip, decisions[done.trip.id], moved=done.trip.id in moved)


def _come_late(
    dones: Sequence[Done], decisions: dict[uuid.UUID, Decision], by: str
) -> set[uuid.UUID]:
    """Those whose lease ended, but we hold the proof: whoever looks for the post, waits to send it
    again, or asks a person, may stop."""
    late = {done.trip.id: done for done in dones if _is_published(done)}
    if not late:
        return set()
    changes: dict[str, list[Change]] = defaultdict(list)
    # Locked, so that nobody begins or revives them meanwhile.
    rows = Destination.objects.filter(pk__in=late).order_by("pk")
    for row in rows.select_for_update(no_key=True).only("pk", "status", "claim"):
        name = "succeed" if row.status in transitions.MOVES["succeed"][0] else "prove"
        changes[name].append(_change(late[row.pk], decisions[row.pk], row.claim))
    return transitions.move_all(changes, by=by)


def _is_published(done: Done) -> bool:
    return isinstance(done.result, Published) and done.trip.look_for is None


def _changes(
    dones: Sequence[Done], decisions: dict[uuid.UUID, Decision]
) -> dict[str, list[Change]]:
    changes: dict[str, list[Change]] = defaultdict(list)
    for done in dones:
        decision = decisions[done.trip.id]
        changes[decision.move].append(_change(done, decision, done.trip.claim))
    return changes


def _change(done: Done, decision: Decision, claim: uuid.UUID | None) -> Change:
    trip, note = done.trip, _note(decision, done.answered)
    return Change(trip.id, claim, decision.fields, decision.reason, trip.attempt, note)


def _taken(dones: Sequence[Done]) -> set[uuid.UUID]:
    """Destinations for which a post was found that another destination already has."""
    found = [
        owning.Found(
            done.trip.id,
            done.trip.adapter.key,
            done.trip.account_id,
            done.result.id,
            done.result.url,
        )
        for done in dones
        if isinstance(done.result, Published) and done.trip.look_for
    ]
    if not found:
        return set()
    owning.take_turns(post.platform for post in found)
    return owning.taken(found)


def _note(decision: Decision, answered: bool) -> Note:
    known = Note(answered=answered, finished=bool(decision.outcome), outcome=decision.outcome)
    error = decision.error
    if error is None:
        return known
    return replace(
        known,
        error=error.message,
        platform_code=error.platform_code,
        http_status=error.http_status,
        platform_request_id=error.request_id,
        response=error.body,
        unmapped=error.unmapped,
    )


def _tell_accounts(decided: Sequence[tuple[Trip, Decision]]) -> None:
    """A rate limit holds the whole account, or, if it is the app's, every account of the platform;
    a proven refusal marks the account for reconnection."""
    _hold_platforms(decided)
    for trip, decision in sorted(decided, key=lambda each: each[0].account_id):
        if decision.hold_account_until:
            account = Account.objects.filter(pk=trip.account_id)
            account.update(held_until=decision.hold_account_until)
        if decision.account_is_unauthorized:
            tokens.answer(tokens.Mark(trip.account_id, trip.credentials))


def _hold_platforms(decided: Sequence[tuple[Trip, Decision]]) -> None:
    until = {
        trip.adapter.key: decision.hold_account_until
        for trip, decision in decided
        if decision.hold_account_until and decision.error and CODES[decision.error.code].whole_app
    }
    for platform, moment in until.items():
        alike = Account.objects.filter(platform=platform)
        # In one order, so that two workers never wait for each other.
        list(alike.order_by("pk").select_for_update(no_key=True).values_list("pk"))
        alike.update(held_until=moment)


def _log(trip: Trip, decision: Decision, *, moved: bool) -> None:
    log.info(
        decision.move if moved else "too_late",
        request_id=trip.request_id,
        post=str(trip.post_id),
        destination=str(trip.id),
        platform=trip.adapter.key,
        attempt=trip.attempt,
        reason=decision.reason,
    )
