"""Beat sends a task only if there is something to do, and at times anyway."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError, connection

from config.queue import has_work
from config.queue.has_work import HasWork
from config.queue.schedule import PERIODIC_TASKS, REST_SECONDS, TICK_TASK
from destinations.models import BusyWorker, Destination, Event, Server
from destinations.runtime import clock
from posts.features.approval.models import Approval
from posts.features.engagement.models import AccountEngagement, EngagementTally
from posts.models import Workspace
from tests.factories import make_account, make_post, make_workspace
from tests.posts import world
from tests.posts.features.webhooks.webhook_factories import make_delivery, make_webhook

pytestmark = pytest.mark.django_db
WHEN = {each.task: each for each in PERIODIC_TASKS.values() if each.when}
#: Tables of one row.
PROGRESS = re.compile(r"Seq Scan on (destinations_statistics|posts_engagement)progress\b")
#: The tick comes more often.
OTHERS = [task for task in WHEN if task != TICK_TASK]


def make_event(workspace: Workspace) -> None:
    (row,) = make_post(workspace, [make_account(workspace)]).destinations.all()
    Event.objects.create(destination=row, at=clock.now(), move="succeed", by="test")


def make_due_account(workspace: Workspace) -> None:
    account = make_account(workspace)
    AccountEngagement.objects.create(account=account, due_at=clock.now(), problem="")


def make_tally(workspace: Workspace) -> None:
    EngagementTally.objects.create(workspace_id=workspace.pk, hour=clock.now(), platform="x")


def make_reminder(workspace: Workspace) -> None:
    post = make_post(workspace, [])
    Approval.objects.create(post=post, workspace=workspace, remind_at=clock.now())


def make_server(workspace: Workspace) -> None:
    Server.objects.create(platform="mastodon", host="a.example", read_due_at=clock.now())


#: Rows that give a task something to do.
WORK: list[tuple[str, Callable[[Workspace], Any]]] = [
    ("destinations.count_outcomes", make_event),
    ("destinations.read_servers", make_server),
    ("posts.read_engagement", make_event),
    ("posts.read_engagement", make_due_account),
    ("posts.read_engagement", make_tally),
    (
        "posts.deliver_webhooks",
        lambda to: make_delivery(make_webhook(to), due_at=clock.now()),
    ),
    ("posts.import_posts", world.make_import),
    ("posts.read_feeds", lambda to: world.make_feed(to, enabled=True)),
    ("posts.repeat", lambda to: world.make_recurrence(to, look_at=clock.now())),
    ("posts.watch_approvals", make_reminder),
]


@pytest.fixture
def beats(monkeypatch) -> Callable[[float], list[str]]:
    """Lets so many seconds pass; returns the tasks that are sent then."""
    moment, work = [1000.0], HasWork(PERIODIC_TASKS.values())
    monkeypatch.setattr(has_work.time, "monotonic", lambda: moment[0])

    def after(seconds: float) -> list[str]:
        moment[0] += seconds
        found = [task for task in WHEN if work.is_needed(task)]
        for task in found:
            work.note_sent(task)
        return found

    return after


def test_without_work_a_task_is_sent_once_a_minute_and_the_tick_each_five_seconds(beats):
    assert beats(0) == list(WHEN)
    sent = [beats(1) for _ in range(59)]

    assert sent == [[TICK_TASK] if second % REST_SECONDS == 0 else [] for second in range(1, 60)]
    assert beats(1) == list(WHEN)


@pytest.mark.parametrize(("task", "make"), WORK)
def test_what_has_work_is_sent_within_seconds(beats, task, make):
    beats(0)
    assert beats(has_work.ASK_SECONDS) == []
    make(make_workspace())

    assert task in beats(has_work.ASK_SECONDS)
    assert task in beats(1)


def test_a_task_that_cannot_tell_is_always_sent():
    assert HasWork(PERIODIC_TASKS.values()).is_needed("destinations.refresh_tokens")


def test_ticks_come_each_second_from_just_before_a_post_is_due_until_it_has_ended(beats):
    beats(0)
    workspace = make_workspace()
    (row,) = make_post(workspace, [make_account(workspace)]).destinations.all()
    of_row = Destination.objects.filter(pk=row.pk)

    def ticks() -> int:
        return sum(TICK_TASK in beats(1) for _ in range(4))

    of_row.update(due_at=clock.now() + timedelta(hours=1))
    assert ticks() <= 1, "due in an hour"
    of_row.update(due_at=clock.now() + timedelta(seconds=2.5))
    assert ticks() == 4, "due in a moment"
    of_row.update(due_at=clock.now() + timedelta(hours=1), claim=uuid4())
    assert ticks() == 4, "claimed"
    of_row.update(due_at=None, claim=None)
    assert ticks() <= 1, "ended"
    BusyWorker.objects.create(name="worker@host", at=clock.now(), tick=1)
    assert ticks() == 4, "a process holds claims"


def test_all_are_sent_while_the_database_is_away(beats):
    beats(0)

    def refuse(*_: object) -> None:
        raise OperationalError("the database is away")

    with connection.execute_wrapper(refuse):
        assert beats(has_work.ASK_SECONDS) == list(WHEN)


def test_the_statement_reads_indexes_alone():
    """A clock that asks each second must not read tables that grow."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for each in WHEN.values():
            cursor.execute(f"EXPLAIN SELECT {each.when}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
            assert "Seq Scan" not in PROGRESS.sub("", plan)
