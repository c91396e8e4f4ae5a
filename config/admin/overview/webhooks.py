"""Webhooks now: whose receivers fail, which were switched off, and what waits.

Each number walks an index and stops, however many events were ever delivered.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from config.admin import links
from config.admin.overview.attention import NAMED, AttentionItem
from config.status import wording
from config.status.posts import is_late
from destinations.runtime import database
from posts.features.webhooks.delivery.claims import FAILING, FIRST, LOOKED_AT
from posts.features.webhooks.models import Webhook

#: What ended as failed is counted among so many of the newest attempts.
NEWEST_ATTEMPTS = 5_000
FAILED_SINCE = timedelta(hours=1)
SWITCHED_OFF_SINCE = timedelta(days=1)

# What is due of a webhook whose receiver fails waits for that receiver, and not for a worker.
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
    )
    SELECT (SELECT count(*) FROM (
            SELECT 1 FROM posts_webhook WHERE is_active AND consecutive_failures > 0
            LIMIT %(most)s) failing),
        (SELECT count(*) FROM (
            SELECT 1 FROM posts_webhook WHERE auto_disabled_at IS NOT NULL LIMIT %(most)s) off),
        extract(epoch FROM %(now)s - LEAST(
            (SELECT created_at FROM posts_webhookevent
                WHERE fanned_out_at IS NULL ORDER BY created_at LIMIT 1),
            (SELECT min(heads.due_at) FROM heads JOIN posts_webhook w
                ON w.id = heads.webhook_id AND w.is_active
                AND w.consecutive_failures < %(failing)s))),
        (SELECT count(*) FROM (
            SELECT status, attempted_at FROM posts_webhookattempt ORDER BY id DESC LIMIT %(newest)s
        ) newest WHERE status = 'failed' AND attempted_at > %(since)s)
"""


@dataclass(frozen=True, slots=True)
class WebhooksNow:
    #: They are on, and their last attempt failed.
    failing: int
    #: Because they failed for too long, or answered 410.
    switched_off: int
    #: Of the events that could be sent at once.
    oldest_seconds: float
    #: Deliveries of the last hour that are not tried again.
    failed: int
    #: Those that were switched off last, within a day.
    newly_off: Sequence[AttentionItem] = ()

    @property
    def is_late(self) -> bool:
        return is_late(self.oldest_seconds)

    @property
    def failing_count(self) -> str:
        return wording.number(self.failing)

    @property
    def off_count(self) -> str:
        return wording.number(self.switched_off)

    @property
    def oldest(self) -> str:
        return wording.age(self.oldest_seconds) if self.oldest_seconds else "-"


def load_webhooks(now: datetime) -> WebhooksNow:
    values: dict[str, Any] = {
        "first": FIRST,
        "looked_at": LOOKED_AT,
        "failing": FAILING,
        "most": wording.COUNTED_ROWS + 1,
        "newest": NEWEST_ATTEMPTS,
        "now": now,
        "since": now - FAILED_SINCE,
    }
    [(failing, off, oldest, failed)] = database.execute(NOW, values)
    waits = max(0.0, float(oldest or 0))
    return WebhooksNow(failing, off, waits, failed, _newly_off(now) if off else ())


def _newly_off(now: datetime) -> list[AttentionItem]:
    since = now - SWITCHED_OFF_SINCE
    found = Webhook.objects.filter(auto_disabled_at__gte=since).select_related("workspace")
    return [
        AttentionItem(
            name=f"{webhook} of {webhook.workspace.name}",
            detail=webhook.url,
            age=wording.age((now - webhook.auto_disabled_at).total_seconds()),
            url=links.page("posts_webhook", webhook.pk),
        )
        for webhook in found.order_by("-auto_disabled_at")[: NAMED + 1]
        if webhook.auto_disabled_at
    ]
