"""Adds the rows of tallies up into whole ones, so that there are few to read."""

from django.db import connection, transaction

from platforms.metrics import NAMES

#: How many rows one transaction adds up.
STEP = 2_000
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


def add_up() -> None:
    """Add up what there is, a bounded number of rows per transaction."""
    while _step():
        pass


@transaction.atomic
def _step() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_ADDING])
        if cursor.fetchone() != (True,):
            return False
        cursor.execute(IS_LEFT)
        if cursor.fetchone() != (True,):
            return False
        cursor.execute(ADD_UP, [STEP])
    return True
