"""Every answer to "is it healthy?" comes from one table, for each reader."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from config.management.commands import doctor
from config.observability import probes
from config.status.table import FACTS, WATCHED, measure, value
from destinations import pauses
from destinations.dispatch.restoring import restore_detector
from destinations.models import Heartbeat, Outage
from destinations.runtime import clock
from posts.features.importing.models import Import
from posts.models import Fetch, Media, Variant
from tests.config.admin.overview.overview_page import lines, look
from tests.factories import make_account, make_post, make_workspace
from tests.posts.features.webhooks.webhook_factories import make_delivery, make_webhook

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
    [line] = [each.text for each in look(admin_client)["lines"] if each.cause == "workers:worker"]
    assert " The last tick was 10 min ago. Posts that become due wait. Start the" in line
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
    until = now + timedelta(hours=1)
    held, *_ = [make_account(workspace, "x", held_until=until) for _ in range(5)]
    make_account(workspace, "facebook", held_until=until)
    make_account(workspace, "threads", needs_reconnection_since=now)
    for _ in range(2):
        failed = {"status": "failed", "due_at": None, "error_code": "outcome_unknown"}
        make_post(workspace, [held], **failed)

    assert findings(*names) == [
        ("warning", "X: 2 posts may be live, of 1 workspace."),
        ("warning", "5 accounts of X: rate limited, so posts wait."),
        ("ok", "1 account of Facebook: rate limited, so posts wait."),
        ("warning", "Threads: 1 account to reconnect, of 1 workspace."),
    ]
    found = value("may be live")["x"], value("accounts to reconnect")["threads"]
    assert [each.rows for each in found] == [2, 1]


def test_an_account_that_no_one_reconnects_for_a_week_is_no_news_among_others():
    workspace, now = make_workspace(), timezone.now()
    make_account(workspace, "x", needs_reconnection_since=now - timedelta(days=8))
    old = [("ok", "X: 1 account to reconnect, 0 of them new.")]
    assert findings("accounts to reconnect") == old

    make_account(workspace, "x", needs_reconnection_since=now)

    said = "X: 2 accounts to reconnect, 1 of them new, of 1 workspace."
    assert findings("accounts to reconnect") == [("warning", said)]


def test_what_one_customers_own_server_may_have_caused_is_a_notice():
    until, workspaces = timezone.now() + timedelta(hours=1), [make_workspace(), make_workspace()]
    for _ in range(5):
        make_account(workspaces[0], "mastodon", held_until=until)
    assert [level for level, _ in findings("accounts held")] == ["notice"]

    make_account(workspaces[1], "mastodon", held_until=until)

    assert [level for level, _ in findings("accounts held")] == ["warning"]


def down(workspace) -> None:
    account = make_account(workspace, "wordpress")
    Outage.objects.create(
        scope="account", target=account.pk, platform="wordpress", name="A blog", error="503.",
        opened_at=clock.now(), probe_at=clock.now(),
    )  # fmt: skip


def test_a_blog_that_is_down_is_its_customers_and_many_at_once_are_not():
    workspace = make_workspace()
    for _ in range(24):
        down(workspace)
    assert {level for level, _ in findings("outages", "own servers")} == {"notice"}

    down(make_workspace())

    said = "WordPress: servers of 2 customers are down for 25 accounts."
    assert findings("own servers") == [("warning", said)]


def test_one_blog_among_those_of_many_customers_is_no_warning():
    for _ in range(30):
        make_account(make_workspace(), "wordpress")
    for _ in "ab":
        down(make_workspace())

    assert findings("own servers") == []


def test_a_network_that_is_down_is_a_problem_once_posts_have_waited_for_a_minute():
    account = make_account(make_workspace(), "facebook")
    Outage.objects.create(
        scope="network", target="facebook", platform="facebook", name="Facebook", error="503.",
        opened_at=clock.now(), probe_at=clock.now(),
    )  # fmt: skip
    assert [level for level, _ in findings("outages")] == ["warning"]
    for seconds, expected in ((30, "warning"), (90, "problem")):
        wanted_at = clock.now() - timedelta(seconds=seconds)
        make_post(account.workspace, [account], wanted_at=wanted_at)
        assert [level for level, _ in findings("outages")] == [expected]
    assert findings("lateness") == [("ok", "no post is late")]

    pauses.pause("network", "facebook", by="operator:ada", reason="It is down")

    assert [level for level, _ in findings("outages")] == ["warning"]


def test_the_receivers_of_many_customers_are_one_finding_that_operators_should_know():
    for _ in range(5):
        make_webhook(make_workspace(), consecutive_failures=3)

    assert findings("webhooks") == [("warning", "5 webhooks fail again and again.")]


def stuck_import() -> None:
    due = {"due_at": clock.now() - timedelta(minutes=11)}
    Import.objects.create(workspace=make_workspace(), by="key:a", digest="a", total=9, **due)


def stuck_files() -> None:
    media = Media.objects.create(workspace=make_workspace(), size_bytes=1)
    Fetch.objects.create(media=media, url="https://example.com/a", due_at=clock.now())
    Variant.objects.create(media=media, form={}, digest="a", lease_until=clock.now())
    Fetch.objects.update(created_at=clock.now() - timedelta(minutes=16))


def failing_webhooks() -> None:
    failing = {"consecutive_failures": 3}
    for fields in (failing, failing, {"is_active": False, "auto_disabled_at": clock.now()}):
        make_webhook(make_workspace(), **fields)


def waiting_event() -> None:
    make_delivery(make_webhook(make_workspace()), due_at=clock.now() - timedelta(minutes=5))


def restored() -> None:
    Heartbeat.objects.update_or_create(
        pk=1, defaults={"at": clock.now(), "restored_at": clock.now()}
    )


@pytest.mark.parametrize(
    ("name", "arrange", "expected"),
    [
        (
            "imports",
            stuck_import,
            [("warning", "No worker has gone on with 1 import of 1 workspace for 11 min.")],
        ),
        (
            "media",
            stuck_files,
            [("warning", "1 file is still to be fetched, the oldest for 16 min, of 1 workspace.")],
        ),
        (
            "webhooks",
            failing_webhooks,
            [
                ("notice", "1 webhook fails again and again."),
                ("notice", "1 webhook fails again and again."),
                ("notice", "1 webhook was switched off in the last day."),
            ],
        ),
        (
            "webhooks",
            waiting_event,
            [("warning", "Events for webhooks of 1 workspace wait, oldest 5 min.")],
        ),
        ("restore", restored, [("problem", "The database was restored, as was noticed on ")]),
    ],
)
def test_what_is_stuck_or_doubtful_is_a_fact_that_doctor_asks_for_and_readyz_does_not(
    name, arrange, expected, django_assert_num_queries
):
    assert {level for level, _ in findings(name)} <= {"ok"}
    ready = probes.report()["status"]
    arrange()

    with django_assert_num_queries(1):
        found = findings(name)

    assert [
        (level, said[: len(start)])
        for (level, said), (_, start) in zip(found, expected, strict=True)
    ] == expected
    assert name in doctor.FACTS
    assert name in WATCHED
    assert probes.report()["status"] == ready
