"""The customers' side: whose posts wait or fail now, and which API keys are at their limits."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from config.admin import links
from config.status import wording
from destinations.dispatch.backlog import Backlog, WaitingCount
from destinations.runtime import database
from posts.keys import near_limits
from posts.keys.near_limits import KeyPressure
from posts.models import Workspace

#: How many of each are shown.
SHOWN = 5
#: Failures are counted among at most so many of the newest tries.
NEWEST_TRIES = 20_000
RECENT = timedelta(minutes=5)

# The newest tries by primary key; each failed one reads its destination by primary key.
FAILED = """
    SELECT d.workspace_id, count(*) FROM (
        SELECT destination_id FROM (
            SELECT destination_id, outcome, finished_at FROM destinations_attempt
            ORDER BY id DESC LIMIT %(tries)s
        ) newest
        WHERE outcome NOT IN ('', 'published') AND finished_at > %(since)s
    ) failed
    CROSS JOIN LATERAL (
        SELECT workspace_id FROM destinations_destination
        WHERE id = failed.destination_id OFFSET 0
    ) d
    GROUP BY d.workspace_id ORDER BY count(*) DESC LIMIT %(shown)s
"""


@dataclass(frozen=True, slots=True)
class WorkspaceNow:
    name: str
    url: str
    due: str
    oldest: str
    #: Tries that failed in the last five minutes.
    failed: str


@dataclass(frozen=True, slots=True)
class KeyNow:
    """An API key at its limit."""

    name: str
    workspace: str
    url: str
    #: Its fullest window, such as `60 of 60 requests/min`; `-` if none is full by now.
    usage: str
    #: Calls that were refused within the last minutes.
    refused: str
    is_refused: bool


def workspaces(backlog: Backlog, now: datetime) -> list[WorkspaceNow]:
    """List the workspaces with most due, then those that fail most."""
    failed = _failed(now)
    chosen = list(dict.fromkeys((*list(backlog.workspaces)[:SHOWN], *failed)))
    names = dict(Workspace.objects.filter(pk__in=chosen).values_list("pk", "name"))
    return [
        _workspace(pk, names[pk], backlog.workspaces.get(pk, WaitingCount()), failed.get(pk, 0))
        for pk in chosen
        if pk in names
    ]


def keys() -> list[KeyNow]:
    """List keys at their limits, refused ones first. While Redis is away nothing is limited."""
    return [_key(each) for each in near_limits.at_limits(SHOWN)]


def _failed(now: datetime) -> dict[uuid.UUID, int]:
    values = {"tries": NEWEST_TRIES, "since": now - RECENT, "shown": SHOWN}
    return dict(database.execute(FAILED, values))


def _workspace(pk: uuid.UUID, name: str, waiting: WaitingCount, failed: int) -> WorkspaceNow:
    return WorkspaceNow(
        name=name,
        url=links.page("posts_workspace", pk),
        due=wording.number(waiting.count),
        oldest=wording.age(waiting.oldest_seconds) if waiting.count else "-",
        failed=wording.number(failed),
    )


def _key(found: KeyPressure) -> KeyNow:
    fullest = found.fullest
    usage = "-"
    if fullest:
        limit, _, period = str(fullest.window).partition("/")
        usage = f"{fullest.used:,} of {int(limit):,} {fullest.bucket}/{period}"
    return KeyNow(
        name=str(found.key),
        workspace=found.key.workspace.name,
        url=links.page("posts_apikey", found.key.pk),
        usage=usage,
        refused=wording.number(found.refused),
        is_refused=found.refused > 0,
    )
