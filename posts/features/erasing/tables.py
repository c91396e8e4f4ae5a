"""Find the rows of a workspace in every table, from the models themselves.

So a table that is added later is erased too. One that leads to no workspace must be named in
`tests/posts/features/erasing/remains.py`, with the reason why it holds nothing of a customer.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db.models import CASCADE, DO_NOTHING, BigIntegerField, ForeignKey, JSONField, Model

from destinations.models import Destination
from posts.models import Post, Workspace

APPS = ("posts", "destinations")
#: Columns that are a workspace by themselves.
OWN = ("workspace", "workspace_id")


@cache
def lookups() -> dict[type[Model], str]:
    """Return how each table's rows lead to their workspace, such as `post__workspace`."""
    models = [m for m in apps.get_models(include_auto_created=True) if m._meta.app_label in APPS]
    found = {model: own for model in models if (own := _own(model))}
    while more := {m: path for m in models if m not in found and (path := _path(m, found))}:
        found |= more
    return found


def roots() -> list[tuple[type[Model], str]]:
    """Return the tables that name their workspace, but for posts and their destinations.

    All others hang on these (`children`), or on posts.
    """
    apart = (Post, Destination)
    return [
        (model, path) for model, path in lookups().items() if path in OWN and model not in apart
    ]


@cache
def children(model: type[Model]) -> tuple[tuple[type[Model], str], ...]:
    """Return the tables whose rows go with a row of this one, and their columns that name it."""
    fields: Iterable[Any] = model._meta.get_fields(include_hidden=True)
    return tuple(
        (each.related_model, each.field.name)
        for each in fields
        if each.auto_created
        and not each.concrete
        and (each.one_to_many or each.one_to_one)
        and getattr(each, "on_delete", None) in (CASCADE, DO_NOTHING)
    )


def is_loose(model: type[Model]) -> bool:
    """Return whether a row may be written although its workspace is gone: nothing forbids it."""
    own = _own(model)
    field: Any = model._meta.get_field(own) if own else None
    return field is not None and not getattr(field, "db_constraint", False)


def with_column(name: str) -> Iterator[tuple[type[Model], str]]:
    """Yield the tables of workspaces that have such a column."""
    for model, path in lookups().items():
        if any(field.name == name for field in model._meta.concrete_fields):
            yield model, path


def with_account_lists() -> Iterator[tuple[type[Model], str, Any]]:
    """Yield the columns with lists of accounts' numbers."""
    for model, path in lookups().items():
        for field in model._meta.concrete_fields:
            is_array = isinstance(field, ArrayField) and isinstance(
                field.base_field, BigIntegerField
            )
            if is_array or (isinstance(field, JSONField) and field.name == "account_ids"):
                yield model, path, field


def _own(model: type[Model]) -> str:
    names = {field.name: field for field in model._meta.concrete_fields}
    return next((own for own in OWN if own in names), "")


def _path(model: type[Model], known: dict[type[Model], str]) -> str:
    for field in model._meta.concrete_fields:
        parent = field.related_model if isinstance(field, ForeignKey) else None
        if parent in known and parent is not Workspace and not field.null:
            return f"{field.name}__{known[parent]}"
    return ""
