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

import structlog

from destinations.models import Destination, Outage
from destinations.runtime import clock
from destinations.state import outages, tries
from destinations.state.tries import Try

log = structlog.get_logger()

Scope = Outage.Scope
#: How many answered probes end an outage.
ANSWERED = 2
#: How soon the first probe begins, and the longest time from one's beginning to the next one's. It
#: doubles with each that fails, unless the network can be reached: then posts or accounts may fail
#: for their own sake, and many may be asked before one that does not. A probe that takes longer is
#: not waited for.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=2), timedelta(seconds=15)
#: A network that answers questions and loses posts costs one with each probe, where no lookup can
#: tell what became of it. Then the pauses go on growing with the outage.
GROWTH = 0.1
#: The reason of the move of one whose worker died.
NO_RECORD = "no answer was recorded"


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
    now = clock.now()
    platforms = {each.tried.platform for each in failed}
    known = list(Outage.objects.filter(closed_at__isnull=True, platform__in=platforms))
    for run in failed:
        tries.record(run.tried, now, in_outage=bool(run.covered_by(known)))
    if uncovered := [each for each in failed if not each.covered_by(known)]:
        known += _open(ended, uncovered, now)
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


def _open(ended: Sequence[Ended], failed: Sequence[Ended], now: datetime) -> list[Outage]:
    answered = [each.tried for each in ended if each.is_answer]
    found: dict[str, Outage] = {}
    for run in {each.tried.account: each for each in failed}.values():
        platform, account = run.tried.platform, run.tried.account
        network = _outage(run, Scope.NETWORK, platform, run.network, now)
        if network.key in found:
            continue
        # What was answered at the same time counts as later than the failures.
        if platform not in {each.platform for each in answered} and tries.is_down(platform, now):
            found[network.key] = network
        elif account not in {each.account for each in answered} and tries.is_down_for(
            run.tried, now
        ):
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
    """Return whether something may begin now."""
    probed = Outage.objects.filter(closed_at__isnull=True, probe=run.tried.destination)
    for outage in probed.order_by("pk").select_for_update(no_key=True):
        now, begun_at = clock.now(), outage.probe_at - LONGEST_PAUSE
        outage.probe, outage.probe_at = None, now
        if run.tried.is_failure:
            outage.answered, outage.error = 0, run.said
            outage.probe_at = max(now, begun_at + _pause(outage, run, now))
        elif not run.tried.is_silent:
            outage.answered += 1
        outage.save(update_fields=["probe", "answered", "probe_at", "error"])
        if outage.answered >= ANSWERED:
            outages.close(outage)
    return not run.tried.is_failure


def _pause(outage: Outage, run: Ended, now: datetime) -> timedelta:
    is_reached = run.is_unsent and tries.is_reached(outage.platform, now)
    longest = FIRST_PAUSE if is_reached else LONGEST_PAUSE
    pause = min(FIRST_PAUSE * (1 << min(outage.probes, 10)), longest)
    if run.is_unsent or not _leaves_doubt(outage):
        return pause
    return max(pause, min((now - outage.opened_at) * GROWTH, outages.LONGEST_PROBE_PAUSE))


def _leaves_doubt(outage: Outage) -> bool:
    """Return whether a post of this outage has ended as "may be live"."""
    unknown = Destination.objects.filter(
        platform=outage.platform, error_code="outcome_unknown", updated_at__gt=outage.opened_at
    )
    account = outages.account_of(outage)
    return (unknown if account is None else unknown.filter(account_number=account)).exists()
