"""How many requests a lost answer costs until its end, network by network.

The lookups run when the policy says, against the simulated network. `at once`: the first lookup
finds the post; `late`: only the third one does; `never`: the call did not arrive, and the lookups
end with a proof of absence, or by asking a person.
"""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from platforms.errors import OutcomeUnknown, PlatformError
from platforms.outcomes import Published
from platforms.registry import ADAPTERS
from tests.conftest import Simulator
from tests.destinations.publishing.lives import Row
from tests.platforms import facts
from tests.platforms.driver import Drive
from tests.platforms.facts import LostAnswer, all_facts

Case = tuple[str, LostAnswer]
#: By the names of destinations/README.md: the network, and what is lost.
CASES: dict[str, Case] = {
    f"{ADAPTERS[key].name} {name}".strip(): (key, lost)
    for key, known in all_facts().items()
    for name, lost in known.lost.items()
}


@dataclass
class Lost:
    """A destination whose answer was lost, at its network and by its policy."""

    case: LostAnswer
    drive: Drive
    row: Row

    def hide(self) -> None:
        for name, value in self.case.hidden.items():
            self.drive.set(name, value)

    def show(self) -> None:
        for name in self.case.hidden:
            self.drive.set(name, 0)
        # What was begun while it was hidden keeps the time it was told.
        if "processing_seconds" in self.case.hidden:
            self.drive.simulator.advance(self.case.hidden["processing_seconds"] + 1)

    def look(self, *, is_aging: bool = False) -> Any:
        """One lookup; with `is_aging` the call seems as old as it would be by now."""
        assert self.drive.sent_at is not None
        assert self.row.sent_at is not None
        age = self.row.now - self.row.sent_at if is_aging else timedelta(0)
        try:
            found: Any = self.drive.find(self.case.kind.draft, self.drive.sent_at - age)
        except PlatformError as error:
            found = error
        self.row.go(found, timedelta(0), 0.0)
        return found


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


def lose(case: Case, simulator: Simulator, drop: str) -> Lost:
    """Publish, and lose the answer of the call that publishes."""
    key, answer = case
    kind = answer.kind
    drive = facts.connect(simulator, key, str(uuid.uuid4().int)[:12], kind.account)
    lost = Lost(answer, drive, Row(key))
    lost.hide()
    drive.fault(call=kind.call, drop=drop, times=1)
    unknown = drive.fails(kind.draft)
    assert type(unknown) is OutcomeUnknown
    lost.row.go(unknown, timedelta(0), 0.0)
    if answer.broken:
        call, status = answer.broken
        drive.fault(call=call, status=status)
    drive.requests.clear()
    return lost


def test_a_post_that_is_found_at_once_costs_so_many_requests(case: Case, simulator: Simulator):
    lost = lose(case, simulator, "after")
    lost.show()
    found = lost.look()
    assert isinstance(found, Published) or (lost.case.end == "fail" and not lost.case.at_once)
    assert len(lost.drive.requests) == lost.case.at_once, lost.drive.requests


def test_a_post_that_is_shown_late_costs_so_many_requests(case: Case, simulator: Simulator):
    lost = lose(case, simulator, "after")
    for _ in range(2):
        if lost.row.moves[-1] in ("mark_unconfirmed", "check_again"):
            lost.look()
    lost.show()
    if lost.row.moves[-1] == "check_again":
        lost.look()
    assert lost.row.moves[-1] == ("succeed" if lost.case.at_once else "fail")
    assert len(lost.drive.requests) == lost.case.late, lost.drive.requests


def test_a_post_that_never_arrived_costs_so_many_requests(case: Case, simulator: Simulator):
    lost = lose(case, simulator, "before")
    while lost.row.moves[-1] in ("mark_unconfirmed", "check_again"):
        lost.look(is_aging=True)
    assert lost.row.moves[-1] == lost.case.end
    assert len(lost.drive.requests) == lost.case.never, lost.drive.requests
    assert simulator.posts() == []
