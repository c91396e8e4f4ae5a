"""What customers have sent again."""

import json
from datetime import timedelta

import pytest

from destinations.runtime import clock
from posts.features.webhooks import lifecycle, log, replay
from posts.features.webhooks.delivery import engine
from posts.features.webhooks.models import Webhook, WebhookAttempt, WebhookDelivery, WebhookEvent
from posts.outbox import outbox
from tests.factories import make_workspace
from tests.posts.features.webhooks.conftest import Post
from tests.posts.features.webhooks.rounds import claim, deliver, log_of
from tests.posts.features.webhooks.webhook_factories import make_webhook

pytestmark = pytest.mark.django_db
S = WebhookDelivery.Status


def with_events(count: int = 1, **fields: object) -> Webhook:
    webhook = make_webhook(make_workspace(), **fields)
    for _ in range(count):
        outbox.emit(webhook.workspace_id, "post.deleted", {})
    engine.fan_out()
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
    assert WebhookDelivery.objects.get().claim == held.claim
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


@pytest.mark.parametrize("answered_410", [0, 1])
def test_recovering_sends_what_happened_while_the_only_webhook_was_off(
    receiver: Post, answered_410: int
) -> None:
    webhook = with_events(answered_410, url=receiver.url("/status/410"))
    since = clock.now() - timedelta(minutes=1)
    assert deliver() == answered_410
    if not answered_410:
        lifecycle.edit(webhook, {"is_active": False})
    webhook.refresh_from_db()
    assert not webhook.is_active
    for number in range(3):
        outbox.emit(webhook.workspace_id, "post.updated", {"number": number})
    assert deliver() == 0
    shown = log.Deliveries(webhook, status="failed").page(20, 0)
    assert [each.error for each in shown[:3]] == [log.NOT_SENT] * 3

    lifecycle.edit(webhook, {"is_active": True, "url": receiver.url("/ok")})
    assert replay.recover(webhook, since) == answered_410 + 3
    assert replay.recover(webhook, since) == 0
    deliver()
    got = [json.loads(each.body)["data"].get("number") for each in receiver.received]
    assert sorted(number for number in got if number is not None) == [0, 1, 2]
    assert set(WebhookDelivery.objects.values_list("status", flat=True)) == {S.SUCCESS}


def test_recovering_sends_what_a_webhook_did_not_ask_for_before() -> None:
    webhook = make_webhook(make_workspace(), "post.deleted")
    outbox.emit(webhook.workspace_id, "post.updated", {})
    engine.fan_out()
    since = clock.now() - timedelta(minutes=1)
    assert replay.recover(webhook, since) == 0
    lifecycle.edit(webhook, {"events": ["post.deleted", "post.updated"]})
    later = make_webhook(webhook.workspace, "post.updated")
    for each in (webhook, later):
        assert replay.recover(each, since) == 1
        assert replay.recover(each, since) == 0
        assert WebhookDelivery.objects.get(webhook=each).event.event == "post.updated"


def test_switched_on_a_webhook_gets_what_waits_to_be_fanned_out() -> None:
    webhook = make_webhook(make_workspace(), is_active=False)
    outbox.emit(webhook.workspace_id, "post.updated", {})
    lifecycle.edit(webhook, {"is_active": True})
    assert len(claim()) == 1


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
