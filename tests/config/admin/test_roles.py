"""Every page and action of the admin, tried in every role: what is shown is what is allowed."""

import re
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any
from unittest import mock

import pytest
from axes.models import AccessAttempt
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.db.models import Model
from django.template.response import SimpleTemplateResponse
from django.test import Client, RequestFactory
from django.utils import timezone
from django_celery_beat import models as beat

from config.admin import registration  # noqa: F401 - it registers the pages
from config.operators import roles
from destinations.models import Attempt, Event
from posts.features.posting_queues import queues
from posts.keys import keys
from posts.models import DeviceLogin, Media
from tests.factories import make_account, make_post, make_workspace

pytestmark = pytest.mark.django_db
NOW = timezone.now()
#: The part of an address that says which row.
ROW = re.compile(r"/(?:\d+|[0-9a-f-]{36})/")


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


def unwritten() -> AbstractContextManager[Any]:
    """Let views decide and answer, and no template be rendered."""

    def render(answer: SimpleTemplateResponse) -> SimpleTemplateResponse:
        answer.content = b""
        return answer

    return mock.patch.object(SimpleTemplateResponse, "render", render)


class Operator:
    """Someone in a role, who looks at each page once."""

    def __init__(self, role: str) -> None:
        self.role, self._rights = role, set(roles.permissions(role))
        self._user = User.objects.create_user(role, is_staff=True)
        self._user.groups.add(Group.objects.get(name=role))
        self._client = Client(raise_request_exception=False)
        self._client.force_login(self._user)
        self._pages: dict[str, Any] = {}

    def may(self, word: str, label: str) -> bool:
        app, _, model = label.partition(".")
        return f"{app}.{word}_{model}" in self._rights

    def look(self, way: str) -> Any:
        if way not in self._pages:
            with self._known():
                self._pages[way] = self._client.get(way)
        return self._pages[way]

    def status(self, way: str) -> int:
        """The status of the page, which is not written for that."""
        if way in self._pages:
            return int(self._pages[way].status_code)
        with unwritten(), self._known():
            return self._client.get(way).status_code

    def post(self, way: str, form: Mapping[str, Any]) -> int:
        with self._known():
            return self._client.post(way, form).status_code

    def _known(self) -> AbstractContextManager[Any]:
        """Rights that never change are read once, not for every page."""
        return mock.patch("django.contrib.auth.get_user", return_value=self._user)

    def actions(self, label: str) -> set[str]:
        """The actions that the list offers."""
        request = RequestFactory().get(path_of(label))
        request.user = self._user
        admin_of = admin.site._registry[apps.get_model(label)]
        return {name for name, _ in admin_of.get_action_choices(request) if name}


@pytest.fixture(params=roles.ROLES)
def operator(request) -> Operator:
    return Operator(request.param)


def test_pages_open_as_the_table_says_and_lead_and_offer_as_much(operator, rows):
    opened = [way for way in _first_pages(rows) if operator.look(way).status_code == 200]
    for label in roles.TABLE:
        _opens_as_the_table_says(operator, label, rows.get(label))
    for way in opened:
        for of, names in buttons(operator.look(way)):
            assert names <= operator.actions(of), way
    _leads_to_nothing_that_is_refused(operator, ["/admin/", *opened])
    if operator.role == roles.VIEWER:
        secrets = [rows["destinations.account"].credentials, rows["posts.apikey"].digest]
        for way in opened:
            _shows_no_form_and_no_secret(operator.look(way), secrets, way)


def _first_pages(rows: dict[str, Model]) -> list[str]:
    lists = {label: path_of(label) for label in rows}
    return [*lists.values(), *(f"{way}{rows[label].pk}/change/" for label, way in lists.items())]


def _opens_as_the_table_says(operator: Operator, label: str, row: Model | None) -> None:
    path = path_of(label)
    allowed = 200 if operator.may("view", label) else 403
    expected = {path: allowed}
    if not operator.may("add", label):
        expected[f"{path}add/"] = 403
    if row:
        expected |= {f"{path}{row.pk}/{step}/": allowed for step in ("change", "history")}
        if not operator.may("delete", label):
            expected[f"{path}{row.pk}/delete/"] = 403
    assert {way: operator.status(way) for way in expected} == expected
    if allowed == 200 and not any(
        operator.may(word, label) for word in ("add", "change", "delete")
    ):
        assert operator.actions(label) == set(), label


