"""Decide what to do with a row that is due: start, continue, look for its post, refuse, or wait."""

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from destinations.accounts import encryption
from destinations.dispatch import claimed_rows, crash_loop, enqueue
from destinations.dispatch import claims as dispatch_claims
from destinations.dispatch.claimed_rows import AccountRow, ClaimedRow
from destinations.models import Destination
from destinations.pauses import spacing
from destinations.publishing import media_host, pending_media
from destinations.publishing.job import Job, load_job
from destinations.publishing.pending_media import ResolvedDraft, States
from destinations.runtime import clock
from destinations.state import attempts, breaker, transitions
from destinations.state.attempts import AttemptUpdate
from destinations.state.transitions import Change
from platforms.drafts import Draft
from platforms.registry import ADAPTERS

S = Destination.Status

UNREADABLE = (
    "credentials_unreadable",
    "The account's credentials were encrypted with a key that is no longer configured.",
)
LIMITED = "rate_limited", "The account was limited for too long."
MISSED = "It had to be published by {} UTC and {}; a retry publishes it now."
NOT_MADE = "internal_error", "A file was not made in time."
DEADLY = "internal_error", "Workers crashed again and again while publishing it."
CRASHED = "internal_error", "A fault in Dovecote kept it from being started; see its log."


@dataclass(slots=True)
class Plan:
    """`move` is made first (none if empty); the job runs if the row was still ours to move."""

    move: str = ""
    change: Change | None = None
    job: Job | None = None
    #: Set: nothing is done yet, and the row is due again after so many seconds.
    wait_seconds: float = 0
    #: Set: nothing is done yet, and the row is due again then.
    wait_until: datetime | None = None
    #: Workers crashed while publishing it: count one more start, and wait.
    is_suspect: bool = False

    @property
    def must_be_ours(self) -> bool:
        """Return whether it takes place only if the row is still ours."""
        return bool(self.move or self.job)


def start(
    claims: Collection[tuple[uuid.UUID, uuid.UUID]],
    by: str,
    host_answers_to: Collection[uuid.UUID] = (),
    new_claims: Mapping[uuid.UUID, uuid.UUID] = MappingProxyType({}),
) -> dict[uuid.UUID, Job | None]:
    """Start or continue these (id, claim) pairs; returns the job of each, None if it has none.

    One that another worker has claimed is left out. So is one that must wait: it is released, and
    nothing behind it in its lane begins. `host_answers_to` are those that no longer wait for our
    own web host. One that has its claim of `new_claims` already goes on: it was started so before.
    """
    now = clock.now()
    ours = claimed_rows.read(claims, new_claims)
    made = pending_media.states(row.draft for row in ours)
    plans = {row.pk: _plan(row, now, made, host_answers=row.pk in host_answers_to) for row in ours}
    started = _rotate_claims(ours, plans, by)
    started |= transitions.move_all(_by_move(plans.values()), by=by)
    spacing.note([row for row in ours if row.pk in started and plans[row.pk].job], now)
    crash_loop.count_starts([pk for pk, plan in plans.items() if plan.is_suspect])
    dispatch_claims.release([(row.pk, row.claim) for row in ours if row.keeps_its_place(now)])
    _wait(ours, plans)
    if breaker.release_probes(row.pk for row in ours if row.is_probe and not plans[row.pk].job):
        enqueue.WAKE.after_commit()
    return {
        row.pk: plans[row.pk].job
        for row in ours
        if not row.keeps_its_place(now) and (row.pk in started or not plans[row.pk].must_be_ours)
    }


def crashed(pk: uuid.UUID, claim: uuid.UUID, by: str) -> None:
    """Delay a destination that a bug of ours kept from starting; after many times fail it."""
    rows = claimed_rows.read([(pk, claim)])
    if not rows:
        return
    (row,) = rows
    if not crash_loop.is_crash_loop(row):
        crash_loop.count_starts([pk])
        dispatch_claims.release([(pk, claim)], after_seconds=crash_loop.MAX_DELAY_SECONDS)
        return
    attempt = row.attempt
    was_sent = row.status == S.UNCONFIRMED or attempt is None or attempt.sent_at is not None
    plan = _stop(row, *CRASHED, may_be_live=was_sent) if row.is_begun else _refuse(row, *CRASHED)
    transitions.move_all(_by_move([plan]), by=by)


