"""List the deliveries to a webhook, newest first, with those that were not made.

A filter by event applies to the newest deliveries of the webhook. So a page costs the same however
long the webhook has been in use.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import F, QuerySet

from posts.features.webhooks.delivery import envelope
from posts.features.webhooks.models import Webhook, WebhookAttempt, WebhookDelivery

#: How many deliveries a filter by event looks at.
NEWEST = 10_000
#: How many attempts are read of a delivery; only one that was sent again by hand has more.
ATTEMPTS = 20
NOT_SENT = "It was not sent, because the webhook was off. Switch it on, and recover what it missed."


@dataclass(frozen=True, slots=True)
class Logged:
    """A delivery and its newest attempts, newest first."""

    delivery: WebhookDelivery
    attempts: list[WebhookAttempt] = field(default_factory=list)

    @property
    def last(self) -> WebhookAttempt | None:
        return self.attempts[0] if self.attempts else None

    @property
    def url(self) -> str:
        return self.last.url if self.last else self.delivery.webhook.url

    @property
    def error(self) -> str:
        if self.last:
            return self.last.error
        return NOT_SENT if self.delivery.status == WebhookDelivery.Status.FAILED else ""

    @property
    def body(self) -> str:
        return envelope.in_form(self.delivery.event.body, self.delivery.webhook.id_form)


@dataclass(frozen=True, slots=True)
class Deliveries:
    """The deliveries of a webhook that match every filter, to be read by pages."""

    webhook: Webhook
    status: str | None = None
    event: str | None = None
    event_id: uuid.UUID | None = None

    def page(self, limit: int, offset: int) -> list[Logged]:
        rows = self._matching().select_related("event", "webhook")
        return with_attempts(rows[offset : offset + limit])

    def count(self, most: int) -> int:
        return self._matching()[:most].count()

    def _matching(self) -> QuerySet[WebhookDelivery]:
        rows = WebhookDelivery.objects.filter(webhook=self.webhook).order_by("-event_id")
        if self.status:
            rows = rows.filter(status=self.status)
        if self.event or self.event_id:
            newest = list(rows.values_list("pk", flat=True)[:NEWEST])
            rows = WebhookDelivery.objects.filter(pk__in=newest).order_by("-event_id")
        if self.event:
            rows = rows.filter(event__event=self.event)
        if self.event_id:
            rows = rows.filter(event__event_id=self.event_id)
        return rows


def with_attempts(deliveries: Iterable[WebhookDelivery]) -> list[Logged]:
    """Return the deliveries with their attempts, read by one query for all."""
    found = {row.pk: Logged(row) for row in deliveries}
    # Their numbers have no gaps.
    rows = WebhookAttempt.objects.filter(
        delivery__in=list(found), attempt_number__gt=F("delivery__attempts") - ATTEMPTS
    )
    for attempt in rows.order_by("-attempt_number"):
        found[attempt.delivery_id].attempts.append(attempt)
    return list(found.values())
