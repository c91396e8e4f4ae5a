"""A network in memory that never lies.

It notes which destination sent each call, which no real network knows, so that a test can count. A
lookup may be late, refused or inconclusive; it never proves the absence of what is public or still
being processed.
"""

import itertools
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Literal

from destinations.publishing.job import Job
from platforms.errors import (
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
)


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
    UNAVAILABLE = auto()
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
    Fate.UNAUTHORIZED: Unauthorized,
    Glance.RATE_LIMITED: RateLimited,
    Glance.UNAVAILABLE: Unavailable,
    Glance.UNAUTHORIZED: Unauthorized,
}
TAKEN_IN = {
    Fate.PUBLISHED: "public",
    Fate.ANSWER_LOST: "public",
    Fate.HELD: "held",
    Fate.PROCESSING: "held",
}
Stand = Literal["public", "held", "refused"]


@dataclass
class Call:
    """A call that the network took in."""

    id: str
    destination: uuid.UUID
    account: int
    text: str
    part: int
    stand: Stand


class Network:
    def __init__(self) -> None:
        self._calls: list[Call] = []
        self._ids = itertools.count(1)

    def send(self, job: Job, part: int, fate: Fate) -> Call:
        """The call as it was taken in. Raises PlatformError."""
        call = Call(str(next(self._ids)), job.id, job.account_id, job.draft.text, part, "refused")
        if fate in TAKEN_IN:
            call.stand = TAKEN_IN[fate]
            self._calls.append(call)
        if fate in ERRORS:
            raise ERRORS[fate](fate.name)
        return call

    def call(self, number: str) -> Call:
        return next(call for call in self._calls if call.id == number)

    def seen(self, account: int, text: str, part: int) -> list[Call]:
        """What was taken in of this part: what is public first, what is held next."""
        alike = [c for c in self._calls if (c.account, c.text, c.part) == (account, text, part)]
        return sorted(alike, key=lambda call: ("public", "held", "refused").index(call.stand))

    def decide(self, is_public: bool) -> None:
        """Decide on the oldest call that is held."""
        held = next((call for call in self._calls if call.stand == "held"), None)
        if held:
            held.stand = "public" if is_public else "refused"

    def publications(self) -> Counter[tuple[uuid.UUID, int]]:
        """How often each part of each destination became public."""
        return Counter((c.destination, c.part) for c in self._calls if c.stand == "public")

    def has_taken_in(self, destination: uuid.UUID) -> bool:
        """Whether something of it is public, or may still become so."""
        return any(c.destination == destination and c.stand != "refused" for c in self._calls)


def parts(text: str) -> int:
    """Of how many parts a post with this text consists."""
    return 2 if text.endswith("in two parts") else 1


def link(number: str) -> str:
    return f"https://example.com/posts/{number}"
