"""Addresses of the admin: no lookup that was not meant, and no value that breaks a page."""

import re
from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.db.models import Model

from config.admin import registration  # noqa: F401 - it registers the pages
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


@pytest.fixture
def viewer(client):
    """An operator who may look at everything and do nothing."""
    user = User.objects.create_user("vi", password="x", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(user)
    return client


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


@pytest.mark.parametrize("model", list(admin.site._registry), ids=lambda model: model.__name__)
def test_no_list_filters_by_a_secret_wherever_it_is(viewer, model):
    for path in set(secrets_of(model)):
        page = viewer.get(path_of(model), {f"{path}__startswith": "1"})
        assert page.status_code == 400, path


@pytest.mark.parametrize("lookup", ["", "__gte", "__regex", "__isnull", "__in", "__length__gte"])
def test_no_kind_of_lookup_reads_a_hidden_column(viewer, lookup):
    for path, column in (("destinations/account", "credentials"), ("posts/apikey", "digest")):
        assert viewer.get(f"/admin/{path}/", {f"{column}{lookup}": "1"}).status_code == 400


@pytest.mark.parametrize("model", list(admin.site._registry), ids=lambda model: model.__name__)
def test_a_list_takes_its_own_filters_only(viewer, model):
    assert viewer.get(path_of(model)).status_code == 200
    for column in model._meta.fields:
        assert viewer.get(path_of(model), {f"{column.name}__startswith": "1"}).status_code == 400
    assert viewer.get(path_of(model), {"nothing": "1"}).status_code == 400


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


HOSTILE = ("a\x00b", "99999999999", "9" * 30, "[]", "\ufffd")
#: What Django itself reads in the address of a list, and a part of a column's time.
OWN = {"q", "o", "p", "after", "_to_field", "created_at__year"}


def parameters(model: type[Model]) -> set[str]:
    names = set(OWN)
    for each in admin.site._registry[model].list_filter:
        if isinstance(each, type):
            names |= set(getattr(each, "parameter_names", None) or [each.parameter_name])
        else:
            name = each if isinstance(each, str) else each[0]
            names |= {f"{name}{end}" for end in ("__exact", "__id__exact", "__gte")}
    return names


@pytest.mark.parametrize("model", list(admin.site._registry), ids=lambda model: model.__name__)
def test_no_value_in_an_address_breaks_a_list(viewer, model):
    for name in parameters(model):
        for value in HOSTILE:
            page = viewer.get(path_of(model), {name: value})
            assert page.status_code in (200, 302, 400), f"{name}={value!r}"


@pytest.mark.parametrize("value", ["a%00b", "9" * 30, "-1", "%ff"])
def test_no_value_in_a_path_breaks_a_page(admin_client, value):
    for model in admin.site._registry:
        for step in ("change", "delete", "history"):
            page = admin_client.get(f"{path_of(model)}{value}/{step}/")
            assert page.status_code in (302, 400, 403, 404), f"{model} {step}"


def test_no_word_searched_for_breaks_a_choice(admin_client):
    where = {"app_label": "posts", "model_name": "apikey", "field_name": "workspace"}
    for term in HOSTILE:
        page = admin_client.get("/admin/autocomplete/", {**where, "term": term})
        assert page.status_code in (200, 400), repr(term)


@pytest.mark.parametrize("page", ["9" * 30, "99999999", "-1", "0"])
def test_no_number_of_a_page_breaks_a_list(viewer, page):
    workspace = make_workspace()
    account = make_account(workspace)
    rows = [make_post(workspace, [account]).destinations.get() for _ in range(2)]
    Event.objects.bulk_create(
        Event(destination=row, move="start", by="test", at=row.created_at)
        for row in rows
        for _ in range(60)
    )
    for path in ("destinations/event", "auth/user", "posts/post"):
        assert viewer.get(f"/admin/{path}/", {"p": page}).status_code in (200, 302), path
