"""Publish claimed destinations.

The promise: a crash, a lost answer or a repeated message never makes a second public post, and
nothing is forgotten. What stands in its way is the moment between a network's "accepted" and our
writing it down. So before its irreversible call every attempt is recorded and committed with what
will let us recognise the post; whoever finds such a record without an answer asks the network and
never sends again blindly.

A list is worked off by one coroutine per account, so that an account's posts go out in order. The
coroutines ask the thread that runs this task to begin, save and finish; it does so in groups, one
transaction each (`recording`).

Whoever holds a claim may have been frozen past the end of its lease, and somebody else may have
looked, and sent. So the irreversible call asks once more, at its connection, whether its lease is
still certain (`leases`, `platforms.http.transport`), and leaves only if it is. Still open: a
machine that stops within the few instructions after that answer, and bytes that the network takes
in only after the third of a lease that is kept free for them.
"""

import asyncio
import socket
import uuid
from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from os import getpid
from typing import Any

import structlog
from django.conf import settings

from destinations.accounts import refresh, tokens
from destinations.dispatch import claims as dispatch_claims
from destinations.dispatch.claims import Claimed
from destinations.publishing import media_host
from destinations.publishing.commands import Begin, ClaimLost, FindRivals, Others, Postpone, Save
from destinations.publishing.complete import Done
from destinations.publishing.held_claims import GiveBack, GivenBack, Kept
from destinations.publishing.job import Trip
from destinations.publishing.outcome import Result
from destinations.runtime import clock, event_loop, failpoints, shutdown
from destinations.runtime.event_loop import Ask
from destinations.state import earlier
from platforms.checkpoint import Checkpoint
from platforms.errors import OutcomeUnknown, PlatformError, Unauthorized, Unavailable
from platforms.http.client import Client
from platforms.outcomes import Refused
from platforms.registry import ADAPTERS

log = structlog.get_logger()

#: How often the thread looks up while nobody asks for it: leases have to be kept, and we may have
#: been told to stop.
IDLE_SECONDS = 1
#: (platform, account): where things go one after the other. A removed account is its destination.
Lane = tuple[str, int | uuid.UUID]


def publish(claims: Sequence[Claimed]) -> None:
    """Publish claimed destinations of one queue; returns when each is recorded.

    Stale or repeated claims are ignored.
    """
    kept = Kept((claim.key for claim in claims), by=f"worker:{socket.gethostname()}:{getpid()}")
    network = event_loop.current()
    accounts = _by_account(claims)
    turn = network.turn()
    starts = [partial(_serve, network, turn, *account) for account in accounts.items()]
    idle_seconds = min(IDLE_SECONDS, settings.LEASE_SECONDS / 3)
    for group in network.stream(starts, idle_seconds):
        if network.is_stuck():
            # What it holds must not stay ours: another process begins it when its lease ends.
            log.error("network_loop_stuck")
        else:
            kept.keep()
        if group:
            kept.record(group)
    is_more_likely = any(len(rows) >= settings.CLAIM_PER_ACCOUNT for rows in accounts.values())
    if is_more_likely and not shutdown.is_told():
        dispatch_claims.enqueue_all()


def _by_account(claims: Sequence[Claimed]) -> dict[Lane, list[Claimed]]:
    """The claims of each account together, in the order they came."""
    accounts: dict[Lane, list[Claimed]] = defaultdict(list)
    for claim in claims:
        accounts[claim.platform, claim.account_id or claim.id].append(claim)
    return accounts


async def _serve(
    network: event_loop.Loop, turn: int, lane: Lane, claims: Sequence[Claimed], ask: Ask
) -> None:
    """Work off one account's claims, one after the other."""
    platform, _ = lane
    slots = network.slots(platform, ADAPTERS[platform].in_flight)
    for claim in claims:
        await slots.take(turn)
        try:
            failpoints.reach(failpoints.RECEIVED, platform)
            await _serve_one(network, claim, ask)
        except ClaimLost as lost:
            word = "given_back" if isinstance(lost, GivenBack) else "claim_lost"
            ids = {"destination": claim.public_id, "account": claim.account_id}
            log.info(word, **ids, reason=str(lost))
        finally:
            slots.give_back()


async def _serve_one(network: event_loop.Loop, claim: Claimed, ask: Ask) -> None:
    trip: Trip | None = await ask(Begin(*claim.key))
    if trip and trip.awaits_host:
        if await media_host.is_away(trip, network.media_host()):
            await ask(Postpone(trip))
            return
        trip = await ask(Begin(*trip.key, host_answers=True))
    if trip is None:
        return
    # On the lines of libraries and adapters too; the coroutine of each account has its own context.
    with structlog.contextvars.bound_contextvars(**trip.ids):
        await _serve_trip(network, trip, ask)


async def _serve_trip(network: event_loop.Loop, trip: Trip, ask: Ask) -> None:
    failpoints.reach(failpoints.BEGUN, trip.adapter.key)
    result, checkpoint = await _refreshed(network, trip, ask)
    if checkpoint.state != "unsent":
        failpoints.reach(failpoints.ANSWERED, trip.adapter.key)
    # A refusal may be readable and still leave the outcome open; then nothing was answered.
    answered = checkpoint.state == "answered" and not isinstance(result, OutcomeUnknown)
    result = await media_host.blamed(trip, result, network.media_host)
    await ask(Done(trip, result, dict(checkpoint), answered=answered))


