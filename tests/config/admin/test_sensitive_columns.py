"""What opens a door is never searched, filtered, sorted by or shown in the admin."""

from collections.abc import Callable, Iterator

from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.contrib.auth.models import User

from config.admin import registration  # noqa: F401 - it registers the pages
from tests.config.admin.test_admin_lookups import NOT_HIDDEN, SECRET

#: Prefixes of a search field, and lookups at its end.
MARKS = "^=@"


def columns_of(path: str) -> list[str]:
    """account__name__startswith: every part, of which the secret one may be any."""
    return path.lstrip(MARKS).split("__")


def filter_path(declared: object) -> str:
    """What a filter reads, by its parameter if it is one of ours."""
    if isinstance(declared, tuple):
        return str(declared[0])
    return str(getattr(declared, "parameter_name", declared))


def used(model_admin: ModelAdmin) -> Iterator[tuple[str, str]]:
    """(way, path) of each column that a list reads by an operator's wish."""
    for path in model_admin.search_fields:
        yield "search_fields", path
    for declared in model_admin.list_filter:
        yield "list_filter", filter_path(declared)
    for name in ("list_display", "ordering", "list_editable", "autocomplete_fields"):
        for path in getattr(model_admin, name) or ():
            yield name, str(path).lstrip("-")
    for shown in (getattr(model_admin, name, None) for name in model_admin.list_display):
        if ordered_by := getattr(shown, "admin_order_field", None):
            yield "ordering of a column", str(ordered_by).lstrip("-")
    if model_admin.date_hierarchy:
        yield "date_hierarchy", model_admin.date_hierarchy


def column(field: str | Callable[..., object]) -> str:
    """The name of a field, or the column that a function of the page shows."""
    return field if isinstance(field, str) else field.__name__


def shown(model_admin: ModelAdmin) -> Iterator[str]:
    """Every field on a row's page and its inlines."""
    for _, options in model_admin.fieldsets or ():
        for line in options["fields"]:
            yield from map(column, line if isinstance(line, list | tuple) else [line])
    for inline in model_admin.inlines:
        yield from inline.fields or ()


def is_secret(column: str) -> bool:
    return bool(SECRET.search(column)) and column not in NOT_HIDDEN


def test_no_list_reads_a_secret_by_an_operators_wish():
    found = [
        (model, way, path)
        for model, model_admin in admin.site._registry.items()
        for way, path in used(model_admin)
        if any(map(is_secret, columns_of(path)))
    ]
    assert found == []


#: A password's page says only how it is kept, and by which link it is changed. The other is a time.
SHOWN = {"password", "previous_secret_until"}


def test_no_page_shows_a_secret():
    for model, model_admin in admin.site._registry.items():
        found = set(filter(is_secret, shown(model_admin)))
        assert found <= SHOWN, model


def test_the_test_sees_what_it_looks_for():
    class Careless(ModelAdmin):
        search_fields = ("^account__credentials__startswith",)
        list_filter = (("digest", admin.AllValuesFieldListFilter),)
        list_display = ("claim",)
        fieldsets = ((None, {"fields": (("name", "checkpoint"),)}),)

    careless = Careless(User, admin.site)
    paths = [path for _, path in used(careless) if any(map(is_secret, columns_of(path)))]

    assert paths == ["^account__credentials__startswith", "digest", "claim"]
    assert list(filter(is_secret, shown(careless))) == ["checkpoint"]
