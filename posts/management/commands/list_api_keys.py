"""`manage.py list_api_keys`: list API keys and what each may do."""

import uuid
from argparse import ArgumentParser
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import Q

from posts.models import ApiKey

HEADINGS = (
    "KEY",
    "STATE",
    "WORKSPACE",
    "NAME",
    "SCOPES",
    "ACCOUNTS",
    "LIMITS",
    "LAST USED",
    "EXPIRES",
    "ID",
)


class Command(BaseCommand):
    help = "Lists API keys, newest first. Secrets are not stored."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--workspace", default="", metavar="NAME_OR_ID", help="default: all")
        parser.add_argument("--all", action="store_true", help="include expired and revoked keys")

    def handle(self, *, workspace: str, **options: Any) -> None:
        found = ApiKey.objects.select_related("workspace").order_by("-created_at")
        if workspace:
            found = found.filter(_is(workspace))
        shown = [key for key in found if options["all"] or key.is_active]
        for line in _table([HEADINGS, *(_row(key) for key in shown)]):
            self.stdout.write(line)


def _is(workspace: str) -> Q:
    try:
        return Q(workspace=uuid.UUID(workspace))
    except ValueError:
        return Q(workspace__name=workspace)


def _row(key: ApiKey) -> tuple[str, ...]:
    only = key.reach.only
    limits = [key.own_limits(bucket) or "default" for bucket in ("requests", "posts")]
    return (
        key.prefix,
        key.state,
        key.workspace.name,
        key.name,
        ",".join(key.scopes),
        "all" if only is None else ",".join(map(str, sorted(only))) or "none",
        " ".join(dict.fromkeys(limits)),
        _time(key.last_used_at),
        _time(key.expires_at),
        str(key.pk),
    )


def _time(when: datetime | None) -> str:
    return f"{when:%Y-%m-%d %H:%M}" if when else "never"


def _table(rows: Iterable[tuple[str, ...]]) -> Iterable[str]:
    every = list(rows)
    widths = [max(map(len, column)) for column in zip(*every, strict=True)]
    for row in every:
        cells = (text.ljust(width) for text, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()