def _rotate_claims(
    rows: Iterable[ClaimedRow], plans: Mapping[uuid.UUID, Plan], by: str
) -> set[uuid.UUID]:
    """Spend the claims of jobs that need no move; returns the ids of those that are still ours."""
    jobs_of = {pk: plan.job for pk, plan in plans.items() if plan.job and not plan.move}
    return dispatch_claims.rotate_claims(
        [(row.pk, row.claim, jobs_of[row.pk].claim) for row in rows if row.pk in jobs_of], by
    )


def _wait(rows: Iterable[ClaimedRow], plans: Mapping[uuid.UUID, Plan]) -> None:
    """Release rows that wait for a file, after a crash, or for their turn; no try is spent."""
    waiting: dict[float, list[tuple[uuid.UUID, uuid.UUID]]] = {}
    for row in rows:
        if plans[row.pk].wait_seconds:
            waiting.setdefault(plans[row.pk].wait_seconds, []).append((row.pk, row.claim))
        elif until := plans[row.pk].wait_until:
            dispatch_claims.release([(row.pk, row.claim)], until=until)
    for seconds, claims in waiting.items():
        dispatch_claims.release(claims, after_seconds=seconds)


def _by_move(plans: Iterable[Plan]) -> dict[str, list[Change]]:
    changes: dict[str, list[Change]] = {}
    for plan in plans:
        if plan.change:
            changes.setdefault(plan.move, []).append(plan.change)
    return changes


def _plan(row: ClaimedRow, now: datetime, made: States, *, host_answers: bool = False) -> Plan:
    if row.is_behind:
        return Plan()
    resolved = pending_media.resolve(Draft.from_json(row.draft), ADAPTERS[row.platform], made)
    if row.is_begun:
        return _continue(row, now, resolved)
    if row.is_paused or row.is_in_doubt(now):
        return Plan()
    if row.not_after and now > row.not_after:
        return _refuse(row, "missed_schedule", _missed(row, row.not_after))
    if row.is_limited(now):
        return _late(row, *LIMITED) if crash_loop.has_waited_too_long(row, now) else Plan()
    if row.account is None:
        removed = f"The account {row.account_name} was removed."
        return _refuse(row, "account_removed", removed)
    if why_not := _why_not(row, row.account):
        return _refuse(row, *why_not)
    if resolved.refusal:
        return _refuse(row, "media_rejected", resolved.refusal)
    if until := spacing.waits_until(row, now):
        return Plan(wait_until=until)
    if resolved.wait_seconds:
        is_over = crash_loop.has_waited_too_long(row, now)
        return _late(row, *NOT_MADE) if is_over else Plan(wait_seconds=resolved.wait_seconds)
    awaits_host = not host_answers and media_host.is_awaited(row, now)
    if awaits_host and crash_loop.has_waited_too_long(row, now):
        return _late(row, *media_host.TOO_LONG)
    try:
        return _start(row, row.account, now, resolved, awaits_host=awaits_host)
    except encryption.Unreadable:
        return _refuse(row, *UNREADABLE)


def _missed(row: ClaimedRow, not_after: datetime) -> str:
    # An earlier try may have published a part of it.
    what = "was not, or not all of it" if row.attempts else "was not"
    return MISSED.format(f"{not_after:%Y-%m-%d %H:%M:%S}", what)


def _late(row: ClaimedRow, code: str, message: str) -> Plan:
    return _refuse(row, code, message if row.attempts else f"{message} Nothing was sent.")


def _refuse(row: ClaimedRow, code: str, message: str) -> Plan:
    fields = {
        "error": attempts.with_previous_error(
            message, attempts.last_error(row.pk, row.attempts, row.error)
        ),
        "error_code": code,
    }
    return Plan("refuse", Change(row.pk, row.claim, fields, message))