def _leads_to_nothing_that_is_refused(operator: Operator, ways: list[str]) -> None:
    seen: set[str] = set()
    waiting = list(ways)
    while waiting:
        way = waiting.pop(0)
        # Of a kind of page one is enough; histories are one kind.
        kind = ROW.sub("/*/", way)
        kind = "history" if kind.endswith("/*/history/") else kind
        if kind in seen:
            continue
        seen.add(kind)
        page = operator.look(way)
        assert page.status_code in (200, 302, 405), way
        if page.status_code == 200:
            waiting += links(page)
    assert len(seen) > len(roles.TABLE) / 2


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


def _shows_no_form_and_no_secret(page: Any, secrets: list[str], way: str) -> None:
    assert not buttons(page), way
    assert b'name="_save"' not in page.content, way
    assert [each for each in secrets if each in page.content.decode()] == [], way


def test_a_role_can_change_nothing_that_it_has_no_right_to_change(operator, rows):
    for label, row in rows.items():
        if operator.may("change", label):
            continue
        path = path_of(label)
        fields: dict[str, Any] = {field.name: "1" for field in type(row)._meta.fields}
        before = type(row).objects.filter(pk=row.pk).values().get()

        for way in (f"{path}{row.pk}/change/", f"{path}{row.pk}/delete/", f"{path}add/"):
            assert operator.post(way, {**fields, "post": "yes"}) == 403, way

        assert type(row).objects.filter(pk=row.pk).values().get() == before


def test_an_action_that_is_not_offered_is_not_done(operator, rows):
    for label, row in rows.items():
        if not operator.may("view", label):
            continue
        every = {name for _, name, _ in admin.site._registry[type(row)]._get_base_actions()}
        for name in every - operator.actions(label):
            form = {"action": name, "_selected_action": [row.pk], "confirmed": "yes"}
            with unwritten():
                operator.post(path_of(label), form)
        assert not LogEntry.objects.exists(), label
        assert type(row).objects.filter(pk=row.pk).exists(), label


#: What no field expects: empty, control characters, a huge number, a long text, SQL, a date beyond
#: the calendar's end.
JUNK = ("", "\x00", str(10**30), "-1", "é" * 5_000, "' OR 1=1 --", "9999-12-31T23:59:59+14:00")


@pytest.mark.thorough
def test_no_form_and_no_action_fails_at_what_is_sent_to_it(operator, rows):
    before = _powers()
    for label, row in rows.items():
        path = path_of(label)
        for way in (path, f"{path}add/", f"{path}{row.pk}/change/", f"{path}{row.pk}/delete/"):
            for form in _junk_forms(operator, way):
                assert operator.post(way, form) < 500, (way, form)
        for name in operator.actions(label):
            for form in _junk_selections(name, row):
                assert operator.post(path, form) < 500, (label, form)
        for junk in ("0", "x", "%00", str(10**30), "9" * 300):
            assert operator.look(f"{path}{junk}/change/").status_code < 500, (label, junk)
            assert operator.post(f"{path}{junk}/change/", {"_save": "Save"}) < 500, (label, junk)
    assert _powers() == before


def _junk_forms(operator: Operator, way: str) -> Iterator[dict[str, str]]:
    """The fields of a page's forms, with junk in all of them, and in each one alone."""
    page = operator.look(way)
    if page.status_code != 200:
        return
    fields = set(
        re.findall(r'<(?:input|select|textarea)[^>]*name="([^"]+)"', page.content.decode())
    )
    fields -= {"csrfmiddlewaretoken"}
    for junk in JUNK:
        yield dict.fromkeys(fields, junk)
    if way.endswith(("/add/", "/change/")):
        for name in fields:
            yield {**dict.fromkeys(fields, "1"), name: JUNK[1]}


def _junk_selections(action: str, row: Model) -> Iterator[dict[str, Any]]:
    chosen = {"action": action, "_selected_action": [row.pk], "confirmed": "yes"}
    for junk in JUNK:
        yield {**chosen, "_selected_action": [junk]}
        yield {**chosen, "seen": [junk], "comment": junk, "reason": junk, "at": junk, "until": junk}


def _powers() -> list[Any]:
    """Who may do what: a sweep as Administrator must make no user a superuser."""
    return list(User.objects.filter(is_superuser=True).order_by("pk").values_list("pk", flat=True))
