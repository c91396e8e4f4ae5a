"""The overview tells which webhooks fail, and when events wait for a worker."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from config.admin.overview.read import BY_INDEXES
from config.queue import heartbeats, routing
from posts.features.webhooks import monitoring
from posts.features.webhooks.models import Webhook, WebhookAttempt, WebhookEvent
from posts.outbox import outbox
from tests.config.admin.overview.overview_page import lines, look
from tests.factories import make_workspace
from tests.posts.features.webhooks.webhook_factories import make_delivery, make_webhook

pytestmark = pytest.mark.django_db
LATE = timedelta(minutes=5)


@pytest.fixture
def webhook() -> Webhook:
    return make_webhook(make_workspace("Acme"), name="n8n")


def test_webhooks_that_only_work_raise_no_alarm(admin_client, webhook):
    make_delivery(webhook, 204)
    outbox.emit(webhook.workspace_id, "post.deleted", {})

    now = look(admin_client)["overview"].webhooks.now
    assert (now.failing, now.switched_off, now.failed, now.is_late) == (0, 0, 0, False)
    assert lines(admin_client) == {}


def test_what_fails_and_what_was_given_up_is_counted_and_leads_to_its_list(admin_client, webhook):
    Webhook.objects.update(consecutive_failures=2)
    make_delivery(webhook, 500)
    make_delivery(webhook, 500)
    WebhookAttempt.objects.filter(pk=WebhookAttempt.objects.latest("pk").pk).update(status="failed")
    make_webhook(webhook.workspace, is_active=False, consecutive_failures=9)

    page = admin_client.get("/admin/")

    now = page.context["overview"].webhooks.now
    assert (now.failing, now.failed) == (1, 1)
    assert b"/admin/posts/webhook/?state=failing" in page.content
    assert b"n8n" in admin_client.get("/admin/posts/webhook/?state=failing").content


def test_one_that_keeps_failing_is_a_line_of_the_first_ones(admin_client, webhook):
    make_delivery(webhook, 500)
    Webhook.objects.update(consecutive_failures=2)
    assert lines(admin_client) == {}
    Webhook.objects.update(consecutive_failures=3)

    line = lines(admin_client)["Receivers"]

    assert line.text.startswith("1 webhook fails again and again. Each event is sent again for")
    assert line.url.endswith("/admin/posts/webhook/?state=failing")


def test_one_that_was_switched_off_today_is_named_with_what_to_do(admin_client, webhook):
    now = timezone.now()
    Webhook.objects.update(is_active=False, auto_disabled_at=now - timedelta(hours=3))
    old = {"is_active": False, "auto_disabled_at": now - timedelta(days=3)}
    make_webhook(webhook.workspace, name="old", **old)

    said = lines(admin_client)["Switched off"]

    assert said.text.startswith("1 webhook was switched off in the last day: “n8n” of “Acme”.")
    assert admin_client.get(said.url).status_code == 200
    assert look(admin_client)["overview"].webhooks.now.switched_off == 2


def test_an_event_that_no_worker_takes_is_told_with_the_queue(admin_client, webhook):
    outbox.emit(webhook.workspace_id, "post.deleted", {})
    WebhookEvent.objects.update(created_at=timezone.now() - LATE)
    for kind, queues in routing.SERVED.items():
        if "webhooks" in queues:
            heartbeats.remove(f"{kind}@here", queues)

    [said] = lines(admin_client).values()

    assert said.text.startswith("No worker is alive, so none serves")
    assert (
        " Events for webhooks of 1 workspace wait, oldest 5 min. Start the process worker"
        in said.text
    )


@pytest.mark.parametrize(("failures", "is_late"), [(0, True), (3, False)])
def test_what_is_due_is_late_unless_its_receiver_fails(admin_client, webhook, failures, is_late):
    Webhook.objects.update(consecutive_failures=failures)
    make_delivery(webhook, due_at=timezone.now() - LATE)
    make_delivery(webhook, 500, due_at=timezone.now() + LATE)

    assert ("Webhooks" in lines(admin_client)) is is_late


def test_its_query_reads_no_table_as_a_whole(webhook):
    make_delivery(webhook, 500)
    values = {"first": monitoring.FIRST, "looked_at": 9, "failing": 3, "rows": 9, "newest": 9}
    values["limit"] = timedelta(minutes=1)
    with connection.cursor() as cursor:
        cursor.execute(BY_INDEXES)
        cursor.execute(f"EXPLAIN {monitoring.NOW}", values)
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert "Seq Scan" not in plan
    for index in ("due", "failing", "disabled"):
        assert f"webhook_{index}" in plan or f"webhook_delivery_{index}" in plan
    assert "webhook_event_new" in plan
