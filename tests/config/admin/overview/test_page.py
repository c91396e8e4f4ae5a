"""The overview tells at once what is wrong, and every number agrees with the list behind it."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from config.incidents import watch
from config.models import Incident
from config.queue import heartbeats, routing, schedule
from config.status import table
from destinations import pauses
from destinations.dispatch.restoring import restore_detector
from destinations.models import Outage
from destinations.statistics import counting
from tests.config.admin.overview.overview_page import cells, lines, look, states
from tests.config.closed import closed_port
from tests.destinations.statistics.attempt_factories import end, make, start
from tests.factories import make_account, make_post, make_workspace

pytestmark = pytest.mark.django_db


def test_a_quiet_night_is_all_well(admin_client):
    page = admin_client.get("/admin/")

    assert page.context["lines"] == []
    assert states(admin_client) == {}
    assert b"All is well." in page.content


def test_every_number_of_a_network_agrees_with_the_list_it_leads_to(admin_client):
    now, workspace = timezone.now(), make_workspace()
    later = now + timedelta(hours=1)
    for fields in (
        *[{"wanted_at": now - timedelta(minutes=7), "due_at": now}] * 3,
        {"status": "publishing", "due_at": later, "begun_at": now, "claim": uuid.uuid4()},
        *[{"status": "failed", "due_at": None, "error_code": "outcome_unknown"}] * 2,
        *[{"status": "failed", "due_at": later, "wanted_at": later, "next_retry_at": later,
           "begun_at": now, "error_code": "platform_unavailable"}] * 4,
    ):  # fmt: skip
        make_post(workspace, [make_account(workspace)], **fields)
    for _ in range(5):
        make_account(workspace, needs_reconnection_since=now)
    held = [make_account(workspace, held_until=later) for _ in range(6)]
    make_post(workspace, held, wanted_at=now - timedelta(hours=2))
    make_post(workspace, [make_account(workspace, "threads")])

    shown = cells(admin_client, "x")

    expected = {
        "Due now": 3,
        "On hold": 6,
        "May be live": 2,
        "Retrying": 4,
        "To reconnect": 5,
        "Limited": 6,
        "Running": 1,
    }
    assert {label: shown[label].value for label in expected} == {
        label: str(count) for label, count in expected.items()
    }
    for label, count in expected.items():
        listed = admin_client.get(shown[label].url)
        assert listed.context["cl"].result_count == count, label
    assert shown["Oldest"].value == "7 min"


def test_late_posts_are_told_with_the_queue_that_no_worker_serves(admin_client, no_workers):
    """As behind an uploader that is frozen: each claim puts the rows off, and nothing begins."""
    no_workers()
    heartbeats.record("worker@here", routing.SERVED["worker"])
    now, workspace = timezone.now(), make_workspace()
    for seconds in (133, 240):
        account = make_account(workspace, "youtube")
        late = {"wanted_at": now - timedelta(seconds=seconds), "queue": "publish.youtube.upload"}
        claimed = {"due_at": now + timedelta(seconds=50), "claim": uuid.uuid4()}
        make_post(workspace, [account], **late, **claimed)

    found = lines(admin_client)

    assert list(found) == ["Workers"]
    assert found["Workers"].text.startswith("No uploader is alive, so none serves imports, media")
    assert " 2 posts wait to begin on YouTube, oldest 4 min. Start the" in found["Workers"].text
    assert states(admin_client) == {"youtube": "Late"}


def test_late_posts_of_a_dedicated_queue_are_told_with_it(admin_client, settings):
    account = make_account(make_workspace(), "x")
    settings.DEDICATED_QUEUES = {account.workspace_id: "acme"}
    now = timezone.now()
    late = {"wanted_at": now - timedelta(seconds=240), "queue": "publish.x.acme"}
    make_post(account.workspace, [account], **late, due_at=now, claim=uuid.uuid4())

    found = lines(admin_client)

    assert list(found) == ["Workers"]
    assert found["Workers"].text.startswith("No worker of acme is alive, so none serves publish.")
    assert " 1 post waits to begin on X, oldest 4 min. Start a worker" in found["Workers"].text
    queues = {queue.name: queue for queue in look(admin_client)["overview"].queues}
    assert queues["publish.x.acme"].level == "act"


def test_an_open_incident_is_a_line_with_its_beginning_whom_it_touches_and_its_page(admin_client):
    row = make_incident("media:fetch", posts=12, accounts=3, workspaces=1)
    make_incident("may be live:")

    [line] = lines(admin_client).values()

    assert (line.topic, line.text, line.url) == ("Media", "Stuck. Look.", line.incident_url)
    assert line.url.endswith(f"/config/incident/{row.pk}/change/")
    page = admin_client.get("/admin/").content.decode()
    assert "Since Mar 1, 09:00 UTC, touches 12 posts, 3 accounts, 1 workspace" in page


def test_a_restored_database_and_the_pause_that_it_led_to_are_one_line(admin_client):
    pauses.pause("installation", by="beat", reason="The database was restored")
    assert list(lines(admin_client)) == ["Paused"]
    make_incident("restore:", level="problem")

    [line] = lines(admin_client).values()

    assert (line.topic, line.text, line.level) == ("Restore", "Stuck. Look.", "act")


def make_incident(cause: str, **fields) -> Incident:
    at = datetime(2026, 3, 1, 9, tzinfo=UTC)
    values = {"level": "warning", "said": "Stuck.", "remedy": "Look.", "opened_at": at, **fields}
    return Incident.objects.create(cause=cause, seen_at=at, **values)


def test_a_post_that_has_just_become_due_raises_no_alarm(admin_client):
    workspace = make_workspace()
    make_post(workspace, [make_account(workspace)])

    assert cells(admin_client, "x")["Due now"].value == "1"
    assert lines(admin_client) == {}


def test_a_network_that_looks_down_is_named_with_its_share_and_error(admin_client):
    for _ in range(12):
        row = start(make("facebook"))
        later = timezone.now() + timedelta(hours=1)
        waits = {"due_at": later, "next_retry_at": later, "wanted_at": later}
        end(row, "retry", "platform_unavailable", **waits)
    counting.run()

    assert lines(admin_client)["Down"].text == (
        "Facebook looks down: 100 % of 12 tries failed in 5 min, mostly platform_unavailable."
    )
    failing = cells(admin_client, "facebook")["Failing"]
    assert (failing.value, failing.note) == ("100 % of 12", "12 platform_unavailable")


@pytest.mark.parametrize("scope", ["network", "account"])
def test_what_is_down_leads_to_the_outages_incident_once_there_is_one(admin_client, scope):
    account = make_account(make_workspace(), "wordpress")
    target = "wordpress" if scope == "network" else str(account.pk)
    now = timezone.now()
    Outage.objects.create(
        scope=scope, target=target, platform="wordpress", name="WordPress", error="503.",
        opened_at=now, probe_at=now,
    )  # fmt: skip
    waiting = "/admin/destinations/destination/?attention=on_hold&platform=wordpress"
    assert lines(admin_client)["Down"].url == waiting

    watch.update(list(table.measure(["outages"])))

    row = Incident.objects.get(cause=f"outages:{scope}:{target}")
    line = lines(admin_client)["Down"]
    assert line.url == f"/admin/config/incident/{row.pk}/change/"
    assert admin_client.get(line.url).status_code == 200
    Outage.objects.update(closed_at=now)
    Incident.objects.update(closed_at=now)
    assert "Down" not in lines(admin_client)


def test_a_network_that_looks_down_leads_to_its_outages_incident_alone(admin_client):
    for platform in ("facebook", "x"):
        Incident.objects.create(
            cause=f"outages:network:{platform}", level="warning", said="It is down.",
            opened_at=timezone.now(), seen_at=timezone.now(),
        )  # fmt: skip
    for _ in range(12):
        row = start(make("facebook"))
        later = timezone.now() + timedelta(hours=1)
        waits = {"due_at": later, "next_retry_at": later, "wanted_at": later}
        end(row, "retry", "platform_unavailable", **waits)
    counting.run()

    row = Incident.objects.get(cause="outages:network:facebook")
    assert lines(admin_client)["Down"].url == f"/admin/config/incident/{row.pk}/change/"


def test_what_failed_what_may_be_live_and_who_must_reconnect_are_named(admin_client):
    now, workspace = timezone.now(), make_workspace("Acme")
    lost = make_account(workspace, "linkedin", name="Corner shop", needs_reconnection_since=now)
    failed = {"status": "failed", "due_at": None}
    make_post(workspace, [lost], **failed, error_code="account_needs_reconnection")
    account = make_account(workspace, "x", name="@acme")
    make_post(workspace, [account], **failed, error_code="outcome_unknown", content="Sale!")

    found = lines(admin_client)

    assert found["Failed"].text == "In the last hour: 1 account_needs_reconnection on LinkedIn."
    assert found["May be live"].text.startswith("1 post: “@acme” on X.")
    assert found["Reconnect"].text.startswith("1 account: “Corner shop” on LinkedIn.")
    [doubtful] = look(admin_client)["overview"].may_be_live
    assert doubtful.detail == "Sale!"
    assert admin_client.get(doubtful.url).status_code == 200


def test_a_pause_is_told_with_who_and_why(admin_client):
    pauses.pause("network", "tiktok", by="operator:ada", reason="TikTok asked for it")

    assert "TikTok" in lines(admin_client)["Paused"].text
    assert "by ada: TikTok asked for it" in lines(admin_client)["Paused"].text
    assert states(admin_client) == {"tiktok": "Paused"}


@pytest.mark.parametrize("is_alive", [True, False])
def test_ticks_that_stopped_are_told_with_whether_beat_is_alive(admin_client, settings, is_alive):
    settings.TICK_LIMIT_SECONDS = 30
    cache.set(restore_detector.TICK_KEY, (timezone.now() - timedelta(minutes=10)).isoformat())
    if not is_alive:
        heartbeats.remove("beat@here", ())

    why = "No worker takes its ticks" if is_alive else "Beat is not alive"
    said = lines(admin_client)["Beat"].text
    assert said.startswith(f"The last tick was 10 min ago. {why}. Posts that become due wait.")
    assert ("Start the process beat" in said) is not is_alive


def test_a_tick_that_is_switched_off_is_the_reason(admin_client, settings):
    PeriodicTask.objects.filter(task=schedule.TICK_TASK).update(enabled=False)
    cache.set(restore_detector.TICK_KEY, (timezone.now() - timedelta(minutes=10)).isoformat())

    assert "The tick is switched off." in lines(admin_client)["Beat"].text


def test_a_beat_that_never_ticked_is_told(admin_client):
    cache.delete(restore_detector.TICK_KEY)

    assert lines(admin_client)["Beat"].text.startswith("No tick since Redis was emptied.")


def test_the_overview_opens_while_redis_is_away(admin_client, settings):
    redis = {**settings.CACHES["default"], "LOCATION": f"redis://127.0.0.1:{closed_port()}/0"}
    settings.CACHES = {"default": redis}
    settings.REDIS_URL = redis["LOCATION"]

    assert lines(admin_client)["Redis"].text.startswith("Redis does not answer.")


def test_its_queries_do_not_grow_with_the_rows(admin_client, django_assert_max_num_queries):
    workspace = make_workspace()
    for platform in ("x", "threads", "youtube"):
        for code in ("content_rejected", "outcome_unknown", "platform_unavailable"):
            accounts = [make_account(workspace, platform) for _ in range(3)]
            failed = {"status": "failed", "due_at": None, "error_code": code}
            make_post(workspace, accounts, **failed)

    with django_assert_max_num_queries(31):
        admin_client.get("/admin/overview/live/")
