"""Everything the overview shows now, of what an operator may see."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.http import HttpRequest
from redis.exceptions import RedisError

from config.admin.links import may_view
from config.admin.overview import attention, customers, failures, processes
from config.admin.overview.attention import AttentionItem
from config.admin.overview.customers import KeyNow, WebhooksNow, WorkspaceNow
from config.admin.overview.failures import FailureLine
from config.admin.overview.processes import ProcessList, Queue
from config.models import Incident
from config.status.fact import Finding, Measurement
from config.status.table import measure
from destinations.dispatch import backlog
from destinations.dispatch.backlog import Backlog
from destinations.runtime import clock
from destinations.statistics import network_now
from destinations.statistics.network_now import NetworkNow

#: The queries walk an index in its order and stop. With stale statistics the planner would rather
#: read all that is due and sort it, at nine o'clock of all times.
BY_INDEXES = """
SELECT set_config('enable_bitmapscan', 'off', true), set_config('enable_seqscan', 'off', true),
    set_config('enable_sort', 'off', true), set_config('jit', 'off', true)
"""
#: How far back failures are grouped; their page looks further.
FAILED_SINCE = timedelta(hours=1)
NONE_PAUSED = Measurement("pauses", (), measured=())
NONE_DOWN = Measurement("outages", (), measured=())


@dataclass(frozen=True, slots=True)
class Rights:
    """Which parts an operator may see."""

    destinations: bool
    accounts: bool
    processes: bool
    workspaces: bool
    keys: bool
    webhooks: bool
    posts: bool
    incidents: bool
    #: To pause and to resume, not only to see what is paused.
    pauses: bool

    @classmethod
    def held_by(cls, request: HttpRequest) -> "Rights":
        return cls(
            destinations=may_view(request, "destinations", "destination"),
            accounts=may_view(request, "destinations", "account"),
            processes=may_view(request, "django_celery_beat", "periodictask"),
            workspaces=may_view(request, "posts", "workspace"),
            keys=may_view(request, "posts", "apikey"),
            webhooks=may_view(request, "posts", "webhook"),
            posts=may_view(request, "posts", "post"),
            incidents=may_view(request, "config", "incident"),
            pauses=request.user.has_perm("destinations.change_pause"),
        )

    @property
    def is_empty(self) -> bool:
        seen = self.destinations, self.accounts, self.processes, self.keys, self.webhooks
        return not any(seen)


@dataclass(slots=True)
class Overview:
    """Parts that the operator may not see are empty."""

    as_of: datetime
    rights: Rights
    networks: list[NetworkNow] = field(default_factory=list)
    outages: Measurement = NONE_DOWN
    pauses: Measurement = NONE_PAUSED
    failures: list[FailureLine] = field(default_factory=list)
    may_be_live: list[AttentionItem] = field(default_factory=list)
    not_deleted: list[AttentionItem] = field(default_factory=list)
    reconnect: list[AttentionItem] = field(default_factory=list)
    unapproved: list[AttentionItem] = field(default_factory=list)
    paused: list[AttentionItem] = field(default_factory=list)
    backlog: Backlog = field(default_factory=lambda: Backlog({}, {}))
    processes: ProcessList | None = None
    queues: list[Queue] = field(default_factory=list)
    #: What is wrong with Redis, if it does not answer.
    redis: Finding | None = None
    workspaces: list[WorkspaceNow] = field(default_factory=list)
    keys: list[KeyNow] = field(default_factory=list)
    webhooks: WebhooksNow | None = None
    #: Those that are open, by their causes.
    incidents: Mapping[str, Incident] = field(default_factory=dict)

    @property
    def is_redis_away(self) -> bool:
        return self.redis is not None


def load_overview(request: HttpRequest) -> Overview:
    """A dozen queries and as many calls to Redis, each bounded."""
    rights = Rights.held_by(request)
    # The settings end with the transaction.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(BY_INDEXES)
        return _read(clock.now(), rights)


def _read(now: datetime, rights: Rights) -> Overview:
    found = Overview(now, rights)
    if rights.destinations or rights.processes or rights.workspaces:
        found.backlog = backlog.read()
    if rights.destinations:
        _read_destinations(found)
    if rights.accounts:
        found.reconnect = attention.to_reconnect(now)
    if rights.posts:
        found.unapproved = attention.unapproved(now)
    if rights.processes:
        _read_processes(found)
    if rights.workspaces and rights.destinations:
        found.workspaces = customers.workspaces(found.backlog, now)
    if rights.keys:
        found.keys = customers.keys()
    if rights.webhooks:
        found.webhooks = customers.webhooks(now)
    if rights.incidents:
        found.incidents = {row.cause: row for row in Incident.objects.filter(closed_at=None)}
    return found


def _read_destinations(found: Overview) -> None:
    now = found.as_of
    found.networks = network_now.read(found.backlog)
    found.outages, found.pauses = measure(["outages", "pauses"])
    found.paused = attention.paused(now, found.pauses.value, may_resume=found.rights.pauses)
    found.failures = failures.lines(now, now - FAILED_SINCE)
    found.may_be_live = attention.may_be_live(now)
    found.not_deleted = attention.not_deleted(now)


def _read_processes(found: Overview) -> None:
    beat, workers, lengths, tick = measure(["beat", "workers", "queues", "tick"])
    for each in (beat, workers, lengths):
        if isinstance(each.failure, RedisError):
            [found.redis] = each.findings
            return
    found.processes = ProcessList(beat, workers.value, tick.value)
    found.queues = processes.listed(found.backlog, lengths.value, workers.value.known)
