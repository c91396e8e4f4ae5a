"""What the database does for trips: begin, save, finish; many at once, in one transaction."""

import json
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import structlog
from django.conf import settings
from django.db import Error, connection, transaction

from destinations.accounts import encryption, tokens
from destinations.dispatch import leases
from destinations.publishing import complete, media_host, ownership, plan, rivals
from destinations.publishing.complete import Done
from destinations.publishing.job import Trip
from destinations.runtime import clock, db_errors
from destinations.runtime.event_loop import Asked
from destinations.state import attempts

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
    """Asks for the trip of a claimed destination; answered None if there is nothing to do.

    `host_answers`: it does not wait for our own web host any more.
    """

    id: uuid.UUID
    claim: uuid.UUID
    host_answers: bool = False


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
class Postpone:
    """Asks to give a trip back that waits for our own web host."""

    trip: Trip


@dataclass(frozen=True, slots=True)
class Others:
    """Asks which of these posts, links by ids, another destination has; answered with their ids."""

    trip: Trip
    posts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FindRivals:
    """Asks which other destinations may have made a post that is found; see `rivals`."""

    trip: Trip


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
            if is_over or not db_errors.is_away(failure):
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
        if db_errors.is_away(bug):
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
            plan.broke(asked.request.id, asked.request.claim, by)


def _record(group: Sequence[Asked], by: str) -> None:
    asked_at = leases.now()
    with transaction.atomic():
        complete.finish([asked.request for asked in group if isinstance(asked.request, Done)], by)
        saved = _save([asked.request for asked in group if isinstance(asked.request, Save)])
        _answer([asked for asked in group if isinstance(asked.request, tokens.Request)])
        _tell_others([asked for asked in group if isinstance(asked.request, Others)])
        media_host.postpone(
            [asked.request.trip for asked in group if isinstance(asked.request, Postpone)]
        )
        begins = [asked.request for asked in group if isinstance(asked.request, Begin)]
        answered = {begin.id for begin in begins if begin.host_answers}
        held = [(begin.id, begin.claim) for begin in begins]
        trips = plan.begin(held, by, host_answers_to=answered) if begins else {}
    for asked in group:
        if isinstance(asked.request, FindRivals):
            asked.value = rivals.of(asked.request.trip)
        elif isinstance(asked.request, Begin):
            asked.value = trips.get(asked.request.id)
        elif isinstance(asked.request, Save):
            asked.value = asked_at
            asked.failure = None if asked.request.trip.id in saved else ClaimLost()


def _answer(group: Sequence[Asked]) -> None:
    """Accounts in one order, so that two processes never wait for each other."""
    for asked in sorted(group, key=lambda each: each.request.account_id):
        asked.value = tokens.answer(asked.request)


def _tell_others(group: Sequence[Asked]) -> None:
    for asked in group:
        trip, posts = asked.request.trip, asked.request.posts
        asked.value = ownership.others([ownership.Found.on(trip, *post) for post in posts.items()])


def _save(saves: Sequence[Save]) -> set[uuid.UUID]:
    """Ids whose checkpoint is now durable; the others are no longer ours."""
    if not saves:
        return set()
    rows = [
        {
            "id": save.trip.id,
            "held": save.trip.claim,
            "attempt": save.trip.attempt,
            "checkpoint": encryption.seal(save.checkpoint),
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
