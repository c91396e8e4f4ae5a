"""The tables that grow: their size, what autovacuum has not cleared, and how long rows are kept.

Sizes are those of the files and row counts PostgreSQL's estimates, so a scrape reads no table. Ages
are those of one row each, at the beginning of an index.
"""

from collections.abc import Iterator

from django.conf import settings
from django.db import connection

from config.observability.metrics.family import Families, Family
from posts.features.webhooks import retention as webhooks

TABLES = (
    "destinations_attempt",
    "destinations_destination",
    "destinations_event",
    "posts_apirequest",
    "posts_engagementreading",
    "posts_keptanswer",
    "posts_linkclicks",
    "posts_media",
    "posts_post",
    "posts_posttext",
    "posts_webhookattempt",
    "posts_webhookdelivery",
    "posts_webhookevent",
)
STATE = """
    SELECT relname, pg_total_relation_size(relid), n_live_tup, n_dead_tup
    FROM pg_stat_user_tables WHERE relname = ANY(%s) AND schemaname = current_schema()
    ORDER BY relname
"""
_AGE = """
    SELECT coalesce(extract(epoch FROM statement_timestamp() - (
        SELECT {at} FROM {table} ORDER BY {by} LIMIT 1)), 0)
"""
OLDEST = {
    "requests": _AGE.format(table="posts_apirequest", at="at", by="id"),
    "webhook events": _AGE.format(table="posts_webhookevent", at="created_at", by="id"),
}


def _days() -> Iterator[tuple]:
    """0 is for ever, but for requests: none are kept."""
    yield "posts", settings.KEEP_POSTS_DAYS
    yield "operator log", settings.KEEP_OPERATOR_LOG_DAYS
    yield "requests", settings.REQUEST_LOG_DAYS
    yield "webhook events", webhooks.DAYS


def _oldest() -> Iterator[tuple]:
    with connection.cursor() as cursor:
        for what, sql in OLDEST.items():
            cursor.execute(sql)
            yield what, cursor.fetchone()[0]


class Growth(Families):
    def families(self) -> tuple[Family, ...]:
        with connection.cursor() as cursor:
            cursor.execute(STATE, [list(TABLES)])
            found = cursor.fetchall()
        of, kept = ("table",), ("kept",)
        return (
            Family(
                "table_bytes",
                "Size of a table on disk, with its indexes",
                of,
                lambda: [(name, size) for name, size, _, _ in found],
            ),
            Family(
                "table_rows",
                "Rows of a table, by PostgreSQL's estimate",
                of,
                lambda: [(name, live) for name, _, live, _ in found],
            ),
            Family(
                "table_dead_rows",
                "Old versions of rows that autovacuum has not cleared yet",
                of,
                lambda: [(name, dead) for name, _, _, dead in found],
            ),
            Family("retention_days", "For how many days rows are kept; 0: for ever", kept, _days),
            Family("retention_oldest_seconds", "Age of the oldest row of a log", kept, _oldest),
        )
