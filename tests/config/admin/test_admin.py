import re

import pytest
from django.utils.html import strip_tags
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from tests.factories import make_account, make_post, make_workspace

pytestmark = pytest.mark.django_db
TASKS = "/admin/django_celery_beat/periodictask/"
INTERVALS = "/admin/django_celery_beat/intervalschedule/"


@pytest.fixture
def tick() -> PeriodicTask:
    return PeriodicTask.objects.get(task="destinations.enqueue_due")


def delete_selected(client, path, pk):
    chosen = {"action": "delete_selected", "_selected_action": [pk], "post": "yes"}
    return client.post(path, chosen)


def test_neither_the_tick_nor_its_interval_can_be_deleted(admin_client, tick):
    for path, pk in ((TASKS, tick.pk), (INTERVALS, tick.interval_id)):
        assert admin_client.post(f"{path}{pk}/delete/", {"post": "yes"}).status_code == 403, path
        assert delete_selected(admin_client, path, pk).status_code == 403, path

    assert PeriodicTask.objects.filter(pk=tick.pk).exists()


def test_tasks_of_others_can_be_deleted(admin_client):
    interval = IntervalSchedule.objects.create(every=5, period="days")
    task = PeriodicTask.objects.create(name="mine", task="x", interval=interval)

    assert delete_selected(admin_client, TASKS, task.pk).status_code == 302

    assert not PeriodicTask.objects.filter(pk=task.pk).exists()


def test_how_often_the_tick_runs_is_the_operators_choice(admin_client, tick):
    slower = IntervalSchedule.objects.create(every=2, period="seconds")
    form = admin_client.get(f"{TASKS}{tick.pk}/change/").context["adminform"].form
    values = {name: value for name, value in form.initial.items() if value is not None}

    answer = admin_client.post(
        f"{TASKS}{tick.pk}/change/", {**values, "task": tick.task, "interval": slower.pk}
    )

    assert answer.status_code == 302
    tick.refresh_from_db()
    assert (tick.interval, tick.enabled) == (slower, True)


def test_breadcrumbs_say_in_the_sidebars_words_where_a_page_is(admin_client):
    account = make_account(make_workspace(), name="@acme")
    post = make_post(account.workspace, [account], content="Spring sale")
    destination = post.destinations.get()
    for path, words, is_folded in (
        ("", "Overview", True),
        ("search/?q=nothing", "Search", True),
        ("posts/post/", "Publishing Posts", True),
        ("posts/post/calendar/", "Publishing Calendar", True),
        (f"posts/post/{post.pk}/change/", "Publishing Posts Spring sale", True),
        (f"destinations/account/{account.pk}/change/", "Publishing Accounts X: @acme", True),
        (
            f"destinations/destination/{destination.pk}/change/",
            "Publishing Destinations X: @acme",
            True,
        ),
        ("posts/apikey/add/", "Customers API keys Add api key", True),
        ("destinations/event/", "History Events", False),
    ):
        page = admin_client.get(f"/admin/{path}").content.decode()
        # The theme's newer releases have one more, of a dialog.
        heading = re.findall(r"<h1[^>]*>(.*?)</h1>", page, re.S)[0]
        assert " ".join(strip_tags(heading).split()) == words
        assert ('<details class="dovecote-folded" open>' not in page) is is_folded, path
