"""An incident is open from when a fact is wrong until it has been right for a while."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from redis.exceptions import ConnectionError as RedisAway

from config.incidents import touched, watch
from config.models import Incident
from config.status import fact, table
from config.status.fact import Measurement
from destinations.models import Outage
from destinations.runtime import clock
from posts.features.webhooks.models import Webhook
from tests.factories import make_account, make_post, make_workspace
from tests.posts.features.webhooks.webhook_factories import make_webhook
from tests.until import until

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_workers")]


def found(level: str, said: str = "It is late.", about: str = "x") -> list[Measurement]:
    return [Measurement("lateness", (fact.Finding(level, "late", said, "Look.", about),))]


@pytest.fixture
def now(monkeypatch):
    """The database's time, moved by hand."""
    at = [datetime(2026, 3, 1, 9, tzinfo=UTC)]
    monkeypatch.setattr(watch.clock, "now", lambda: at[0])

    def move(seconds: float) -> None:
        at[0] += timedelta(seconds=seconds)

    return move


def test_what_is_wrong_is_open_once_and_says_the_latest(now):
    watch.update(found("warning", "It is late by 1 min."))
    now(15)
    watch.update(found("problem", "It is late by 2 min."))

    row = Incident.objects.get()
    assert (row.cause, row.level, row.said) == ("lateness:x", "problem", "It is late by 2 min.")
    assert row.seen_at - row.opened_at == timedelta(seconds=15)


def test_it_is_over_when_it_was_not_seen_for_a_while_and_another_one_may_begin(now):
    watch.update(found("problem"))
    now(30)
    watch.update(found("ok"))
    assert Incident.objects.get().closed_at is None
    now(30)
    watch.update(found("ok"))
    assert Incident.objects.get().closed_at is not None

    watch.update(found("problem"))

    assert [row.closed_at is None for row in Incident.objects.all()] == [True, False]


def test_accounts_of_more_customers_grow_the_incident_of_their_network_alone(now):
    one, *others = [make_workspace() for _ in range(4)]
    lost = {"needs_reconnection_since": timezone.now()}
    make_account(one, "facebook", **lost)
    watch.update(list(table.measure(["accounts to reconnect"])))
    for workspace in (*others, *others):
        make_account(workspace, "facebook", **lost)
    make_account(one, "x", **lost)
    now(1800)
    watch.update(list(table.measure(["accounts to reconnect"])))

    facebook = Incident.objects.get(cause="accounts to reconnect:facebook")
    assert (facebook.now_count, facebook.now_workspaces) == (7, 4)
    assert facebook.said == "Facebook: 7 accounts to reconnect, of 4 workspaces."
    assert Incident.objects.get(cause="accounts to reconnect:x").now_count == 1


def test_a_broken_receiver_is_the_incident_of_its_workspace_and_others_end(now):
    broken, mended = [make_webhook(make_workspace(), consecutive_failures=3) for _ in "ab"]
    watch.update(list(table.measure(["webhooks"])))
    Webhook.objects.filter(pk=mended.pk).update(consecutive_failures=0)
    now(60)
    watch.update(list(table.measure(["webhooks"])))

    found = {row.cause: row for row in Incident.objects.all()}
    assert found[f"webhooks:failing:{broken.workspace_id}"].closed_at is None
    assert found[f"webhooks:failing:{mended.workspace_id}"].closed_at is not None
    assert {row.level for row in found.values()} == {"notice"}


def test_what_has_shrunk_since_it_was_told_is_told_when_it_grows_again(now):
    row = Incident(
        cause="accounts to reconnect:x", told="warning", told_at=watch.clock.now(),
        told_count=7, told_workspaces=4, opened_at=watch.clock.now(),
    )  # fmt: skip
    few = fact.Finding("warning", "reconnect", "Two.", about="x", count=2, workspaces=1)
    for minutes, told_count in ((1, 7), (16, 2)):
        now(60 * minutes)
        watch._open(row, few, watch.clock.now())
        assert row.told_count == told_count


def test_a_network_that_limits_many_accounts_is_an_incident_with_their_posts():
    workspace, later = make_workspace(), clock.now() + timedelta(hours=1)
    held = [make_account(workspace, "threads", held_until=later) for _ in range(5)]
    make_post(workspace, [*held, make_account(workspace, "threads")])

    watch.update(list(table.measure(["accounts held"])))

    row = Incident.objects.get()
    assert row.cause == "accounts held:threads"
    assert touched.in_words(row) == "5 posts, 5 accounts, 1 workspace"


def test_two_things_of_one_fact_are_two_incidents():
    watch.update(found("problem", about="x") + found("problem", about="tiktok"))

    assert {row.cause for row in Incident.objects.all()} == {"lateness:x", "lateness:tiktok"}


def test_a_fact_that_cannot_be_measured_closes_nothing_and_its_server_is_one_incident(now):
    watch.update(found("problem"))
    now(1000)
    away = table._away(RedisAway())
    watch.update([Measurement(name, (away,), failure=RedisAway()) for name in ("lateness", "beat")])

    assert [row.cause for row in Incident.objects.filter(closed_at=None)] == [
        "redis:",
        "lateness:x",
    ]


