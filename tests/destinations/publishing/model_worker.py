"""A worker on a thread and database connection of its own, controlled by a test.

It does what the product's worker and a correct adapter do, one step at a time, and stops, freezes
or crashes where the test says.
"""

import itertools
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Literal

from django.conf import settings
from django.db import connection

from destinations.deleting import claims as deletion_claims
from destinations.deleting.commands import Begin, End
from destinations.dispatch import claims
from destinations.publishing.commands import ClaimLost, SaveCheckpoint, Start
from destinations.publishing.complete import Complete
from destinations.publishing.job import Job
from destinations.runtime.worker.batch import Command
from destinations.state import takeover
from platforms.errors import OutcomeUnknown, PlatformError, Rejected, Unavailable
from platforms.outcomes import (
    Absent,
    Finding,
    PartiallyPublished,
    Processing,
    Published,
    RefusedLater,
    Undeterminable,
)
from tests.destinations.publishing.model_network import (
    ERRORS,
    Call,
    Fate,
    Glance,
    Network,
    error,
    link,
    parts,
)
from tests.destinations.publishing.model_time import Clock
from tests.destinations.run_command import execute_all

Message = Sequence[tuple[uuid.UUID, uuid.UUID]]

#: The pick, of four, by which a call is announced and does not leave yet.
HELD_UP = 3


class Journey:
    """A job in progress: how far an adapter and its worker have come."""

    def __init__(
        self, job: Job, network: Network, clock: Clock, execute: Callable[[Command], Any]
    ) -> None:
        self.job = job
        self._network = network
        self._clock = clock
        self._execute = execute
        self._checkpoint = dict(job.checkpoint)
        self._state: Literal["unsent", "announced", "sent", "answered"] = "unsent"
        #: A network that is down is asked something harmless first.
        self._must_read = job.is_probe and not job.look_for
        #: Until when a call may leave, in model time.
        self._certain_until = float("-inf")
        self._is_saved = True
        self._result: Finding | PlatformError | None = None
        self.is_lost = False

    @property
    def done(self) -> Complete | None:
        """The command that records the end, if there is one."""
        if self._result is None:
            return None
        unknown = isinstance(self._result, OutcomeUnknown)
        answered = self._state == "answered" and not unknown
        return Complete(self.job, self._result, dict(self._checkpoint), answered=answered)

    def go_on(self, fate: Fate, glance: Glance, *, is_held_up: bool = False) -> None:
        """Take the next step; only before it is done. `is_held_up`: a call is only announced."""
        if self.job.look_for:
            self._result = self._find(glance)
        elif "pending" in self._checkpoint:
            self._poll()
        elif not self._is_saved:
            self._save(sending=False)
        elif self._state == "announced":
            self._send(fate)
        elif not self._is_refused_a_read():
            self._save(sending=True)
            if not (self.is_lost or is_held_up):
                self._send(fate)

    def confirm(self, asked_at: float, left_seconds: float) -> None:
        """The database, asked then, left so much of the lease; as `claims.Lease` trusts it."""
        unsafe = settings.LEASE_SECONDS * claims.UNSAFE_PART
        self._certain_until = asked_at + left_seconds - unsafe

    def _is_refused_a_read(self) -> bool:
        if self._must_read:
            self._must_read = False
            try:
                self._network.read(self.job)
            except Unavailable as failure:
                failure.unreachable = True
                self._result = failure
            except PlatformError:
                pass  # A refusal is an answer, and sending tells what it means.
        return self._result is not None

    @property
    def _public(self) -> list[str]:
        return self._checkpoint.setdefault("parts", [])

    def _save(self, *, sending: bool) -> None:
        answered, asked_at = self._state == "answered", self._clock.now()
        saved = self._execute(SaveCheckpoint(self.job, dict(self._checkpoint), sending, answered))
        self._is_saved = True
        self.is_lost = isinstance(saved, ClaimLost)
        if not self.is_lost:
            self.confirm(asked_at, saved[1])
            self._state = "announced" if sending else self._state

    def _send(self, fate: Fate) -> None:
        """The call leaves, if the lease is certain."""
        self._state = "answered"
        if self._clock.now() >= self._certain_until:
            self._result = Unavailable("Nothing was sent: the worker was paused for too long.")
            return
        try:
            call = self._network.send(self.job, len(self._public), fate)
        except PlatformError as failure:
            self._result = failure
            if isinstance(failure, OutcomeUnknown):
                self._state = "sent"
            return
        self._take(call)

    def _poll(self) -> None:
        self._take(self._network.call(self._checkpoint["pending"]))

    def _take(self, call: Call) -> None:
        """Read the network's answer to a call."""
        if call.stand == "held":
            self._checkpoint["pending"] = call.id
            self._result = Processing(after_seconds=5)
            return
        self._checkpoint.pop("pending", None)
        if call.stand == "refused":
            self._result = Rejected("RefusedLater after a while.")
        elif not self._is_last(call):
            self._is_saved = False
        else:
            self._result = self._published()

    def _is_last(self, call: Call) -> bool:
        """Note a published part; returns whether it was the last one."""
        self._checkpoint["parts"] = [*self._public, call.id]
        return len(self._public) == parts(self.job.draft.text)

    def _published(self) -> Published:
        return Published(self._public[0], link(self._public[0]))

    def _find(self, glance: Glance) -> Finding | PlatformError:
        try:
            self._network.read(self.job)
        except PlatformError as failure:
            return failure
        if glance in ERRORS:
            return error(glance)
        if glance is not Glance.CLEAR:
            return Absent(proven=False) if glance is Glance.LATE else Undeterminable()
        job = self.job
        seen = self._network.seen(job.account_id, job.draft.text, len(self._public))
        if seen and seen[0].stand == "held":
            return Processing(after_seconds=5)
        self._checkpoint.pop("pending", None)
        if not seen:
            return Absent(proven=True)
        if seen[0].stand == "refused":
            return RefusedLater(Rejected("Taken, and refused later."))
        return self._published() if self._is_last(seen[0]) else PartiallyPublished()


