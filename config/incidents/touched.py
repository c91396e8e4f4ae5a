"""Count the posts that wait because of an incident, and what became of those due meanwhile."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings

from config.models import Incident
from config.queue import routing
from config.status.wording import age, counted
from destinations.admin.lists import time_search
from destinations.dispatch import holds
from destinations.models import Attempt, Outage
from destinations.runtime import clock, database
from destinations.statistics import failures
from platforms.errors import CODES
from platforms.registry import ADAPTERS

#: So many rows are counted, and so many read.
MOST, MOST_READ = 10_000, 100_000
#: The facts whose findings are about posts that wait.
OF_POSTS = (
    "tick", "beat", "workers", "redis", "restore", "lateness", "outages", "accounts held",
    "own servers",
)  # fmt: skip
#: Those that are about one network.
OF_NETWORK = (
    "lateness", "accounts held", "accounts to reconnect", "may be live", "own servers",
)  # fmt: skip
#: Whether a cause is about the row of a destination.
OF_CAUSE = """
    (%(platform)s::text IS NULL OR platform = %(platform)s)
    AND (%(account)s::bigint IS NULL OR account_number = %(account)s)
    AND (%(queues)s::text[] IS NULL OR queue = ANY(%(queues)s))
"""
COUNT = f"""
    SELECT count(*), count(DISTINCT account_number), count(DISTINCT workspace_id) FROM (
        SELECT account_number, workspace_id FROM (
            SELECT platform, account_number, workspace_id, queue, status, next_retry_at
            FROM destinations_destination
            WHERE due_at IS NOT NULL AND platform <> ''
              AND wanted_at <= least(statement_timestamp(), %(until)s::timestamptz)
              AND (%(platform)s::text IS NULL OR platform = %(platform)s)
            LIMIT %(most_read)s
        ) AS d
        WHERE NOT {holds.has_begun("d")} AND {OF_CAUSE} AND (
            NOT %(held)s OR account_number IN (
                SELECT id FROM destinations_account
                WHERE platform = %(platform)s AND held_until > statement_timestamp()
            )
        )
        LIMIT %(most)s
    ) AS waiting
"""


class Touched(NamedTuple):
    posts: int
    accounts: int
    workspaces: int


def find(cause: str, until: datetime | None = None) -> Touched:
    """Return what waits because of a cause, of what was due until then; nothing if it is not about
    posts.
    """
    if not is_about_posts(cause):
        return Touched(0, 0, 0)
    # Who was held is known only while it lasts.
    held = cause.startswith("accounts held:") and until is None
    values = {**concerned(cause), "until": until, "held": held}
    values |= {"most": MOST, "most_read": MOST_READ}
    [counts] = database.execute(COUNT, values)
    return Touched(*counts)


def is_about_posts(cause: str) -> bool:
    return cause.partition(":")[0] in OF_POSTS


def concerned(cause: str) -> dict[str, Any]:
    """Return the values of OF_CAUSE: whose posts a cause is about."""
    fact, _, about = cause.partition(":")
    scope, _, target = about.partition(":")
    return {
        "platform": platform_of(cause),
        "account": int(target) if scope == Outage.Scope.ACCOUNT else None,
        "queues": list(routing.served().get(about, ())) if fact == "workers" else None,
    }


def platform_of(cause: str) -> str | None:
    """Return the network that a cause is about; None: no single one."""
    fact, _, about = cause.partition(":")
    if fact in OF_NETWORK:
        return about or None
    scope, _, target = about.partition(":")
    return target if scope == Outage.Scope.NETWORK else None


def in_words(row: Incident) -> str:
    if not row.posts:
        return "-"
    most = "at least " if row.posts >= MOST else ""
    counts = (
        counted(row.posts, "post", "posts"),
        counted(row.accounts, "account", "accounts"),
        counted(row.workspaces, "workspace", "workspaces"),
    )
    return f"{most}{', '.join(counts)}"


#: So long after its end, what is done and what goes out still belongs to an incident.
AFTERWARDS = timedelta(days=1)
#: So many attempts are read, and failures of a network and a code.
MOST_ATTEMPTS, MOST_FAILURES = 50_000, 1_000
# A retry has another wanted time than the first try. Rows are fetched one by one, so that the
# planner has no join to choose.
PUBLISHED = f"""
    WITH tries AS MATERIALIZED (
        SELECT destination_id, outcome, wanted_at, started_at FROM destinations_attempt
        WHERE id BETWEEN %(first)s AND %(last)s AND started_at BETWEEN %(since)s AND %(end)s
        ORDER BY id LIMIT %(most)s
    ), late AS MATERIALIZED (
        SELECT destination_id,
            max(started_at) FILTER (WHERE outcome = 'published') - min(wanted_at) AS delay
        FROM tries WHERE wanted_at <= %(until)s GROUP BY destination_id
    )
    SELECT count(*), coalesce(extract(epoch FROM max(late.delay)), 0)::float
    FROM late CROSS JOIN LATERAL (
        SELECT 1 FROM destinations_destination
        WHERE id = late.destination_id AND {OF_CAUSE} OFFSET 0
    ) d
    WHERE late.delay > %(limit)s
"""
FAILED = f"""
    SELECT count(*) FROM unnest(%(platforms)s::text[]) AS p(platform)
    CROSS JOIN unnest(%(codes)s::text[]) AS c(code)
    CROSS JOIN LATERAL (
        SELECT 1 FROM (
            SELECT platform, account_number, queue, wanted_at, updated_at {failures.OF_GROUP}
            ORDER BY updated_at LIMIT %(most)s
        ) AS first
        WHERE updated_at <= %(end)s AND wanted_at <= %(until)s AND {OF_CAUSE}
    ) AS failed
"""


class Outcome(NamedTuple):
    """Count the posts that were due meanwhile by what became of them."""

    late: int
    most_late_seconds: float
    failed: int
    waiting: int

    def __str__(self) -> str:
        by = f", by {age(self.most_late_seconds)} at most" if self.late else ""
        waiting = f"{counted(self.waiting, 'post waits', 'posts wait')} still"
        late = f"{counted(self.late, 'post was', 'posts were')} published late{by}"
        return f"{late}; {self.failed:,} failed; {waiting}."


def outcome(row: Incident) -> Outcome | None:
    """Return what became of the posts; None for an incident that is about other things."""
    if not is_about_posts(row.cause):
        return None
    until = row.closed_at or clock.now()
    since, end = row.opened_at, until + AFTERWARDS
    values = {**concerned(row.cause), "since": since, "until": until, "end": end}
    read = {
        "first": time_search.first_id(Attempt, "started_at", since - time_search.SLACK),
        "last": time_search.first_id(Attempt, "started_at", end + time_search.SLACK),
        "limit": timedelta(seconds=settings.LATE_LIMIT_SECONDS),
        "most": MOST_ATTEMPTS,
    }
    [(late, seconds)] = database.execute(PUBLISHED, values | read)
    named = {"platforms": list(ADAPTERS), "codes": list(CODES), "most": MOST_FAILURES}
    [(failed,)] = database.execute(FAILED, values | named)
    return Outcome(late, seconds, failed, find(row.cause, until).posts)
