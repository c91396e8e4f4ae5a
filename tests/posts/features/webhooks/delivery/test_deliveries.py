"""From an event to a receiver, over real HTTP."""

import json
import uuid
from datetime import timedelta

import pytest
from standardwebhooks import Webhook as Verifier

from destinations import public_ids
from destinations.runtime import clock
from posts.features.webhooks import log, replay
from posts.features.webhooks.delivery import engine, signatures
from posts.features.webhooks.models import (
    Webhook,
    WebhookDelivery,
    WebhookEvent,
    WebhookTotal,
)
from posts.outbox import outbox
from tests.factories import make_workspace
from tests.posts.cases import apart
from tests.posts.features.webhooks.conftest import Post
from tests.posts.features.webhooks.rounds import deliver, log_of, make_due
from tests.posts.features.webhooks.webhook_factories import make_webhook

pytestmark = pytest.mark.django_db


def one(receiver: Post, path: str, **fields: object) -> Webhook:
    """A webhook for this path of the receiver, with one event to send."""
    webhook = make_webhook(make_workspace(), url=receiver.url(path), **fields)
    outbox.emit(webhook.workspace_id, "post.deleted", {"post_id": uuid.UUID(int=36)})
    return webhook


def test_a_receiver_gets_the_envelope_and_both_signatures(receiver: Post) -> None:
    secret = signatures.create_secret()
    webhook = one(receiver, "/ok?a=%2F&b=%C3%BC", secret=secret)
    assert deliver() == 1
    (got,) = receiver.received
    assert got.path == "/ok?a=%2F&b=%C3%BC"
    event = WebhookEvent.objects.get()
    assert Verifier(secret).verify(got.body, got.headers) == {
        "event": "post.deleted",
        "event_id": str(event.event_id),
        "created_at": json.loads(got.body)["created_at"],
        "organization_id": str(webhook.workspace_id),
        "data": {"post_id": "post_10"},
    }
    assert got.headers["Host"] == f"127.0.0.1:{receiver.receiver.port}"
    assert got.headers["X-PostEverywhere-Event"] == "post.deleted"
    delivery = WebhookDelivery.objects.get()
    assert (delivery.status, delivery.attempts, delivery.due_at) == ("success", 1, None)
    webhook.refresh_from_db()
    assert webhook.last_success_at == webhook.last_delivery_at is not None
    assert webhook.last_failure_at is None


def test_the_log_has_what_was_sent_and_what_came_back(receiver: Post) -> None:
    webhook = one(receiver, "/status/500")
    deliver()
    (entry,) = log_of(webhook)
    assert (entry.attempt_number, entry.status, entry.status_code) == (1, "waiting", 500)
    assert entry.response_body == "no"
    assert entry.error == "The receiver answered 500."
    assert entry.url == webhook.url
    assert entry.request_headers["webhook-id"] == str(WebhookEvent.objects.get().event_id)
    assert entry.next_attempt_at == WebhookDelivery.objects.get().next_attempt_at
    assert timedelta(seconds=55) < entry.next_attempt_at - clock.now() < timedelta(seconds=67)


def test_every_attempt_sends_the_same_bytes_with_signatures_of_its_own(receiver: Post) -> None:
    webhook = one(receiver, "/status/503")
    for _ in range(7):
        deliver()
        WebhookDelivery.objects.update(created_at=clock.now() - timedelta(days=1))
        make_due()
    assert deliver() == 0
    assert len(receiver.received) == 7
    assert len({got.body for got in receiver.received}) == 1
    assert [entry.attempt_number for entry in log_of(webhook)] == list(range(1, 8))
    assert [entry.status for entry in log_of(webhook)] == ["waiting"] * 6 + ["failed"]
    delivery = WebhookDelivery.objects.get()
    assert (delivery.status, delivery.due_at, delivery.next_attempt_at) == ("failed", None, None)
    totals = dict(WebhookTotal.objects.values_list("outcome", "count"))
    assert totals == {"retried": 6, "failed": 1}


def test_what_is_no_success_is_tried_again(receiver: Post) -> None:
    for path, status, error in (
        ("/redirect", 302, "Redirects are not followed"),
        ("/cut", None, "closed the connection"),
        ("/status/404", 404, "answered 404"),
    ):
        with apart(path, status, error):
            webhook = one(receiver, path)
            deliver()
            (entry,) = log_of(webhook)
            assert entry.status_code == status
            assert error in entry.error
            assert receiver.received.pop().path == path
            assert receiver.received == []
            assert WebhookDelivery.objects.get().status == "waiting"


