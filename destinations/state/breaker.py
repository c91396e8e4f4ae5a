"""Tell that a network is down, and that it is back, by how tries end.

A network is down once the last tries in a row, of several accounts, got no usable answer from it;
if they are all of one account, or if its accounts live on many servers, it is down for that
account. From then on what is due waits in its place (`dispatch.holds`) and single posts probe the
network (`dispatch.probes`). Two probes in a row that are answered end it, also if they are refused.
A lookup that is answered is only the first of them: a network may answer questions and take no
posts.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import structlog
from django.db import connection

from destinations.models import Outage
from destinations.runtime import clock
from destinations.state import outages
from platforms.registry import ADAPTERS

log = structlog.get_logger()

Scope = Outage.Scope
#: So many tries in a row, the last of them, and how old they may be. One post alone can make them:
#: a policy tries three times a round, and begins the next round after 15 minutes.
ROW, WITHIN = 5, timedelta(minutes=20)
#: How many answered probes end an outage.
ANSWERED = 2
#: Statuses with which a gateway says that nothing answered behind it; None: nothing answered us.
#: Others, such as 500, may be about the post: several posts must have got them.
NO_ANSWER = (None, 502, 503, 504)
#: How soon the first probe begins. Each pause is twice as long as the last one, up to a bound that
#: grows with the outage.
FIRST_PAUSE = timedelta(seconds=2)
LONGEST_EARLY_PAUSE = timedelta(seconds=20)
LONGEST_PAUSE = timedelta(seconds=60)
GROWTH = 0.1
#: How many of the latest events are read.
LATEST = 1000
#: A try that was sent and got no readable answer.
LOST = "lost"
FAILURES = (*outages.CODES, LOST)
#: Outcomes that say nothing about the network: it was not asked to publish.
SILENT = (
    *("", "not_published", "unfinished", "media_host_away", "internal_error", "outcome_unknown"),
    "address_refused",
)
#: The reason of the move of one whose worker died.
NO_RECORD = "no answer was recorded"
MOVES = ("succeed", "retry_soon", "retry", "fail", "put_back", "mark_unconfirmed")

# Rows are fetched one by one, so that the planner has no join to choose.
TRIES = """
    WITH latest AS MATERIALIZED (
        SELECT id, destination_id, attempt, move, at, reason FROM destinations_event
        ORDER BY id DESC LIMIT %(latest)s
    )
    SELECT d.platform, d.account_number, d.id, a.outcome, a.http_status
    FROM latest e
    CROSS JOIN LATERAL (
        SELECT id, platform, account_number FROM destinations_destination
        WHERE id = e.destination_id OFFSET 0
    ) d
    CROSS JOIN LATERAL (
        SELECT CASE e.move WHEN 'mark_unconfirmed' THEN %(lost)s ELSE outcome END AS outcome,
               http_status
        FROM destinations_attempt
        WHERE destination_id = e.destination_id AND number = e.attempt OFFSET 0
    ) a
    WHERE e.move = ANY(%(moves)s) AND e.at > %(since)s AND d.platform = ANY(%(platforms)s)
      AND a.outcome <> ALL(%(silent)s) AND e.reason <> %(crash)s
    ORDER BY e.id DESC
