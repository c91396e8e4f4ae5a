"""Keep an incident open for each thing that is wrong, by the findings of the watched facts."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

import structlog
from django.db import DatabaseError, connection, transaction
from django.db.models import Q

from config.incidents import notify, touched
from config.models import Incident
from config.queue import routing
from config.status import table
from config.status.fact import Finding, Measurement, warning
from config.status.posts import is_late
from destinations.dispatch import backlog
from destinations.jobs.engine import Engine
from destinations.runtime import clock, database

log = structlog.get_logger()

EVERY_SECONDS = 15
#: What has not been seen for so long is over.
OVER_AFTER = timedelta(seconds=45)
KEPT = timedelta(days=90)
#: Facts without which no post begins.
HALTS = ("tick", "beat", "redis", "database", "restore")
#: One process writes at a time, among the advisory locks of this database.
LOCK = 0x646F7669


class Watch(Engine):
    """Watches until its process ends."""

    name = "incidents"

    @property
    def running(self) -> int:
        return 0

    def step(self) -> bool:
        if not self._stopping.wait(EVERY_SECONDS):
            try:
                try:
                    update(list(measured()))
                finally:
                    notify.tell()
            finally:
                # Between two looks it needs none.
                connection.close()
        return True


def measured() -> Iterator[Measurement]:
    """Measure what is watched. A fact that breaks is an incident of its own, and stops no other."""
    for name in table.WATCHED:
        try:
            yield from list(table.measure([name]))
        except Exception as failure:
            log.exception("fact_failed", fact=name)
            said = f"“{name}” is not watched: measuring it fails with {type(failure).__name__}."
            broken = warning("watch", said, "Report what web's log says at fact_failed.", name)
            yield Measurement(name, (broken,), failure=failure)


@transaction.atomic
def update(measured: Sequence[Measurement]) -> None:
    """Open, refresh and close incidents. A fact that could not be measured closes none."""
    [(is_ours,)] = database.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
    if not is_ours:
        return
    unknown = {each.name for each in measured if each.failure}
    wrong = _wrong(measured)
    now = clock.now()
    known = {row.cause: row for row in Incident.objects.filter(closed_at=None)}
    # What was told goes on until it is over, no matter what explains it by now.
    explained = set[str]()
    with _alone("explanations"):
        told = {key for key, row in known.items() if row.told}
        explained = _explained(wrong, now) - told
    for key in wrong.keys() - explained:
        with _alone(key):
            _open(known.get(key) or Incident(cause=key, opened_at=now), wrong[key], now)
    for key, row in known.items():
        is_gone = key not in wrong and row.fact not in unknown and row.seen_at < now - OVER_AFTER
        if is_gone or key in explained:
            row.closed_at = now
            row.save(update_fields=["closed_at"])
            log.info("incident_over", incident=row.cause)
    Incident.objects.filter(closed_at__lt=now - KEPT).delete()


@contextmanager
def _alone(incident: str) -> Iterator[None]:
    """Log a failure that concerns one incident, and go on with the others."""
    try:
        with transaction.atomic():
            yield
    except Exception as failure:
        if isinstance(failure, DatabaseError) and database.is_away(failure):
            raise
        log.exception("incident_failed", incident=incident)


def _wrong(measured: Sequence[Measurement]) -> dict[str, Finding]:
    """Return the worst finding of each cause."""
    found: dict[str, Finding] = {}
    for each in measured:
        for finding in each.findings:
            key = _key(each, finding)
            is_worst = key not in found or found[key].level != "problem"
            if finding.level != "ok" and is_worst:
                found[key] = finding
    return found


def _explained(wrong: Collection[str], now: datetime) -> set[str]:
    """Return the causes that others explain, which last or ended so lately that posts drain."""
    lately = Q(closed_at=None) | Q(closed_at__gt=now - backlog.DRAINED_WITHIN)
    ends = {row.cause: row.closed_at or now for row in Incident.objects.filter(lately)}
    ends |= dict.fromkeys(wrong, now)
    found = table.explained(wrong, ends)
    late = {key.partition(":")[2] for key in wrong if key.startswith("lateness:")}
    if not late:
        return found
    seconds, alone = backlog.oldest(), backlog.unexplained(_held_up(ends))
    drained = {each for each in late if is_late(seconds[each]) and not is_late(alone[each])}
    return found | {f"lateness:{each}" for each in drained}


def _held_up(ends: Mapping[str, datetime]) -> dict[str, datetime]:
    """Return when what holds posts up ended, by what it held: everything, or some queues."""
    found: dict[str, datetime] = {}
    for cause, at in ends.items():
        fact, _, about = cause.partition(":")
        keys = [f"queue:{queue}" for queue in routing.served().get(about, ())]
        for key in keys if fact == "workers" else ["installation:"] if fact in HALTS else []:
            found[key] = max(at, found.get(key, at))
    return found


def _key(measured: Measurement, finding: Finding) -> str:
    """Return the same for the same cause: facts that a server keeps from us have one."""
    name = finding.subject if measured.failure else measured.name
    return f"{name}:{finding.about}"


def _open(row: Incident, finding: Finding, now: datetime) -> None:
    if row._state.adding:
        log.warning("incident", incident=row.cause, said=finding.said)
    row.level, row.said, row.remedy = finding.level, finding.said, finding.remedy
    row.seen_at = now
    found = touched.find(row.cause)
    if found.posts > row.posts:
        row.posts, row.accounts, row.workspaces = found
    row.now_count = finding.count or found.posts
    row.now_workspaces = finding.workspaces or found.workspaces
    if row.told_at and row.told_at < now - notify.PAUSE:
        # What has shrunk since, and grows again, is told again.
        row.told_count = min(row.told_count, row.now_count)
        row.told_workspaces = min(row.told_workspaces, row.now_workspaces)
    row.save()
