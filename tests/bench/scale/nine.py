"""The states in which pages are measured: a quiet day, and a heavy nine o'clock.

At nine 10,000 destinations are due on all networks, some of them claimed or running, 20,000 wait
for a retry and 20,000 have failed within the hour. Threads holds all its accounts, Facebook is
paused.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from django.db import connection, transaction

from tests.bench.scale.beside import FULL

DUE, RETRYING, FAILED = 10_000, 20_000, 20_000
CHANGED = """status, due_at, wanted_at, claim, begun_at, next_retry_at, error, error_code,
    published_at, platform_post_id, platform_post_url, updated_at"""
#: What is changed, as it was.
KEEP = f"""
    CREATE TABLE bench_before AS
    SELECT *, row_number() OVER () AS n, 'due' AS becomes FROM (
        SELECT id, {CHANGED} FROM destinations_destination
        WHERE due_at > now() ORDER BY due_at LIMIT {{due}}
    ) ahead
    UNION ALL
    SELECT *, CASE WHEN n <= {{retrying}} THEN 'retrying' ELSE 'failed' END FROM (
        SELECT *, row_number() OVER () AS n FROM (
            SELECT id, {CHANGED} FROM destinations_destination
            WHERE published_at IS NOT NULL AND due_at IS NULL
            ORDER BY updated_at DESC LIMIT {{retrying}} + {{failed}}
        ) newest
    ) ended;
    CREATE UNIQUE INDEX ON bench_before (id);
    CREATE TABLE bench_held AS SELECT id, held_until FROM destinations_account
"""
BECOME = """
    UPDATE destinations_destination d SET status = 'queued',
        wanted_at = now() - b.n % 60 * interval '1 second',
        due_at = CASE WHEN b.n % 5 = 0 THEN now() + interval '5 minutes'
                      ELSE now() - b.n % 60 * interval '1 second' END,
        claim = CASE WHEN b.n % 5 = 0 THEN gen_random_uuid() END,
        begun_at = CASE WHEN b.n % 10 = 0 THEN now() END
    FROM bench_before b WHERE b.id = d.id AND b.becomes = 'due';
    UPDATE destinations_destination d SET status = 'failed', error = 'The network is busy.',
        error_code = CASE WHEN b.n % 3 = 0 THEN 'rate_limited' ELSE 'platform_unavailable' END,
        next_retry_at = now() + b.n % 600 * interval '1 second',
        due_at = now() + b.n % 600 * interval '1 second',
        wanted_at = now() + b.n % 600 * interval '1 second',
        published_at = NULL, platform_post_id = '', platform_post_url = '', updated_at = now()
    FROM bench_before b WHERE b.id = d.id AND b.becomes = 'retrying';
    UPDATE destinations_destination d SET status = 'failed', error = 'The network refused it.',
        error_code = CASE WHEN b.n % 3 = 0 THEN 'media_rejected' ELSE 'platform_unavailable' END,
        published_at = NULL, platform_post_id = '', platform_post_url = '',
        updated_at = now() - b.n % 3600 * interval '1 second'
    FROM bench_before b WHERE b.id = d.id AND b.becomes = 'failed';
    UPDATE destinations_account SET held_until = now() + interval '1 hour'
    WHERE platform = 'threads';
    INSERT INTO destinations_pause
        (scope, target, name, reason, notice, paused_at, paused_by, resumed_by)
    VALUES ('network', 'facebook', 'Facebook', 'It is down.', '', now(), 'operator:ada', '')
"""
IS_CHANGED = "SELECT to_regclass('bench_held') IS NOT NULL"
BACK = f"""
    UPDATE destinations_destination d
    SET ({CHANGED}) = (SELECT {CHANGED} FROM bench_before b WHERE b.id = d.id)
    WHERE d.id IN (SELECT id FROM bench_before);
    UPDATE destinations_account a SET held_until = b.held_until FROM bench_held b WHERE b.id = a.id;
    DELETE FROM destinations_pause WHERE resumed_at IS NULL;
    DROP TABLE bench_before, bench_held
"""
AUTOVACUUM = "ALTER TABLE destinations_destination SET (autovacuum_enabled = {is_on})"

State = Callable[[int], AbstractContextManager[None]]


@contextmanager
def _quiet(destinations: int) -> Iterator[None]:
    _put_back()  # what a run that ended early may have left
    yield


@contextmanager
def _unknown(destinations: int) -> Iterator[None]:
    """With the statistics of the quiet day."""
    share = destinations / FULL
    sizes = {"due": DUE, "retrying": RETRYING, "failed": FAILED}
    _execute(AUTOVACUUM.format(is_on="false"))
    _put_back()
    try:
        with transaction.atomic():
            _execute(KEEP.format(**{name: int(count * share) for name, count in sizes.items()}))
            _execute(BECOME)
        yield
    finally:
        _put_back()
        _execute(AUTOVACUUM.format(is_on="true"))


@contextmanager
def _known(destinations: int) -> Iterator[None]:
    with _unknown(destinations):
        _execute("VACUUM ANALYZE destinations_destination")
        _execute("VACUUM ANALYZE destinations_account")
        yield


QUIET = "quiet day"
STATES: dict[str, State] = {
    QUIET: _quiet,
    "nine o'clock, unknown to statistics": _unknown,
    "nine o'clock": _known,
}


def _put_back() -> None:
    with connection.cursor() as cursor:
        cursor.execute(IS_CHANGED)
        if not cursor.fetchone()[0]:
            return
    with transaction.atomic():
        _execute("SET LOCAL session_replication_role = replica")
        _execute(BACK)
    _execute("VACUUM ANALYZE destinations_destination")


def _execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
