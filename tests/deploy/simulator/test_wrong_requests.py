"""The networks' simulator refuses what the networks refuse."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from platforms.http.transport import Transport
from platforms.registry import ADAPTERS
from tests.conftest import Simulator, serving
from tests.deploy.simulator.flows import flows
from tests.deploy.simulator.still_right import EVERYWHERE
from tests.deploy.simulator.trial import State, Trial, watching
from tests.platforms.facts import facts_of


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("simulator")


@pytest.fixture(scope="module")
def own(home: Path) -> Iterator[Simulator]:
    with serving(home) as simulator:
        yield simulator


@pytest.fixture
def trial(own: Simulator, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Trial]:
    own.http.post("/control/clear").raise_for_status()
    trial = Trial(State(home), own.http)
    monkeypatch.setattr(Transport, "send", watching(trial, Transport.send))
    yield trial
    trial.state.close()


@pytest.mark.thorough
@pytest.mark.parametrize("network", ADAPTERS)
def test_everything_that_is_almost_right_is_refused(own: Simulator, trial: Trial, network: str):
    for flow in flows(network):
        flow(own)
    rows = facts_of(network).still_right
    unused = [row for row in rows if not any(map(row.fits, trial.accepted))]
    assert (taken(network, trial), unused) == ([], [])


@pytest.mark.parametrize("network", ADAPTERS)
def test_a_post_that_is_almost_right_is_refused(own: Simulator, trial: Trial, network: str):
    next(flows(network))(own)
    assert taken(network, trial) == []


def taken(network: str, trial: Trial) -> list[str]:
    """The wrong requests that were accepted. Prints how many were refused."""
    rows = (*facts_of(network).still_right, *EVERYWHERE)
    found = [str(wrong) for wrong in trial.accepted if not any(row.fits(wrong) for row in rows)]
    refused = len(trial.refused)
    assert refused > 50, "Too few requests were accepted, of which wrong versions are sent."
    right = len(trial.accepted) - len(found)
    tried = refused + len(found)
    print(f"{network}: {refused / tried:.1%} of {tried} wrong requests refused; {right} right")
    return found
