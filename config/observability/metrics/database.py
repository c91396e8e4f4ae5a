"""Open rows of the database, and the tables that grow.

Every query is bounded: it walks an index of open rows or of those that may be public, or the
accounts; never all destinations. Sizes of tables are those of their files and row counts
PostgreSQL's estimates, so a scrape reads no table. Ages are those of one row each, at the beginning
of an index.
"""

from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import chain

from django.conf import settings

from config.observability.metrics import Family
from config.status.table import value
from destinations.dispatch import holds
from destinations.jobs.forget import AgingRows
from destinations.models import Pause
from destinations.pauses import held_counts
from destinations.runtime import database
from platforms.registry import ADAPTERS
from posts import features, registry

#: At most so many rows are counted; a gauge that stands at this number means "at least".
COUNTED_ROWS = 200_000

OPEN = """
    SELECT status, platform, count(*) FROM (
        SELECT status, platform FROM destinations_destination
        WHERE due_at IS NOT NULL LIMIT %(rows)s
    ) open GROUP BY status, platform ORDER BY status, platform
"""
# Rows of a held account wait on purpose, and so do those that a pause holds.
OLDEST_DUE = f"""
    WITH pauses AS MATERIALIZED (SELECT ({holds.ACTIVE}) AS active)
    SELECT coalesce(max(extract(epoch FROM statement_timestamp() - due.due_at)), 0) FROM (
        SELECT due_at, account_id, account_number, workspace_id, queue, status, next_retry_at
        FROM destinations_destination
        WHERE due_at <= statement_timestamp() ORDER BY due_at LIMIT %(rows)s
    ) due LEFT JOIN destinations_account a ON a.id = due.account_id
    WHERE (a.held_until IS NULL OR a.held_until <= statement_timestamp())
      AND ({holds.has_begun("due")}
           OR NOT {holds.covers("(SELECT active FROM pauses)", "due")})
"""
UNMAPPED = """
    SELECT d.platform, count(*) FROM (
        SELECT destination_id FROM destinations_attempt WHERE unmapped
        ORDER BY started_at DESC LIMIT %(rows)s
    ) r JOIN destinations_destination d ON d.id = r.destination_id
    GROUP BY d.platform ORDER BY d.platform
"""


def _rows(sql: str) -> list[tuple]:
    return database.execute(sql, {"rows": COUNTED_ROWS})


def _late() -> Iterator[tuple]:
    """Every network, because an alert needs a zero, not an absent series."""
    yield from value("lateness").items()


def _paused() -> Iterator[tuple]:
    """Every scope, for the same reason."""
    found = Counter(pause.scope for pause in value("pauses"))
    for scope in Pause.Scope.values:
        yield scope, found[scope]


def _outages() -> Iterator[tuple]:
    """Count the outages of every network and of its accounts; not those of customers' servers."""
    found = Counter(each.platform for each in value("outages") if not each.is_of_own_server)
    yield from ((platform, found[platform]) for platform in ADAPTERS)


def _held() -> Iterator[tuple]:
    """Count the posts that wait for pauses; of one pause at most `held_counts.MOST`."""
    found = Counter[str]()
    for pause in value("pauses"):
        found[pause.scope] += min(held_counts.due(pause), held_counts.MOST)
    for scope in Pause.Scope.values:
        yield scope, found[scope]


def _may_be_public() -> Iterator[tuple]:
    yield (sum(each.rows for each in value("may be live").values()),)


def _accounts(name: str) -> list[tuple]:
    """The networks that have such accounts."""
    return sorted((platform, found.rows) for platform, found in value(name).items())


PLATFORM, SCOPE = ("platform",), ("scope",)
#: Metric, what it says, and the fact that it shows.
ACCOUNTS = (
    ("accounts_held", "Accounts that are rate limited", "accounts held"),
    ("accounts_to_reconnect", "Accounts without authorization", "accounts to reconnect"),
)


def open_rows() -> Iterator[Family]:
    # Read once for both. An alert needs a zero, not an absent series.
    opened = _rows(OPEN)
    unconfirmed = sum(count for status, _, count in opened if status == "unconfirmed")
    by_status, unknown = ("status", "platform"), "Destinations that may be public"
    yield Family("destinations_open", "Destinations whose clock runs", by_status, lambda: opened)
    yield Family("unconfirmed", unknown, (), lambda: [(unconfirmed,)])
    oldest = "Age of the oldest due row that nothing holds"
    yield Family("oldest_due_seconds", oldest, (), partial(_rows, OLDEST_DUE))
    yield Family("may_be_public", "Failed destinations that may be public", (), _may_be_public)
    for name, says, fact in ACCOUNTS:
        yield Family(name, says, PLATFORM, partial(_accounts, fact))
    late = "Now minus wanted, of the oldest try that has not begun"
    yield Family("late_seconds", late, PLATFORM, _late)
    yield Family("outages", "Networks and accounts that are down", PLATFORM, _outages)
    yield Family("paused", "Pauses in force, by what they stop", SCOPE, _paused)
    yield Family("paused_posts", "Due posts that pauses hold", SCOPE, _held)
    # It only grows, but for posts that are deleted.
    unmapped = "Answers of networks that no table of ours knows"
    yield Family("unmapped_answers", unmapped, PLATFORM, partial(_rows, UNMAPPED), is_counter=True)


TABLES = (
    "destinations_attempt",
    "destinations_destination",
    "destinations_event",
    "posts_keptanswer",
    "posts_media",
    "posts_post",
    "posts_posttext",
)
STATE = """
    SELECT relname, pg_total_relation_size(relid), n_live_tup, n_dead_tup
    FROM pg_stat_user_tables WHERE relname = ANY(%s) AND schemaname = current_schema()
    ORDER BY relname
"""
#: The metrics of the columns of STATE.
OF_TABLES = (
    ("table_bytes", "Size of a table on disk, with its indexes"),
    ("table_rows", "Rows of a table, by PostgreSQL's estimate"),
    ("table_dead_rows", "Old versions of rows that autovacuum has not cleared yet"),
)
_AGE = """
    SELECT coalesce(extract(epoch FROM statement_timestamp() - (
        SELECT {at} FROM {table} ORDER BY id LIMIT 1)), 0)
"""


def _logs() -> list[AgingRows]:
    return [module.LOG for module in registry.modules("retention")]


def _days() -> Iterator[tuple]:
    """0 is for ever, but for requests: none are kept."""
    yield "posts", settings.KEEP_POSTS_DAYS
    yield "operator log", settings.KEEP_OPERATOR_LOG_DAYS
    yield from ((log.name, log.days()) for log in _logs())


def _oldest() -> Iterator[tuple]:
    for log in _logs():
        [(age,)] = database.execute(_AGE.format(table=log.table, at=log.at))
        yield log.name, age


def growth() -> Iterator[Family]:
    found = database.execute(STATE, [[*TABLES, *chain.from_iterable(features.declared("GROWING"))]])
    for column, (name, says) in enumerate(OF_TABLES, start=1):
        yield Family(name, says, ("table",), lambda at=column: [(row[0], row[at]) for row in found])
    kept = ("kept",)
    yield Family("retention_days", "For how many days rows are kept; 0: for ever", kept, _days)
    yield Family("retention_oldest_seconds", "Age of the oldest row of a log", kept, _oldest)
