"""Posts that are late for a known reason are no incident beside it, nor while they drain."""

from datetime import timedelta

import pytest

from config.incidents import notify, watch
from config.models import Incident
from config.queue.heartbeats import Details, WorkerHeartbeat
from config.queue.routing import QueueKind
from config.status import fact, table
from config.status.fact import Measurement
from config.status.processes import Workers, judge_workers
from destinations import pauses
from destinations.models import Account, Outage, Pause
from destinations.runtime import clock
from tests.factories import make_account, make_post, make_workspace

pytestmark = pytest.mark.django_db
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
FACTS = ["lateness", "outages"]


@pytest.fixture
def account() -> Account:
    return make_account(make_workspace(), "facebook")


def late(account: Account, seconds: int = 300, **fields) -> None:
    wanted_at = clock.now() - timedelta(seconds=seconds)
    make_post(account.workspace, [account], wanted_at=wanted_at, **fields)


def outage(account: Account, *, ended_ago: timedelta | None = None) -> None:
    now = clock.now()
    Outage.objects.create(
        scope="network", target=account.platform, platform=account.platform, name="Facebook",
        error="503.", opened_at=now - 20 * MINUTE, probe_at=now,
        closed_at=None if ended_ago is None else now - ended_ago,
    )  # fmt: skip


def paused(account: Account, *, ended_ago: timedelta) -> None:
    pauses.pause("account", str(account.pk), by="operator:ada", reason="It is full.")
    Pause.objects.update(resumed_at=clock.now() - ended_ago)


def limited(account: Account, *, ended_ago: timedelta) -> None:
    Account.objects.filter(pk=account.pk).update(held_until=clock.now() - ended_ago)


def without(cause: str):
    def missing(account: Account, *, ended_ago: timedelta) -> None:
        now = clock.now()
        Incident.objects.create(
            cause=cause, level="problem", said="None is alive.", opened_at=now - 20 * MINUTE,
            seen_at=now - ended_ago, closed_at=now - ended_ago,
        )  # fmt: skip

    return missing


def look() -> set[str]:
    watch.update(list(table.measure(FACTS)))
    rows = Incident.objects.filter(closed_at=None, cause__startswith="lateness")
    return set(rows.values_list("cause", flat=True))


CAUSES = [outage, paused, limited, without("workers:worker"), without("beat:"), without("redis:")]


@pytest.mark.parametrize("cause", CAUSES)
def test_what_drains_after_its_cause_has_ended_is_no_incident_unless_it_takes_too_long(
    account, cause
):
    late(account)
    cause(account, ended_ago=2 * MINUTE)
    assert look() == set()

    Outage.objects.update(closed_at=clock.now() - 11 * MINUTE)
    Pause.objects.update(resumed_at=clock.now() - 11 * MINUTE)
    Account.objects.update(held_until=clock.now() - 11 * MINUTE)
    Incident.objects.update(closed_at=clock.now() - 11 * MINUTE)

    assert look() == {"lateness:facebook"}


@pytest.mark.parametrize("cause", CAUSES)
def test_what_was_due_only_after_the_end_is_late_for_another_reason(account, cause):
    late(account, 90)
    cause(account, ended_ago=2 * MINUTE)

    assert look() == {"lateness:facebook"}


def test_one_accounts_limit_does_not_explain_the_posts_of_others(account):
    late(account)
    late(make_account(account.workspace, "facebook"))
    limited(account, ended_ago=2 * MINUTE)

    assert look() == {"lateness:facebook"}


@pytest.mark.parametrize(("queue", "expected"), [("upload", set()), ("", {"lateness:youtube"})])
def test_an_uploader_that_is_gone_explains_the_posts_of_its_queues_alone(queue, expected):
    account = make_account(make_workspace(), "youtube")
    name = f"publish.youtube.{queue}".rstrip(".")
    late(account)
    account.destinations.update(queue=name)
    without("workers:uploader")(account, ended_ago=2 * MINUTE)

    assert look() == expected


def test_lateness_that_was_seen_before_its_cause_is_known_is_told_to_no_one(account, settings):
    late(account)
    assert look() == {"lateness:facebook"}
    ago = {"opened_at": clock.now() - MINUTE, "seen_at": clock.now() - 30 * SECOND}
    Incident.objects.update(**ago)
    outage(account)
    look()
    Incident.objects.update(opened_at=clock.now() - MINUTE)

    [told] = [each.incident for each in notify._take(clock.now(), [EVERYONE])]

    assert (told.cause, told.level) == ("outages:network:facebook", "problem")


def test_lateness_that_was_told_lasts_until_it_is_over(account):
    late(account)
    look()
    Incident.objects.update(told="problem", told_at=clock.now())
    without("beat:")(account, ended_ago=SECOND)

    assert look() == {"lateness:facebook"}


def test_a_frozen_engine_of_the_last_worker_of_a_kind_is_one_problem():
    queues = frozenset({"publish.youtube.upload"})
    frozen = WorkerHeartbeat("uploader@a", queues, 1, Details(broken=["publishing"]))
    [found] = judge_workers(Workers([frozen], {"uploader": QueueKind(0, tuple(queues))}))

    assert (found.about, "uploader@a runs, but not its publishing." in found.said) == (
        "uploader",
        True,
    )
    [other] = judge_workers(Workers([frozen], {}))
    assert other.about == "uploader@a"


def test_files_that_wait_for_an_uploader_that_was_gone_just_now_are_no_incident():
    stuck = Measurement("media", (fact.warning("media", "Stuck.", "Look.", "fetch"),))
    without("workers:uploader")(None, ended_ago=2 * MINUTE)
    watch.update([stuck])
    assert not Incident.objects.filter(closed_at=None).exists()

    Incident.objects.update(closed_at=clock.now() - 11 * MINUTE)
    watch.update([stuck])

    assert Incident.objects.get(closed_at=None).cause == "media:fetch"


EVERYONE = notify.Receiver(1, "json://example.invalid", frozenset({"problem", "warning"}))
