"""Addresses of the admin: no lookup that was not meant, and no value that breaks a page."""

import itertools
import re
from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters, ModelAdmin
from django.contrib.auth.models import Permission, User
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db.models import Model
from django.http import Http404, HttpRequest
from django.test import Client, RequestFactory

from config.admin import registration  # noqa: F401 - it registers the pages
from destinations.admin.lists.bounded import BoundedList
from destinations.models import Event
from tests.factories import make_account, make_post, make_workspace

pytestmark = pytest.mark.django_db
#: Columns that hold what opens a door, or what tells it.
SECRET = re.compile(
    r"password|credential|digest|secret|token|hash|verifier|claim|session|storage_key|checkpoint"
    r"|^key$|^found$|^answer$|^url$"
)
#: How many relations are followed: account__workspace__api_keys__digest.
DEPTH = 3
NOT_HIDDEN = {"token_expires_at", "token_refreshed_at"}
LOOKUPS = ("", "__gte", "__regex", "__isnull", "__in", "__length__gte")
HOSTILE = ("99999999999", "9" * 30, "[]", "\ufffd")
#: What Django itself reads in the address of a list, and a part of a column's time.
OWN = {"q", "o", "p", "_to_field", "created_at__year"}
STEPS = ("change", "delete", "history")


@pytest.fixture
def viewer(client):
    """An operator who may look at everything and do nothing."""
    user = User.objects.create_user("vi", password="x", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(user)
    return client


class Inside:
    """Asks pages of the admin what they make of an address, without what all requests pass."""

    def __init__(self, client: Client) -> None:
        entered = client.get("/admin/jsi18n/").wsgi_request
        self._user, self._session = entered.user, entered.session

    def request(self, **query: str) -> HttpRequest:
        made = RequestFactory().get("/", query)
        made.user, made.session, made._messages = self._user, self._session, CookieStorage(made)
        return made

    def refuses(self, model: type[Model], name: str, value: str = "1") -> bool:
        """Whether the list does not take this. Otherwise its rows and choices are read."""
        try:
            found = self._pages(model).get_changelist_instance(self.request(**{name: value}))
        except (SuspiciousOperation, IncorrectLookupParameters):
            return True
        list(found.result_list)
        for spec in found.filter_specs:
            list(spec.choices(found))
        return False

    def show(self, model: type[Model], **query: str) -> int:
        """The status of the whole list."""
        page = self._pages(model).changelist_view(self.request(**query))
        return (page.render() if page.status_code == 200 else page).status_code

    def _pages(self, model: type[Model]) -> ModelAdmin:
        return admin.site._registry[model]


def path_of(model: type[Model]) -> str:
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/"


def secrets_of(model: type[Model], depth: int = DEPTH, way: str = "") -> Iterator[str]:
    """Lookups from this model to every column that holds a secret, along relations both ways."""
    for field in model._meta.get_fields():
        if field.is_relation:
            if depth and field.related_model and not field.name.endswith("+"):
                yield from secrets_of(field.related_model, depth - 1, f"{way}{field.name}__")
        elif SECRET.search(field.name) and field.name not in NOT_HIDDEN:
            yield f"{way}{field.name}"


def test_the_secrets_that_are_looked_for_are_there():
    found = {path for model in admin.site._registry for path in secrets_of(model)}

    for secret in (
        "credentials",
        "digest",
        "password",
        "user__password",
        "account__credentials",
        "workspace__api_keys__digest",
    ):
        assert secret in found


def test_a_list_takes_its_own_filters_only_and_none_by_a_secret_wherever_it_is(viewer):
    inside = Inside(viewer)
    for model in admin.site._registry:
        columns = {column.name for column in model._meta.fields}
        taken = [
            path
            for path in sorted({*secrets_of(model), *columns})
            if not inside.refuses(model, f"{path}__startswith")
        ]
        assert (model, taken) == (model, [])


def test_what_a_list_refuses_is_a_bad_request(viewer):
    for model in admin.site._registry:
        assert viewer.get(path_of(model), {"nothing": "1"}).status_code == 400, model
    for path, column in (("destinations/account", "credentials"), ("posts/apikey", "digest")):
        for lookup in LOOKUPS:
            page = viewer.get(f"/admin/{path}/", {f"{column}{lookup}": "1"})
            assert page.status_code == 400, f"{column}{lookup}"


def test_the_filters_of_the_lists_go_on_to_work(viewer):
    workspace = make_workspace("Acme")
    make_post(workspace, [make_account(workspace, name="Ours")])
    other = make_workspace("Other")
    make_account(other, name="Theirs")

    page = viewer.get("/admin/destinations/account/", {"workspace__id__exact": str(workspace.pk)})
    assert b"Ours" in page.content
    assert b"Theirs" not in page.content
    for path, query in (
        ("destinations/account/", {"platform": "x", "health": "held", "q": "Ours"}),
        ("destinations/destination/", {"attention": "overdue", "platform": "x"}),
        ("posts/post/", {"status__exact": "scheduled", "o": "1.-2", "p": "2"}),
        (
            "django_celery_beat/periodictask/",
            {"enabled__exact": "1", "last_run_at__isnull": "True"},
        ),
        ("auth/user/", {"is_staff__exact": "1"}),
    ):
        assert viewer.get(f"/admin/{path}", query).status_code == 200, path


def parameters(model: type[Model]) -> set[str]:
    names = set(OWN)
    for each in admin.site._registry[model].list_filter:
        if isinstance(each, type):
            names |= set(getattr(each, "parameter_names", None) or [each.parameter_name])
        else:
            name = each if isinstance(each, str) else each[0]
            names |= {f"{name}{end}" for end in ("__exact", "__id__exact", "__gte")}
    return names


@pytest.mark.parametrize("count", [1, pytest.param(len(HOSTILE), marks=pytest.mark.thorough)])
def test_no_value_in_an_address_breaks_a_list(viewer, count):
    """Each parameter with some of the values, or each; one of each is then shown together with
    the others."""
    inside, values = Inside(viewer), itertools.cycle(HOSTILE)
    for model, pages in admin.site._registry.items():
        shown = {}
        for number, name in enumerate(sorted(parameters(model))):
            some = itertools.islice(values, count)
            taken = [value for value in some if not inside.refuses(model, name, value)]
            if taken:
                shown[name] = taken[number % len(taken)]
        assert (model, shown, inside.show(model, **shown)) == (model, shown, 200)
        if isinstance(pages, BoundedList):
            for value in HOSTILE:
                assert inside.show(model, after=value) in (200, 302), f"{model} {value!r}"


def test_no_value_in_a_path_breaks_a_page(admin_client):
    inside = Inside(admin_client)
    for value in ("9" * 30, "-1", "\ufffd"):
        for model, pages in admin.site._registry.items():
            for step in STEPS:
                try:
                    status = getattr(pages, f"{step}_view")(inside.request(), value).status_code
                except (PermissionDenied, Http404):
                    continue
                assert status == 302, f"{model} {step} {value!r}"
    for value in ("9" * 30, "-1", "%ff"):
        for step in STEPS:
            page = admin_client.get(f"/admin/posts/post/{value}/{step}/")
            assert page.status_code in (302, 403, 404), f"{value} {step}"


def test_a_null_character_reaches_no_page(admin_client):
    for model in admin.site._registry:
        path = path_of(model)
        for way in (f"{path}?q=a%00b", *(f"{path}a%00b/{step}/" for step in STEPS)):
            assert admin_client.get(way).status_code == 400, way


def test_no_word_searched_for_breaks_a_choice(admin_client):
    where = {"app_label": "posts", "model_name": "apikey", "field_name": "workspace"}
    for term in ("a\x00b", *HOSTILE):
        page = admin_client.get("/admin/autocomplete/", {**where, "term": term})
        assert page.status_code in (200, 400), repr(term)


def test_no_number_of_a_page_breaks_a_list(viewer):
    workspace = make_workspace()
    account = make_account(workspace)
    rows = [make_post(workspace, [account]).destinations.get() for _ in range(2)]
    Event.objects.bulk_create(
        Event(destination=row, move="start", by="test", at=row.created_at)
        for row in rows
        for _ in range(60)
    )
    for path in ("destinations/event", "auth/user", "posts/post"):
        for number in ("9" * 30, "99999999", "-1", "0"):
            page = viewer.get(f"/admin/{path}/", {"p": number})
            assert page.status_code in (200, 302), (path, number)
