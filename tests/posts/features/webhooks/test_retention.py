"""Old events go, with their deliveries and their log, in bounded steps."""

from datetime import timedelta

import pytest

from destinations.runtime import clock
from posts.features.webhooks import retention
from posts.features.webhooks.delivery import record
from posts.features.webhooks.models import Webhook, WebhookAttempt, WebhookDelivery, WebhookEvent
from posts.outbox import outbox
from tests.factories import make_workspace
from tests.posts.cases import apart
from tests.posts.features.webhooks.rounds import answered, claim
from tests.posts.features.webhooks.webhook_factories import make_webhook

pytestmark = pytest.mark.django_db


def sent(count: int) -> Webhook:
    """A webhook with so many deliveries, each with an attempt in the log."""
    webhook = make_webhook(make_workspace())
    for _ in range(count):
        outbox.emit(webhook.workspace_id, "post.deleted", {})
    while claimed := claim():
        record.record([answered(each, 200) for each in claimed], clock.now())
    return webhook


def test_what_is_older_than_thirty_days_is_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    for batch in (1, 2, 1000):
        with apart(batch):
            monkeypatch.setattr(retention, "BATCH", batch)
            sent(5)
            old = WebhookEvent.objects.order_by("id")[:3]
            at = clock.now() - timedelta(days=30, minutes=1)
            WebhookEvent.objects.filter(pk__in=[row.pk for row in old]).update(created_at=at)
            assert retention.forget() == 3
            counts = [
                model.objects.count() for model in (WebhookEvent, WebhookDelivery, WebhookAttempt)
            ]
            assert counts == [2, 2, 2]
            assert retention.forget() == 0


def test_what_is_left_of_deleted_webhooks_is_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    gone, stays = sent(5), sent(1)
    Webhook.objects.filter(pk=gone.pk).delete()
    retention.forget()
    assert [row.webhook_id for row in WebhookDelivery.objects.all()] == [stays.pk]
    assert WebhookAttempt.objects.count() == 1
