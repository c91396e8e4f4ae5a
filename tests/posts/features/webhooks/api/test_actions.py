"""Test, rotate, recover and redeliver over the API."""

import uuid
from contextlib import ExitStack
from datetime import timedelta

import pytest

from destinations import public_ids
from destinations.runtime import clock
from posts.features.webhooks import replay
from posts.features.webhooks.delivery import engine, signatures
from posts.features.webhooks.models import Webhook, WebhookAttempt, WebhookDelivery, WebhookEvent
from tests.factories import make_post
from tests.posts.api.cases import cases
from tests.posts.conftest import data_of, refused
from tests.posts.features.webhooks.conftest import receiver
from tests.posts.features.webhooks.webhook_factories import make_delivery, make_webhook

__all__ = ["receiver"]


def test_a_test_tells_what_the_receiver_answered_and_counts_for_nothing(ada, receiver):
    webhook = make_webhook(ada.workspace, url=receiver.url("/ok"), is_active=False)

    told = data_of(ada.post(f"/webhooks/{webhook.pk}/test"))
    assert set(told) == {"ok", "status", "duration_ms", "error", "message"}
    assert (told["ok"], told["status"], told["error"]) == (True, 200, None)
    assert told["message"] == "The receiver answered 200."
    [received] = receiver.received
    assert received.headers["X-PostEverywhere-Event"] == "webhook.test"
    shown = ada.get(f"/webhooks/{webhook.pk}").json()["data"]
    assert shown["last_delivery_at"] is None
    assert (shown["is_active"], shown["consecutive_failures"]) == (False, 0)
    assert not WebhookAttempt.objects.exists()


@pytest.mark.parametrize(
    ("path", "status", "said"), [("/status/500", 500, "500"), ("/status/302", 302, "Redirects")]
)
def test_a_test_that_fails_is_a_200_that_says_why(ada, receiver, path, status, said):
    webhook = make_webhook(ada.workspace, url=receiver.url(path))

    answer = ada.post(f"/webhooks/{webhook.pk}/test")

    told = answer.json()["data"]
    assert answer.status_code == 200
    assert (told["ok"], told["status"]) == (False, status)
    assert said in told["error"]


def test_tests_of_a_workspace_wait_with_one_other_at_most(ada, monkeypatch):
    webhook = make_webhook(ada.workspace).pk
    monkeypatch.setattr(replay, "_sent", None)

    with ExitStack() as held:
        for _ in range(2):
            held.enter_context(replay._room.enter(ada.workspace.pk))
        busy = ada.post(f"/webhooks/{webhook}/test")

    refused(busy, 503, "service_unavailable")
    assert int(busy["Retry-After"]) > 0


@cases("url", ["https://no-such-host.example/", "https://10.0.0.1/"])
def test_a_test_without_an_answer_has_status_0(ada, url):
    webhook = make_webhook(ada.workspace, url=url)

    told = ada.post(f"/webhooks/{webhook.pk}/test").json()["data"]

    assert (told["ok"], told["status"]) == (False, 0)
    assert told["error"] == told["message"] != ""


def test_a_secret_that_cannot_be_read_is_a_test_that_fails(ada):
    webhook = make_webhook(ada.workspace)
    Webhook.objects.update(secret="gAAAAnothing")

    told = ada.post(f"/webhooks/{webhook.pk}/test").json()["data"]

    assert (told["ok"], told["status"]) == (False, 0)
    assert "rotate" in told["error"]


def test_a_rotated_secret_is_shown_once_and_the_old_one_signs_too(ada):
    webhook = make_webhook(ada.workspace, secret=(old := signatures.create_secret()))

    answer = ada.post(f"/webhooks/{webhook.pk}/rotate-secret")

    new = answer.json()["data"]["secret"]
    assert answer["Cache-Control"] == "no-store"
    webhook.refresh_from_db()
    assert signatures.valid_secrets(webhook) == [new, old]
    left = webhook.previous_secret_until - clock.now()
    assert timedelta(hours=23) < left <= timedelta(hours=24)
    assert new not in ada.get(f"/webhooks/{webhook.pk}").content.decode()


def test_a_leaked_secret_is_replaced_at_once(ada):
    webhook = make_webhook(ada.workspace)

    answer = ada.post(f"/webhooks/{webhook.pk}/rotate-secret", {"keep_old_hours": 0})

    webhook.refresh_from_db()
    assert signatures.valid_secrets(webhook) == [answer.json()["data"]["secret"]]


@cases("hours", [-1, 169, 1.5, "24", True])
def test_a_wrong_overlap_is_refused(ada, hours):
    webhook = make_webhook(ada.workspace)

    answer = ada.post(f"/webhooks/{webhook.pk}/rotate-secret", {"keep_old_hours": hours})

    refused(answer, 400, "validation_error")
    assert Webhook.objects.get().secret == webhook.secret


def test_a_delivery_is_sent_again(ada):
    webhook = make_webhook(ada.workspace)
    made = make_delivery(webhook, 500, status="failed")

    assert data_of(ada.post(f"/webhooks/{webhook.pk}/deliveries/{made.pk}/redeliver"), 202) == {
        "delivery_id": str(made.pk),
        "event_id": str(made.event.event_id),
    }
    made.refresh_from_db()
    assert (made.status, made.attempts, made.due_at is None) == ("waiting", 1, False)


