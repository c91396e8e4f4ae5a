"""Beat's tick: find what became public, visit the accounts that are due, record what they say."""

import asyncio
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

import structlog
from django.conf import settings
from django.db import transaction

from destinations.accounts import refresh
from destinations.jobs import new_events
from destinations.runtime import clock, database
from destinations.runtime.worker import adapter_crash, batch, event_loop, shutdown
from destinations.runtime.worker.batch import Command, CommandKind
from destinations.runtime.worker.command_queue import Execute
from platforms.errors import PlatformError, RateLimited, Unavailable
from platforms.http.client import Client
from platforms.metrics import NAMES
from platforms.registry import ADAPTERS
from posts.features.engagement import visits
from posts.features.engagement.models import EngagementProgress
from posts.features.engagement.visits import Visit, VisitResult

log = structlog.get_logger()

#: How long a network may take for one visit; the lease is longer.
VISIT_SECONDS = 45
BY = "worker:engagement"
_one_at_a_time = threading.Lock()
#: How many rows one transaction adds up.
ADDED_ROWS = 2_000
#: The number of our PostgreSQL advisory lock: one process at a time.
_ADDING = 4_118_311
KEY = "workspace_id, hour, platform"
ADD_UP = f"""
    WITH keys AS (
        SELECT DISTINCT {KEY} FROM (
            SELECT {KEY} FROM posts_engagementtally WHERE NOT is_whole ORDER BY id LIMIT %s
        ) AS first_ones
    ), gone AS (
        DELETE FROM posts_engagementtally t USING keys
        WHERE t.workspace_id = keys.workspace_id AND t.hour = keys.hour
            AND t.platform = keys.platform
        RETURNING t.*
    )
    INSERT INTO posts_engagementtally ({KEY}, is_whole, {", ".join(NAMES)})
    SELECT {KEY}, true, {", ".join(f"sum({name})" for name in NAMES)} FROM gone GROUP BY {KEY}
"""
IS_LEFT = "SELECT EXISTS (SELECT FROM posts_engagementtally WHERE NOT is_whole)"

#: How long a run looks for posts that became public.
DISCOVERY_SECONDS = 5.0
MOVES = ("succeed", "confirm_published", "confirm_late")
FOUND = """
    WITH found AS (
        SELECT DISTINCT d.id, d.account_id, d.account_number, d.workspace_id, d.platform,
            d.platform_post_id, d.published_at, p.created_at
        FROM destinations_event e
        CROSS JOIN LATERAL (
            SELECT * FROM destinations_destination
            WHERE id = e.destination_id AND status = 'published' OFFSET 0
        ) d
        CROSS JOIN LATERAL (
            SELECT created_at FROM posts_post WHERE id = d.post_id OFFSET 0
        ) p
        WHERE e.id > %(after)s AND e.id <= %(upto)s AND e.move = ANY(%(moves)s)
            AND d.platform = ANY(%(platforms)s) AND d.platform_post_id <> ''
            AND d.account_id IS NOT NULL AND d.published_at > %(oldest)s
    ), noted AS (
        INSERT INTO posts_engagement (destination_id, account_number, workspace_id, platform,
            platform_post_id, post_created_at, published_at, due_at)
        SELECT id, account_number, workspace_id, platform, platform_post_id, created_at,
            published_at, published_at + %(first)s
        FROM found ORDER BY id ON CONFLICT DO NOTHING
    )
    INSERT INTO posts_accountengagement AS known (account_id, due_at, problem)
    -- In one order, as visits lock them: no two wait for each other.
    SELECT account_id, min(published_at + %(first)s), '' FROM found GROUP BY account_id
    ORDER BY account_id
    ON CONFLICT (account_id) DO UPDATE
        SET due_at = greatest(least(known.due_at, excluded.due_at), known.not_before)
        WHERE known.claim IS NULL
"""


def tick() -> int:
    """Visit what is due; how many visits were made. 0 while another thread is at it."""
    if not _one_at_a_time.acquire(blocking=False):
        return 0
    try:
        discover()
        made = 0
        while not shutdown.is_requested() and (due := visits.claim()):
            network = event_loop.current()
            starts = [partial(_visit, network, each) for each in due]
            batch.run(network.command_queue(), starts, by=BY)
            made += len(due)
        add_up()
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


def add_up() -> None:
    """Add the rows of tallies up into whole ones, a bounded number of rows per transaction."""
    while _add_up_some():
        pass


@transaction.atomic
def _add_up_some() -> bool:
    if database.execute("SELECT pg_try_advisory_xact_lock(%s)", [_ADDING]) != [(True,)]:
        return False
    if database.execute(IS_LEFT) != [(True,)]:
        return False
    database.execute(ADD_UP, [ADDED_ROWS])
    return True


def discover() -> None:
    """Note what is to be read. Goes on where the last run stopped, for a few seconds."""
    new_events.each_once(EngagementProgress, _note, seconds=DISCOVERY_SECONDS)


def _note(after: int, upto: int) -> None:
    database.execute(
        FOUND,
        {
            "after": after,
            "upto": upto,
            "moves": list(MOVES),
            "platforms": list(settings.ENGAGEMENT_PLATFORMS),
            "oldest": visits.oldest(clock.now()),
            "first": visits.steps()[0],
        },
    )
