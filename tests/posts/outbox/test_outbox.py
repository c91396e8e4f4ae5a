"""Events are written by the transaction of their change, where the workspace has a webhook."""

import uuid
from datetime import UTC, datetime

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from destinations import outbox as destinations_outbox
from posts.features.webhooks import replay
from posts.features.webhooks.models import Webhook, WebhookEvent
from posts.outbox import names, outbox
from tests.factories import make_workspace
from tests.posts.features.webhooks.webhook_factories import make_webhook, told

pytestmark = pytest.mark.django_db


def test_an_event_that_a_webhook_wants_is_written_once(workspace) -> None:
    make_webhook(workspace, "post.deleted")
    make_webhook(workspace, "post.deleted", "post.updated")
    post_id = uuid.uuid4()
    outbox.emit(workspace.pk, "post.deleted", {"post_id": post_id})
    assert told(workspace) == [("post.deleted", {"post_id": str(post_id)})]


def test_each_event_has_an_id_of_its_own_and_the_database_s_time(workspace) -> None:
    make_webhook(workspace)
    for _ in range(3):
        outbox.emit(workspace.pk, "post.deleted", {})
    rows = WebhookEvent.objects.filter(workspace=workspace)
    assert len({row.event_id for row in rows}) == 3
    assert all(row.fanned_out_at is None and row.body == "" for row in rows)


def test_nothing_is_written_without_a_webhook() -> None:
    workspace, other = make_workspace(), make_workspace("Other")
    make_webhook(other, "post.updated")
    outbox.emit(workspace.pk, "post.updated", {})
    assert told(workspace) == []
    assert told(other) == []


@pytest.mark.parametrize("fields", [{"is_active": False}, {"events": ["post.deleted"]}])
def test_an_event_is_written_for_a_webhook_that_is_off_or_asks_for_others(
    fields: dict[str, object],
) -> None:
    workspace = make_workspace()
    webhook = make_webhook(workspace)
    Webhook.objects.filter(pk=webhook.pk).update(**fields)
    outbox.emit(workspace.pk, "post.updated", {})
    assert told(workspace) == [("post.updated", {})]


def test_one_statement_is_enough(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    workspace = make_workspace()
    make_webhook(workspace)
    outbox.emit(workspace.pk, "post.updated", {})  # measures the clock
    with django_assert_num_queries(1):
        outbox.emit(workspace.pk, "post.updated", {})


def test_an_event_of_a_change_that_is_rolled_back_is_not_written(workspace) -> None:
    make_webhook(workspace)
    with transaction.atomic():
        outbox.emit(workspace.pk, "post.updated", {})
        transaction.set_rollback(True)
    assert told(workspace) == []


def test_times_are_written_as_the_api_writes_them_and_metadata_is_repeated(workspace) -> None:
    make_webhook(workspace)
    at = datetime(2026, 3, 1, 9, 30, 5, 123, tzinfo=UTC)
    outbox.emit(workspace.pk, "post.updated", {"scheduled_for": at}, {"order": "Ünï"})
    outbox.emit(workspace.pk, "post.updated", {}, {})
    assert told(workspace) == [
        ("post.updated", {"scheduled_for": "2026-03-01T09:30:05Z", "metadata": {"order": "Ünï"}}),
        ("post.updated", {}),
    ]


def test_destinations_write_events_without_knowing_webhooks(workspace) -> None:
    make_webhook(workspace)
    destinations_outbox.emit(workspace.pk, "account.connected", {"account_id": 7})
    assert told(workspace) == [("account.connected", {"account_id": 7})]


def test_the_service_s_fifteen_names_are_known_and_six_of_our_own_but_not_the_test_s() -> None:
    own = {"post.deleted_on_platform", "post.recycled", "post.rejected", "feed.disabled"}
    own |= {"incident.opened", "incident.closed"}
    assert len(set(names.every())) == len(names.every()) == 15 + len(own)
    assert own <= set(names.every())
    assert replay.TEST not in names.every()
