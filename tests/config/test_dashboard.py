from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from config import dashboard
from destinations import ticks
from tests.config.closed import closed_port
from tests.factories import make_account, make_post, make_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _ticking():
    cache.set(ticks.KEY, timezone.now().isoformat())


def cards(client) -> dict[str, dashboard.Card]:
    page = client.get("/admin/")
    assert page.status_code == 200
    return {card.label: card for card in page.context["cards"]}


def levels(client) -> dict[str, str]:
    return {label: card.level for label, card in cards(client).items()}


def test_a_quiet_night_is_all_fine(admin_client):
    assert set(levels(admin_client).values()) == {"fine"}
    assert len(levels(admin_client)) == 8


def test_every_number_agrees_with_the_list_it_leads_to(admin_client):
    now, later = timezone.now(), timezone.now() + timedelta(hours=1)
    workspace = make_workspace()
    rows = {
        "Due in the past": [{"due_at": now - timedelta(minutes=7)}],
        "Unconfirmed": [{"status": "unconfirmed", "due_at": later}] * 2,
        "Failed in the last 24 h": [{"status": "failed", "due_at": None}] * 3,
        "Failed, may be public": [
            {
                "status": "failed",
                "due_at": None,
                "error_code": "outcome_unknown",
                "updated_at": now - timedelta(days=2),
            }
        ],
        "Retries waiting": [{"status": "failed", "due_at": later, "next_retry_at": later}] * 4,
    }
    for kind in rows.values():
        for fields in kind:
            make_post(workspace, [make_account(workspace)], **fields)
    for _ in range(5):
        make_account(workspace, needs_reconnection_since=now)
    held = [make_account(workspace, held_until=later) for _ in range(6)]
    make_post(workspace, held, due_at=now - timedelta(hours=2))

    shown = cards(admin_client)

    expected = {label: str(len(kind)) for label, kind in rows.items()}
    expected |= {"Accounts to reconnect": "5", "Accounts held": "6"}
    assert {label: shown[label].value for label in expected} == expected
    for label, value in expected.items():
        listed = admin_client.get(shown[label].url)
        assert str(listed.context["cl"].result_count) == value, label
    assert shown["Due in the past"].note == "oldest: 7 min"
    assert [label for label, card in shown.items() if card.level == "act"] == [
        "Due in the past",
        "Failed, may be public",
        "Failed in the last 24 h",
    ]


def test_what_has_just_become_due_alarms_nobody(admin_client):
    workspace = make_workspace()
    make_post(workspace, [make_account(workspace)])

    card = cards(admin_client)["Due in the past"]

    assert (card.value, card.level) == ("1", "fine")


def test_a_beat_that_stopped_is_the_first_thing_seen(admin_client, settings):
    settings.TICK_LIMIT_SECONDS = 30
    cache.set(ticks.KEY, (timezone.now() - timedelta(minutes=10)).isoformat())

    card = next(iter(cards(admin_client).values()))

    assert (card.value, card.level) == ("10 min ago", "act")


def test_a_beat_that_never_ticked_is_told(admin_client):
    cache.delete(ticks.KEY)

    assert cards(admin_client)["Last tick of beat"].value == "never"


def test_the_overview_opens_while_redis_is_away(admin_client, settings):
    redis = {**settings.CACHES["default"], "LOCATION": f"redis://127.0.0.1:{closed_port()}/0"}
    settings.CACHES = {"default": redis}

    card = cards(admin_client)["Last tick of beat"]

    assert (card.value, card.note, card.level) == ("unknown", "Redis does not answer", "act")


def test_more_than_anybody_counts_is_told_as_at_least(admin_client, monkeypatch):
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
