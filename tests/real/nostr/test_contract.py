"""Each case is played on the simulator and on nostr-relay, and both answer alike."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.conftest import Simulator, serving
from tests.platforms.nostr.account import FIRST
from tests.real.compare import differences
from tests.real.nostr import carrier, server
from tests.real.nostr.cases import CASES
from tests.real.nostr.listed import LISTED
from tests.real.nostr.stage import Seen, Stage
from tests.real.table import PROPERTY

pytestmark = pytest.mark.thorough

RELAY = f"/{FIRST.removeprefix('wss://')}/"
Run = Callable[[Callable[[Stage], Seen]], Seen]


@pytest.fixture(scope="module")
def sides(
    real: server.Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Run, Run]]:
    def to_real(path: str) -> str:
        return f"{real.url}/" if path == RELAY else f"{simulator.url}{path}"

    with ExitStack() as closing:
        simulator = closing.enter_context(serving(tmp_path_factory.mktemp("simulator")))
        ours = closing.enter_context(carrier.running(lambda path: f"{simulator.url}{path}"))
        theirs = closing.enter_context(carrier.running(to_real))
        yield _player(simulator, ours), _player(simulator, theirs)


def _player(simulator: Simulator, way: carrier.Carrier) -> Run:
    def play(case: Callable[[Stage], Seen]) -> Seen:
        way.cut = ""
        return case(Stage(simulator, way))

    return play


@pytest.mark.parametrize("name", CASES)
def test_the_simulator_answers_as_the_relay_does(
    name: str, sides: tuple[Run, Run], real: server.Server, record_property: Any
) -> None:
    known = {path: why for (case, path), why in LISTED.items() if case == name}
    record_property(PROPERTY, ["Nostr", real.version, name, sorted(known.values())])
    ours, theirs = (play(CASES[name]) for play in sides)
    found = list(differences(ours, theirs))
    unlisted = [each for each in found if not any(each[0].startswith(path) for path in known)]
    lines = [f"{path}\n  ours   {mine!r}\n  theirs {other!r}" for path, mine, other in unlisted]
    assert not lines, "\n".join([f"{name}: the simulator differs in", *lines])
    stale = [path for path in known if not any(each[0].startswith(path) for each in found)]
    assert stale == [], "They no longer differ: take them off the list."


def test_every_listed_difference_is_of_a_case() -> None:
    assert {case for case, _ in LISTED} <= CASES.keys()
