"""Networks in memory that never lie.

They note which destination sent each call, which no real network knows, so that a test can count. A
lookup may be late, refused or inconclusive; it never proves the absence of what is public or still
being processed. But it proves the absence of a call that has not left yet, at once: no real network
is so rash.

A network may be down, and an account or a post be bad, until it is repaired.
"""

import itertools
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, Literal

from destinations.publishing.job import Job
from platforms.errors import (
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
)
from platforms.outcomes import Removal
from tests.destinations.publishing.model_time import Clock


class Fate(Enum):
    """What becomes of a call that would publish."""

    PUBLISHED = auto()
    #: It is published, and the answer is lost.
    ANSWER_LOST = auto()
    #: The request is lost.
    REQUEST_LOST = auto()
    #: It is accepted and decided on later, and the answer is lost.
    HELD = auto()
    #: It is accepted and decided on later, and the network says so.
    PROCESSING = auto()
    REJECTED = auto()
    RATE_LIMITED = auto()
    #: A 503 that proves that nothing is public, and a 500.
    UNAVAILABLE = auto()
    FAULTY = auto()
    #: No connection.
    UNREACHABLE = auto()
    UNAUTHORIZED = auto()


class Glance(Enum):
    """What a lookup shows."""

    CLEAR = auto()
    #: It shows nothing yet.
    LATE = auto()
    CANNOT_TELL = auto()
    RATE_LIMITED = auto()
    UNAVAILABLE = auto()
    UNAUTHORIZED = auto()


ERRORS: Mapping[Enum, type[PlatformError]] = {
    Fate.ANSWER_LOST: OutcomeUnknown,
    Fate.REQUEST_LOST: OutcomeUnknown,
    Fate.HELD: OutcomeUnknown,
    Fate.REJECTED: Rejected,
    Fate.RATE_LIMITED: RateLimited,
    Fate.UNAVAILABLE: Unavailable,
    Fate.FAULTY: Unavailable,
    Fate.UNREACHABLE: Unavailable,
    Fate.UNAUTHORIZED: Unauthorized,
    Glance.RATE_LIMITED: RateLimited,
    Glance.UNAVAILABLE: Unavailable,
    Glance.UNAUTHORIZED: Unauthorized,
}
STATUSES: Mapping[Enum, int] = {
    Fate.REJECTED: 422,
    Fate.RATE_LIMITED: 429,
    Fate.UNAVAILABLE: 503,
    Fate.FAULTY: 500,
    Fate.UNAUTHORIZED: 401,
    Glance.RATE_LIMITED: 429,
    Glance.UNAVAILABLE: 503,
    Glance.UNAUTHORIZED: 401,
}
TAKEN_IN = {
    Fate.PUBLISHED: "public",
    Fate.ANSWER_LOST: "public",
    Fate.HELD: "held",
    Fate.PROCESSING: "held",
}
Stand = Literal["public", "held", "refused", "deleted"]
#: What keeps happening to a network that is down, an account that is bad, and a post that is.
DOWN = (Fate.UNREACHABLE, Fate.UNAVAILABLE, Fate.REQUEST_LOST)
BAD_ACCOUNT = (*DOWN, Fate.FAULTY, Fate.RATE_LIMITED)
BAD_POST = (Fate.FAULTY, Fate.UNAVAILABLE)


@dataclass
class Call:
    """A call that the network took in."""

    id: str
    destination: uuid.UUID
    account: int
    text: str
    part: int
    stand: Stand


def error(of: Enum) -> PlatformError:
    return ERRORS[of](of.name, http_status=STATUSES.get(of))


@dataclass
class Trouble:
    """What stays wrong until it is repaired: by network, by account, by text of a post."""

    networks: dict[str, Fate] = field(default_factory=dict)
    accounts: dict[int, Fate] = field(default_factory=dict)
    texts: dict[str, Fate] = field(default_factory=dict)

    def of_all(self, job: Job) -> Fate | None:
        """What happens to every request, also to one that only reads."""
        return self.networks.get(job.adapter.key) or self.accounts.get(job.account_id)

    def of_post(self, job: Job) -> Fate | None:
        return self.of_all(job) or self.texts.get(job.draft.text)

    def repair(self) -> None:
        for each in (self.networks, self.accounts, self.texts):
            each.clear()


class Network:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._calls: list[Call] = []
        self._ids = itertools.count(1)
        self.trouble = Trouble()
        #: When it was last asked for something, by network and by account.
        self.asked_at: dict[str | int, float] = {}
        self.wrongly_deleted: list[str] = []

    def send(self, job: Job, part: int, fate: Fate) -> Call:
        """The call as it was taken in. Raises PlatformError."""
        self._note(job)
        fate = self.trouble.of_post(job) or fate
        call = Call(str(next(self._ids)), job.id, job.account_id, job.draft.text, part, "refused")
        if fate in TAKEN_IN:
            call.stand = TAKEN_IN[fate]
            self._calls.append(call)
        if fate in ERRORS:
            raise error(fate)
        return call

    def read(self, job: Job) -> None:
        """Ask something harmless. Raises PlatformError."""
        self._note(job)
        fate = self.trouble.of_all(job)
        if fate:
            raise error(Fate.UNREACHABLE if fate is Fate.REQUEST_LOST else fate)

    def call(self, number: str) -> Call:
        return next(call for call in self._calls if call.id == number)

    def seen(self, account: int, text: str, part: int) -> list[Call]:
        """What was taken in of this part: what is public first, what is held next."""
        alike = [
            call
            for call in self._calls
            if (call.account, call.text, call.part) == (account, text, part)
            and call.stand != "deleted"
        ]
        return sorted(alike, key=lambda call: ("public", "held", "refused").index(call.stand))

    def decide(self, is_public: bool) -> bool:
        """Decide on the oldest call that is held; whether there was one."""
        held = next((call for call in self._calls if call.stand == "held"), None)
        if held:
            held.stand = "public" if is_public else "refused"
        return held is not None

    def delete(self, job: Any, number: str) -> Removal:
        """Delete a post. Raises PlatformError."""
        if fate := self.trouble.of_all(job):
            raise error(fate)
        call = next((call for call in self._calls if call.id == number), None)
        if call is None or call.stand != "public":
            return "already_gone"
        if call.destination != job.destination_id:
            self.wrongly_deleted.append(number)
        call.stand = "deleted"
        return "deleted"

    def publications(self) -> Counter[tuple[uuid.UUID, int]]:
        """How often each part of each destination became public."""
        return self._count("public", "deleted")

    def deletions(self) -> Counter[tuple[uuid.UUID, int]]:
        return self._count("deleted")

    def _count(self, *stands: Stand) -> Counter[tuple[uuid.UUID, int]]:
        return Counter((c.destination, c.part) for c in self._calls if c.stand in stands)

    def has_taken_in(self, destination: uuid.UUID) -> bool:
        """Whether something of it is public, or may still become so."""
        stands = {call.stand for call in self._calls if call.destination == destination}
        return bool(stands & {"public", "held"})

    def _note(self, job: Job) -> None:
        self.asked_at[job.adapter.key] = self.asked_at[job.account_id] = self._clock.passed


def parts(text: str) -> int:
    """Of how many parts a post with this text consists."""
    return 2 if text.endswith("in two parts") else 1


def link(number: str) -> str:
    return f"https://example.com/posts/{number}"
