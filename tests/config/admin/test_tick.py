"""The tick goes on ticking, unless an operator types that it shall not; then every page says so."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.utils import timezone
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from config.operators import roles
from config.queue import schedule as ticks

pytestmark = pytest.mark.django_db
TASKS = "/admin/django_celery_beat/periodictask/"
INTERVALS = "/admin/django_celery_beat/intervalschedule/"
SAYS = "The tick is switched off."


@pytest.fixture
def tick() -> PeriodicTask:
    return PeriodicTask.objects.get(name=ticks.TICK_NAME)


def interval(every: int, period: str = "seconds") -> int:
    return IntervalSchedule.objects.create(every=every, period=period).pk


def saved(client, tick, **change):
    """The answer to the form of the tick's page, as it is shown, and changed so; None: left out."""
    path = f"{TASKS}{tick.pk}/change/"
    shown = client.get(path).context["adminform"].form.initial
    values = {"task": tick.task, **shown, **change}
    return client.post(path, {key: value for key, value in values.items() if value is not None})


def act(client, action, *rows):
    chosen = {"action": action, "_selected_action": [row.pk for row in rows]}
    return client.post(TASKS, chosen, follow=True)


def test_it_is_not_switched_off_by_a_click(admin_client, tick):
    page = saved(admin_client, tick, enabled=None)

    assert "type its name: Enqueue what is due" in page.content.decode()
    tick.refresh_from_db()
    assert tick.enabled


def test_it_is_switched_off_by_its_name_and_the_log_says_by_whom(admin_client, tick):
    assert saved(admin_client, tick, enabled=None, typed_name="Enqueue").status_code == 200
    assert saved(admin_client, tick, enabled=None, typed_name=ticks.TICK_NAME).status_code == 302

    tick.refresh_from_db()
    assert not tick.enabled
    entry = LogEntry.objects.filter(change_message__contains="confirmed").get()
    assert "The tick is switched off: confirmed by operator:admin" in entry.change_message
    assert entry.user.username == "admin"


def test_nothing_else_that_would_stop_it_is_saved_by_a_click(admin_client, tick):
    path = f"{TASKS}{tick.pk}/change/"
    shown = admin_client.get(path).context["adminform"].form.initial
    before = PeriodicTask.objects.filter(pk=tick.pk).values().get()
    for change in (
        {"interval": interval(1000, "days")},
        {"interval": interval(31)},
        {"interval": interval(1, "microseconds")},
        {"interval": None, "crontab": CrontabSchedule.objects.create().pk},
        {"one_off": "on"},
        {"task": "x"},
        {"queue": "nowhere"},
        {"args": "[1]"},
        {"expire_seconds": 1},
        {"start_time_0": "2100-01-01", "start_time_1": "00:00:00"},
        {"expires_0": "2100-01-01", "expires_1": "00:00:00", "expire_seconds": None},
    ):
        values = {"task": tick.task, **shown, **change}
        given = {key: value for key, value in values.items() if value is not None}
        form = admin_client.post(path, given).context["adminform"].form
        assert "typed_name" in form.errors, change
        assert PeriodicTask.objects.filter(pk=tick.pk).values().get() == before, change

        with transaction.atomic():
            answer = admin_client.post(path, {**given, "typed_name": ticks.TICK_NAME})
            assert answer.status_code == 302, change
            transaction.set_rollback(True)


def test_another_interval_and_description_need_no_name(admin_client, tick):
    change = {"interval": interval(2), "description": "slower"}
    assert saved(admin_client, tick, **change).status_code == 302

    tick.refresh_from_db()
    assert (tick.interval.every, tick.description) == (2, "slower")


def test_its_interval_cannot_be_made_absurd_behind_its_back(admin_client, tick):
    path = f"{INTERVALS}{tick.interval_id}/change/"

    page = admin_client.post(path, {"every": 1000, "period": "days"})
    assert "choose it on the tick&#x27;s page" in page.content.decode()
    assert admin_client.post(path, {"every": 5, "period": "seconds"}).status_code == 302

    assert IntervalSchedule.objects.get(pk=tick.interval_id).every == 5


def test_it_keeps_its_name_by_which_it_is_known(admin_client, tick):
    saved(admin_client, tick, name="Something")

    tick.refresh_from_db()
    assert tick.name == ticks.TICK_NAME


@pytest.mark.parametrize("action", ["disable_tasks", "toggle_tasks"])
def test_an_action_on_the_list_leaves_it_on_and_says_so(admin_client, tick, action):
    other = PeriodicTask.objects.get(name="Refresh tokens")

    page = act(admin_client, action, tick, other)

    tick.refresh_from_db()
    other.refresh_from_db()
    assert (tick.enabled, other.enabled) == (True, False)
    assert "was left on" in page.content.decode()
    assert LogEntry.objects.get().object_id == str(other.pk)


@pytest.mark.parametrize("action", ["enable_tasks", "toggle_tasks"])
def test_an_action_on_the_list_switches_it_on_again(admin_client, tick, action):
    PeriodicTask.objects.update(enabled=False)

    act(admin_client, action, tick)

    tick.refresh_from_db()
    assert tick.enabled
    assert "operator:admin" in LogEntry.objects.get().change_message


def test_while_it_is_off_every_page_says_so(admin_client, tick):
    pages = ("/admin/", TASKS, f"{TASKS}{tick.pk}/change/", "/admin/destinations/destination/")
    for path in pages:
        assert SAYS not in admin_client.get(path).content.decode()

    PeriodicTask.objects.filter(pk=tick.pk).update(enabled=False)

    for path in pages:
        page = admin_client.get(path).content.decode()
        assert SAYS in page, path
        assert f'<a href="{TASKS}">Periodic tasks</a>' in page


def test_those_who_cannot_switch_it_on_are_told_who_can(client, tick):
    user = User.objects.create_user("vi", is_staff=True)
    user.groups.add(Group.objects.get(name=roles.VIEWER))
    client.force_login(user)
    PeriodicTask.objects.filter(pk=tick.pk).update(enabled=False)

    assert "An administrator can switch it on." in client.get("/admin/").content.decode()


def test_a_row_that_is_missing_is_told_and_one_that_runs_is_enough(tick):
    assert ticks.tick_warning() == ""
    PeriodicTask.objects.create(name="second", task=ticks.TICK_TASK, interval=tick.interval)
    PeriodicTask.objects.filter(name="second").update(enabled=False)
    assert ticks.tick_warning() == ""

    PeriodicTask.objects.filter(pk=tick.pk).update(one_off=True)
    assert "runs only once" in ticks.tick_warning()

    PeriodicTask.objects.filter(task=ticks.TICK_TASK).delete()
    assert "no periodic task" in ticks.tick_warning()


def test_a_start_in_the_past_is_no_problem(tick):
    tick.start_time = timezone.now() - timedelta(days=1)
    assert list(ticks.tick_problems(tick)) == []


def test_the_login_page_says_nothing_of_it(client, tick):
    PeriodicTask.objects.filter(pk=tick.pk).update(enabled=False)

    assert SAYS not in client.get("/admin/login/").content.decode()
