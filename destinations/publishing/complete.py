"""How trips end: what is decided from their results is written down, many at once."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import structlog

from destinations.accounts import tokens
from destinations.models import Account, Destination
from destinations.publishing import ownership
from destinations.publishing.job import Trip
from destinations.publishing.outcome import Decision, Result, decide
from destinations.runtime import clock, failpoints
from destinations.state import attempts, transitions
from destinations.state.attempts import Note
from destinations.state.transitions import Change
from platforms.errors import CODES, OutcomeUnknown
from platforms.outcomes import Absent, Published, Unfinished

log = structlog.get_logger()

NOT_OURS = "The post that was found belongs to another destination."


@dataclass(frozen=True, slots=True)
class Done:
    """Asks to record how a trip ended."""

    trip: Trip
    result: Result
    checkpoint: dict[str, Any]
    answered: bool


def finish(dones: Sequence[Done], by: str) -> None:
    """Decide, move and note each of them, and tell their accounts; in the caller's transaction."""
    if not dones:
        return
    now = clock.now()
    taken = _taken(dones)
    dones = [_without_it(done) if done.trip.id in taken else done for done in dones]
    decisions = {
        done.trip.id: decide(done.trip, done.result, checkpoint=done.checkpoint, now=now)
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
    # Locked, so that nobody begins or requeues them meanwhile.
    rows = Destination.objects.filter(pk__in=late).order_by("pk")
    for row in rows.select_for_update(no_key=True).only("pk", "status", "claim"):
        name = "succeed" if row.status in transitions.MOVES["succeed"][0] else "confirm_late"
        changes[name].append(_change(late[row.pk], decisions[row.pk], row.claim))
    return transitions.move_all(changes, by=by)


def _is_published(done: Done) -> bool:
    """Whether the network itself told the id, in answer to the call that made the post."""
    return isinstance(done.result, Published) and _found(done) is None


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
    found = [post for post in map(_found, dones) if post]
    if not found:
        return set()
    ownership.take_turns(post.platform for post in found)
    return ownership.taken(found)


def _found(done: Done) -> ownership.Found | None:
    """What was recognised by what it says, so that it may be another destination's."""
    trip, result = done.trip, done.result
    if isinstance(result, Published) and (trip.look_for or result.found):
        return ownership.Found.on(trip, result.id, result.url)
    if isinstance(result, Unfinished):
        return ownership.Found.on(trip, result.id, "")
    return None


def _without_it(done: Done) -> Done:
    """As if the post had not been seen: what was known before is all that is known."""
    unseen = Absent(proven=False) if done.trip.look_for else OutcomeUnknown(NOT_OURS)
    return replace(done, result=unseen, checkpoint=dict(done.trip.checkpoint))


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
    log.info(decision.move if moved else "too_late", **trip.ids, reason=decision.reason)
