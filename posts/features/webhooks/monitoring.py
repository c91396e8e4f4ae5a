"""Metrics of deliveries, each read from a few counters or one row of an index; and whether they
reach their receivers.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import partial
from typing import Any, NamedTuple

from django.conf import settings
from django.template.defaultfilters import pluralize

from destinations.runtime import database
from destinations.times import duration
from posts.features.webhooks.delivery.claims import FAILING, FIRST, LOOKED_AT
from posts.features.webhooks.models import WebhookTotal

#: Every outcome has a series, so that the first one counts as an increase.
OUTCOMES = ("success", "retried", "failed")
_OLDEST = """
    SELECT COALESCE(extract(epoch FROM statement_timestamp() - (
        SELECT created_at FROM {} ORDER BY created_at LIMIT 1)), 0)
"""
OLDEST_NEW = _OLDEST.format("posts_webhookevent WHERE fanned_out_at IS NULL")
OLDEST_WAITING = _OLDEST.format("posts_webhookdelivery WHERE due_at IS NOT NULL")
DISABLED = """
    SELECT count(*) FROM posts_webhook WHERE auto_disabled_at IS NOT NULL AND NOT is_active
"""


def _attempts() -> Iterator[tuple]:
    found = dict(WebhookTotal.objects.values_list("outcome", "count"))
    for outcome in OUTCOMES:
        yield outcome, found.get(outcome, 0)


#: As rows of `Family` (config/observability/metrics).
FAMILIES = (
    (
        "webhook_attempts",
        "Attempts to deliver events to webhooks, by how they ended",
        ("outcome",),
        _attempts,
        True,
    ),
    (
        "webhook_oldest_new_seconds",
        "Age of the oldest event that no worker has taken yet",
        (),
        partial(database.execute, OLDEST_NEW),
    ),
    (
        "webhook_oldest_waiting_seconds",
        "Age of the oldest delivery that is still to be sent, also of one that is retried",
        (),
        partial(database.execute, OLDEST_WAITING),
    ),
    (
        "webhooks_disabled",
        "Webhooks that were switched off because their receivers failed",
        (),
        partial(database.execute, DISABLED),
    ),
)

#: So many webhooks of a kind are counted; what ended as failed, among the newest attempts.
COUNTED_ROWS, NEWEST_ATTEMPTS = 10_001, 5_000
#: Receivers of so many customers do not all fail by themselves.
MANY_WORKSPACES = 5
# Each number walks an index and stops, however many events were ever delivered. What is due of a
# webhook whose receiver fails waits for that receiver, and not for a worker.
NOW = """
    WITH RECURSIVE heads AS (
        SELECT %(first)s::uuid AS webhook_id, NULL::timestamptz AS due_at, 0 AS number
        UNION ALL
        SELECT head.webhook_id, head.due_at, heads.number + 1
        FROM heads CROSS JOIN LATERAL (
            SELECT d.webhook_id, d.due_at FROM posts_webhookdelivery d
            WHERE d.due_at IS NOT NULL AND d.webhook_id > heads.webhook_id
            ORDER BY d.webhook_id, d.due_at LIMIT 1
        ) AS head
        WHERE heads.number < %(looked_at)s
    ), failing AS MATERIALIZED (
        SELECT workspace_id, consecutive_failures FROM posts_webhook
        WHERE is_active AND consecutive_failures > 0 LIMIT %(rows)s
    ), off AS MATERIALIZED (
        SELECT workspace_id, auto_disabled_at > statement_timestamp() - interval '1 day' AS is_new
        FROM posts_webhook WHERE auto_disabled_at IS NOT NULL
        ORDER BY auto_disabled_at DESC LIMIT %(rows)s
    ), healthy AS MATERIALIZED (
        SELECT w.workspace_id, heads.due_at FROM heads JOIN posts_webhook w
            ON w.id = heads.webhook_id AND w.is_active AND w.consecutive_failures < %(failing)s
    ), late AS (
        SELECT workspace_id FROM (
            SELECT workspace_id FROM posts_webhookevent
            WHERE fanned_out_at IS NULL AND created_at < statement_timestamp() - %(limit)s::interval
            ORDER BY created_at LIMIT %(rows)s
        ) events
        UNION
        SELECT workspace_id FROM healthy WHERE due_at < statement_timestamp() - %(limit)s::interval
    )
    SELECT (SELECT count(*) FROM failing),
        (SELECT array_agg(workspace_id::text) FROM failing
            WHERE consecutive_failures >= %(failing)s),
        (SELECT count(*) FROM off),
        (SELECT array_agg(workspace_id::text) FROM off WHERE is_new),
        coalesce(extract(epoch FROM statement_timestamp() - LEAST(
            (SELECT created_at FROM posts_webhookevent
                WHERE fanned_out_at IS NULL ORDER BY created_at LIMIT 1),
            (SELECT min(due_at) FROM healthy))), 0)::float,
        (SELECT count(*) FROM late),
        (SELECT count(*) FROM (
            SELECT status, attempted_at FROM posts_webhookattempt ORDER BY id DESC LIMIT %(newest)s
        ) newest
        WHERE status = 'failed' AND attempted_at > statement_timestamp() - interval '1 hour')