def _why_not(row: ClaimedRow, account: AccountRow) -> tuple[str, str] | None:
    """(code, message) if we know without the network that the account cannot be posted to."""
    platform = ADAPTERS[row.platform].name
    if not account.is_active:
        return "account_inactive", f"The account {row.account_name} is switched off."
    if account.needs_reconnection_since:
        return (
            "account_needs_reconnection",
            f"{platform} no longer accepts the authorization of {row.account_name}; reconnect it.",
        )
    return None


def _start(
    row: ClaimedRow,
    account: AccountRow,
    now: datetime,
    resolved: ResolvedDraft,
    *,
    awaits_host: bool,
) -> Plan:
    number = row.attempts + 1
    job = load_job(
        row, account, attempt=number, now=now, resolved=resolved, awaits_host=awaits_host
    )
    if awaits_host:
        return Plan(job=job)
    fields = {
        "claim": job.claim,
        "attempts": number,
        "begun_count": 1,
        "begun_at": job.begun_at,
        "error": "",
        "error_code": "",
    }
    return Plan("start", Change(row.pk, row.claim, fields, attempt=number), job)


def _continue(row: ClaimedRow, now: datetime, resolved: ResolvedDraft) -> Plan:
    """Plan a row that was started: it is processing, a lookup is due, or a worker crashed."""
    attempt = row.attempt
    unanswered = attempt is None or (attempt.sent_at is not None and attempt.answered_at is None)
    looking = row.status == S.UNCONFIRMED or unanswered
    was_sent = attempt is not None and attempt.sent_at is not None
    if row.account is None:
        message = f"The account {row.account_name} was removed while publishing."
        return _stop(row, "account_removed", message, may_be_live=looking or was_sent)
    if crash_loop.is_crash_loop(row):
        return _stop(row, *DEADLY, may_be_live=looking or was_sent)
    if resolved.wait_seconds and not looking:
        if crash_loop.has_waited_too_long(row, now):
            return _stop(row, *NOT_MADE, may_be_live=was_sent)
        return Plan(wait_seconds=resolved.wait_seconds)
    if not row.is_repeated and (pause := crash_loop.delay_seconds(row)):
        return Plan(wait_seconds=pause, is_suspect=True)
    sent_at = (attempt and attempt.sent_at) or row.begun_at or row.created_at
    is_untold = looking and not (attempt and attempt.error)
    try:
        job = load_job(
            row,
            row.account,
            attempt=row.attempts,
            now=now,
            resolved=resolved,
            started_at=attempt.started_at if attempt else None,
            look_for=sent_at if looking else None,
            settled_at=_settled_at(row, sent_at) if is_untold else None,
            was_sent=was_sent,
        )
    except encryption.Unreadable:
        return _stop(row, *UNREADABLE, may_be_live=looking or was_sent)
    if row.status == S.PUBLISHING and unanswered:
        return _mark_unconfirmed(row, job)
    return Plan(job=job)


def _settled_at(row: ClaimedRow, sent_at: datetime) -> datetime:
    """Return from when on a call of which no process told has arrived or never will."""
    settled_at = dispatch_claims.settled_at(sent_at)
    # Pieces of files leave as long as the lease lasts that its process believes in.
    lease_until = row.attempt and row.attempt.lease_until
    return max(settled_at, lease_until) if lease_until else settled_at


def _mark_unconfirmed(row: ClaimedRow, job: Job) -> Plan:
    # The row's count of lookups belongs to an earlier outcome.
    job.lookups = 0
    fields = {
        "claim": job.claim,
        "lookups": job.lookups,
        "begun_count": row.begun_count + 1,
    }
    change = Change(row.pk, row.claim, fields, breaker.NO_RECORD, row.attempts, AttemptUpdate())
    return Plan("mark_unconfirmed", change, job)


def _stop(row: ClaimedRow, code: str, message: str, *, may_be_live: bool) -> Plan:
    if may_be_live:
        code, message = "outcome_unknown", f"{message} The post may be live."
    error = attempts.with_previous_error(
        message, attempts.last_error(row.pk, row.attempts, row.error)
    )
    fields: dict[str, Any] = {"error": error, "error_code": code}
    update = AttemptUpdate(finished=True, outcome=code, error=error)
    return Plan("fail", Change(row.pk, row.claim, fields, message, row.attempts, update))
