import uuid
from datetime import timedelta

import pytest
import redis
from django.core.cache import cache
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from config.celery import app as celery
from config.queue import heartbeats, routing
from destinations import pauses, resolve
from destinations.dispatch.restoring import restore_detector
from destinations.models import Attempt, Destination, Outage
from destinations.statistics import counting
from destinations.statistics.counting import Refresh
from platforms.registry import ADAPTERS
from posts.features.request_log import recorder
from posts.features.request_log.models import ApiRequest
from posts.features.webhooks.delivery import record
from posts.features.webhooks.models import WebhookDelivery, WebhookEvent
from posts.models import Fetch, Media, Variant
from posts.outbox import outbox
from tests.config.closed import closed_port
from tests.destinations.statistics.attempt_factories import Clock, end, start
from tests.factories import make_account, make_post, make_workspace
from tests.posts.features.request_log.conftest import a_call
from tests.posts.features.webhooks.rounds import answered, claim
from tests.posts.features.webhooks.webhook_factories import make_webhook

pytestmark = pytest.mark.django_db
TOKEN = "scraper"


@pytest.fixture
def scrape(client, settings):
    settings.METRICS_TOKEN = TOKEN

    def read() -> dict:
        answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200
        families = text_string_to_metric_families(answer.content.decode())
        return {
            (
                sample.name.removeprefix("dovecote_"),
                *(sample.labels[name] for name in sorted(sample.labels)),
            ): sample.value
            for family in families
            for sample in family.samples
        }

    return read


def make_destination(platform="x", account=None, **fields) -> Destination:
    account = account or make_account(make_workspace(), platform)
    return make_post(account.workspace, [account], **fields).destinations.get()


def ago(**past):
    return timezone.now() - timedelta(**past)


def test_without_a_token_set_there_are_no_metrics(client, settings):
    settings.METRICS_TOKEN = ""

    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


@pytest.mark.parametrize("given", ["", "Bearer ", "Bearer wrong", TOKEN])
def test_without_the_right_token_nothing_is_told(client, settings, given):
    settings.METRICS_TOKEN = TOKEN

    answer = client.get("/metrics", headers={"Authorization": given})

    assert (answer.status_code, answer.content) == (401, b"")


def test_destinations_are_counted_by_status_and_platform(scrape):
    make_destination()
    make_destination()
    make_destination("threads", status="unconfirmed")
    make_destination(status="failed", due_at=None)

    found = scrape()

    assert found["destinations_open", "x", "queued"] == 2
    assert found["destinations_open", "threads", "unconfirmed"] == 1
    assert ("destinations_open", "x", "failed") not in found
    assert found[("unconfirmed",)] == 1


def test_posts_that_may_be_public_are_counted_until_resolved(scrape):
    assert scrape()[("may_be_public",)] == 0
    row = make_destination(status="failed", due_at=None, error_code="outcome_unknown")
    make_destination(status="failed", due_at=None, error_code="content_rejected")

    assert scrape()[("may_be_public",)] == 1

    resolve.confirm_not_published(row.pk, by="operator:ada")
    assert scrape()[("may_be_public",)] == 0


def test_with_nothing_due_the_oldest_is_zero_seconds_old(scrape):
    make_destination(scheduled_for=timezone.now() + timedelta(hours=1))

    found = scrape()

    assert found[("oldest_due_seconds",)] == 0
    assert found[("unconfirmed",)] == 0


def test_the_oldest_due_row_that_nothing_holds_is_told(scrape):
    held = make_account(make_workspace(), held_until=timezone.now() + timedelta(hours=1))
    make_destination(account=held, due_at=ago(hours=2))
    make_destination(due_at=ago(seconds=90))

    found = scrape()

    assert 90 <= found[("oldest_due_seconds",)] < 120
    assert found["accounts_held", "x"] == 1


def test_what_has_not_begun_is_told_network_by_network_claimed_or_not(scrape):
    soon = timezone.now() + timedelta(seconds=50)
    assert set(late(scrape()).values()) == {0}
    make_destination("youtube", wanted_at=ago(seconds=133), due_at=soon, claim=uuid.uuid4())
    make_destination("x", wanted_at=ago(seconds=500), due_at=soon, begun_at=ago(seconds=400))

    found = late(scrape())

    assert set(found) == set(ADAPTERS)
    assert 133 <= found["youtube"] < 160
    assert found["x"] == 0


def late(found: dict) -> dict[str, float]:
    return {key[1]: value for key, value in found.items() if key[0] == "late_seconds"}


