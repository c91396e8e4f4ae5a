"""Beat's tick: find what became public, visit the accounts that are due, record what they say."""

import asyncio
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

import structlog

from destinations.accounts import refresh
from destinations.runtime.worker import adapter_crash, batch, event_loop, shutdown
from destinations.runtime.worker.batch import Command, CommandKind
from destinations.runtime.worker.command_queue import Execute
from platforms.errors import PlatformError, RateLimited, Unavailable
from platforms.http.client import Client
from platforms.registry import ADAPTERS
from posts.features.engagement import discover, merge_tallies, visits
from posts.features.engagement.visits import Visit, VisitResult

log = structlog.get_logger()

#: How long a network may take for one visit; the lease is longer.
VISIT_SECONDS = 45
BY = "worker:engagement"
_one_at_a_time = threading.Lock()


def tick() -> int:
    """Visit what is due; how many visits were made. 0 while another thread is at it."""
    if not _one_at_a_time.acquire(blocking=False):
        return 0
    try:
        discover.run()
        made = 0
        while not shutdown.is_requested() and (due := visits.claim()):
            network = event_loop.current()
            starts = [partial(_visit, network, each) for each in due]
            batch.run(network.command_queue(), starts, by=BY)
            made += len(due)
        merge_tallies.add_up()
        return made
    finally:
        _one_at_a_time.release()


@dataclass(frozen=True, slots=True)
class RecordVisit(Command):
    kind: ClassVar[CommandKind] = CommandKind.ENGAGEMENT
    visit: Visit
    answer: VisitResult

    @classmethod
    def execute_many(cls, commands: Sequence["RecordVisit"], by: str) -> Sequence[None]:
        """Execute in the order in which `discover` locks accounts, so that none deadlocks."""
        for command in sorted(commands, key=lambda each: each.visit.account_id):
            visits.record(command.visit, command.answer)
        return [None] * len(commands)


async def _visit(network: event_loop.Loop, visit: Visit, execute: Execute) -> None:
    try:
        answer = await _asked(network, visit, execute)
    except PlatformError as failure:
        log.warning(
            "engagement_not_read",
            account=visit.account_id,
            platform=visit.platform,
            code=failure.code,
            platform_code=failure.platform_code,
            http_status=failure.http_status,
            failure=failure.message,
        )
        answer = VisitResult({}, failure=failure)
    await execute(RecordVisit(visit, answer))


async def _asked(network: event_loop.Loop, visit: Visit, execute: Execute) -> VisitResult:
    """Raises PlatformError, redacted."""
    adapter, credentials = ADAPTERS[visit.platform], visit.credentials
    if refresh.is_due(visit.platform, credentials, visit.token_expires_at):
        with suppress(Unavailable, RateLimited):
            credentials = await refresh.refresh(
                network, visit.platform, visit.account_id, credentials, execute
            )
    http = Client(
        network.transport(visit.platform), explain=adapter.explain, secrets=credentials.secrets()
    )
    try:
        async with asyncio.timeout(VISIT_SECONDS):
            with adapter_crash.contained(http, visit.platform, TimeoutError):
                posts = list(visit.posts)
                found = await adapter.read_metrics(posts, credentials, http) if posts else {}
                answer = VisitResult(found)
                if visit.counts_followers:
                    followers = await adapter.read_followers(credentials, http)
                    answer = replace(answer, followers=followers)
                return answer
    except PlatformError as error:
        raise http.redacted(error) from error.__cause__
    except TimeoutError:
        raise Unavailable(f"{adapter.name} took too long.", code="deadline") from None