def test_a_receiver_that_hangs_fails_after_the_time_limit(
    receiver: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("posts.features.webhooks.delivery.sending.SECONDS", 0.3)
    webhook = one(receiver, "/hang")
    deliver()
    (entry,) = log_of(webhook)
    assert "did not answer in time" in entry.error
    assert 250 <= entry.duration_ms < 5000


def test_the_answer_is_kept_up_to_ten_kilobytes(receiver: Post) -> None:
    webhook = one(receiver, "/large")
    deliver()
    (entry,) = log_of(webhook)
    assert entry.status == "success"
    assert entry.response_body == "x" * 10_240


def test_429_waits_as_long_as_it_says(receiver: Post) -> None:
    one(receiver, "/retry/7200")
    deliver()
    left = WebhookDelivery.objects.get().due_at - clock.now()
    assert timedelta(seconds=7190) < left <= timedelta(seconds=7200)


def test_410_switches_the_webhook_off_at_once(receiver: Post) -> None:
    webhook = one(receiver, "/status/410")
    deliver()
    webhook.refresh_from_db()
    assert not webhook.is_active
    assert webhook.auto_disabled_at is not None
    assert WebhookDelivery.objects.get().status == "failed"


@pytest.mark.parametrize("allowed", ["", "10.0.0.0/8"])
def test_a_private_address_is_not_called(receiver: Post, settings, allowed: str) -> None:
    from config.web import proxies

    settings.WEBHOOK_ALLOW_PRIVATE = proxies.networks(allowed)
    webhook = one(receiver, "/ok")
    deliver()
    assert receiver.received == []
    (entry,) = log_of(webhook)
    assert "private network" in entry.error


def test_each_webhook_that_wants_an_event_gets_it_once(workspace, receiver: Post) -> None:
    for number, events in enumerate((["post.deleted"], ["post.updated"], ["post.deleted"])):
        make_webhook(workspace, *events, url=receiver.url(f"/ok/{number}"))
    make_webhook(make_workspace("Other"), url=receiver.url("/ok/other"))
    outbox.emit(workspace.pk, "post.deleted", {"post_id": uuid.uuid4()})
    deliver()
    engine.fan_out()
    deliver()
    assert sorted(got.path for got in receiver.received) == ["/ok/0", "/ok/2"]


def test_ids_of_members_of_a_list_are_public_too(receiver: Post) -> None:
    webhook = make_webhook(make_workspace(), url=receiver.url("/ok"))
    pk = uuid.uuid4()
    outbox.emit(webhook.workspace_id, "post.updated", {"destinations": [{"destination_id": pk}]})
    deliver()
    data = json.loads(receiver.received[0].body)["data"]
    assert data == {"destinations": [{"destination_id": public_ids.encode("dest", pk)}]}


def test_a_webhook_of_the_compatibility_mount_gets_uuids(receiver: Post) -> None:
    workspace, post, destination = make_workspace(), uuid.uuid4(), uuid.uuid4()
    make_webhook(workspace, url=receiver.url("/ok/own"))
    make_webhook(workspace, url=receiver.url("/ok/uuids"), id_form="uuid")
    notes = {"post_id": public_ids.encode("post", post), "amount": 1.10, "text": "“é”\n\u2028"}
    data = {"post_id": post, "destinations": [{"destination_id": destination}]}
    outbox.emit(workspace.pk, "post.updated", data, notes)
    deliver()
    own, uuids = sorted(receiver.received, key=lambda got: got.path)
    assert json.loads(uuids.body) == json.loads(own.body) | {
        "data": {
            "post_id": str(post),
            "destinations": [{"destination_id": str(destination)}],
            "metadata": notes,
        }
    }
    assert json.loads(own.body)["data"]["post_id"] == public_ids.encode("post", post)


def test_uuids_too_are_the_same_bytes_at_every_attempt_and_in_the_log(receiver: Post) -> None:
    webhook = make_webhook(make_workspace(), url=receiver.url("/status/500"), id_form="uuid")
    outbox.emit(webhook.workspace_id, "post.updated", {"post_id": uuid.UUID(int=7)}, {"a": 1e-7})
    deliver()
    make_due()
    deliver()
    delivery = WebhookDelivery.objects.get()
    replay.redeliver(delivery)
    deliver()
    first, second, third = (got.body for got in receiver.received)
    assert first == second == third
    assert log.with_attempts([delivery])[0].body.encode() == first
    assert f'"post_id":"{uuid.UUID(int=7)}"'.encode() in first


BROKEN = ("no JSON", "[]", '{"destinations": 7}', '{"content": "\\ud800"}')


def test_an_event_that_cannot_be_built_fails_alone_and_where_all_see_it(
    receiver: Post, caplog: pytest.LogCaptureFixture
) -> None:
    for data in BROKEN:
        with apart(data):
            receiver.received.clear()
            broken = one(receiver, "/bad", id_form="uuid")
            WebhookEvent.objects.update(data=data)
            one(receiver, "/ok")

            assert deliver() == 2

            assert [got.path for got in receiver.received] == ["/ok"]
            (failed,) = log_of(broken)
            assert (failed.status, failed.error) == ("failed", engine.UNBUILT)
            assert WebhookTotal.objects.get(outcome="failed").count == 1
            (logged,) = log.Deliveries(broken).page(10, 0)
            assert (logged.error, logged.body) == (engine.UNBUILT, "")
            assert logged.delivery.due_at is None
            broken.refresh_from_db()
            assert (broken.consecutive_failures, broken.last_failure_at) == (0, None)
            assert WebhookEvent.objects.get(workspace=broken.workspace_id).data == data
            assert "event_not_built" in caplog.text
