"""Whether requests left something behind."""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from django.apps import apps

from posts.features.request_log.models import ApiRequest
from posts.models import ApiKey
from tests.psql import psql

#: Written by every request: when a key was used, and the log.
EVERY_TIME = (ApiKey, ApiRequest)


@cache
def _tables() -> list[str]:
    return sorted(
        model._meta.db_table
        for name in ("posts", "destinations")
        for model in apps.get_app_config(name).get_models()
        if model not in EVERY_TIME
    )


def digest() -> dict[str, str]:
    """Of every table with rows of customers."""
    each = "(SELECT md5(string_agg(row::text, '' ORDER BY row::text)) FROM {} row)"
    [found] = psql(f"SELECT {', '.join(map(each.format, _tables()))}")
    return dict(zip(_tables(), found, strict=True))


def kept_by(cases: Iterable[Any], ask: Callable[[Any], Any]) -> list[Any]:
    """The cases that left something behind. Which, is looked for only if there are some."""
    cases, before = list(cases), digest()
    for case in cases:
        ask(case)
    return [] if digest() == before else [case for case in cases if _keeps(case, ask)] or cases


def _keeps(case: Any, ask: Callable[[Any], Any]) -> bool:
    before = digest()
    ask(case)
    return digest() != before