def test_an_incident_is_forgotten_three_months_after_its_end(now):
    watch.update(found("problem"))
    now(60)
    watch.update([])
    now(91 * 24 * 3600)
    watch.update([])

    assert not Incident.objects.exists()


def test_what_another_cause_explains_is_no_incident_of_its_own():
    gone = Measurement(
        "workers", (fact.problem("workers", "None is alive.", "Start one.", "worker"),)
    )
    silent = Measurement("beat", (fact.problem("beat", "No tick.", "Start it."),))

    watch.update([gone, silent, *found("problem")])
    assert [row.cause for row in Incident.objects.all()] == ["workers:worker"]

    watch.update([silent, *found("problem")])
    assert {row.cause for row in Incident.objects.all()} == {"workers:worker", "beat:"}


def test_what_is_really_measured_names_an_outage_and_the_missing_workers():
    workspace = make_workspace()
    make_post(workspace, [make_account(workspace)])
    Outage.objects.create(
        scope="network", target="x", platform="x", name="X", error="503.",
        opened_at=clock.now(), probe_at=clock.now(),
    )  # fmt: skip

    watch.update(list(table.measure(table.WATCHED)))

    assert {"outages:network:x", "workers:worker"} <= {row.cause for row in Incident.objects.all()}


def broken(source):
    raise TypeError


def test_a_fact_that_breaks_is_an_incident_and_stops_no_other(monkeypatch, now, caplog):
    name = table.WATCHED[0]
    monkeypatch.setitem(table.BY_NAME, name, replace(table.BY_NAME[name], measure=broken))
    watch.update(list(watch.measured()))

    found = Incident.objects.get(cause=f"watch:{name}")
    assert (found.level, f"“{name}” is not watched" in found.said) == ("warning", True)
    assert "fact_failed" in caplog.text
    assert Incident.objects.filter(cause="workers:worker").exists()

    monkeypatch.undo()
    monkeypatch.setattr(watch.clock, "now", lambda: found.seen_at + timedelta(minutes=1))
    watch.update(list(watch.measured()))

    assert not Incident.objects.filter(cause=f"watch:{name}", closed_at=None).exists()


def test_an_incident_that_cannot_be_written_stops_no_other(monkeypatch):
    find = touched.find
    monkeypatch.setattr(
        touched, "find", lambda cause: broken(cause) if cause == "lateness:x" else find(cause)
    )

    watch.update(found("problem", about="x") + found("problem", about="tiktok"))

    assert Incident.objects.get().cause == "lateness:tiktok"


def test_the_overview_says_since_when(admin_client, now):
    watch.update(list(table.measure(["workers"])))

    page = admin_client.get("/admin/").content.decode()

    assert "Since Mar 1, 09:00 UTC" in page


def test_its_thread_watches_and_keeps_no_connection(monkeypatch, transactional_db):
    looked = []
    monkeypatch.setattr(watch, "EVERY_SECONDS", 0.01)
    monkeypatch.setattr(watch.notify, "tell", lambda: looked.append(watch.connection.connection))

    engine = watch.Watch()
    try:
        until(lambda: len(looked) > 1)
    finally:
        engine.stop(10)

    assert looked[0] is not looked[1]


def test_an_incident_says_how_many_posts_waited_at_its_worst():
    account = make_account(make_workspace(), "x")
    at = clock.now() - timedelta(hours=1)
    for _ in range(2):
        make_post(account.workspace, [account], due_at=at, wanted_at=at)
    make_post(account.workspace, [make_account(account.workspace, "linkedin")])
    down = fact.Finding("warning", "down", "X is down.", "", "network:x")
    watch.update([Measurement("outages", (down,))])
    account.destinations.update(due_at=None)

    watch.update([Measurement("outages", (down,))])

    row = Incident.objects.get()
    assert (row.posts, row.accounts, row.workspaces) == (2, 1, 1)
    assert touched.find("lateness:linkedin").posts == 1
    assert touched.find("tick:").posts == 1
    assert touched.find("workers:worker").posts == 1
    assert touched.find("workers:uploader").posts == 0
    assert touched.find("media:fetch").posts == 0


@pytest.mark.parametrize(
    ("cause", "link"),
    [
        ("outages:network:x", "/admin/destinations/destination/?attention=on_hold&amp;platform=x"),
        ("restore:", "/admin/destinations/destination/?attention=on_hold"),
        ("workers:uploader", "/admin/destinations/destination/?attention=late"),
        ("media:fetch", "/admin/posts/media/"),
        ("webhooks:failing", "/admin/posts/webhook/"),
        ("imports:", "/admin/posts/import/"),
    ],
)
def test_its_page_links_to_what_waits(admin_client, cause, link):
    row = Incident.objects.create(
        cause=cause, level="warning", said="Stuck.", opened_at=clock.now(), seen_at=clock.now()
    )

    page = admin_client.get(f"/admin/config/incident/{row.pk}/change/")

    assert f'href="{link}' in page.text
    assert admin_client.get(link.replace("&amp;", "&")).status_code == 200