async def _refreshed(network: event_loop.Loop, trip: Trip, ask: Ask) -> tuple[Result, Checkpoint]:
    """How the trip went, with tokens refreshed before it or, once, in the middle of it."""
    is_new = False
    if tokens.is_due(trip, clock.known()):
        failure = await _refresh(network, trip, ask)
        # A post that is on its way is asked about all the same: it must not be called failed.
        if isinstance(failure, Unauthorized) and not trip.was_sent:
            failure.message = earlier.beside(failure.message, trip.said)
            return failure, Checkpoint(trip.checkpoint, _unsaved)
        # Any other failure is no reason to stay: the old token has time left, or is refused below.
        is_new = failure is None
    result, checkpoint = await _go(network, trip, ask)
    if is_new or not _is_token_refused(result, checkpoint):
        return result, checkpoint
    if checkpoint.state == "answered":
        # Committed, so that a crash from here on is no reason to look for a post.
        await ask(Save(trip, dict(checkpoint), sending=False, answered=True))
    failure = await _refresh(network, trip, ask)
    if failure:
        # If the refresh says the same, or there was nothing to refresh, the publish said it better.
        is_known = isinstance(failure, Unauthorized) and failure.code == failure.default_code
        return (result if is_known else failure), checkpoint
    trip.checkpoint = dict(checkpoint)
    return await _go(network, trip, ask)


def _is_token_refused(result: Result, checkpoint: Checkpoint) -> bool:
    is_refused = isinstance(result, Unauthorized) and result.code == result.default_code
    return is_refused and checkpoint.state != "sent"


async def _unsaved(values: dict[str, Any], sending: bool) -> None:
    """Nothing was begun, so there is nothing to save."""


async def _refresh(network: event_loop.Loop, trip: Trip, ask: Ask) -> PlatformError | None:
    """Give the trip newer credentials; otherwise why there are none."""
    platform, seen = trip.adapter.key, trip.credentials
    try:
        trip.credentials = await refresh.refresh(network, platform, trip.account_id, seen, ask)
    except PlatformError as error:
        return error
    return None


async def _go(network: event_loop.Loop, trip: Trip, ask: Ask) -> tuple[Result, Checkpoint]:
    """Publish, or look for what was published; every failure becomes a result."""
    adapter = trip.adapter
    deadline = asyncio.timeout(adapter.deadline_seconds)
    now = asyncio.get_running_loop().time
    # Progress that leads nowhere is none: a network may say "go on" for ever.
    latest = now() + adapter.retry.processing_cap_seconds

    async def store(values: dict[str, Any], sending: bool) -> None:
        answered = checkpoint.state == "answered"
        trip.lease.confirm(await ask(Save(trip, values, sending=sending, answered=answered)))
        failpoints.reach(failpoints.SENDING if sending else failpoints.SAVED, adapter.key)
        if not sending and checkpoint.state != "sent" and _is_left_to_others(trip):
            await ask(GiveBack(trip))
            raise GivenBack
        # Whoever makes progress gets more time.
        deadline.reschedule(min(now() + adapter.deadline_seconds, latest))

    def may_leave() -> bool:
        failpoints.reach(failpoints.LEAVING, adapter.key)
        return trip.lease.is_certain()

    checkpoint = Checkpoint(
        trip.checkpoint,
        store,
        may_leave,
        others=lambda posts: ask(Others(trip, posts)),
        rivals=lambda: ask(FindRivals(trip)),
    )
    http = Client(
        network.transport(adapter.key),
        explain=adapter.explain,
        checkpoint=checkpoint,
        secrets=trip.credentials.secrets(),
    )
    try:
        async with deadline:
            if trip.look_for is None:
                published = await adapter.publish(trip.draft, trip.credentials, http, checkpoint)
                return published, checkpoint
            found = await adapter.find(
                trip.draft, trip.credentials, http, checkpoint, trip.look_for
            )
            if isinstance(found, Refused):
                http.redacted(found.error)
            return found, checkpoint
    except ClaimLost:
        raise
    except PlatformError as error:
        return http.redacted(error), checkpoint
    except TimeoutError:
        late = f"{adapter.name} took too long."
        return _cut_short(trip, checkpoint, late, "deadline"), checkpoint
    except Exception:  # noqa: BLE001 - any bug of an adapter ends here
        # Our bug. The post may be public if the irreversible call had left.
        log.error("adapter_broke", exception=http.traceback())
        return _cut_short(trip, checkpoint, "Publishing broke off.", "internal_error"), checkpoint


def _is_left_to_others(trip: Trip) -> bool:
    """A long upload goes on elsewhere from its checkpoint; what is short is finished here."""
    return shutdown.is_told() and trip.adapter.is_slow(trip.draft)


def _cut_short(trip: Trip, checkpoint: Checkpoint, message: str, code: str) -> PlatformError:
    """Unknown if its call may have left, or was taken before and is only asked about."""
    if checkpoint.state == "unsent" and not trip.was_sent:
        return Unavailable(earlier.beside(message, trip.said), code=code)
    return OutcomeUnknown(message)
