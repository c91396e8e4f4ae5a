"""What customers have sent again."""

from datetime import timedelta

import pytest

from destinations.runtime import clock
from posts.models import Webhook, WebhookAttempt, WebhookDelivery, WebhookEvent
from posts.webhooks import outbox, replay
from posts.webhooks.delivery import fan_out
from tests.factories import make_workspace
from tests.posts.webhooks.conftest import Post
from tests.posts.webhooks.rounds import claim, deliver, log_of
from tests.posts.webhooks.webhook_factories import make_webhook

pytestmark = pytest.mark.django_db
S = WebhookDelivery.Status


def with_events(count: int = 1, **fields: object) -> Webhook:
    webhook = make_webhook(make_workspace(), **fields)
    for _ in range(count):
        outbox.emit(webhook.workspace_id, "post.deleted", {})
    fan_out.run()
    return webhook


def test_a_delivery_is_sent_again_with_the_same_bytes_and_its_number_goes_on(
    receiver: Post,
) -> None:
    webhook = with_events(url=receiver.url("/ok"))
    deliver()
    delivery = WebhookDelivery.objects.get()
    assert replay.redeliver(delivery)
    assert deliver() == 1
    first, second = receiver.received
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert [entry.attempt_number for entry in log_of(webhook)] == [1, 2]


def test_a_failed_delivery_that_is_sent_again_has_all_its_attempts_anew(receiver: Post) -> None:
    with_events(url=receiver.url("/status/500"))
    WebhookDelivery.objects.update(status=S.FAILED, due_at=None, tries=7, attempts=7)
    replay.redeliver(WebhookDelivery.objects.get())
    deliver()
    row = WebhookDelivery.objects.get()
    assert (row.status, row.tries, row.attempts) == (S.WAITING, 1, 8)


def test_one_that_waits_is_sent_now_and_not_twice(receiver: Post) -> None:
    with_events(url=receiver.url("/ok"))
    WebhookDelivery.objects.update(due_at=clock.now() + timedelta(hours=1))
    replay.redeliver(WebhookDelivery.objects.get())
    assert deliver() == 1
    assert deliver() == 0


def test_one_that_is_being_sent_stays_as_it_is() -> None:
    with_events()
    (held,) = claim()
    assert replay.redeliver(WebhookDelivery.objects.get())
    row = WebhookDelivery.objects.get()
    assert row.claim == held.claim
    assert claim() == []


def test_nothing_is_sent_again_to_a_webhook_that_is_off() -> None:
    with_events(is_active=True)
    Webhook.objects.update(is_active=False)
    WebhookDelivery.objects.update(status=S.FAILED, due_at=None)
    assert not replay.redeliver(WebhookDelivery.objects.get())
    assert WebhookDelivery.objects.get().status == S.FAILED


def test_recovering_sends_what_never_succeeded_in_the_span() -> None:
    webhook = with_events(4)
    other = make_webhook(webhook.workspace)
    failed, old, succeeded, waiting = WebhookDelivery.objects.order_by("event_id")
    WebhookDelivery.objects.update(due_at=None, status=S.FAILED)
    WebhookDelivery.objects.filter(pk=succeeded.pk).update(status=S.SUCCESS)
    soon = clock.now() + timedelta(hours=1)
    WebhookDelivery.objects.filter(pk=waiting.pk).update(status=S.WAITING, due_at=soon)
    since = clock.now() - timedelta(minutes=5)
    WebhookEvent.objects.filter(pk=old.event_id).update(created_at=since - timedelta(seconds=1))
    assert replay.recover(webhook, since) == 1
    assert [each.id for each in claim()] == [failed.pk]
    assert WebhookDelivery.objects.filter(webhook=other).count() == 0


def test_recovering_also_sends_what_happened_while_the_webhook_was_off() -> None:
    workspace = make_workspace()
    make_webhook(workspace, "post.deleted", "post.updated")
    off = make_webhook(workspace, "post.deleted", is_active=False)
    outbox.emit(workspace.pk, "post.deleted", {})
    outbox.emit(workspace.pk, "post.updated", {})
    fan_out.run()
    Webhook.objects.filter(pk=off.pk).update(is_active=True)
    since = clock.now() - timedelta(minutes=1)
    assert replay.recover(off, since) == 1
    assert replay.recover(off, since) == 0
    assert WebhookDelivery.objects.get(webhook=off).event.event == "post.deleted"


def test_the_end_of_the_span_does_not_belong_to_it() -> None:
    webhook = with_events(2)
    first, second = WebhookEvent.objects.order_by("id")
    WebhookDelivery.objects.update(due_at=None, status=S.FAILED)
    at = clock.now() - timedelta(minutes=1)
    WebhookEvent.objects.filter(pk=first.pk).update(created_at=at)
    WebhookEvent.objects.filter(pk=second.pk).update(created_at=at + timedelta(seconds=1))
    assert replay.recover(webhook, at, at + timedelta(seconds=1)) == 1
    assert claim()[0].event_id == first.event_id


def test_one_call_is_bounded_and_the_next_one_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    webhook = with_events(5)
    WebhookDelivery.objects.update(due_at=None, status=S.FAILED)
    monkeypatch.setattr(replay, "MOST", 3)
    since = clock.now() - timedelta(minutes=1)
    assert [replay.recover(webhook, since) for _ in range(3)] == [3, 2, 0]


def test_a_delivery_is_found_by_its_own_webhook_only() -> None:
    webhook, other = with_events(), make_webhook(make_workspace())
    delivery = WebhookDelivery.objects.get()
    assert replay.find(webhook, delivery.pk) == delivery
    assert replay.find(other, delivery.pk) is None
    assert WebhookAttempt.objects.count() == 0