def test_what_was_attempted_100_times_is_not_sent_again(ada):
    webhook = make_webhook(ada.workspace)
    made = make_delivery(webhook, status="failed", attempts=replay.MOST_ATTEMPTS)
    WebhookEvent.objects.update(fanned_out_at=clock.now())
    since = (clock.now() - timedelta(hours=1)).isoformat()

    again = ada.post(f"/webhooks/{webhook.pk}/deliveries/{made.pk}/redeliver")
    recovered = ada.post(f"/webhooks/{webhook.pk}/recover", {"since": since})

    refused(again, 409, "conflict")
    assert recovered.json()["data"] == {"queued": 0}
    assert replay.redeliver(made) is False
    made.refresh_from_db()
    assert (made.status, made.due_at) == ("failed", None)
    WebhookDelivery.objects.update(attempts=replay.MOST_ATTEMPTS - 1)
    assert ada.post(f"/webhooks/{webhook.pk}/recover", {"since": since}).json()["data"] == {
        "queued": 1
    }


def test_what_happens_while_the_only_webhook_is_off_is_listed_and_recovered(ada, x):
    webhook = make_webhook(ada.workspace, "post.deleted")
    at = clock.now() + timedelta(days=1)
    post = make_post(ada.workspace, [x], scheduled_for=at, due_at=at)
    path = f"/webhooks/{webhook.pk}"
    assert ada.patch(path, {"is_active": False}).status_code == 200
    post_id = public_ids.encode(public_ids.POST, post.pk)
    assert ada.delete(f"/posts/{post_id}").status_code == 200
    engine.fan_out()

    (shown,) = ada.get(f"{path}/deliveries").json()["data"]["deliveries"]
    assert (shown["event"], shown["status"], shown["attempts"]) == ("post.deleted", "failed", [])
    assert "the webhook was off" in shown["error"]
    assert ada.patch(path, {"is_active": True}).status_code == 200
    recovered = ada.post(f"{path}/recover", {"since": "2026-01-01T00:00:00Z"})
    assert recovered.json()["data"] == {"queued": 1}
    assert WebhookDelivery.objects.get().status == "waiting"


@pytest.mark.parametrize(("action", "status"), [("test", 200), ("recover", 202)])
def test_what_costs_much_is_limited_for_the_workspace_and_no_other(
    ada, bo, cy, receiver, action, status
):
    url = receiver.url("/ok")
    hooks = [make_webhook(each.workspace, url=url) for each in (ada, ada, cy)]
    body = {"since": "2026-01-01T00:00:00Z"} if action == "recover" else None

    def ask(caller, webhook):
        return caller.post(f"/webhooks/{webhook.pk}/{action}", body)

    assert [ask(ada, hooks[n % 2]).status_code for n in range(10)] == [status] * 10

    for caller in (ada, bo):
        late = ask(caller, hooks[0])
        refused(late, 429, "rate_limit_exceeded")
        assert 0 < int(late.headers["Retry-After"]) <= 60
    assert ask(cy, hooks[2]).status_code == status


def test_another_webhooks_delivery_is_a_404(ada, cy):
    webhook, other = make_webhook(ada.workspace), make_webhook(ada.workspace)
    made = make_delivery(other, 204)
    path = f"deliveries/{made.pk}/redeliver"

    refused(ada.post(f"/webhooks/{webhook.pk}/{path}"), 404, "not_found")
    refused(cy.post(f"/webhooks/{other.pk}/{path}"), 404, "not_found")
    unknown = f"/webhooks/{webhook.pk}/deliveries/{uuid.uuid4()}/redeliver"
    refused(ada.post(unknown), 404, "not_found")
    assert WebhookDelivery.objects.get().status == "success"


def test_what_failed_in_a_span_is_recovered_and_nothing_else(ada):
    webhook = make_webhook(ada.workspace)
    since = clock.now() - timedelta(hours=1)
    for status, code in (("failed", 500), ("failed", 500), ("success", 204)):
        make_delivery(webhook, code, status=status).event.__class__.objects.update(
            fanned_out_at=clock.now()
        )

    body = {"since": since.isoformat()}
    assert data_of(ada.post(f"/webhooks/{webhook.pk}/recover", body), 202) == {"queued": 2}
    assert ada.post(f"/webhooks/{webhook.pk}/recover", body).json()["data"] == {"queued": 0}
    ended = {**body, "until": (since + timedelta(minutes=1)).isoformat()}
    assert ada.post(f"/webhooks/{webhook.pk}/recover", ended).json()["data"] == {"queued": 0}


@cases(
    "body",
    [
        {},
        {"since": "yesterday"},
        {"since": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"},
    ],
)
def test_a_wrong_span_is_refused(ada, body):
    webhook = make_webhook(ada.workspace)

    refused(ada.post(f"/webhooks/{webhook.pk}/recover", body), 400, "validation_error")


def test_a_webhook_that_is_off_says_so_instead_of_taking_deliveries(ada):
    webhook = make_webhook(ada.workspace, is_active=False)
    made = make_delivery(webhook, 500, status="failed")

    for path, body in (
        (f"deliveries/{made.pk}/redeliver", None),
        ("recover", {"since": "2026-01-01T00:00:00Z"}),
    ):
        answer = ada.post(f"/webhooks/{webhook.pk}/{path}", body)
        assert "switch it on" in refused(answer, 409, "conflict")["message"]
    made.refresh_from_db()
    assert made.status == "failed"
