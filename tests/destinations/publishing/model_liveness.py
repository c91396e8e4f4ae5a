"""What waits is woken: the judge of a world that is well, but for what stays bad.

L1: a post is owed once it is due, its network answers rightly for it and its account can be used:
not paused, not limited, not to be reconnected. What is owed is public within SECONDS.
L2: an outage with a post that could probe it is probed within PROBE_SECONDS, and ends within
SECONDS once its network is up. No post of an account can probe while a lost answer is looked up, or
while a claim waits for a lost message or worker.
Order: of an account's posts none begins before an earlier one that waits.
"""

from collections.abc import Callable, Iterable

from django.utils import timezone

from destinations import pauses
from destinations.dispatch import probes
from destinations.models import Attempt, Destination, Outage
from destinations.publishing.job import Job
from destinations.state import outages
from destinations.state.waiting import LATE
from tests.destinations.publishing.model_game import Game

S = Destination.Status
#: So long, in model time, may a post that is owed take, and an outage of a network that is up.
SECONDS = 60
#: A round takes a second, and so does the one before.
SLACK = 3


class Judge:
    """Plays healthy seconds, and calls `fault` with what is wrong in one of them."""

    def __init__(self, game: Game, fault: Callable[[str], None]) -> None:
        self._game, self._fault = game, fault
        #: Since when each post is owed; owed if its network were up; each outage is unneeded.
        self._owed: dict[object, float] = {}
        self._probing: dict[object, float] = {}
        self._unneeded: dict[object, float] = {}

    def play(self, seconds: int, *, to_the_end: bool = False) -> None:
        """Play so long, or until nothing is owed."""
        for _ in range(seconds):
            self._game.live_a_second(self._check_order)
            self._check_rows()
            if not (self._owed or self._unneeded or to_the_end):
                break

    def _check_rows(self) -> None:
        now, trouble = self._game.clock.passed, self._game.network.trouble
        could = [row for row in self._rows() if self._is_usable(row) and self._is_due(row)]
        owed = [row for row in could if row.platform not in trouble.networks]
        down = list(Outage.objects.filter(closed_at=None))
        # While its network is taken for down, nothing asks for an account alone.
        networks = {each.target for each in down}
        probed = [
            each
            for each in down
            if _holds(each, (row for row in could if self._can_probe(row)))
            and (each.scope == Outage.Scope.NETWORK or each.platform not in networks)
        ]
        _keep(self._owed, (row.pk for row in owed), now)
        _keep(self._probing, (each.pk for each in probed), now)
        _keep(self._unneeded, (each.pk for each in down if _holds(each, owed)), now)
        for row in owed:
            if now - self._owed[row.pk] > SECONDS:
                self._fault(f"L1: {_told(row)} is owed for {SECONDS} s")
        for outage in down:
            if now - self._unneeded.get(outage.pk, now) > SECONDS:
                self._fault(f"L2: {_known(outage)} lasts {SECONDS} s after the repair")
        for outage in probed:
            self._check_probes(outage, now)

    def _check_probes(self, outage: Outage, now: float) -> None:
        number = outages.account_of(outage)
        asked = self._game.network.asked_at.get(number or outage.platform, 0)
        unasked = now - max(asked, self._probing[outage.pk])
        if unasked > probes.PROBE_SECONDS + SLACK:
            self._fault(f"L2: {_known(outage)} has not been probed for {unasked:.0f} s")

    def _rows(self) -> list[Destination]:
        rows = Destination.objects.exclude(due_at=None).select_related("account")
        announced = Attempt.objects.filter(finished_at=None).exclude(sent_at=None)
        self._announced = set(announced.values_list("destination", "number"))
        self._pauses, self._now = pauses.active(), timezone.now()
        # Between two seconds nothing is claimed but what was lost, or frozen.
        self._claimed = {row.account_number for row in rows if row.claim}
        return list(rows)

    def _is_usable(self, row: Destination) -> bool:
        """Whether nothing is wrong with the post and its account, and no person holds them."""
        trouble, account = self._game.network.trouble, row.account
        is_bad = account.pk in trouble.accounts or row.draft["text"] in trouble.texts
        is_limited = account.held_until is not None and account.held_until > self._now
        where = row.platform, row.workspace_id, row.account_number
        is_paused = pauses.covering(self._pauses, *where) is not None
        return account.can_post and not (is_bad or is_limited or is_paused)

    def _can_probe(self, row: Destination) -> bool:
        """Whether nothing of its account is claimed, and no lost answer of it looked up."""
        is_in_doubt = self._now < (row.account.doubt_until or self._now)
        return not is_in_doubt and row.account_number not in self._claimed

    def _is_due(self, row: Destination) -> bool:
        """Whether it waits for no time of its own, and for no answer of its network."""
        is_waiting = row.claim is None and row.due_at > self._now
        if row.status == S.QUEUED:
            return row.wanted_at <= self._now and not (is_waiting and self._is_late(row))
        if row.status == S.PUBLISHING and row.next_retry_at is not None:
            return True
        # Sent and unanswered, or being processed; and not a long retry.
        is_in_doubt = row.status == S.UNCONFIRMED or (row.pk, row.attempts) in self._announced
        return not is_in_doubt and not is_waiting

    def _is_late(self, row: Destination) -> bool:
        """Whether it keeps apart from its account's other late posts."""
        return not row.attempts and row.wanted_at + LATE < self._now

    def _check_order(self, job: Job) -> None:
        """Of what begins anew, none has an earlier one of its account that still waits."""
        places, now = self._game.places, timezone.now()
        if job.attempt > 1 or job.look_for or job.is_probe or job.id not in places:
            return
        others = Destination.objects.filter(account=job.account_id).exclude(due_at=None)
        for row in others.exclude(pk=job.id):
            is_retried = row.status == S.PUBLISHING and row.next_retry_at is not None
            is_in_time = row.wanted_at + LATE > now
            is_earlier = row.pk in places and places[row.pk] < places[job.id]
            if (row.status == S.QUEUED or is_retried) and is_in_time and is_earlier:
                self._fault(f"Order: {job.draft.text} began before {_told(row)}")


def _keep(since: dict[object, float], present: Iterable[object], now: float) -> None:
    """Since when each of these has been there without a gap."""
    known = {key: since.get(key, now) for key in present}
    since.clear()
    since.update(known)


def _holds(outage: Outage, rows: Iterable[Destination]) -> bool:
    """Whether one of these waits for its end."""
    return any(outages.covering([outage], row.platform, row.account_number) for row in rows)


def _known(outage: Outage) -> str:
    return f"{outage.key} after {outage.probes} probes"


def _told(row: Destination) -> str:
    return f"{row.draft['text']} of {row.platform} {row.account_number} ({row.status}, {row.error})"
