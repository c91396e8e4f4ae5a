"""What logins to the admin leave in the database goes by itself, and ends nothing that holds."""

from datetime import timedelta

import pytest
import time_machine
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from config import tasks
from config.celery import ROUTES
from config.operators import log
from config.queue.schedule import PERIODIC_TASKS
from destinations.jobs import forget
from tests.config.operators.browser import log_in

pytestmark = pytest.mark.usefixtures("ada")


def ago(**age):
    return timezone.now() - timedelta(**age)


def test_once_a_day_what_logins_left_is_forgotten():
    entry = PERIODIC_TASKS["Forget logins"]

    assert (entry.task, ROUTES[entry.task]["queue"]) == (tasks.forget_logins.name, "refresh")
    assert entry.every_seconds == 24 * 60 * 60


def test_sessions_that_ended_are_forgotten_and_others_go_on():
    with time_machine.travel(ago(hours=2), tick=False):
        assert log_in().status_code == 302
    here = Client()
    here.force_login(User.objects.get())
    assert Session.objects.count() == 2

    tasks.forget_logins()

    assert Session.objects.count() == 1
    assert here.get("/admin/").status_code == 200


def test_wrong_passwords_are_forgotten_a_month_after_their_lock():
    with time_machine.travel(ago(days=30, seconds=1000), tick=False):
        log_in("wrong")
    with time_machine.travel(ago(days=30, seconds=800), tick=False):
        log_in("wrong", user="bob")

    tasks.forget_logins()

    assert [attempt.username for attempt in AccessAttempt.objects.all()] == ["bob"]


def test_a_lock_that_holds_is_not_ended_however_long_it_is(settings):
    settings.AXES_COOLOFF_TIME = timedelta(days=90)
    with time_machine.travel(ago(days=80), tick=False):
        assert [log_in("wrong") for _ in range(5)][-1].status_code == 429

    tasks.forget_logins()

    assert log_in().status_code == 429


@pytest.mark.parametrize("kind", [AccessLog, AccessFailureLog])
def test_logs_of_logins_are_kept_for_a_month(kind):
    for name, days in (("old", 31), ("new", 29)):
        kind.objects.create(username=name)
        # What is given when a row is made is overwritten by the present.
        kind.objects.filter(username=name).update(attempt_time=ago(days=days))

    tasks.forget_logins()

    assert [row.username for row in kind.objects.all()] == ["new"]


@pytest.mark.parametrize(("days", "left"), [(0, ["oldest", "old", "new"]), (365, ["new"])])
def test_what_operators_did_is_kept_as_long_as_the_setting_says(days, left, settings, monkeypatch):
    settings.KEEP_OPERATOR_LOG_DAYS = days
    monkeypatch.setattr(forget, "BATCH", 1)
    for name, age in (("oldest", 900), ("old", 366), ("new", 364)):
        at = ago(days=age)
        LogEntry.objects.create(
            user=User.objects.get(), action_flag=2, object_repr=name, action_time=at
        )

    tasks.forget_logins()

    assert [row.object_repr for row in LogEntry.objects.order_by("pk")] == left


def test_an_operator_makes_two_changes_at_once_and_reads_meanwhile(ada):
    browser, other = Client(), Client()
    browser.force_login(ada)
    other.force_login(User.objects.create_superuser("bo"))
    with log._room.enter(ada.pk), log._room.enter(ada.pk):
        answer = browser.post("/admin/posts/workspace/add/", {"name": "Later"})
        assert (answer.status_code, answer["Retry-After"]) == (503, "10")
        assert b"Your other changes are still being made" in answer.content
        assert browser.get("/admin/posts/workspace/").status_code == 200
        assert other.post("/admin/posts/workspace/add/", {}).status_code != 503
    assert browser.post("/admin/posts/workspace/add/", {}).status_code != 503