def test_live_workers_are_counted_by_what_they_serve(scrape, settings, no_workers):
    heartbeats.record("one@here", routing.SERVED["worker"])
    heartbeats.record("two@here", routing.SERVED["worker"])
    found = scrape()
    assert (found["workers_alive", "worker"], found["workers_alive", "uploader"]) == (2, 0)

    settings.REDIS_URL = f"redis://127.0.0.1:{closed_port()}/0"
    assert ("workers_alive", "worker") not in scrape()


def test_outcomes_are_counted_for_good_and_lags_are_those_of_the_last_minutes(scrape, monkeypatch):
    now = Clock(monkeypatch)
    assert scrape()["outcomes_total", "", "published", "x"] == 0
    end(start(make_destination(wanted_at=now.at - timedelta(seconds=500))), "succeed", "published")
    end(start(make_destination("threads")), "fail", "content_rejected")
    end(start(make_destination()), "mark_unconfirmed", "")
    counting.run()
    now.advance(days=20)
    unconfirmed = start(make_destination(wanted_at=now.at - timedelta(seconds=1)))
    end(unconfirmed, "mark_unconfirmed", "")
    end(unconfirmed, "succeed", "published")
    end(start(make_destination(wanted_at=now.at - timedelta(seconds=3))), "succeed", "published")
    counting.run()

    found = scrape()

    assert found["lag_seconds", "x", "0.5"] == pytest.approx(1)
    assert found["lag_seconds", "x", "0.99"] == pytest.approx(2.98)
    assert found["attempts_recent", "published", "x"] == 2
    assert found["outcomes_total", "", "published", "x"] == 3
    assert found["outcomes_total", "content_rejected", "failed", "threads"] == 1
    assert found["outcomes_total", "", "unconfirmed", "x"] == 2
    assert found["lookups_total", "x", "found"] == 1
    assert found[("statistics_age_seconds",)] == 0


def test_durations_are_histograms_for_good(scrape, monkeypatch):
    now = Clock(monkeypatch)
    for lag, took in [(0.75, 4), (20, 9000)]:
        row = start(make_destination(wanted_at=now.at - timedelta(seconds=lag)))
        now.advance(seconds=took)
        end(row, "succeed", "published")
    counting.run()
    now.advance(days=20)
    counting.run()

    found = scrape()

    lags = [found["start_lag_seconds_bucket", le, "x"] for le in ("0.5", "0.75", "15.0", "30.0")]
    assert lags == [0, 1, 1, 2]
    assert found["start_lag_seconds_sum", "x"] == pytest.approx(20.75)
    assert found["publish_seconds_bucket", "7200.0", "x"] == 1
    assert found["publish_seconds_bucket", "+Inf", "x"] == 2
    assert found["publish_seconds_count", "x"] == 2
    assert found["publish_seconds_count", "youtube"] == 0


def test_refreshes_of_tokens_are_counted_with_what_went_wrong(scrape):
    assert scrape()["token_refreshes_total", "", "x"] == 0

    counting.count_refreshes([Refresh("x"), Refresh("x"), Refresh("x", "platform_unavailable")])
    counting.count_refreshes([Refresh("x")])

    found = scrape()
    assert found["token_refreshes_total", "", "x"] == 3
    assert found["token_refreshes_total", "platform_unavailable", "x"] == 1
    assert found["outcomes_total", "", "published", "x"] == 0


def test_messages_are_counted_queue_by_queue_of_every_priority(scrape, settings):
    broker = redis.Redis.from_url(settings.REDIS_URL)
    names = ("publish.threads", "publish.threads\x06\x163")
    before = scrape()["queue_depth", "publish.threads"]
    try:
        for name in names:
            broker.rpush(name, "a message")
        found = scrape()
    finally:
        for name in names:
            broker.lrem(name, 0, "a message")

    assert found["queue_depth", "publish.threads"] == before + 2
    assert {key[1] for key in found if key[0] == "queue_depth"} == {
        queue.name for queue in celery.conf.task_queues
    }


def test_files_that_wait_are_counted_with_the_age_of_the_oldest(scrape):
    assert scrape()["media_oldest_seconds", "fetch"] == 0
    media = Media.objects.create(workspace=make_workspace(), size_bytes=1)
    for status in ("waiting", "making", "ready"):
        Variant.objects.create(
            media=media, form={}, digest=status, status=status, lease_until=timezone.now()
        )
    Fetch.objects.create(media=media, url="https://example.com/a", due_at=timezone.now())
    Fetch.objects.update(created_at=ago(minutes=10))

    found = scrape()

    assert (found["media_waiting", "variant"], found["media_waiting", "fetch"]) == (2, 1)
    assert 600 <= found["media_oldest_seconds", "fetch"] < 660


