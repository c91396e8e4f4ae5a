"""Tell that a network is down, and that it is back, by how tries end.

A network is down once its last tries got no usable answer, and none was answered since the first of
them. They must be of several accounts, and of several workspaces where several post there,
unless the network could not even be reached: one customer's files or accounts prove nothing about
others. Otherwise, or where accounts live on many servers, it is down for the account whose tries
they are. A refusal that can be read (4xx) is an answer.

From then on what is due waits in its place (`dispatch.holds`) and single posts probe the network
(`dispatch.probes`). Two answered probes in a row end the outage, also if they are refused.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog

from destinations.models import Account, Destination, Outage, UnansweredTry
from destinations.runtime import clock, database
from destinations.state import outages
from platforms.registry import ADAPTERS

log = structlog.get_logger()

Scope = Outage.Scope
#: So many tries, and how old they may be. One post alone can make them: a policy tries three times
#: a round, and begins the next round after 15 minutes.
ROW, WITHIN = 5, timedelta(minutes=20)
#: The latest tries among which those of several workspaces are looked for.
LATEST = 100
#: How many answered probes end an outage.
ANSWERED = 2
#: Statuses with which a gateway says that nothing answered behind it; None: nothing answered us.
#: Others, such as 500, may be about the post: several posts must have got them.
NO_ANSWER = (None, 502, 503, 504)
#: The one readable refusal that is no answer: the gateway has not received the whole request.
REQUEST_TIMEOUT = 408
#: How soon the first probe begins, and the longest time from one's beginning to the next one's. It
#: doubles with each that fails. A probe that takes longer is not waited for.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=2), timedelta(seconds=15)
#: A network that answers questions and loses posts costs one with each probe, where no lookup can
#: tell what became of it. Then the pauses go on growing with the outage.
GROWTH, LONGEST_COSTLY_PAUSE = 0.1, timedelta(minutes=15)
#: A try that was sent and got no readable answer.
LOST = "lost"
FAILURES = (*outages.CODES, LOST)
#: Outcomes that say nothing about the network: it was not asked to publish, or could not be.
SILENT = ("", "not_published", "media_host_away", "internal_error", "address_refused")
#: The reason of the move of one whose worker died.
NO_RECORD = "no answer was recorded"

RECORD = """
    WITH old AS (DELETE FROM destinations_unansweredtry WHERE platform = %s AND at < %s)
    INSERT INTO destinations_unansweredtry (platform, account_number, workspace_id, destination_id,
        attempt, at, http_status, outcome, is_unreachable)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (destination_id, attempt) DO NOTHING
"""
# Whether an account, or any of a network, got an answer since then: a post, or a readable refusal.
IS_ANSWERED = """
    SELECT EXISTS (
        SELECT FROM destinations_account a
        WHERE a.platform = %(platform)s AND (%(account)s::bigint IS NULL OR a.id = %(account)s)
          AND (EXISTS (
            SELECT FROM destinations_destination d
            WHERE d.account_id = a.id AND d.published_at > %(since)s
          ) OR EXISTS (
            SELECT FROM destinations_destination d
            JOIN destinations_attempt t ON t.destination_id = d.id AND t.number = d.attempts
            WHERE d.account_id = a.id AND d.error_code <> '' AND d.updated_at > %(since)s
              AND t.finished_at > %(since)s AND t.http_status BETWEEN 200 AND 499
              AND t.http_status <> %(time_out)s
              AND (t.http_status >= 400 OR t.outcome <> ALL(%(failures)s))
          ))
    )
