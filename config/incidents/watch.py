"""Keep an incident open for each thing that is wrong, by the findings of the watched facts."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.db import connection, transaction

from config.incidents import notify, touched
from config.models import Incident
from config.status import table
from config.status.fact import Finding, Measurement
from destinations.jobs.engine import Engine
from destinations.runtime import clock, database

log = structlog.get_logger()

EVERY_SECONDS = 15
#: What has not been seen for so long is over.
OVER_AFTER = timedelta(seconds=45)
KEPT = timedelta(days=90)
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
                update(list(table.measure(table.WATCHED)))
                notify.tell()
            finally:
                # Between two looks it needs none.
                connection.close()
        return True


@transaction.atomic
def update(measured: Sequence[Measurement]) -> None:
    """Open, refresh and close incidents. A fact that could not be measured closes none."""
    [(is_ours,)] = database.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
    if not is_ours:
        return
    unknown, wrong = set[str](), dict[str, Finding]()
    for each in measured:
        if each.failure:
            unknown.add(each.name)
        wrong |= {_key(each, found): found for found in each.findings if found.level != "ok"}
    for key in table.explained(wrong):
        del wrong[key]
    now = clock.now()
    known = {row.cause: row for row in Incident.objects.filter(closed_at=None)}
    for key, finding in wrong.items():
        _open(known.get(key) or Incident(cause=key, opened_at=now), finding, now)
    for key, row in known.items():
        if key not in wrong and _fact(key) not in unknown and row.seen_at < now - OVER_AFTER:
            row.closed_at = now
            row.save(update_fields=["closed_at"])
            log.info("incident_over", incident=row.cause)
    Incident.objects.filter(closed_at__lt=now - KEPT).delete()


def _key(measured: Measurement, finding: Finding) -> str:
    """Return the same for the same cause: facts that a server keeps from us have one."""
    name = finding.subject if measured.failure else measured.name
    return f"{name}:{finding.about}"


def _fact(key: str) -> str:
    return key.partition(":")[0]


def _open(row: Incident, finding: Finding, now: datetime) -> None:
    if row._state.adding:
        log.warning("incident", incident=row.cause, said=finding.said)
    row.level, row.said, row.remedy = finding.level, finding.said, finding.remedy
    row.seen_at = now
    found = touched.find(row.cause)
    if found.posts > row.posts:
        row.posts, row.accounts, row.workspaces = found
    row.save()
