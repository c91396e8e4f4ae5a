"""What attempts change on their webhook."""

from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from destinations.runtime import clock
from posts.features.webhooks.delivery import record
from posts.features.webhooks.models import Webhook
from posts.outbox import outbox
from tests.factories import make_workspace
from tests.posts.cases import apart
from tests.posts.features.webhooks.rounds import answered, claim
from tests.posts.features.webhooks.webhook_factories import make_webhook

pytestmark = pytest.mark.django_db


def after(*statuses: int | None, age_days: float = 0, **fields: Any) -> Webhook:
    """A webhook of this age after attempts with these answers, recorded together."""
    webhook = make_webhook(make_workspace())
    for _ in statuses:
        outbox.emit(webhook.workspace_id, "post.deleted", {})
    claimed, begin = claim(), clock.now()
    created_at = begin - timedelta(days=age_days)
    Webhook.objects.filter(pk=webhook.pk).update(created_at=created_at, **fields)
    attempts = [
        answered(each, status, begin + timedelta(milliseconds=number))
        for number, (each, status) in enumerate(zip(claimed, statuses, strict=True))
    ]
    record.record(attempts, clock.now())
    webhook.refresh_from_db()
    return webhook


def test_failures_in_a_row_are_counted_and_a_success_ends_the_row() -> None:
    assert after(500, None, 404).consecutive_failures == 3
    assert after(500, consecutive_failures=4).consecutive_failures == 5
    assert after(200, consecutive_failures=4).consecutive_failures == 0
    assert after(500, 200, 500, 500, consecutive_failures=1).consecutive_failures == 2


def test_twenty_failures_and_three_days_without_success_switch_it_off() -> None:
    with capture_logs() as logs:
        webhook = after(500, age_days=3.1, consecutive_failures=19)
    assert not webhook.is_active
    assert webhook.auto_disabled_at is not None
    (entry,) = logs
    assert (entry["event"], entry["log_level"]) == ("webhook_disabled", "warning")
    assert entry["webhook"] == str(webhook.pk)
    assert "secret" not in str(entry)


def test_it_stays_on_otherwise() -> None:
    for age_days, succeeded_days_ago, failures in (
        (2.9, None, 500),  # too young
        (30, 2.9, 500),  # succeeded lately
        (30, 3.1, 18),  # too few
    ):
        with apart(age_days, succeeded_days_ago, failures):
            ago = succeeded_days_ago
            success = clock.now() - timedelta(days=ago) if ago is not None else None
            webhook = after(
                500, age_days=age_days, consecutive_failures=failures, last_success_at=success
            )
            assert webhook.is_active
            assert webhook.auto_disabled_at is None


def test_an_old_success_does_not_keep_it_on() -> None:
    success = clock.now() - timedelta(days=3.1)
    webhook = after(500, age_days=30, consecutive_failures=19, last_success_at=success)
    assert not webhook.is_active


def test_a_success_among_failures_keeps_it_on() -> None:
    webhook = after(500, 200, 500, age_days=30, consecutive_failures=50)
    assert webhook.is_active


def test_one_that_is_off_already_keeps_the_time_when_it_was_switched_off() -> None:
    webhook = make_webhook(make_workspace())
    outbox.emit(webhook.workspace_id, "post.deleted", {})
    (claimed,) = claim()
    Webhook.objects.filter(pk=webhook.pk).update(is_active=False)
    record.record([answered(claimed, 410)], clock.now())
    webhook.refresh_from_db()
    assert webhook.auto_disabled_at is None


def test_times_of_the_last_of_each_are_kept() -> None:
    webhook = after(200, 500)
    assert webhook.last_success_at
    assert webhook.last_failure_at
    assert webhook.last_success_at < webhook.last_failure_at == webhook.last_delivery_at
