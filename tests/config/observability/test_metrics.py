import uuid
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from config.queue import heartbeats, workers
from destinations import resolve
from destinations.dispatch import heartbeat
from destinations.models import Attempt, Destination
from platforms.registry import ADAPTERS
from tests.config.closed import closed_port
from tests.factories import make_account, make_post, make_workspace

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
    heartbeats.record("one@here", workers.SERVED["worker"])
    heartbeats.record("two@here", workers.SERVED["worker"])
    found = scrape()
    assert (found["workers_alive", "worker"], found["workers_alive", "uploader"]) == (2, 0)

    settings.REDIS_URL = f"redis://127.0.0.1:{closed_port()}/0"
    assert ("workers_alive", "worker") not in scrape()


def test_lag_and_outcomes_are_those_of_the_last_minutes(scrape):
    destination = make_destination()
    for number, lag_seconds, started_at in [
        (1, 1, ago(minutes=1)),
        (2, 3, ago(minutes=2)),
        (3, 500, ago(minutes=30)),
    ]:
        Attempt.objects.create(
            destination=destination,
            number=number,
            wanted_at=started_at - timedelta(seconds=lag_seconds),
            started_at=started_at,
            finished_at=started_at,
            outcome="published",
        )

    found = scrape()

    assert found["lag_seconds", "x", "0.5"] == pytest.approx(2)
    assert found["lag_seconds", "x", "0.99"] == pytest.approx(2.98)
    assert found["attempts_recent", "published", "x"] == 2


def test_accounts_to_reconnect_are_counted(scrape):
    make_account(make_workspace(), "tiktok", needs_reconnection_since=timezone.now())

    assert scrape()["accounts_to_reconnect", "tiktok"] == 1


def test_the_age_of_the_last_tick_is_told_while_it_is_known(scrape, settings):
    cache.set(heartbeat.TICK_KEY, ago(seconds=10).isoformat())
    assert 10 <= scrape()[("tick_age_seconds",)] < 30

    cache.delete(heartbeat.TICK_KEY)
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
