"""One run of a job: start it, refresh its tokens, call its network, record the outcome."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import structlog

from destinations.accounts import refresh
from destinations.dispatch.claims import Claimed
from destinations.publishing import media_host
from destinations.publishing.commands import (
    ClaimLost,
    FindLookalikes,
    FindOwners,
    Postpone,
    ReleaseClaim,
    Released,
    SaveCheckpoint,
    Start,
)
from destinations.publishing.complete import Complete
from destinations.publishing.job import Job
from destinations.publishing.outcome import Result
from destinations.runtime import failpoints, tracing
from destinations.runtime.worker import adapter_crash, event_loop, shutdown
from destinations.runtime.worker.adapter_crash import AdapterCrashed
from destinations.runtime.worker.command_queue import Execute
from destinations.state import attempts
from platforms.adapter import Call
from platforms.checkpoint import Checkpoint, forget
from platforms.errors import OutcomeUnknown, PlatformError, Unauthorized, Unavailable
from platforms.http.client import Client
from platforms.outcomes import Finding, RefusedLater


async def run(network: event_loop.Loop, claim: Claimed, execute: Execute) -> str:
    """Publish one claimed destination, or find out what became of it.

    Returns the move that ended it; blank if there was nothing to do. Raises CommandFailed, such as
    ClaimLost if another worker may be publishing it.
    """
    job: Job | None = await execute(Start(*claim.key))
    if job and job.awaits_host:
        if await media_host.is_away(job, network.media_host()):
            await execute(Postpone(job))
            return ""
        job = await execute(Start(*job.key, host_answers=True))
    if job is None:
        return ""
    # Libraries and adapters log these too; the coroutine of each account has its own context.
    with structlog.contextvars.bound_contextvars(**job.ids), _span(claim, job):
        return await _Run(network, job, execute).run()


def _span(claim: Claimed, job: Job) -> AbstractContextManager[Any]:
    verb = "look up on" if job.look_for else "publish to"
    return tracing.span(
        f"{verb} {job.adapter.key}",
        job.request_id,
        **{
            "messaging.destination.name": claim.queue,
            "dovecote.destination": job.public_id,
            "dovecote.attempt": job.attempt,
            "dovecote.account": job.account_id,
        },
    )


@dataclass(frozen=True, slots=True)
class _Run:
    """A started job, with what it needs to reach its network and the database."""

    network: event_loop.Loop
    job: Job
    execute: Execute

    async def run(self) -> str:
        platform = self.job.adapter.key
        failpoints.reach(failpoints.BEGUN, platform)
        result, checkpoint = await self._call_with_valid_token()
        if checkpoint.state != "unsent":
            failpoints.reach(failpoints.ANSWERED, platform)
        # A refusal may be readable and still leave the outcome open; then nothing was answered.
        answered = checkpoint.state == "answered" and not isinstance(result, OutcomeUnknown)
        result = await media_host.blame_host(self.job, result, self.network.media_host)
        move: str = await self.execute(
            Complete(self.job, result, dict(checkpoint), answered=answered)
        )
        failpoints.reach(failpoints.RECORDED, platform)
        if not move:
            raise ClaimLost("another worker was first")
        return move

    async def _call_with_valid_token(self) -> tuple[Result, Checkpoint]:
        """Call the network, with tokens refreshed before the call or, once, after a refusal."""
        job, is_new = self.job, False
        if refresh.is_due(job.adapter.key, job.credentials, job.token_expires_at):
            failure = await self._refresh()
            # A post that the network is processing is still looked for: it may not have failed.
            if isinstance(failure, Unauthorized) and not job.was_sent:
                failure.message = attempts.with_previous_error(failure.message, job.previous_error)
                return failure, Checkpoint(job.checkpoint, forget)
            # After any other failure the old token still has time left, or is refused below.
            is_new = failure is None
        began = asyncio.get_running_loop().time()
        result, checkpoint = await self._call(began)
        if is_new or not _is_token_refused(result, checkpoint):
            return result, checkpoint
        if checkpoint.state == "answered":
            # Committed, so that a crash from here on is no reason to look for a post.
            await self.execute(SaveCheckpoint(job, dict(checkpoint), sending=False, answered=True))
        failure = await self._refresh()
        if failure:
            # If the refresh says the same, or nothing could be refreshed, the publish said it best.
            is_known = isinstance(failure, Unauthorized) and failure.code == failure.default_code
            return (result if is_known else failure), checkpoint
        job.checkpoint = dict(checkpoint)
        if not shutdown.is_requested():
            began = asyncio.get_running_loop().time()
        return await self._call(began)

    async def _refresh(self) -> PlatformError | None:
        """Give the job newer credentials; returns why there are none."""
        job, platform = self.job, self.job.adapter.key
        try:
            job.credentials = await refresh.refresh(
                self.network, platform, job.account_id, job.credentials, self.execute
            )
        except PlatformError as error:
            return error
        return None

    async def _call(self, began: float) -> tuple[Result, Checkpoint]:
        """Publish, or look for what was published; every failure becomes a result.

        `began`, by the loop's clock, is when the deadline begins to count.
        """
        adapter = self.job.adapter
        now = asyncio.get_running_loop().time
        deadline = asyncio.timeout_at(began + adapter.deadline_seconds)
        # Checkpoints extend the deadline, but only to here: a network may say "go on" for ever.
        latest = now() + adapter.retry.processing_cap_seconds

        def extend() -> None:
            # A worker that is told to stop is killed after a while (`config.queue.processes`).
            if not shutdown.is_requested():
                deadline.reschedule(min(now() + adapter.deadline_seconds, latest))

        checkpoint = self._checkpoint(extend)
        http = Client(
            self.network.transport(adapter.key),
            explain=adapter.explain,
            checkpoint=checkpoint,
            secrets=self.job.credentials.secrets(),
        )
        try:
            async with deadline:
                with adapter_crash.contained(http, adapter.key, TimeoutError):
                    return await self._publish_or_find(http, checkpoint), checkpoint
        except AdapterCrashed as crash:
            return self._cut_short(checkpoint, crash.message, crash.code), checkpoint
        except PlatformError as error:
            return http.redacted(error), checkpoint
        except TimeoutError:
            late = f"{adapter.name} took too long."
            return self._cut_short(checkpoint, late, "deadline"), checkpoint

    async def _publish_or_find(self, http: Client, checkpoint: Checkpoint) -> Finding:
        job, adapter = self.job, self.job.adapter
        call = Call(job.draft, job.credentials, http, checkpoint)
        if job.look_for is None:
            if job.is_probe:
                await self._ping(http)
            return await adapter.publish(call)
        found = await adapter.find(call, job.look_for)
        if isinstance(found, RefusedLater):
            http.redacted(found.error)
        return found

    async def _ping(self, http: Client) -> None:
        """Raise Unavailable if the network does not even answer a harmless question.

        So a probe costs no post, also where no lookup can tell what became of a lost answer.
        """
        job = self.job
        try:
            await job.adapter.ping(job.credentials, http)
        except Unavailable as error:
            error.unreachable = True
            error.message = attempts.with_previous_error(error.message, job.previous_error)
            raise
        except PlatformError:
            return  # A refusal is an answer, and publishing tells what it means.

    def _checkpoint(self, extend: Callable[[], None]) -> Checkpoint:
        """Return a checkpoint that is saved in the database; `extend` is called after each save."""
        job, execute, platform = self.job, self.execute, self.job.adapter.key

        async def store(values: dict[str, Any], sending: bool) -> None:
            answered = checkpoint.state == "answered"
            save = SaveCheckpoint(job, values, sending=sending, answered=answered)
            asked_at, left_seconds = await execute(save)
            job.lease.confirm(asked_at, left_seconds)
            if sending:
                job.lease.announce(asked_at)
            failpoints.reach(failpoints.SENDING if sending else failpoints.SAVED, platform)
            if not sending and checkpoint.state != "sent" and self._is_left_to_others():
                await execute(ReleaseClaim(*job.key))
                raise Released
            extend()

        def may_leave() -> bool:
            failpoints.reach(failpoints.LEAVING, platform)
            # A body of files takes long: its absence is not proven while its lease lasts.
            carries_files = job.adapter.call_carries_files and job.draft.media
            return job.lease.is_certain() if carries_files else job.lease.may_leave()

        checkpoint = Checkpoint(
            job.checkpoint,
            store,
            may_leave,
            others=lambda posts: execute(FindOwners(job, posts)),
            lookalikes=lambda: execute(FindLookalikes(job)),
        )
        return checkpoint

    def _is_left_to_others(self) -> bool:
        """Return whether a long upload goes on elsewhere, on shutdown; the rest ends here."""
        return shutdown.is_requested() and self.job.adapter.is_slow(self.job.draft)

    def _cut_short(self, checkpoint: Checkpoint, message: str, code: str) -> PlatformError:
        """Return the error of a cut: unknown if the irreversible call may have left."""
        if checkpoint.state == "unsent" and not self.job.was_sent:
            return Unavailable(
                attempts.with_previous_error(message, self.job.previous_error), code=code
            )
        return OutcomeUnknown(message, code=code)


def _is_token_refused(result: Result, checkpoint: Checkpoint) -> bool:
    is_refused = isinstance(result, Unauthorized) and result.code == result.default_code
    return is_refused and checkpoint.state != "sent"
