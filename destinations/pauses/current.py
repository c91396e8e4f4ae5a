"""Read which pauses are in force."""

import uuid
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from destinations.access import LARGEST
from destinations.models import Account, Pause
from destinations.runtime import database
from destinations.state import waiting
from platforms.registry import ADAPTERS

Scope = Pause.Scope
#: The widest first.
WIDTH = list(Scope)
NAMES = [field.attname for field in Pause._meta.concrete_fields]


def active(
    query: Callable[[str, Any], list[tuple[Any, ...]]] = database.execute,
) -> list[Pause]:
    """Return every pause in force, the widest first. One query.

    `query` runs the statement on another connection than Django's. Each read of a post asks, so the
    ORM writes the statement once.
    """
    found = [Pause.from_db("default", NAMES, row) for row in query(*_statement())]
    return sorted(found, key=lambda pause: WIDTH.index(Scope(pause.scope)))


@cache
def _statement() -> tuple[str, tuple[Any, ...]]:
    found = Pause.objects.filter(resumed_at__isnull=True).order_by("paused_at", "pk")
    sql, values = found.query.sql_with_params()
    return sql, values


def keys_of(platform: str, workspace_id: uuid.UUID, account_id: int) -> set[str]:
    """Return the keys of all pauses that would hold an account's posts."""
    return {
        "installation:",
        f"network:{platform}",
        f"workspace:{workspace_id}",
        f"account:{account_id}",
    }


def covering(
    pauses: Iterable[Pause], platform: str, workspace_id: uuid.UUID, account_id: int
) -> Pause | None:
    """Return the widest of these pauses, as `active` orders them, that holds an account's posts."""
    keys = keys_of(platform, workspace_id, account_id)
    return next((pause for pause in pauses if pause.key in keys), None)


def sentence(pause: Pause) -> str:
    """Return what customers of the paused accounts read. Not the reason, which is for operators."""
    what = {
        Scope.NETWORK: f"to {pause.name} ",
        Scope.WORKSPACE: "of this workspace ",
        Scope.ACCOUNT: f"to {pause.name} ",
    }.get(Scope(pause.scope), "")
    since = waiting.format_time(pause.paused_at)
    told = f"Publishing {what}is paused since {since}; what has not begun waits, and does not fail."
    return f"{told} {pause.notice}".rstrip()


def name_of(scope: str, target: str) -> str | None:
    """Return what people call a target; None if there is no such one."""
    if scope == Scope.INSTALLATION:
        return None if target else "the whole installation"
    if scope == Scope.NETWORK:
        return ADAPTERS[target].name if target in ADAPTERS else None
    if scope == Scope.ACCOUNT:
        return _account_name(int(target)) if target.isdecimal() else None
    return _workspace_name(target) if scope == Scope.WORKSPACE else None


def _account_name(number: int) -> str | None:
    account = Account.objects.filter(pk=min(number, LARGEST)).only("name", "platform").first()
    return f"{account.name} on {ADAPTERS[account.platform].name}" if account else None


def _workspace_name(target: str) -> str | None:
    try:
        key = uuid.UUID(target)
    except ValueError:
        return None
    # Workspaces belong to posts, which imports us.
    workspaces = Account._meta.get_field("workspace").remote_field.model._default_manager
    name: str | None = workspaces.filter(pk=key).values_list("name", flat=True).first()
    return name
