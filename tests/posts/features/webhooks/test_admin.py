"""Operators see webhooks and what was delivered to them, and act on both."""

import pytest

from posts.features.webhooks.delivery import signatures
from posts.features.webhooks.models import Webhook, WebhookDelivery
from tests.destinations.admin.action_steps import act, text
from tests.posts.cases import apart
from tests.posts.features.webhooks.conftest import receiver
from tests.posts.features.webhooks.webhook_factories import make_delivery, make_webhook

__all__ = ["receiver"]
HOOKS = "/admin/posts/webhook/"
DELIVERIES = "/admin/posts/webhookdelivery/"


@pytest.fixture
def webhook(ada):
    return make_webhook(ada.workspace, name="n8n")


def test_the_list_and_the_page_show_a_webhook_and_no_secret(admin_client, webhook):
    make_delivery(webhook, 500, 204)

    for path in (HOOKS, f"{HOOKS}{webhook.pk}/change/"):
        page = text(admin_client.get(path))
        assert webhook.url[:29] in page
        assert webhook.secret not in page
        assert signatures.valid_secrets(webhook)[0] not in page
    assert "post.published" in page
    assert "2 attempts" in page


def test_webhooks_are_filtered_by_their_state(admin_client, ada, webhook):
    for state in ("failing", "disabled", "off"):
        with apart(state):
            wrong = {
                "failing": {"consecutive_failures": 3},
                "disabled": {"is_active": False, "auto_disabled_at": "2026-01-01T00:00:00Z"},
                "off": {"is_active": False},
            }[state]
            other = make_webhook(ada.workspace, **wrong)

            page = text(admin_client.get(f"{HOOKS}?state={state}"))

            assert str(other.pk) in page
            assert str(webhook.pk) not in page


def test_a_delivery_shows_its_body_and_each_attempt(admin_client, webhook):
    made = make_delivery(webhook, 500, 204)

    listed = text(admin_client.get(f"{DELIVERIES}?webhook__id__exact={webhook.pk}"))
    page = text(admin_client.get(f"{DELIVERIES}{made.pk}/change/"))

    assert str(made.event.event_id) in listed
    for said in ("Attempt 1", "answered 500", "Attempt 2", "webhook-id", "post.published"):
        assert said in page


def test_a_delivery_is_sent_again(admin_client, webhook):
    made = make_delivery(webhook, 500, status="failed")

    page = act(admin_client, "redeliver", made, path=DELIVERIES)

    assert "1 are delivered again" in text(page)
    assert WebhookDelivery.objects.get().status == "waiting"


def test_a_webhook_is_switched_off_and_on(admin_client, webhook):
    act(admin_client, "switch_off", webhook, path=HOOKS)
    assert not Webhook.objects.get().is_active
    Webhook.objects.update(consecutive_failures=20, auto_disabled_at="2026-01-01T00:00:00Z")

    act(admin_client, "switch_on", webhook, path=HOOKS)

    now = Webhook.objects.get()
    assert (now.is_active, now.consecutive_failures, now.auto_disabled_at) == (True, 0, None)


def test_a_rotation_asks_first_and_shows_the_secret_once(admin_client, webhook):
    asked = act(admin_client, "rotate", webhook, path=HOOKS)
    assert "Rotate the secret of this webhook?" in text(asked)
    assert Webhook.objects.get().secret == webhook.secret

    page = act(admin_client, "rotate", webhook, path=HOOKS, confirmed="yes", hours="0")

    [secret] = signatures.valid_secrets(Webhook.objects.get())
    assert secret in text(page)
    assert "no-store" in page["Cache-Control"]
    assert secret not in text(admin_client.get(f"{HOOKS}{webhook.pk}/change/"))


def test_what_it_missed_is_delivered_after_asking_for_the_span(admin_client, webhook):
    made = make_delivery(webhook, 500, status="failed")
    made.event.fanned_out_at = made.created_at
    made.event.save()

    asked = act(admin_client, "recover", webhook, path=HOOKS)
    assert "Deliver what this webhook missed?" in text(asked)
    page = act(admin_client, "recover", webhook, path=HOOKS, confirmed="yes", hours="1")

    assert "1 are delivered again" in text(page)
    assert WebhookDelivery.objects.get().status == "waiting"


def test_a_test_says_what_the_receiver_answered(admin_client, ada, receiver):
    webhook = make_webhook(ada.workspace, url=receiver.url("/ok"))

    page = act(admin_client, "send_test", webhook, path=HOOKS)

    assert "The receiver answered 200." in text(page)
    assert len(receiver.received) == 1
