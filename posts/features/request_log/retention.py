"""Deletes old rows of the request log.

By bounded deletes, not by partitions that are dropped. A partition has to be there before its day
begins, or each row of that day is refused; dropping one locks the whole table; and its key would
have to carry the time. Rows are deleted in the order they were written, from the beginning of the
primary key, so a batch costs the same however long the log is: about what writing it cost.
"""

import time
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import connection

from destinations.runtime import clock

log = structlog.get_logger()

BATCH = 5000
#: A run ends then; the next one goes on.
MOST_SECONDS = 60.0
# Only the first rows are looked at, or the last batch would read the whole log for more.
OLDEST = """
    DELETE FROM posts_apirequest WHERE id = ANY (ARRAY(
        SELECT id FROM (
            SELECT id, at FROM posts_apirequest WHERE id > %(after)s ORDER BY id LIMIT %(batch)s
        ) first WHERE at < %(before)s
    )) RETURNING id
"""


def forget() -> int:
    """Delete rows older than REQUEST_LOG_DAYS; returns how many."""
    before = clock.now() - timedelta(days=settings.REQUEST_LOG_DAYS)
    until = time.monotonic() + MOST_SECONDS
    count, after = 0, 0
    while time.monotonic() < until:
        # Behind the last batch: dead entries of the index are not passed again.
        deleted = _batch(after, before)
        count += len(deleted)
        if len(deleted) < BATCH:
            break
        after = max(deleted)
    if count:
        log.info("requests_forgotten", count=count)
    return count


def _batch(after: int, before: datetime) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(OLDEST, {"after": after, "batch": BATCH, "before": before})
        return [row[0] for row in cursor.fetchall()]