"""


class Try(NamedTuple):
    """How one try ended."""

    platform: str
    account: int
    destination: uuid.UUID
    outcome: str
    http_status: int | None

    @property
    def is_failure(self) -> bool:
        return self.outcome in FAILURES

    @property
    def is_unanswered(self) -> bool:
        return self.outcome != "deadline" and self.http_status in NO_ANSWER


@dataclass(frozen=True, slots=True)
class Ended:
    """A run of a destination, and what its network answered."""

    tried: Try
    #: What people call the network, and the account there.
    network: str
    username: str
    #: The network's answer in words.
    said: str
    is_lookup: bool
    is_probe: bool
    #: Whether nothing was sent, so that it may wait in its place.
    is_unsent: bool

    @property
    def is_failure(self) -> bool:
        return self.tried.is_failure and not self.is_lookup

    def covered_by(self, known: Iterable[Outage]) -> Outage | None:
        return outages.covering(known, self.tried.platform, self.tried.account)


def note_failures(ended: Sequence[Ended]) -> set[uuid.UUID]:
    """Open the outages that these runs prove, together with the tries before them.

    Returns the destinations of which nothing was sent because of an outage. Costs nothing without
    a failure.
    """
    failed = [each for each in ended if each.is_failure]
    if not failed:
        return set()
    platforms = {each.tried.platform for each in failed}
    known = list(Outage.objects.filter(closed_at__isnull=True, platform__in=platforms))
    if not all(each.covered_by(known) for each in failed):
        known += _open(ended, failed, platforms)
    unsent = (each for each in failed if each.is_unsent)
    return {each.tried.destination for each in unsent if each.covered_by(known)}


def note_probes(ended: Iterable[Ended]) -> bool:
    """Let the results of probes end their outages, or make the next probe wait for longer.

    Returns whether something may begin now.
    """
    answered = [_note_probe(each) for each in ended if each.is_probe]
    return any(answered)


def _open(ended: Iterable[Ended], failed: Iterable[Ended], platforms: set[str]) -> list[Outage]:
    now = clock.now()
    tries = defaultdict(list)
    for each in [*_current(ended), *_earlier(platforms, now)]:
        tries[each.platform].append(each)
    found = {}
    for run in failed:
        of_all = tries[run.tried.platform]
        of_account = [each for each in of_all if each.account == run.tried.account]
        are_several = len({each.account for each in of_all[:ROW]}) > 1
        if are_several and ADAPTERS[run.tried.platform].has_one_server and _is_down(of_all):
            outage = _outage(run, Scope.NETWORK, run.tried.platform, run.network, now)
        elif _is_down(of_account):
            name = f"{run.network} for {run.username}"
            outage = _outage(run, Scope.ACCOUNT, str(run.tried.account), name, now)
        else:
            continue
        found[outage.key] = outage
    # In one order, so that two processes never wait for each other. Another may have stored one.
    opened = [found[key] for key in sorted(found)]
    Outage.objects.bulk_create(opened, ignore_conflicts=True)
    for outage in Outage.objects.filter(closed_at=None, opened_at=now):
        outages.tell(outages.OPENED, outage)
    outages.forget()
    for outage in opened:
        log.warning("outage_began", network=outage.platform, outage=outage.key, error=outage.error)
    return opened


def _current(ended: Iterable[Ended]) -> list[Try]:
    """Return the tries that end now, those that were answered first: they count as the latest."""
    tries = (each.tried for each in ended if not each.is_lookup)
    return sorted(tries, key=lambda each: each.is_failure)


def _earlier(platforms: set[str], now: datetime) -> list[Try]:
    values: dict[str, Any] = {
        "latest": LATEST,
        "lost": LOST,
        "crash": NO_RECORD,
        "moves": list(MOVES),
        "silent": list(SILENT),
        "since": now - WITHIN,
        "platforms": list(platforms),
    }
    with connection.cursor() as cursor:
        cursor.execute(TRIES, values)
        return [Try(*row) for row in cursor.fetchall()]


def _is_down(tries: Sequence[Try]) -> bool:
    """Return whether these tries, the latest first, begin with a row of failures."""
    row = tries[:ROW]
    if len(row) < ROW or not all(each.is_failure for each in row):
        return False
    return any(each.is_unanswered for each in row) or len({each.destination for each in row}) > 1


def _outage(run: Ended, scope: Scope, target: str, name: str, now: datetime) -> Outage:
    return Outage(
        scope=scope,
        target=target,
        platform=run.tried.platform,
        name=name,
        error=run.said,
        opened_at=now,
        probe_at=now + FIRST_PAUSE,
    )


def _note_probe(run: Ended) -> bool:
    """Return whether it was answered."""
    probed = Outage.objects.filter(closed_at__isnull=True, probe=run.tried.destination)
    for outage in probed.order_by("pk").select_for_update(no_key=True):
        now = clock.now()
        outage.probe = None
        if run.tried.is_failure:
            outage.answered, outage.error = 0, run.said
            outage.probe_at = now + _pause(outage, now)
        else:
            outage.answered = 1 if run.is_lookup else outage.answered + 1
            outage.probe_at = now
        outage.save(update_fields=["probe", "answered", "probe_at", "error"])
        if outage.answered >= ANSWERED:
            outages.close(outage)
    return not run.tried.is_failure


def _pause(outage: Outage, now: datetime) -> timedelta:
    """Return how long to wait after a probe that failed."""
    early = min(FIRST_PAUSE * (1 << min(outage.probes, 10)), LONGEST_EARLY_PAUSE)
    return min(max(early, (now - outage.opened_at) * GROWTH), LONGEST_PAUSE)
