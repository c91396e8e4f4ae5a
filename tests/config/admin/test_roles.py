"""Every page and action of the admin, tried in every role: what is shown is what is allowed."""

import re
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.db.models import Model
from django.test import Client
from django.utils import timezone
from django_celery_beat import models as beat

from config.admin import registration  # noqa: F401 - it registers the pages
from config.operators import roles
from destinations.models import Attempt, Event
from posts.keys import keys
from posts.models import DeviceLogin, Media
from posts.posting_queues import queues
from tests.factories import make_account, make_post, make_workspace

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def client_of(role: str) -> Client:
    user = User.objects.create_user(role, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture(params=roles.ROLES)
def role(request) -> str:
    return request.param


@pytest.fixture
def operator(role) -> Client:
    return client_of(role)


@pytest.fixture
def rows() -> dict[str, Model]:
    """A row of every model, by label."""
    workspace = make_workspace()
    account = make_account(workspace)
    fields = {"status": "failed", "error_code": "outcome_unknown", "due_at": None}
    post = make_post(workspace, [account], **fields)
    destination = post.destinations.get()
    made: list[Model] = [
        workspace,
        account,
        post,
        destination,
        keys.create(workspace=workspace, name="k", scopes=["read"])[0],
        DeviceLogin.objects.create(client_name="CLI", created_at=NOW, expires_at=NOW),
        Media.objects.create(workspace=workspace, filename="a", kind="image", size_bytes=1),
        queues.default(workspace.pk),
        Attempt.objects.create(destination=destination, number=1, wanted_at=NOW, started_at=NOW),
        Event.objects.create(destination=destination, move="start", by="test", at=NOW),
        AccessAttempt.objects.create(username="x", failures_since_start=1),
        User.objects.create_user("other", is_staff=True),
        Group.objects.create(name="Own"),
        beat.ClockedSchedule.objects.create(clocked_time=NOW),
        beat.CrontabSchedule.objects.create(),
        beat.SolarSchedule.objects.create(event="sunrise", latitude=1, longitude=1),
    ]
    interval = beat.IntervalSchedule.objects.create(every=5, period="days")
    task = beat.PeriodicTask.objects.create(name="mine", task="x", interval=interval)
    return {row._meta.label_lower: row for row in (*made, interval, task)}


def path_of(label: str) -> str:
    return f"/admin/{label.replace('.', '/')}/"


def may(role: str, word: str, label: str) -> bool:
    app, _, model = label.partition(".")
    return f"{app}.{word}_{model}" in set(roles.permissions(role))


def shown_actions(client: Client, label: str) -> set[str]:
    """The actions that the list offers."""
    page = client.get(path_of(label))
    form = page.context["cl"].model_admin.get_action_choices(page.wsgi_request)
    return {name for name, _ in form if name}


@pytest.mark.parametrize("label", roles.TABLE)
def test_pages_open_as_the_table_says(operator, role, rows, label):
    path = path_of(label)
    expected = 200 if may(role, "view", label) else 403

    assert operator.get(path).status_code == expected
    if label in rows:
        assert operator.get(f"{path}{rows[label].pk}/change/").status_code == expected
        assert operator.get(f"{path}{rows[label].pk}/history/").status_code == expected
    if not may(role, "add", label):
        assert operator.get(f"{path}add/").status_code == 403
    if label in rows and not may(role, "delete", label):
        assert operator.get(f"{path}{rows[label].pk}/delete/").status_code == 403


@pytest.mark.parametrize("label", roles.TABLE)
def test_a_role_without_rights_to_a_model_can_change_nothing_of_it(operator, role, rows, label):
    if label not in rows or may(role, "change", label):
        return
    row, path = rows[label], path_of(label)
    fields: dict[str, Any] = {field.name: "1" for field in type(row)._meta.fields}
    before = type(row).objects.filter(pk=row.pk).values().get()

    for way in (f"{path}{row.pk}/change/", f"{path}{row.pk}/delete/", f"{path}add/"):
        assert operator.post(way, {**fields, "post": "yes"}).status_code == 403, way

    assert type(row).objects.filter(pk=row.pk).values().get() == before


@pytest.mark.parametrize("label", roles.TABLE)
def test_actions_are_for_those_who_may_change_what_they_act_on(operator, role, rows, label):
    if not may(role, "view", label):
        return
    acts = any(may(role, word, label) for word in ("add", "change", "delete"))

    shown = shown_actions(operator, label)
    assert acts or not shown
    if label not in rows:
        return
    model_admin = admin.site._registry[type(rows[label])]
    every = {name for _, name, _ in model_admin._get_base_actions()}
    for name in every - shown:
        form = {"action": name, "_selected_action": [rows[label].pk], "confirmed": "yes"}
        operator.post(path_of(label), form)
    assert not LogEntry.objects.exists()
    assert type(rows[label]).objects.filter(pk=rows[label].pk).exists()


def links(page: Any) -> set[str]:
    """Where a page leads inside the admin."""
    found = re.findall(r'href="(/admin/[^"?#]*)', page.content.decode())
    return {each for each in found if "logout" not in each}


def buttons(page: Any) -> list[tuple[str, set[str]]]:
    """The model whose action a form of the page asks for, and the form's buttons, of each form."""
    form = r'<form[^>]*action="/admin/(\w+)/(\w+)/"[^>]*>(.*?)</form>'
    found = []
    for app, model, inside in re.findall(form, page.content.decode(), re.S):
        if names := re.findall(r'<button[^>]*name="action" value="(\w+)"', inside):
            found.append((f"{app}.{model}", set(names)))
    return found


def test_no_page_leads_to_one_that_is_refused(operator, rows):
    seen: set[str] = set()
    waiting = {"/admin/"}
    for label, row in rows.items():
        waiting |= {path_of(label), f"{path_of(label)}{row.pk}/change/"}
    waiting = {each for each in waiting if operator.get(each).status_code == 200}
    while waiting - seen:
        for way in waiting - seen:
            page = operator.get(way)
            assert page.status_code in (200, 302, 405), way
            seen.add(way)
            # Of a kind of page one is enough.
            found = links(page) if page.status_code == 200 and len(seen) < 120 else set()
            waiting |= found

    assert len(seen) > len(roles.TABLE) / 2


def test_no_page_shows_a_button_that_is_refused(operator, rows):
    for label, row in rows.items():
        page = operator.get(f"{path_of(label)}{row.pk}/change/")
        if page.status_code == 200:
            for of, names in buttons(page):
                assert names <= shown_actions(operator, of), label


def test_a_viewer_is_shown_no_form_that_changes_anything(rows):
    viewer = client_of(roles.VIEWER)
    for label, row in rows.items():
        for way in (path_of(label), f"{path_of(label)}{row.pk}/change/"):
            page = viewer.get(way)
            if page.status_code == 200:
                assert not buttons(page), way
                assert b'name="_save"' not in page.content, way


def test_what_viewers_see_shows_no_secret(rows):
    viewer = client_of(roles.VIEWER)
    secrets = [rows["destinations.account"].credentials, rows["posts.apikey"].digest]
    for label, row in rows.items():
        page = viewer.get(f"{path_of(label)}{row.pk}/change/")
        for secret in secrets:
            text = secret if isinstance(secret, str) else bytes(secret).hex()
            assert text not in page.content.decode(), label
