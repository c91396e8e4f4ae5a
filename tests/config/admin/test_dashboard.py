import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from config.admin import dashboard
from config.queue import heartbeats, workers
from destinations.dispatch import heartbeat
from tests.config.closed import closed_port
from tests.factories import make_account, make_post, make_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _ticking():
    cache.set(heartbeat.TICK_KEY, timezone.now().isoformat())


@pytest.fixture(autouse=True)
def _working(no_workers):
    for kind, queues in workers.SERVED.items():
        heartbeats.record(f"{kind}@here", queues)


def cards(client) -> dict[str, dashboard.Card]:
    page = client.get("/admin/")
    assert page.status_code == 200
    return {card.label: card for card in page.context["cards"]}


def levels(client) -> dict[str, str]:
    return {label: card.level for label, card in cards(client).items()}


def test_a_quiet_night_is_all_fine(admin_client):
    assert set(levels(admin_client).values()) == {"fine"}
    assert len(levels(admin_client)) == 9


def destinations_by_card(now: datetime) -> dict[str, list[dict[str, Any]]]:
    """The fields of destinations that each card counts, by its label."""
    later = now + timedelta(hours=1)
    return {
        "Waiting to begin": [{"wanted_at": now - timedelta(minutes=7), "due_at": now}],
        "Unconfirmed": [{"status": "unconfirmed", "due_at": later, "begun_at": now}] * 2,
        "Failed in the last 24 h": [{"status": "failed", "due_at": None}] * 3,
        "Failed, may be public": [
            {
                "status": "failed",
                "due_at": None,
                "error_code": "outcome_unknown",
                "updated_at": now - timedelta(days=2),
            }
        ],
        "Retries waiting": [
            {
                "status": "failed",
                "due_at": later,
                "wanted_at": later,
                "next_retry_at": later,
                "begun_at": now,
            }
        ]
        * 4,
    }


def test_every_number_agrees_with_the_list_it_leads_to(admin_client):
    now, workspace = timezone.now(), make_workspace()
    rows = destinations_by_card(now)
    for kind in rows.values():
        for fields in kind:
            make_post(workspace, [make_account(workspace)], **fields)
    for _ in range(5):
        make_account(workspace, needs_reconnection_since=now)
    later = now + timedelta(hours=1)
    held = [make_account(workspace, held_until=later) for _ in range(6)]
    make_post(workspace, held, wanted_at=now - timedelta(hours=2))

    shown = cards(admin_client)

    expected = {label: str(len(kind)) for label, kind in rows.items()}
    expected |= {"Accounts to reconnect": "5", "Accounts held": "6"}
    assert {label: shown[label].value for label in expected} == expected
    for label, value in expected.items():
        listed = admin_client.get(shown[label].url)
        assert str(listed.context["cl"].result_count) == value, label
    assert shown["Waiting to begin"].note == "late: X 7 min"
    assert [label for label, card in shown.items() if card.level == "act"] == [
        "Waiting to begin",
        "Failed, may be public",
        "Failed in the last 24 h",
    ]


def test_a_post_that_has_just_become_due_raises_no_alarm(admin_client):
    workspace = make_workspace()
    make_post(workspace, [make_account(workspace)])

    card = cards(admin_client)["Waiting to begin"]

    assert (card.value, card.level) == ("1", "fine")


def test_claimed_posts_that_do_not_begin_are_named_network_by_network(admin_client):
    """As behind an uploader that is frozen: each claim puts the rows off, and nothing begins."""
    workspace, now = make_workspace(), timezone.now()
    for platform, seconds in (("youtube", 133), ("tiktok", 240), ("x", 3)):
        make_post(
            workspace,
            [make_account(workspace, platform)],
            wanted_at=now - timedelta(seconds=seconds),
            due_at=now + timedelta(seconds=50),
            claim=uuid.uuid4(),
        )

    card = cards(admin_client)["Waiting to begin"]

    assert (card.value, card.note, card.level) == ("3", "late: TikTok 4 min, YouTube 2 min", "act")


def test_a_kind_of_worker_that_is_dead_is_named(admin_client, no_workers):
    no_workers()
    heartbeats.record("worker@here", workers.SERVED["worker"])

    card = cards(admin_client)["Workers"]

    assert (card.value, card.note, card.level) == (
        "1 worker, 0 uploader",
        "not alive: uploader",
        "act",
    )


def test_a_beat_that_stopped_is_the_first_thing_seen(admin_client, settings):
    settings.TICK_LIMIT_SECONDS = 30
    cache.set(heartbeat.TICK_KEY, (timezone.now() - timedelta(minutes=10)).isoformat())

    card = next(iter(cards(admin_client).values()))

    assert (card.value, card.level) == ("10 min ago", "act")


def test_a_beat_that_never_ticked_is_told(admin_client):
    cache.delete(heartbeat.TICK_KEY)

    assert cards(admin_client)["Last tick of beat"].value == "never"


def test_the_overview_opens_while_redis_is_away(admin_client, settings):
    redis = {**settings.CACHES["default"], "LOCATION": f"redis://127.0.0.1:{closed_port()}/0"}
    settings.CACHES = {"default": redis}

    settings.REDIS_URL = redis["LOCATION"]
    shown = cards(admin_client)

    for label in ("Last tick of beat", "Workers"):
        card = shown[label]
        assert (card.value, card.note, card.level) == ("unknown", "Redis does not answer", "act")


def test_a_count_above_its_limit_is_shown_as_at_least(admin_client, monkeypatch):
    monkeypatch.setattr(dashboard, "COUNTED_ROWS", 1)
    workspace = make_workspace()
    make_post(workspace, [make_account(workspace), make_account(workspace)], status="unconfirmed")

    assert cards(admin_client)["Unconfirmed"].value == "1+"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (119, "119 s"), (120, "2 min"), (7199, "119 min"), (7200, "2 h"), (2e5, "2 d")],
)
def test_ages_read_as_people_say_them(seconds, words):
    assert dashboard.age(seconds) == words
