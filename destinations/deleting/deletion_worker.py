"""The deletions of a worker process: a thread for the database, the loop for the networks.

A Celery task wakes it and ends, so that a network that hangs holds no thread of Celery's. Each
deletion is a coroutine on the loop that publishing uses too.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

import structlog

from destinations.accounts import refresh
from destinations.deleting import claims
from destinations.deleting.claims import DeletionJob
from destinations.deleting.commands import Begin, End, SaveProgress
from destinations.jobs.command_engine import CommandEngine
from destinations.jobs.engine import OnePerProcess
from destinations.models import Deletion
from destinations.runtime import failpoints
from destinations.runtime.worker import adapter_crash, event_loop
from destinations.runtime.worker.command_queue import CommandFailed, Execute
from platforms.errors import (
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
)
from platforms.http.client import Client
from platforms.outcomes import Removal

log = structlog.get_logger()

#: From so many deletions in flight at a network, no more of them are claimed.
AT_ONCE = 20
#: The most that one claim takes, and a workspace has in flight while others wait.
SHARE = 10
Value = TypeVar("Value")
#: How long one call may take, with what is asked after an ambiguous answer.
CALL_SECONDS = 45
NOT_PROVEN = (
    "A person said which post it is, and {name} does not confirm that it belongs to this account. "
    "Delete it in {name}'s own app."
)
Ask = Callable[[DeletionJob, Client], Awaitable[Value]]


class DeletionEngine(CommandEngine[Deletion]):
    name = "deletions"
    rows = claims.ROWS
    by = "worker:deleting"
    # What is in flight then is due when its lease ends.
    stop_seconds = 20

    def begin(self) -> None:
        at_network = Counter(row.platform for row in self.in_flight())
        busy = [key for key, count in at_network.items() if count >= AT_ONCE]
        of_workspace = Counter(row.workspace_id for row in self.in_flight())
        full = [key for key, count in of_workspace.items() if count >= SHARE]
        # Workspaces take turns: those that have nothing in flight come first.
        for others in dict.fromkeys([tuple(of_workspace), tuple(full)]):
            if claimed := claims.claim(SHARE, busy, others):
                self.start(claimed, self._delete)
                # More may be due.
                self.wake()
                return

    async def _delete(self, claimed: Deletion, execute: Execute) -> None:
        try:
            await _run(self.network, claimed, execute)
        except CommandFailed as failure:
            log.info("deletion_claim_lost", deletion=str(claimed.pk), reason=str(failure))


_engine = OnePerProcess(DeletionEngine)


def wake() -> None:
    """Work on what is due, on a thread of its own; returns at once."""
    _engine.current().wake()


async def _run(network: event_loop.Loop, claimed: Deletion, execute: Execute) -> None:
    """Try a claimed deletion once."""
    job: DeletionJob | None = await execute(Begin(claimed))
    if job is None:
        return
    with structlog.contextvars.bound_contextvars(**job.ids):
        failpoints.reach(failpoints.DELETING, job.adapter.key)
        try:
            failure = await _delete(network, job, execute)
        except CommandFailed as lost:
            log.info("deletion_claim_lost", reason=str(lost))
            return
        failpoints.reach(failpoints.REMOVED, job.adapter.key)
        await execute(End(job, failure))


async def _delete(
    network: event_loop.Loop, job: DeletionJob, execute: Execute
) -> PlatformError | None:
    """Delete what is left, part by part; what ended it early, if anything did."""
    try:
        if not job.is_proven:
            await _prove(network, job, execute)
        for number, part in enumerate(job.left):
            if number:
                await execute(SaveProgress(job))
            part["removal"] = await _with_valid_token(network, job, execute, _removing(part["id"]))
    except PlatformError as failure:
        return failure
    return None


def _removing(post_id: str) -> Ask[Removal]:
    async def ask(job: DeletionJob, http: Client) -> Removal:
        return await job.adapter.delete(post_id, job.credentials, http)

    return ask


async def _prove(network: event_loop.Loop, job: DeletionJob, execute: Execute) -> None:
    """Make sure that the network shows each part as the account's own. Raises PlatformError."""

    async def ask(job: DeletionJob, http: Client) -> bool:
        for part in job.left:
            if not await job.adapter.shows_as_own(part["id"], job.credentials, http):
                return False
        return True

    if not await _with_valid_token(network, job, execute, ask):
        raise Rejected(NOT_PROVEN.format(name=job.adapter.name), code="not_proven")
    job.is_proven = True
    await execute(SaveProgress(job))


async def _with_valid_token(
    network: event_loop.Loop, job: DeletionJob, execute: Execute, ask: Ask[Value]
) -> Value:
    """Return the network's answer, with tokens refreshed before, or once after a refusal."""
    if refresh.is_due(job.adapter.key, job.credentials, job.token_expires_at):
        with suppress(Unavailable, RateLimited):
            # Without a new token the old one has time left, or is refused below.
            await _refresh(network, job, execute)
    try:
        return await _called(network, job, ask)
    except Unauthorized as refusal:
        if refusal.code != refusal.default_code:
            raise
        await _refresh(network, job, execute)
        return await _called(network, job, ask)


async def _refresh(network: event_loop.Loop, job: DeletionJob, execute: Execute) -> None:
    """Give the job newer credentials."""
    job.credentials = await refresh.refresh(
        network, job.adapter.key, job.account_id, job.credentials, execute
    )
    job.token_expires_at = None


async def _called(network: event_loop.Loop, job: DeletionJob, ask: Ask[Value]) -> Value:
    adapter = job.adapter
    http = Client(
        network.transport(adapter.key),
        explain=adapter.explain,
        secrets=job.credentials.secrets(),
    )
    try:
        async with asyncio.timeout(CALL_SECONDS):
            with adapter_crash.contained(http, adapter.key, TimeoutError):
                return await ask(job, http)
    except OutcomeUnknown as unknown:
        raise http.redacted(unknown.as_(Unavailable)) from unknown
    except PlatformError as error:
        raise http.redacted(error) from error.__cause__
    except TimeoutError:
        raise Unavailable(f"{adapter.name} took too long.", code="deadline") from None
