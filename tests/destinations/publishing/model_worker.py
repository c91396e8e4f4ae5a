"""A worker on a thread and database connection of its own, controlled by a test.

It does what the product's worker and a correct adapter do, one step at a time, and stops or crashes
where the test says.
"""

import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Literal

from django.db import connection

from destinations.dispatch import claims
from destinations.publishing.commands import ClaimLost, SaveCheckpoint, Start
from destinations.publishing.complete import Complete
from destinations.publishing.job import Job
from destinations.runtime.worker.batch import Command
from platforms.errors import OutcomeUnknown, PlatformError, Rejected
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
    link,
    parts,
)
from tests.destinations.run_command import execute_all

Message = Sequence[tuple[uuid.UUID, uuid.UUID]]


class Journey:
    """A job in progress: how far an adapter and its worker have come."""

    def __init__(self, job: Job, network: Network, execute: Callable[[Command], Any]) -> None:
        self.job = job
        self._network = network
        self._execute = execute
        self._checkpoint = dict(job.checkpoint)
        self._state: Literal["unsent", "sent", "answered"] = "unsent"
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

    def go_on(self, fate: Fate, glance: Glance) -> None:
        """Take the next step; only before it is done."""
        if self.job.look_for:
            self._result = self._find(glance)
        elif "pending" in self._checkpoint:
            self._poll()
        elif not self._is_saved:
            self._save(sending=False)
        else:
            self._send(fate)

    @property
    def _public(self) -> list[str]:
        return self._checkpoint.setdefault("parts", [])

    def _save(self, *, sending: bool) -> None:
        answered = self._state == "answered"
        saved = self._execute(SaveCheckpoint(self.job, dict(self._checkpoint), sending, answered))
        self._is_saved = True
        self.is_lost = isinstance(saved, ClaimLost)

    def _send(self, fate: Fate) -> None:
        self._save(sending=True)
        if self.is_lost:
            return
        self._state = "sent"
        try:
            call = self._network.send(self.job, len(self._public), fate)
        except PlatformError as error:
            self._result = error
            if not isinstance(error, OutcomeUnknown):
                self._state = "answered"
            return
        self._state = "answered"
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
        if glance in ERRORS:
            return ERRORS[glance](glance.name)
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


class Worker:
    """Does what the product's worker does, and stops or crashes where the test says."""

    def __init__(self, name: str) -> None:
        self._by = f"worker:{name}"
        self._thread = ThreadPoolExecutor(1, name)
        self.journeys: list[Journey] = []

    def start(self, work: Callable[[], None]) -> "Future[None]":
        """Do this on the worker's own connection."""
        return self._thread.submit(work)

    def close(self) -> None:
        self.start(lambda: connection.close()).result()
        self._thread.shutdown()

    def die(self) -> None:
        self.journeys.clear()

    # On its own thread

    def execute(self, *commands: Command) -> list[Any]:
        return execute_all(commands, self._by)

    def begin(self, message: Message, network: Network) -> None:
        self.journeys += [
            Journey(job, network, lambda command: self.execute(command)[0])
            for job in self.execute(*(Start(*claim) for claim in message))
            if isinstance(job, Job)
        ]

    def go_on(self, pick: int, fate: Fate, glance: Glance) -> None:
        """Take one journey a step further, or record how it ended."""
        journey = self.journeys[pick % len(self.journeys)]
        if done := journey.done:
            self.journeys.remove(journey)
            self.execute(done)
            return
        journey.go_on(fate, glance)
        if journey.is_lost:
            self.journeys.remove(journey)

    def record(self) -> None:
        """Record all ended journeys in one transaction, of each destination the oldest."""
        ended = {j.job.id: j for j in reversed(self.journeys) if j.done}.values()
        self.journeys = [journey for journey in self.journeys if journey not in ended]
        if ended:
            self.execute(*(journey.done for journey in ended))

    def renew(self) -> None:
        claims.renew([journey.job.key for journey in self.journeys])
