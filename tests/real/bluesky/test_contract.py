"""Each case is played on the simulator and on Bluesky's server, and both answer alike."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.conftest import serving
from tests.real import gateway
from tests.real.bluesky import calls, consents, facts, logins, publishing, records_of_posts, server
from tests.real.bluesky.listed import LISTED
from tests.real.bluesky.sides import Real, Side, Simulated
from tests.real.bluesky.stage import Seen, Stage
from tests.real.compare import Plain, differences
from tests.real.table import PROPERTY

pytestmark = pytest.mark.needs("g++", "make", "npm")
CASES = {
    **publishing.CASES,
    **logins.CASES,
    **consents.CASES,
    **records_of_posts.CASES,
    **calls.CASES,
}
Run = Callable[[Callable[[Stage], Seen]], Seen]


@pytest.fixture(scope="module")
def sides(
    real: server.Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Run, Run]]:
    with ExitStack() as closing:
        simulator = closing.enter_context(serving(tmp_path_factory.mktemp("simulator")))
        yield _player(Simulated(simulator), closing), _player(Real(real, simulator), closing)


def _player(side: Side, closing: ExitStack) -> Run:
    way = closing.enter_context(gateway.running(side.route))

    def play(case: Callable[[Stage], Seen]) -> Seen:
        stage = Stage(side, way)
        try:
            return case(stage)
        finally:
            stage.close()

    return play


@pytest.mark.parametrize("name", CASES)
def test_the_simulator_answers_as_the_server_does(
    name: str, sides: tuple[Run, Run], real: server.Server, record_property: Any
) -> None:
    known = {path: why for (case, path), why in LISTED.items() if case == name}
    record_property(PROPERTY, ["Bluesky", real.version, name, sorted(known.values())])
    ours, theirs = (Plain().of(play(CASES[name])) for play in sides)
    found = list(differences(ours, theirs))
    unlisted = [each for each in found if not _begins(each[0], known)]
    lines = [f"{path}\n  ours   {mine!r}\n  theirs {other!r}" for path, mine, other in unlisted]
    assert not lines, "\n".join([f"{name}: the simulator differs in", *lines])
    stale = [path for path in known if not any(each[0].startswith(path) for each in found)]
    assert stale == [], "They no longer differ: take them off the list."


@pytest.mark.parametrize("name", facts.FACTS)
def test_the_server_does_what_the_adapter_relies_on(
    name: str, sides: tuple[Run, Run], real: server.Server, record_property: Any
) -> None:
    asked, expected = facts.FACTS[name]
    record_property(PROPERTY, ["Bluesky", real.version, name, []])
    assert sides[1](asked) == expected


def test_every_listed_difference_is_of_a_case() -> None:
    assert {case for case, _ in LISTED} <= CASES.keys()


def _begins(path: str, known: dict[str, str]) -> bool:
    return any(path.startswith(each) for each in known)
