"""Every answer to "is it healthy?" comes from one table, for each reader."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from config.management.commands import doctor
from config.observability import probes
from config.status.table import FACTS, measure, value
from destinations import pauses
from destinations.dispatch.restoring import restore_detector
from tests.config.admin.overview.overview_page import lines
from tests.factories import make_account, make_post, make_workspace

pytestmark = pytest.mark.django_db


def findings(*names: str) -> list[tuple[str, str]]:
    return [(found.level, found.said) for each in measure(names) for found in each.findings]


def test_each_name_stands_for_one_fact_and_readers_name_known_ones():
    names = [fact.name for fact in FACTS]

    assert len(names) == len(set(names))
    assert set(doctor.FACTS) <= set(names)


def test_all_who_are_asked_say_the_same_of_a_tick_that_is_late(admin_client, settings):
    settings.TICK_LIMIT_SECONDS = 30
    cache.set(restore_detector.TICK_KEY, (timezone.now() - timedelta(minutes=10)).isoformat())

    assert findings("beat") == [("problem", "The last tick was 10 min ago.")]
    assert lines(admin_client)["Beat"].text.startswith("The last tick was 10 min ago.")
    assert probes.report()["checks"]["beat"]["ok"] is False


def test_a_pause_is_told_in_one_sentence(admin_client):
    pauses.pause("network", "x", by="operator:ada", reason="X is down")

    [(level, said)] = findings("pauses")

    assert (level, said) == ("warning", "X, by ada: X is down (for 0 s)")
    assert lines(admin_client)["Paused"].text.startswith("X, by ada: X is down (for ")
    assert (
        b"Publishing is paused: X, by ada: X is down (for " in admin_client.get("/admin/").content
    )


def test_posts_that_are_late_are_a_problem_of_their_network():
    assert findings("lateness") == [("ok", "no post is late")]
    account = make_account(make_workspace(), "youtube")
    make_post(account.workspace, [account], wanted_at=timezone.now() - timedelta(minutes=5))

    assert findings("lateness") == [("problem", "Posts are late on YouTube, oldest 5 min.")]


def test_posts_and_accounts_that_need_a_person_are_counted_by_network():
    workspace, now = make_workspace(), timezone.now()
    names = ("may be live", "accounts held", "accounts to reconnect")
    assert findings(*names) == []
    held = make_account(workspace, "x", held_until=now + timedelta(hours=1))
    make_account(workspace, "threads", needs_reconnection_since=now)
    for _ in range(2):
        failed = {"status": "failed", "due_at": None, "error_code": "outcome_unknown"}
        make_post(workspace, [held], **failed)

    assert findings(*names) == [
        ("warning", "2 posts may be live."),
        ("warning", "1 account is rate limited, so posts wait."),
        ("warning", "1 account to reconnect."),
    ]
    assert (value("may be live")["x"], value("accounts to reconnect")["threads"]) == (2, 1)
