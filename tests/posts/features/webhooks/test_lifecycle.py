"""Webhooks are made, switched, rotated, tested and deleted."""

import json
from datetime import timedelta

import pytest
from standardwebhooks import Webhook as Verifier

from destinations.runtime import clock
from posts.features.webhooks import lifecycle, replay
from posts.features.webhooks.delivery import record, signatures
from posts.features.webhooks.models import Webhook, WebhookAttempt, WebhookDelivery, WebhookEvent
from posts.outbox import outbox
from tests.factories import make_workspace
from tests.posts.features.webhooks.conftest import Post
from tests.posts.features.webhooks.rounds import answered, claim, deliver
from tests.posts.features.webhooks.webhook_factories import make_webhook

pytestmark = pytest.mark.django_db


def test_a_new_webhook_keeps_the_address_as_it_was_sent_and_its_secret_encrypted() -> None:
    url = "HTTPS://Receiver.Example:443/a%2Fb?x=1"
    events = ["post.failed", "post.published", "post.failed"]
    webhook, secret = lifecycle.create(make_workspace().pk, url, events, name="n8n")
    webhook.refresh_from_db()
    assert webhook.url == url
    assert webhook.events == ["post.failed", "post.published"]
    assert secret not in webhook.secret
    assert signatures.valid_secrets(webhook) == [secret]


def test_switching_on_begins_with_a_clean_record() -> None:
    off = {"is_active": False, "consecutive_failures": 20, "auto_disabled_at": clock.now()}
    webhook = make_webhook(make_workspace(), **off)
    lifecycle.edit(webhook, {"is_active": True})
    webhook.refresh_from_db()
    assert webhook.is_active
    assert (webhook.consecutive_failures, webhook.auto_disabled_at) == (0, None)


def test_after_a_rotation_both_secrets_sign_until_the_old_one_ends(receiver: Post) -> None:
    webhook, old = lifecycle.create(make_workspace().pk, receiver.url("/ok"), ["post.deleted"])
    new = lifecycle.rotate(webhook)
    outbox.emit(webhook.workspace_id, "post.deleted", {})
    deliver()
    Webhook.objects.update(previous_secret_until=clock.now() - timedelta(seconds=1))
    outbox.emit(webhook.workspace_id, "post.deleted", {})
    deliver()
    first, second = receiver.received
    assert Verifier(new).verify(first.body, first.headers)
    assert Verifier(old).verify(first.body, first.headers)
    assert Verifier(new).verify(second.body, second.headers)
    assert len(second.headers["webhook-signature"].split()) == 1


def test_a_rotation_without_overlap_ends_the_old_secret_at_once() -> None:
    webhook, _ = lifecycle.create(make_workspace().pk, "https://receiver.example", ["post.deleted"])
    new = lifecycle.rotate(webhook, keep_hours=0)
    webhook.refresh_from_db()
    assert signatures.valid_secrets(webhook) == [new]
    assert webhook.previous_secret == ""


def test_deleting_takes_the_log_and_what_waits_also_while_one_is_being_sent() -> None:
    webhook, other = (make_webhook(make_workspace()) for _ in range(2))
    for each in (webhook, other):
        for _ in range(3):
            outbox.emit(each.workspace_id, "post.deleted", {})
    mine = [each for each in claim() if each.webhook_id == webhook.pk]
    record.record([answered(mine[0], 500)], clock.now())
    lifecycle.delete(Webhook.objects.get(pk=webhook.pk))
    assert WebhookDelivery.objects.filter(webhook_id=webhook.pk).count() == 0
    assert WebhookAttempt.objects.count() == 0
    assert WebhookDelivery.objects.filter(webhook=other).count() == 3
    # What was on its way comes back: nothing is left to record.
    record.record([answered(mine[1], 200)], clock.now())
    assert WebhookAttempt.objects.count() == 0


def test_a_test_is_sent_at_once_signed_and_counts_as_nothing(receiver: Post) -> None:
    webhook, secret = lifecycle.create(make_workspace().pk, receiver.url("/ok"), ["post.deleted"])
    lifecycle.edit(webhook, {"is_active": False})
    answer = replay.send_test(webhook)
    assert (answer.is_success, answer.status, answer.body, answer.error) == (
        True,
        200,
        "thanks",
        "",
    )
    (got,) = receiver.received
    assert Verifier(secret).verify(got.body, got.headers)["event"] == "webhook.test"
    assert json.loads(got.body)["data"]["webhook_id"] == str(webhook.pk)
    webhook.refresh_from_db()
    assert webhook.last_delivery_at is webhook.last_success_at is None
    assert WebhookEvent.objects.count() == WebhookDelivery.objects.count() == 0


def test_a_test_that_fails_says_why(receiver: Post) -> None:
    webhook, _ = lifecycle.create(
        make_workspace().pk, receiver.url("/status/500"), ["post.deleted"]
    )
    answer = replay.send_test(webhook)
    assert (answer.is_success, answer.status) == (False, 500)
    Webhook.objects.update(url="https://no-such-host.invalid/")
    webhook.refresh_from_db()
    answer = replay.send_test(webhook)
    assert (answer.status, answer.error) == (None, "The host name could not be resolved.")
    assert webhook.consecutive_failures == 0