def test_webhooks_are_told_by_outcomes_by_what_waits_and_by_what_was_switched_off(scrape):
    found = scrape()
    assert found["webhook_attempts_total", "success"] == 0
    assert found["webhook_attempts_total", "failed"] == 0
    assert found["webhooks_disabled",] == found["webhook_oldest_new_seconds",] == 0
    webhook = make_webhook(make_workspace())
    make_webhook(webhook.workspace, is_active=False, auto_disabled_at=timezone.now())
    for _ in range(3):
        outbox.emit(webhook.workspace_id, "post.deleted", {})
    WebhookEvent.objects.update(created_at=ago(minutes=5))
    assert 300 <= scrape()["webhook_oldest_new_seconds",] < 360

    first, second, _ = claim()
    record.record([answered(first, 200), answered(second, 500)], timezone.now())
    WebhookDelivery.objects.update(created_at=ago(minutes=10))

    found = scrape()

    assert found["webhook_attempts_total", "success"] == 1
    assert found["webhook_attempts_total", "retried"] == 1
    assert found["webhook_oldest_new_seconds",] == 0
    assert 600 <= found["webhook_oldest_waiting_seconds",] < 660
    assert found["webhooks_disabled",] == 1


def test_the_age_of_the_last_tick_is_told_while_it_is_known(scrape, settings):
    cache.set(restore_detector.TICK_KEY, ago(seconds=10).isoformat())
    assert 10 <= scrape()[("tick_age_seconds",)] < 30

    cache.delete(restore_detector.TICK_KEY)
    assert ("tick_age_seconds",) not in scrape()

    away = {**settings.CACHES["default"], "LOCATION": f"redis://127.0.0.1:{closed_port()}/0"}
    settings.CACHES = {"default": away}
    assert ("tick_age_seconds",) not in scrape()


def test_answers_that_no_table_knows_are_counted_for_good(scrape):
    destination = make_destination("tiktok")
    for number, unmapped in enumerate((True, True, False)):
        Attempt.objects.create(
            destination=destination,
            number=number,
            wanted_at=ago(days=30),
            started_at=ago(days=30),
            unmapped=unmapped,
        )

    assert scrape()["unmapped_answers_total", "tiktok"] == 2


def test_whether_rate_limits_are_enforced_is_told(scrape, settings):
    assert scrape()[("rate_limits_enforced",)] == 1

    settings.REDIS_URL = f"redis://127.0.0.1:{closed_port()}/0"
    assert scrape()[("rate_limits_enforced",)] == 0


def test_outages_are_counted_by_network(scrape):
    at = ago(minutes=1)
    Outage.objects.create(
        scope="network", target="x", platform="x", name="X", opened_at=at, probe_at=at
    )

    assert (scrape()["outages", "x"], scrape()["outages", "threads"]) == (1, 0)


def test_a_customers_own_server_that_is_down_is_no_outage_of_its_network(scrape):
    at = ago(minutes=1)
    for platform in ("wordpress", "x"):
        Outage.objects.create(
            scope="account", target=f"{len(platform)}", platform=platform, opened_at=at, probe_at=at
        )

    assert (scrape()["outages", "x"], scrape()["outages", "wordpress"]) == (1, 0)


def test_pauses_are_counted_with_what_they_hold_which_is_not_late(scrape):
    make_account(make_workspace(), "tiktok", needs_reconnection_since=timezone.now())
    make_destination("x", wanted_at=ago(seconds=500), due_at=ago(seconds=500))
    before = scrape()

    pauses.pause("network", "x", by="operator:ada", reason="X is down")

    found = scrape()
    assert (before["paused", "network"], before["accounts_to_reconnect", "tiktok"]) == (0, 1)
    assert before[("oldest_due_seconds",)] > 490
    assert (found["paused", "network"], found["paused", "installation"]) == (1, 0)
    assert (found["paused_posts", "network"], found["paused_posts", "account"]) == (1, 0)
    assert (found[("oldest_due_seconds",)], found["late_seconds", "x"]) == (0, 0)


def test_the_size_of_tables_that_grow_and_how_long_rows_are_kept_are_told(scrape, settings):
    settings.KEEP_POSTS_DAYS, settings.REQUEST_LOG_DAYS = 400, 14
    recorder.insert([a_call()])
    ApiRequest.objects.update(at=ago(days=3))

    found = scrape()

    assert found["table_bytes", "posts_post"] > 8192
    assert {("table_rows", "posts_post"), ("table_dead_rows", "posts_post")} <= found.keys()
    assert (found["retention_days", "posts"], found["retention_days", "requests"]) == (400, 14)
    assert 3 * 86400 <= found["retention_oldest_seconds", "requests"] < 3 * 86400 + 600
    assert found["retention_oldest_seconds", "webhook events"] == 0
