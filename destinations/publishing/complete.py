"""Record the outcomes of jobs, many at once."""

import logging
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import structlog
from django.db.models import Value
from django.db.models.functions import Greatest

from destinations.accounts.tokens.commands import MarkUnauthorized
from destinations.dispatch import enqueue
from destinations.models import Account, Destination
from destinations.publishing import ownership
from destinations.publishing.commands import JobEnd
from destinations.publishing.job import Job
from destinations.publishing.outcome import Decision, Result, decide
from destinations.runtime import clock, failpoints
from destinations.runtime.worker.batch import CommandKind
from destinations.state import attempts, breaker, transitions
from destinations.state.attempts import AttemptUpdate
from destinations.state.breaker import Ended
from destinations.state.transitions import Change
from destinations.state.tries import LOST, Try
from platforms.errors import CODES, OutcomeUnknown, Unavailable
from platforms.outcomes import Absent, PartiallyPublished, Published

log = structlog.get_logger()

NOT_OURS = "The post that was found belongs to another destination."


@dataclass(frozen=True, slots=True)
class Complete(JobEnd):
    """Record how a job ended. Results in the move that was made; blank if another was first."""

    kind = CommandKind.COMPLETE

    job: Job
    result: Result
    checkpoint: dict[str, Any]
    answered: bool

    @classmethod
    def execute_many(cls, commands: Sequence["Complete"], by: str) -> list[str]:
        return complete(commands, by)


def complete(commands: Sequence[Complete], by: str) -> list[str]:
    """Decide, move and log each job, and update its account; in the caller's transaction.

    Returns the move of each; blank where the row was moved first by another.
    """
    now = clock.now()
    owned_by_others = _owned_by_others(commands)
    commands = [
        _unseen(command) if command.job.id in owned_by_others else command for command in commands
    ]
    ended = [_ended(each.job, each.result) for each in commands]
    down = breaker.note_failures(ended)
    decisions = {
        command.job.id: decide(
            command.job,
            command.result,
            checkpoint=command.checkpoint,
            now=now,
            is_down=command.job.id in down,
        )
        for command in commands
    }
    moved = transitions.move_all(_changes(commands, decisions), by=by)
    late = _record_late(
        [command for command in commands if command.job.id not in moved], decisions, by
    )
    if late:
        attempts.supersede(late, now)
    moved |= late
    _update_accounts(
        [(each.job, decisions[each.job.id]) for each in commands if each.job.id in moved]
    )
    if breaker.note_probes(each for each in ended if each.tried.destination in moved):
        enqueue.WAKE.after_commit()
    for command in commands:
        failpoints.reach(failpoints.RECORDING, command.job.adapter.key)
    _log([(each.job, decisions[each.job.id], each.job.id in moved) for each in commands])
    return [decisions[each.job.id].move if each.job.id in moved else "" for each in commands]


def _ended(job: Job, result: Result) -> Ended:
    return Ended(
        _tried(job, result),
        network=job.adapter.name,
        username=job.credentials.username,
        said=getattr(result, "message", ""),
        is_lookup=job.look_for is not None,
        is_probe=job.is_probe,
        is_unsent=isinstance(result, Unavailable),
    )


def _tried(job: Job, result: Result) -> Try:
    code = getattr(result, "code", "answered")
    # A bug of ours says nothing about the network, also if the call had left.
    is_lost = isinstance(result, OutcomeUnknown) and code != "internal_error"
    return Try(
        job.adapter.key,
        job.account_id,
        job.workspace_id,
        job.id,
        job.attempt,
        LOST if is_lost else code,
        getattr(result, "http_status", None),
        getattr(result, "unreachable", False),
    )


def _record_late(
    commands: Sequence[Complete], decisions: dict[uuid.UUID, Decision], by: str
) -> set[uuid.UUID]:
    """Late results that still prove publication; returns their ids.

    Their leases had ended. The proof ends any lookup, retry or question to a person since then.
    """
    late = {command.job.id: command for command in commands if _is_proof(command)}
    if not late:
        return set()
    changes: dict[str, list[Change]] = defaultdict(list)
    # Locked, so that no worker starts them and no person requeues them meanwhile.
    rows = Destination.objects.filter(pk__in=late).order_by("pk")
    for row in rows.select_for_update(no_key=True).only("pk", "status", "claim"):
        name = "succeed" if row.status in transitions.MOVES["succeed"][0] else "confirm_late"
        changes[name].append(_change(late[row.pk], decisions[row.pk], row.claim))
    return transitions.move_all(changes, by=by)


