"""The thread and the loop of a worker process that deliver together."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from celery import current_app
from django.db import transaction

from destinations.runtime.worker import batch, shutdown
from posts.features.webhooks import hooks
from posts.features.webhooks.delivery import signatures
from posts.features.webhooks.delivery.engine import DeliveryEngine
from posts.features.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEvent
from posts.outbox import outbox
from tests.factories import make_workspace
from tests.posts.features.webhooks.conftest import Post
from tests.posts.features.webhooks.webhook_factories import make_webhook
from tests.until import until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[DeliveryEngine]:
    # So long its thread waits for commands before it sees that it is told to stop.
    monkeypatch.setattr(batch, "IDLE_SECONDS", 0.05)
    running = DeliveryEngine()
    yield running
    shutdown.request()
    running.stop()
    shutdown.reset()


def test_everything_that_was_committed_is_sent_after_one_wake_up(
    receiver: Post, engine: DeliveryEngine
) -> None:
    webhook = make_webhook(make_workspace(), url=receiver.url("/ok"))
    with transaction.atomic():
        for _ in range(60):
            outbox.emit(webhook.workspace_id, "post.deleted", {})
    engine.wake()
    until(lambda: WebhookDelivery.objects.filter(status="success").count() == 60)
    assert len({got.headers["webhook-id"] for got in receiver.received}) == 60
    assert len(receiver.received) == WebhookAttempt.objects.count() == 60


def test_a_receiver_that_hangs_delays_no_other(receiver: Post, engine: DeliveryEngine) -> None:
    workspace = make_workspace()
    make_webhook(workspace, url=receiver.url("/hang"))
    make_webhook(workspace, url=receiver.url("/ok"))
    for _ in range(30):
        outbox.emit(workspace.pk, "post.deleted", {})
    began = time.monotonic()
    engine.wake()
    until(lambda: WebhookDelivery.objects.filter(status="success").count() == 30)
    assert time.monotonic() - began < 9  # what hangs is still in flight
    assert WebhookDelivery.objects.filter(claim__isnull=False).count() == 8
    receiver.receiver.released.set()


def test_no_more_are_in_flight_than_the_setting_allows(
    receiver: Post, engine: DeliveryEngine, settings: Any
) -> None:
    settings.WEBHOOKS_IN_FLIGHT = 3
    webhook = make_webhook(make_workspace(), url=receiver.url("/hang"))
    for _ in range(7):
        outbox.emit(webhook.workspace_id, "post.deleted", {})
        engine.wake()
        until(lambda: not WebhookEvent.objects.filter(fanned_out_at=None).exists())
    in_flight = WebhookDelivery.objects.filter(claim__isnull=False)
    until(lambda: in_flight.count() >= 3)
    assert in_flight.count() == 3
    receiver.receiver.released.set()


def test_after_a_shutdown_nothing_new_is_sent(receiver: Post) -> None:
    webhook = make_webhook(make_workspace(), url=receiver.url("/ok"))
    outbox.emit(webhook.workspace_id, "post.deleted", {})
    running = DeliveryEngine()
    shutdown.request()
    try:
        running.wake()
        running.stop()
    finally:
        shutdown.reset()
    assert receiver.received == []
    assert WebhookDelivery.objects.count() == 0


def test_a_lost_database_connection_ends_nothing(
    receiver: Post, engine: DeliveryEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import OperationalError

    from posts.features.webhooks.delivery import engine as module

    asked = threading.Event()

    def fail() -> bool:
        asked.set()
        monkeypatch.undo()
        raise OperationalError("gone")

    webhook = make_webhook(make_workspace(), url=receiver.url("/ok"))
    outbox.emit(webhook.workspace_id, "post.deleted", {})
    monkeypatch.setattr(module, "fan_out", fail)
    engine.wake()
    assert asked.wait(10)
    engine.wake()
    until(lambda: WebhookDelivery.objects.filter(status="success").count() == 1)


def test_a_delivery_whose_sending_crashes_is_recorded_and_tried_again_like_any_other(
    receiver: Post, engine: DeliveryEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhook = make_webhook(make_workspace(), url=receiver.url("/ok"))
    outbox.emit(webhook.workspace_id, "post.deleted", {})

    def crash(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(signatures, "headers", crash)
    engine.wake()
    until(WebhookAttempt.objects.exists)
    delivery = WebhookDelivery.objects.get()
    assert (delivery.status, delivery.claim, delivery.attempts) == ("waiting", None, 1)
    assert delivery.next_attempt_at is not None


def test_wake_ups_after_a_commit_are_few(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = []
    monkeypatch.setattr(current_app, "send_task", lambda name, **_: sent.append(name))
    monkeypatch.setattr(hooks.WAKE, "_sent_at", float("-inf"))
    monkeypatch.setattr(hooks.WAKE, "_local", None)
    webhook = make_webhook(make_workspace())
    with transaction.atomic():
        for _ in range(20):
            outbox.emit(webhook.workspace_id, "post.deleted", {})
        assert sent == []
    assert sent == ["posts.deliver_webhooks"]
