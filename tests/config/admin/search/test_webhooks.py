"""Webhooks and deliveries are found by the ids that customers quote."""

import pytest

from posts.features.webhooks.models import Webhook
from tests.factories import make_workspace
from tests.posts.features.webhooks.webhook_factories import make_delivery, make_webhook

pytestmark = pytest.mark.django_db


@pytest.fixture
def webhook() -> Webhook:
    return make_webhook(make_workspace("Acme"), name="n8n")


def test_a_webhook_is_found_by_its_id_also_in_an_address_of_ours(found, webhook):
    for typed in (str(webhook.pk), f"https://dovecote.example/api/v1/webhooks/{webhook.pk}"):
        assert found(typed) == {"Webhook": ["n8n"]}


def test_a_delivery_is_found_by_the_id_in_its_header_unless_its_webhook_is_gone(found, webhook):
    made = make_delivery(webhook, 500)

    assert found(str(made.pk)) == {"Delivery": [str(made.pk)]}
    webhook.delete()
    assert found(str(made.pk)) == {}


@pytest.mark.parametrize(("codename", "status"), [("view_webhook", 302), ("view_post", 200)])
def test_only_who_may_view_webhooks_finds_one(operator, webhook, codename, status):
    answer = operator(codename).get("/admin/search/", {"q": str(webhook.pk)})

    assert answer.status_code == status
    assert "n8n" not in answer.content.decode()
