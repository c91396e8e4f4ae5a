from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import time_machine
from celery.worker.request import Request
from django.core.management import call_command
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from config.celery import app
from config.queue import schedule

pytestmark = pytest.mark.django_db
TICK = "Enqueue what is due"


def test_migrating_makes_the_tick(settings):
    tick = PeriodicTask.objects.get(name=TICK)

    assert (tick.task, tick.queue, tick.expire_seconds, tick.enabled) == (
        "destinations.enqueue_due",
        "dispatch",
        600,
        True,
    )
    assert (tick.interval.every, tick.interval.period) == (settings.TICK_SECONDS, "seconds")


@pytest.mark.parametrize(
    ("name", "task", "seconds"),
    [
        ("Refresh tokens", "destinations.refresh_tokens", 60),
        ("Read servers", "destinations.read_servers", 60),
        ("Forget answers", "posts.forget_answers", 300),
    ],
)
def test_migrating_makes_the_others(name, task, seconds):
    entry = PeriodicTask.objects.get(name=name)

    assert (entry.task, entry.queue) == (task, "refresh")
    assert (entry.interval.every, entry.interval.period) == (seconds, "seconds")


def test_every_entry_runs_a_task_that_exists_on_a_queue_that_workers_listen_to():
    app.loader.import_default_modules()
    queues = {queue.name for queue in app.conf.task_queues}
    for entry in PeriodicTask.objects.filter(name__in=schedule.PERIODIC_TASKS):
        assert entry.task in app.tasks
        assert entry.queue in queues


def test_migrating_again_changes_nothing():
    before = list(PeriodicTask.objects.values())

    call_command("migrate", verbosity=0)

    assert list(PeriodicTask.objects.values()) == before


def test_an_operators_edits_survive():
    slower = IntervalSchedule.objects.create(every=5, period="seconds")
    PeriodicTask.objects.filter(name=TICK).update(enabled=False, interval=slower)

    schedule.sync()

    tick = PeriodicTask.objects.get(name=TICK)
    assert (tick.enabled, tick.interval_id) == (False, slower.pk)


def test_what_an_entry_runs_is_set_right():
    PeriodicTask.objects.filter(name=TICK).update(task="destinations.old_name", queue="gone")

    schedule.sync()

    tick = PeriodicTask.objects.get(name=TICK)
    assert (tick.task, tick.queue) == ("destinations.enqueue_due", "dispatch")


def test_entries_of_others_are_left_alone():
    every = IntervalSchedule.objects.create(every=1, period="hours")
    PeriodicTask.objects.create(name="Ours", task="backup", interval=every)

    schedule.sync()

    assert PeriodicTask.objects.get(name="Ours").task == "backup"


def test_equal_intervals_made_by_hand_are_no_obstacle(settings):
    PeriodicTask.objects.filter(name=TICK).delete()
    IntervalSchedule.objects.create(every=settings.TICK_SECONDS, period="seconds")

    schedule.sync()

    assert PeriodicTask.objects.filter(name=TICK).count() == 1


@pytest.mark.parametrize("name", schedule.PERIODIC_TASKS)
def test_a_worker_whose_clock_is_minutes_ahead_drops_no_tick(name):
    app.loader.import_default_modules()  # as a worker does
    task = app.tasks[schedule.PERIODIC_TASKS[name].task]
    entry = PeriodicTask.objects.get(name=name)
    ends_at = datetime.now(UTC) + timedelta(seconds=entry.expire_seconds)
    headers = {"id": "1", "task": task.name, "expires": ends_at.isoformat()}
    message = SimpleNamespace(delivery_info={}, properties={})
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=5)):
        request = Request(
            message, app=app, body=((), {}, {}), headers=headers, decoded=True, task=task
        )

        assert not request.maybe_expire()
