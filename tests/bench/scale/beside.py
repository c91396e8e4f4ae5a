"""What else fills the database in a year: counts per minute, API requests, pauses that have ended.

All in proportion to the destinations: 14 days of minutes and two million requests for 3 million.
"""

from django.db import connection
from django.utils import timezone

from destinations.models import Pause
from destinations.statistics.histogram import BOUNDS
from posts.models import ApiKey

FULL = 3_000_000
MINUTES, REQUESTS, PAUSES = 14 * 24 * 60, 2_000_000, 1_000

# Nulls are the totals since the first destination.
OUTCOMES = """
    TRUNCATE destinations_outcomecount;
    INSERT INTO destinations_outcomecount
        (minute, platform, kind, code, count, lowest_account, highest_account)
    SELECT m.minute, p.name, k.kind, k.code, 1 + number % 40, 1, 2
    FROM (SELECT NULL AS minute, 1000000 AS number UNION ALL
          SELECT date_trunc('minute', now()) - n * interval '1 minute', n
          FROM generate_series(0, {minutes}) AS n) m
    CROSS JOIN unnest(ARRAY[{networks}]) WITH ORDINALITY AS p(name, place)
    CROSS JOIN (VALUES ('published', '', 1), ('retried', 'rate_limited', 2),
        ('retried', 'platform_unavailable', 2), ('unconfirmed', '', 5), ('looked_up', 'found', 5),
        ('failed', 'media_rejected', 3), ('failed', 'outcome_unknown', 20), ('refreshed', '', 1)
    ) AS k(kind, code, every)
    WHERE (number + place) % every = 0
"""
DURATIONS = """
    TRUNCATE destinations_durationhistogram;
    INSERT INTO destinations_durationhistogram (minute, platform, measure, counts, seconds)
    SELECT m.minute, p.name, k.measure,
        ARRAY(SELECT (number + place) % 7 FROM generate_series(0, {bounds}) AS place), 12
    FROM (SELECT NULL AS minute, 1000000 AS number UNION ALL
          SELECT date_trunc('minute', now()) - n * interval '1 minute', n
          FROM generate_series(0, {minutes}) AS n) m
    CROSS JOIN unnest(ARRAY[{networks}]) AS p(name)
    CROSS JOIN (VALUES ('lag'), ('publish')) AS k(measure)
"""
# In the order of their times, as they were written; one in ten is refused.
LOGGED = """
    TRUNCATE posts_apirequest;
    INSERT INTO posts_apirequest (at, method, route, path, status, duration_ms, request_id,
        error_code, api_key_id, key_prefix, workspace_id)
    SELECT now() - ({rows} - n) * interval '14 days' / {rows},
        CASE WHEN n % 3 = 0 THEN 'POST' ELSE 'GET' END, '/api/v1/posts', '/api/v1/posts',
        CASE WHEN n % 1000 = 1 THEN 500 WHEN n % 10 = 1 THEN 429 ELSE 200 END, n % 50,
        'req_' || md5('a' || n),
        CASE WHEN n % 1000 = 1 THEN 'internal_error' WHEN n % 10 = 1 THEN 'rate_limited'
             ELSE '' END,
        k.id, k.prefix, k.workspace_id
    FROM generate_series(1, {rows}) AS n
    JOIN bench_keys k ON k.number = CASE WHEN n % 4 = 0 THEN 0 ELSE n % {keys} END
"""


def add(destinations: int, networks: tuple[str, ...]) -> None:
    share = destinations / FULL
    names = ", ".join(f"'{name}'" for name in networks)
    minutes = {"minutes": int(MINUTES * share), "networks": names}
    _execute(OUTCOMES.format(**minutes))
    _execute(DURATIONS.format(bounds=len(BOUNDS), **minutes))
    _execute(
        "DROP TABLE IF EXISTS bench_keys; CREATE TABLE bench_keys AS SELECT id, prefix,"
        " workspace_id, row_number() OVER (ORDER BY id) - 1 AS number FROM posts_apikey"
    )
    _execute(LOGGED.format(rows=int(REQUESTS * share), keys=ApiKey.objects.count()))
    now = timezone.now()
    ended = {"paused_at": now, "paused_by": "operator:ada", "resumed_at": now}
    Pause.objects.all().delete()
    Pause.objects.bulk_create(
        Pause(scope="account", target=str(number), name=f"@handle{number}", reason="ads", **ended)
        for number in range(PAUSES)
    )


def _execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