class Process:
    """A worker process: what it has begun, and the name by which it says that it is alive."""

    def __init__(self, name: str, network: Network, clock: Clock) -> None:
        self.name = name
        self._network = network
        self._clock = clock
        self.journeys: list[Journey] = []

    def execute(self, *commands: Command) -> list[Any]:
        return execute_all(commands, f"worker:{self.name}")

    def begin(self, message: Message) -> list[Job]:
        """The jobs that it begins."""
        jobs = self.execute(*(Start(*claim) for claim in message))
        begun = [job for job in jobs if isinstance(job, Job)]
        self.journeys += [
            Journey(job, self._network, self._clock, lambda command: self.execute(command)[0])
            for job in begun
        ]
        self._show_life()
        return begun

    def go_on(self, pick: int, fate: Fate, glance: Glance) -> None:
        """Take one journey a step further, or record how it ended."""
        journey = self.journeys[pick % len(self.journeys)]
        if done := journey.done:
            self.journeys.remove(journey)
            self.execute(done)
            self._show_life()
            return
        journey.go_on(fate, glance, is_held_up=pick % 4 == HELD_UP)
        if journey.is_lost:
            self.journeys.remove(journey)

    def finish(self) -> None:
        """Bring all that it has begun to its end; nothing disturbs it."""
        while self.journeys:
            self.go_on(0, Fate.PUBLISHED, Glance.CLEAR)

    def record(self) -> None:
        """Record all ended journeys in one transaction, of each destination the oldest."""
        ended = {j.job.id: j for j in reversed(self.journeys) if j.done}.values()
        self.journeys = [journey for journey in self.journeys if journey not in ended]
        if ended:
            self.execute(*(journey.done for journey in ended))

    def renew(self) -> None:
        """Keep the claims, and say that it is alive."""
        asked_at = self._clock.now()
        kept = claims.renew([journey.job.key for journey in self.journeys])
        for journey in self.journeys:
            if journey.job.key in kept:
                journey.confirm(asked_at, settings.LEASE_SECONDS)
        self._show_life()

    def delete(self, fate: Fate, *, dies: bool = False) -> bool:
        """Delete from its network what is to go next; whether there was something."""
        for claimed in deletion_claims.claim(1):
            (job,) = self.execute(Begin(claimed))
            if job and not dies:
                self.execute(End(job, self._deletion_failure(job, fate)))
            return True
        return False

    def _deletion_failure(self, job: deletion_claims.DeletionJob, fate: Fate) -> Any:
        try:
            for part in job.left:
                removal = self._network.delete(job, part["id"])
                if fate in ERRORS:
                    raise error(fate)
                part["removal"] = removal
        except PlatformError as failure:
            return failure
        return None

    def _show_life(self) -> None:
        if self.journeys:
            takeover.beat(self.name)
        else:
            takeover.end(self.name)


class Worker:
    """A thread with a connection, and the process that it is now."""

    _numbers = itertools.count(1)

    def __init__(self, name: str) -> None:
        self._name = name
        self._thread = ThreadPoolExecutor(1, name)
        self.process: Process

    def start(self, work: Callable[[], None]) -> "Future[None]":
        """Do this on the worker's own connection."""
        return self._thread.submit(work)

    def close(self) -> None:
        self.start(lambda: connection.close()).result()
        self._thread.shutdown()

    def restart(self, network: Network, clock: Clock) -> None:
        """Another process does its work from now on."""
        self.process = Process(f"{self._name}:{next(self._numbers)}", network, clock)