def _is_proof(command: Complete) -> bool:
    """Return whether the network returned the id in answer to the call that made the post."""
    return isinstance(command.result, Published) and _found(command) is None


def _changes(
    commands: Sequence[Complete], decisions: dict[uuid.UUID, Decision]
) -> dict[str, list[Change]]:
    changes: dict[str, list[Change]] = defaultdict(list)
    for command in commands:
        decision = decisions[command.job.id]
        changes[decision.move].append(_change(command, decision, command.job.claim))
    return changes


def _change(command: Complete, decision: Decision, claim: uuid.UUID | None) -> Change:
    job, update = command.job, _attempt_update(decision, command.answered)
    return Change(job.id, claim, decision.fields, decision.reason, job.attempt, update)


def _owned_by_others(commands: Sequence[Complete]) -> set[uuid.UUID]:
    """Return destinations for which a post was found that another destination already has."""
    found = [post for post in map(_found, commands) if post]
    if not found:
        return set()
    ownership.lock_platforms(post.platform for post in found)
    return ownership.already_owned(found)


def _found(command: Complete) -> ownership.Found | None:
    """Return the post if its text alone identified it, so that it may be another destination's."""
    job, result = command.job, command.result
    if isinstance(result, Published) and (job.look_for or result.found):
        return ownership.Found.on(job, result.id, result.url)
    if isinstance(result, PartiallyPublished):
        return ownership.Found.on(job, result.id, "")
    return None


def _unseen(command: Complete) -> Complete:
    """Return the command without the post that was found, and with its checkpoint as before."""
    unseen = Absent(proven=False) if command.job.look_for else OutcomeUnknown(NOT_OURS)
    return replace(command, result=unseen, checkpoint=dict(command.job.checkpoint))


def _attempt_update(decision: Decision, answered: bool) -> AttemptUpdate:
    known = AttemptUpdate(
        answered=answered, finished=bool(decision.outcome), outcome=decision.outcome
    )
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


def _update_accounts(decided: Sequence[tuple[Job, Decision]]) -> None:
    """A rate limit holds the whole account, or, if it is the app's, every account of the platform;
    a proven refusal marks the account for reconnection. A lost answer holds the account until its
    first lookup."""
    _hold_platforms(decided)
    for job, decision in sorted(decided, key=lambda each: each[0].account_id):
        is_first_lookup = job.look_for is not None and not job.lookups
        if decision.doubt_until or is_first_lookup:
            Account.objects.filter(pk=job.account_id).update(doubt_until=decision.doubt_until)
        if decision.hold_account_until:
            account = Account.objects.filter(pk=job.account_id)
            account.update(held_until=_later(decision.hold_account_until))
        if decision.account_is_unauthorized:
            MarkUnauthorized(job.account_id, job.credentials).execute()


def _hold_platforms(decided: Sequence[tuple[Job, Decision]]) -> None:
    held_until: dict[str, datetime] = {}
    for job, decision in decided:
        until, error = decision.hold_account_until, decision.error
        if until and error and CODES[error.code].whole_app:
            held_until[job.adapter.key] = max(until, held_until.get(job.adapter.key, until))
    for platform, moment in sorted(held_until.items()):
        alike = Account.objects.filter(platform=platform)
        # Locked in one order, so that two workers never wait for each other.
        list(alike.order_by("pk").select_for_update(no_key=True).values_list("pk"))
        alike.update(held_until=_later(moment))


def _later(moment: datetime) -> Greatest:
    """Return SQL for the later of a moment and the account's own `held_until`."""
    return Greatest("held_until", Value(moment))


def _log(decided: Sequence[tuple[Job, Decision, bool]]) -> None:
    """Log one line for all that were published, and one for each that was not.

    At the top of the hour a line each would cost a tenth of a worker's time.
    """
    published: list[Job] = []
    is_verbose = logging.getLogger(__name__).isEnabledFor(logging.DEBUG)
    for job, decision, moved in decided:
        if moved and decision.move == "succeed":
            published.append(job)
            if is_verbose:
                log.debug("succeed", **job.ids)
        else:
            event = decision.move if moved else "too_late"
            log.info(event, **job.ids, reason=decision.reason)
    if published:
        requests = {job.request_id for job in published if job.request_id}
        log.info(
            "published",
            destinations=[job.public_id for job in published],
            requests=sorted(requests),
        )
