"""The customers' side: whose posts wait or fail now, which API keys are at their limits, and whose
webhooks fail.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from config.admin import links
from config.admin.overview.attention import NAMED, AttentionItem, named
from config.status import wording
from config.status.fact import Finding, Measurement
from config.status.table import measure
from destinations.dispatch.backlog import Backlog, WaitingCount
from destinations.runtime import database
from destinations.wording import quoted
from posts.features.webhooks.models import Webhook
from posts.keys import near_limits
from posts.keys.near_limits import KeyPressure
from posts.models import Workspace

#: How many of each are shown.
SHOWN = 5
#: Failures are counted among at most so many of the newest tries.
NEWEST_TRIES = 20_000
RECENT = timedelta(minutes=5)
SWITCHED_OFF_SINCE = timedelta(days=1)

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
    on_hold: str
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
        on_hold=wording.number(waiting.on_hold),
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


@dataclass(frozen=True, slots=True)
class WebhooksNow:
    """Hold the fact `webhooks` as measured, and those switched off in the last day."""

    fact: Measurement
    newly_off: Sequence[AttentionItem] = ()

    @property
    def now(self) -> Any:
        return self.fact.value

    @property
    def wrong(self) -> Iterator[tuple[str, str, str]]:
        """Yield each kind of fault, what is so of all workspaces, and its remedy."""
        kinds: dict[str, list[Finding]] = defaultdict(list)
        for each in self.fact.findings:
            if each.level != "ok":
                kinds[each.about.partition(":")[0]].append(each)
        for about, (first, *more) in kinds.items():
            said = self.now.said(about) if more else first.said
            if about == "off":
                said = f"{said[:-1]}: {named(self.newly_off, self.now.newly_off)}."
            yield about, said, first.remedy

    @property
    def failing_count(self) -> str:
        return wording.number(self.now.failing)

    @property
    def off_count(self) -> str:
        return wording.number(self.now.switched_off)

    @property
    def oldest(self) -> str:
        return wording.age(self.now.oldest_seconds) if self.now.oldest_seconds else "-"


def webhooks(now: datetime) -> WebhooksNow:
    [found] = measure(["webhooks"])
    return WebhooksNow(found, _newly_off(now) if found.value.newly_off else ())


def _newly_off(now: datetime) -> list[AttentionItem]:
    since = now - SWITCHED_OFF_SINCE
    found = Webhook.objects.filter(auto_disabled_at__gte=since).select_related("workspace")
    return [
        AttentionItem(
            name=f"{quoted(webhook)} of {quoted(webhook.workspace.name)}",
            detail=webhook.url,
            age=wording.age((now - webhook.auto_disabled_at).total_seconds()),
            url=links.page("posts_webhook", webhook.pk),
        )
        for webhook in found.order_by("-auto_disabled_at")[:NAMED]
        if webhook.auto_disabled_at
    ]