"""


class Try(NamedTuple):
    """How one try ended."""

    platform: str
    account: int
    workspace: uuid.UUID
    destination: uuid.UUID
    attempt: int
    outcome: str
    http_status: int | None
    #: Whether the network could not be reached, or did not even answer a read.
    is_unreachable: bool

    @property
    def is_failure(self) -> bool:
        status = self.http_status or 0
        is_refusal = 400 <= status < 500 and status != REQUEST_TIMEOUT
        return self.outcome in FAILURES and not is_refusal

    @property
    def is_silent(self) -> bool:
        return self.outcome in SILENT


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

    @property
    def is_answer(self) -> bool:
        return not (self.tried.is_failure or self.tried.is_silent or self.is_lookup)

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
    if uncovered := [each for each in failed if not each.covered_by(known)]:
        known += _open(ended, uncovered)
    unsent = (each for each in failed if each.is_unsent)
    return {each.tried.destination for each in unsent if _is_put_back(each, known)}


def note_probes(ended: Iterable[Ended]) -> bool:
    """Let the results of probes end their outages, or make the next probe wait for longer.

    Returns whether something may begin now.
    """
    answered = [_note_probe(each) for each in ended if each.is_probe]
    return any(answered)


def release_probes(destinations: Iterable[uuid.UUID]) -> bool:
    """Let the next probe begin at once: the network was not asked with these, if they were some.

    Returns whether there was one.
    """
    probed = Outage.objects.filter(closed_at__isnull=True, probe__in=list(destinations))
    return bool(probed.update(probe=None, probe_at=clock.now()))


def _is_put_back(run: Ended, known: Iterable[Outage]) -> bool:
    """Return whether the outage is to blame. While others get through it is the post's own fault.

    What fails for its own sake spends its tries, and so ends.
    """
    outage = run.covered_by(known)
    if outage is None:
        return False
    is_own_fault = run.is_probe and outage.answered > 0 and not run.tried.is_unreachable
    return not is_own_fault


def _open(ended: Sequence[Ended], failed: Sequence[Ended]) -> list[Outage]:
    now = clock.now()
    for run in failed:
        _record(run.tried, now)
    answered = [each.tried for each in ended if each.is_answer]
    found: dict[str, Outage] = {}
    for run in {each.tried.account: each for each in failed}.values():
        platform, account = run.tried.platform, run.tried.account
        network = _outage(run, Scope.NETWORK, platform, run.network, now)
        if network.key in found:
            continue
        # What was answered at the same time counts as later than the failures.
        if platform not in {each.platform for each in answered} and _is_down(platform, now):
            found[network.key] = network
        elif account not in {each.account for each in answered} and _is_down_for(run.tried, now):
            name = f"{run.network} for {run.username}"
            alone = _outage(run, Scope.ACCOUNT, str(account), name, now)
            found[alone.key] = alone
    # In one order, so that two processes never wait for each other. Another may have stored one.
    opened = [found[key] for key in sorted(found)]
    Outage.objects.bulk_create(opened, ignore_conflicts=True)
    for outage in Outage.objects.filter(closed_at=None, opened_at=now):
        outages.tell(outages.OPENED, outage)
    outages.forget()
    for outage in opened:
        log.warning("outage_began", network=outage.platform, outage=outage.key, error=outage.error)
    return opened


def _record(tried: Try, now: datetime) -> None:
    values = (*tried[:5], now, tried.http_status, tried.outcome, tried.is_unreachable)
    database.execute(RECORD, [tried.platform, now - WITHIN, *values])


def _is_down(platform: str, now: datetime) -> bool:
    if not ADAPTERS[platform].has_one_server:
        return False
    row = _naming_the_network(_latest(now, platform=platform), platform)
    return bool(row) and not _is_answered(row, platform)


def _is_down_for(tried: Try, now: datetime) -> bool:
    """Return whether the network is down for the account of this try."""
    row = _latest(now, account_number=tried.account)[:ROW]
    return _proves(row) and not _is_answered(row, tried.platform, tried.account)


def _latest(now: datetime, **of: object) -> list[UnansweredTry]:
    found = UnansweredTry.objects.filter(at__gt=now - WITHIN, **of).order_by("-at", "-pk")
    return list(found[:LATEST])


def _naming_the_network(tries: Sequence[UnansweredTry], platform: str) -> Sequence[UnansweredTry]:
    """Return the fewest of these tries, the latest first, that prove it is down; or none."""
    one_posts = len(tries) >= ROW and _one_workspace_posts(platform)
    for count in range(ROW, len(tries) + 1):
        row = tries[:count]
        accounts = {each.account_number for each in row}
        workspaces = {each.workspace_id for each in row}
        is_of_network = one_posts or len(workspaces) > 1 or all(e.is_unreachable for e in row)
        if len(accounts) > 1 and is_of_network and _proves(row):
            return row
    return []


def _one_workspace_posts(platform: str) -> bool:
    accounts = Account.objects.filter(platform=platform, is_active=True).order_by()
    return len(accounts.values_list("workspace", flat=True).distinct()[:2]) < 2


def _proves(row: Sequence[UnansweredTry]) -> bool:
    """Return whether these tries are enough, and not all about one post."""
    if len(row) < ROW:
        return False
    is_unanswered = any(e.outcome != "deadline" and e.http_status in NO_ANSWER for e in row)
    return is_unanswered or len({each.destination_id for each in row}) > 1


def _is_answered(row: Sequence[UnansweredTry], platform: str, account: int | None = None) -> bool:
    """Return whether any account, or this one, got an answer since the first of these tries."""
    values = {
        "platform": platform,
        "account": account,
        "since": row[-1].at,
        "time_out": REQUEST_TIMEOUT,
        "failures": list(FAILURES),
    }
    [(found,)] = database.execute(IS_ANSWERED, values)
    return bool(found)


def _outage(run: Ended, scope: Scope, target: str, name: str, now: datetime) -> Outage:
    return Outage(
        scope=scope,
        target=target,
        platform=run.tried.platform,
        name=name,
        error=run.said,
        opened_at=now,
        probe_at=now + FIRST_PAUSE,
        unreachable_at=now if run.tried.is_unreachable else None,
    )


def _note_probe(run: Ended) -> bool:
    """Return whether something may begin now."""
    probed = Outage.objects.filter(closed_at__isnull=True, probe=run.tried.destination)
    for outage in probed.order_by("pk").select_for_update(no_key=True):
        now, begun_at = clock.now(), outage.probe_at - LONGEST_PAUSE
        outage.probe, outage.probe_at = None, now
        if run.tried.is_failure:
            outage.answered, outage.error = 0, run.said
            outage.probe_at = max(now, begun_at + _pause(outage, run, now))
            if run.tried.is_unreachable:
                outage.unreachable_at = now
        elif not run.tried.is_silent:
            outage.answered += 1
        outage.save(update_fields=["probe", "answered", "probe_at", "error", "unreachable_at"])
        if outage.answered >= ANSWERED:
            outages.close(outage)
    return not run.tried.is_failure


def _pause(outage: Outage, run: Ended, now: datetime) -> timedelta:
    pause = min(FIRST_PAUSE * (1 << min(outage.probes, 10)), LONGEST_PAUSE)
    if run.is_unsent or not _leaves_doubt(outage):
        return pause
    return max(pause, min((now - outage.opened_at) * GROWTH, LONGEST_COSTLY_PAUSE))


def _leaves_doubt(outage: Outage) -> bool:
    """Return whether a post of this outage has ended as "may be live"."""
    unknown = Destination.objects.filter(
        platform=outage.platform, error_code="outcome_unknown", updated_at__gt=outage.opened_at
    )
    return unknown.exists()
