"""The reference of the database's work: psycopg and two committed writes per publish.

Nothing of the product is in it: two tables of its own, in a schema that is dropped afterwards. The
first write opens an attempt and takes the row, the second closes both. With one row at a time from
several threads, and with groups of rows.
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import NamedTuple

import psycopg

THREADS = 8
GROUP = 100
TABLES = """
DROP SCHEMA IF EXISTS bare CASCADE;
CREATE SCHEMA bare;
CREATE TABLE bare.destination (
    id bigint PRIMARY KEY, account bigint, body text, status text, claim uuid, due_at timestamptz
);
CREATE INDEX ON bare.destination (due_at) WHERE due_at IS NOT NULL;
CREATE TABLE bare.attempt (
    destination bigint REFERENCES bare.destination, started_at timestamptz, finished_at timestamptz,
    outcome text, PRIMARY KEY (destination)
);
INSERT INTO bare.destination
SELECT n, n % 1000, repeat('text ', 20), 'queued', NULL, now() FROM generate_series(1, {count}) n;
ANALYZE bare.destination;
"""
BEGIN = """
WITH taken AS (
    UPDATE bare.destination SET status = 'publishing', claim = gen_random_uuid(),
        due_at = now() + interval '1 minute'
    WHERE id = ANY(%(ids)s) RETURNING id
)
INSERT INTO bare.attempt SELECT id, now() FROM taken
"""
FINISH = """
WITH ended AS (
    UPDATE bare.destination SET status = 'published', claim = NULL, due_at = NULL
    WHERE id = ANY(%(ids)s) RETURNING id
)
UPDATE bare.attempt SET finished_at = now(), outcome = 'published'
FROM ended WHERE destination = ended.id
"""


class Rate(NamedTuple):
    per_second: float
    #: CPU of PostgreSQL for each publish, as `cpu_seconds` counts it.
    server_cpu_seconds: float


def run(count: int, cpu_seconds: Callable[[], float], *, group: int = 1, threads: int = 1) -> Rate:
    """Both writes for so many publishes, `group` of them in each transaction."""
    groups = [range(first, min(first + group, count + 1)) for first in range(1, count + 1, group)]
    with _tables(count):
        used, started = cpu_seconds(), time.monotonic()
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(_write, (groups[number::threads] for number in range(threads))))
        seconds, used = time.monotonic() - started, cpu_seconds() - used
    return Rate(count / seconds, used / count)


def _write(groups: Sequence[range]) -> None:
    """On a connection of its own; each statement commits."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        for ids in groups:
            for sql in (BEGIN, FINISH):
                connection.execute(sql, {"ids": list(ids)}, prepare=True)


@contextmanager
def _tables(count: int) -> Iterator[None]:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(TABLES.format(count=count))
        yield
        connection.execute("DROP SCHEMA bare CASCADE")