"""


class WebhooksNow(NamedTuple):
    #: They are on, and their last attempt failed.
    failing: int
    #: Those of them of which the last FAILING attempts failed, by their workspaces.
    failing_of: Mapping[str, int]
    #: Because they failed for too long, or answered 410; and of which workspaces in the last day.
    switched_off: int
    off_of: Mapping[str, int]
    #: Of the events that could be sent at once.
    oldest_seconds: float
    #: Whose events wait for longer than LATE_LIMIT_SECONDS.
    late_workspaces: int
    #: Deliveries of the last hour that are not tried again.
    failed: int

    @property
    def keep_failing(self) -> int:
        return sum(self.failing_of.values())

    @property
    def newly_off(self) -> int:
        return sum(self.off_of.values())

    def said(self, about: str) -> str:
        """Return the sentence about the webhooks of all workspaces that fail, or are off."""
        words, count = {"failing": (_failing, self.keep_failing), "off": (_off, self.newly_off)}[
            about
        ]
        return words(count)[0]

    @property
    def is_late(self) -> bool:
        return self.oldest_seconds > settings.LATE_LIMIT_SECONDS


def measure(source: Any) -> WebhooksNow:
    values = {
        "first": FIRST,
        "looked_at": LOOKED_AT,
        "failing": FAILING,
        "rows": COUNTED_ROWS,
        "limit": timedelta(seconds=settings.LATE_LIMIT_SECONDS),
        "newest": NEWEST_ATTEMPTS,
    }
    [(failing, kept, switched_off, off, seconds, late, failed)] = source.query(NOW, values)
    of = Counter(kept or ()), switched_off, Counter(off or ())
    return WebhooksNow(failing, *of, max(0.0, seconds), late, failed)


def judge(found: WebhooksNow) -> Iterator[tuple[Any, ...]]:
    """Yield what is wrong, as the fields of a `Finding` (config/status/fact.py)."""
    if found.is_late:
        oldest = duration(timedelta(seconds=found.oldest_seconds))
        of = f"{found.late_workspaces:,} workspace{pluralize(found.late_workspaces)}"
        said = f"Events for webhooks of {of} wait, oldest {oldest}."
        remedy = "Workers are busy or frozen, or receivers are slow: look at both."
        # Events are not counted, so that a few more of the same customers are no growth.
        yield "warning", "webhooks", said, remedy, "late", 0, found.late_workspaces
    yield from _of_receivers("failing", _failing, found.failing_of)
    yield from _of_receivers("off", _off, found.off_of)
    if not (found.is_late or found.keep_failing or found.newly_off):
        yield "ok", "webhooks", "events reach their receivers"


def _of_receivers(
    about: str, words: Callable[[int], tuple[str, str]], found: Mapping[str, int]
) -> Iterator[tuple[Any, ...]]:
    """Yield a finding for each workspace, whose own receivers fail; of many, one for all."""
    if len(found) >= MANY_WORKSPACES:
        count = sum(found.values())
        yield "warning", "webhooks", *words(count), about, count, len(found)
        return
    for workspace, count in found.items():
        yield "notice", "webhooks", *words(count), f"{about}:{workspace}", count, 1


def _failing(count: int) -> tuple[str, str]:
    said = f"{_webhooks(count)} {'fails' if count == 1 else 'fail'} again and again."
    return said, "Each event is sent again for a day. Their owners see why in their logs."


def _off(count: int) -> tuple[str, str]:
    said = f"{_webhooks(count)} {'was' if count == 1 else 'were'} switched off in the last day."
    return said, "Tell their owners; then switch each on, and deliver what it missed."


def _webhooks(count: int) -> str:
    return f"{count:,} webhook{pluralize(count)}"


FACTS = (
    {
        "name": "webhooks",
        "measure": measure,
        "judge": judge,
        "actor": "customer",
        "explained_by": ("workers:worker", "beat:", "redis:"),
        "drains": True,
        "models": ("posts.webhook", "posts.webhookdelivery"),
    },
)
