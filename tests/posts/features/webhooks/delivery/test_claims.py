"""Which deliveries are claimed: webhooks in turn, few at once, each once."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from destinations.runtime import clock
from posts.features.webhooks.delivery import claims, engine, record
from posts.features.webhooks.delivery.claims import DeliverySweep
from posts.features.webhooks.models import Webhook, WebhookDelivery
from posts.outbox import outbox
from tests.factories import make_workspace
from tests.posts.at_once import at_once
from tests.posts.features.webhooks.rounds import answered, claim
from tests.posts.features.webhooks.webhook_factories import make_webhook
from tests.psql import plan_of, psql

pytestmark = pytest.mark.django_db
DUE = "SELECT count(*) FROM posts_webhookdelivery WHERE due_at IS NOT NULL"


def with_events(count: int, **fields: Any) -> Webhook:
    webhook = make_webhook(make_workspace(), **fields)
    for _ in range(count):
        outbox.emit(webhook.workspace_id, "post.deleted", {})
    while engine.fan_out():
        pass
    return webhook


def test_a_webhook_with_thousands_waiting_is_not_in_front_of_one_with_one() -> None:
    many = with_events(1)
    WebhookDelivery.objects.all().delete()
    psql(
        "INSERT INTO posts_webhookdelivery (webhook_id, event_id, due_at)"
        " SELECT %s, number, now() - interval '1 h' FROM generate_series(1, 10000) AS number",
        [many.pk],
    )
    few = with_events(1)
    assert [each.webhook_id for each in claim(limit=2)].count(few.pk) == 1


def test_a_webhook_has_at_most_eight_in_flight() -> None:
    webhook = with_events(12)
    first = claim()
    assert len(first) == 8
    assert claim() == []
    record.record([answered(first[0], 200), answered(first[1], 200)], clock.now())
    assert [each.webhook_id for each in claim()] == [webhook.pk] * 2


def test_a_failing_webhook_has_two_in_flight() -> None:
    with_events(12, consecutive_failures=3)
    assert len(claim()) == 2


def test_a_claim_goes_on_behind_the_last_webhook_it_took() -> None:
    webhooks = {with_events(2).pk for _ in range(5)}
    sweep, found = DeliverySweep(), []
    for _ in range(3):
        found += [each.webhook_id for each in claims.claim(2, sweep)]
    assert set(found) == webhooks


def test_a_claim_that_takes_nothing_says_that_more_webhooks_are_due() -> None:
    for _ in range(3):
        with_events(1)
    Webhook.objects.update(is_active=False)
    sweep = DeliverySweep()
    assert (claims.claim(1, sweep), sweep.has_more) == ([], True)


def test_what_is_claimed_is_claimed_again_only_when_its_lease_has_ended() -> None:
    with_events(1)
    (first,) = claim()
    assert claim() == []
    WebhookDelivery.objects.update(due_at=clock.now() - timedelta(seconds=1))
    (second,) = claim()
    assert second.id == first.id
    assert second.claim != first.claim


def test_a_worker_that_lost_its_claim_changes_nothing() -> None:
    webhook = with_events(1)
    (stale,) = claim()
    WebhookDelivery.objects.update(due_at=clock.now() - timedelta(seconds=1))
    (held,) = claim()
    record.record([answered(stale, 500)], clock.now())
    row = WebhookDelivery.objects.get()
    assert (row.status, row.attempts, row.claim) == ("waiting", 0, held.claim)
    webhook.refresh_from_db()
    assert webhook.consecutive_failures == 0
    assert row.log.count() == 0


def test_what_waits_for_a_webhook_that_is_off_fails_visibly() -> None:
    webhook = with_events(3)
    Webhook.objects.filter(pk=webhook.pk).update(is_active=False)
    assert claim() == []
    assert list(WebhookDelivery.objects.values_list("status", "due_at")) == [("failed", None)] * 3


def test_what_waits_for_a_deleted_webhook_is_never_sent() -> None:
    webhook = with_events(3)
    Webhook.objects.filter(pk=webhook.pk).delete()
    assert claim() == []


@pytest.mark.django_db(transaction=True)
def test_two_workers_do_not_take_the_same_rows_nor_fan_out_the_same_events() -> None:
    webhook = with_events(0)
    for _ in range(40):
        outbox.emit(webhook.workspace_id, "post.deleted", {})

    def work() -> list[Any]:
        return [each.id for _ in range(5) for each in claim(4)]

    found = [pk for ids in at_once([work] * 4) for pk in ids]
    assert len(found) == len(set(found)) == 8
    assert WebhookDelivery.objects.count() == 40


@pytest.mark.django_db(transaction=True)
def test_a_claim_does_not_wait_for_another_one() -> None:
    with_events(1)

    def work() -> tuple[int, bool]:
        sweep = DeliverySweep()
        return len(claims.claim(5, sweep)), sweep.has_more

    with transaction.atomic():
        psql(claims.TRY_LOCK)
        assert at_once([work]) == [(0, True)]


@pytest.mark.parametrize("is_analyzed_before", [True, False])
@pytest.mark.parametrize("due", ["now()", "NULL"])
def test_the_scan_reads_the_index_with_any_statistics(is_analyzed_before: bool, due: str) -> None:
    webhook = with_events(1)
    if is_analyzed_before:
        psql("ANALYZE posts_webhookdelivery")
    psql(
        "INSERT INTO posts_webhookdelivery (webhook_id, event_id, due_at)"
        f" SELECT %s, number, {due} FROM generate_series(1000000, 1020000) AS number",
        [webhook.pk],
    )
    if not is_analyzed_before:
        psql("ANALYZE posts_webhookdelivery")
    values = {"after": claims.FIRST, "most": 1000, "failing": 3, "few": 2, "many": 8}
    plan = plan_of(claims.DUE, values)
    assert "using webhook_delivery_due on" in plan
    assert "using webhook_delivery_in_flight on" in plan
    assert "Seq Scan on posts_webhookdelivery" not in plan
    assert "webhook_delivery_once" not in plan


@pytest.mark.parametrize("is_analyzed_before", [True, False])
def test_new_events_are_found_by_their_index_with_any_statistics(is_analyzed_before: bool) -> None:
    webhook = make_webhook(make_workspace())
    outbox.emit(webhook.workspace_id, "post.deleted", {})
    if is_analyzed_before:  # all were new then
        psql("ANALYZE posts_webhookevent")
    psql(
        "INSERT INTO posts_webhookevent (workspace_id, event, data, fanned_out_at)"
        " SELECT %s, 'post.deleted', '', now() FROM generate_series(1, 20000)",
        [webhook.workspace_id],
    )
    if not is_analyzed_before:
        psql("ANALYZE posts_webhookevent")
    # So small a table is read faster as a whole.
    psql("SET LOCAL enable_seqscan = off")
    assert "webhook_event_new" in plan_of(engine.NEW, {"limit": 500})
