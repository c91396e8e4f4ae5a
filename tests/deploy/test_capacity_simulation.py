"""The simulation agrees with theory, with a measured spike, and with what the page says."""

import math
import random
import re
from dataclasses import replace
from pathlib import Path

import pytest

from config import settings
from destinations.dispatch import dispatcher, fairness
from destinations.runtime.worker import command_queue
from tests.bench.capacity import __main__ as command
from tests.bench.capacity import model
from tests.bench.capacity.costs import MEASURED_SPIKE, Costs, Network, Setup
from tests.bench.capacity.model import simulate
from tests.bench.capacity.stations import Disk, Station

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "deploy" / "CAPACITY.md").read_text()


def erlang_c(servers: int, load: float) -> float:
    """The chance to wait in M/M/c, for an offered load in servers."""
    last = load**servers / math.factorial(servers) * servers / (servers - load)
    return last / (sum(load**n / math.factorial(n) for n in range(servers)) + last)


@pytest.mark.parametrize(("servers", "share"), [(1, 0.5), (3, 0.8), (8, 0.7)])
def test_a_station_waits_as_long_as_queueing_theory_says(servers: int, share: float):
    chance, station, now, waited, arrivals = random.Random(1), Station(servers), 0.0, 0.0, 200_000
    for _ in range(arrivals):
        now += chance.expovariate(servers * share)
        seconds = chance.expovariate(1)
        waited += station.serve(now, seconds) - now - seconds

    said = erlang_c(servers, servers * share) / (servers * (1 - share))

    assert waited / arrivals == pytest.approx(said, rel=0.05)
    assert station.utilisation(now) == pytest.approx(share, rel=0.02)


def test_commits_that_wait_share_the_next_flush():
    disk = Disk(1.0)

    assert [disk.flush(at) for at in (0.0, 0.1, 0.9, 1.5, 5.0)] == [1.0, 2.0, 2.0, 3.0, 6.0]
    assert disk.flushes == 4


def test_one_worker_takes_as_long_as_reckoned_by_hand():
    """400 at once: a claim of 0.1 s, then groups of 200, and an answer after ten seconds."""
    each, latency = 0.001, 10.0
    setup = Setup(
        400,
        workers=1,
        postgres_cores=1,
        networks=(Network("x", latency, latency),),
        costs=Costs(worker=each, postgres=0, claim=0.1 / 400, claim_held=0, flush=0),
        claim_limit=400,
        in_flight=400,
        message_destinations=400,
        database_threads=1,
    )

    found = simulate(setup, seed=1)

    # Two groups of starts and two of saves, 0.35 each; at the end 0.3 for what is recorded.
    first, second = 0.1 + 200 * 0.35 * each, 0.1 + 400 * 0.35 * each
    assert found.lags[:200] == pytest.approx([first] * 200)
    assert found.lags[200:] == pytest.approx([second] * 200)
    assert found.seconds == pytest.approx(0.1 + 800 * 0.35 * each + latency + 200 * 0.3 * each)


def test_a_network_begins_no_more_at_once_than_it_may_have_in_flight():
    setup = Setup(
        1_000,
        workers=2,
        postgres_cores=2,
        networks=(Network("x", 1.0, 1.0),),
        costs=Costs(worker=0, postgres=0, claim=0, claim_held=0, flush=0),
        in_flight=100,
    )

    found = simulate(setup, seed=1)

    # 200 a second; the last ones begin after four rounds.
    assert found.lags[-1] == pytest.approx(4.0, abs=0.5)
    assert found.seconds == pytest.approx(5.0, abs=0.5)


def test_it_foretells_the_spike_that_was_measured():
    results = (ROOT / "tests" / "bench" / "RESULTS.md").read_text()
    measured = [
        float(re.search(rf"fresh: {name} \| ([\d.,]+)", results)[1].replace(",", ""))
        for name in ("begun", "start lag p50", "start lag p99")
    ]

    found = simulate(MEASURED_SPIKE, seed=command.SEED)

    begun = MEASURED_SPIKE.destinations / found.lags[-1]
    simulated = [begun, found.percentile(50), found.percentile(99)]
    assert simulated == pytest.approx(measured, rel=0.25)


def test_the_grain_changes_little():
    setup = Setup(20_000, workers=2, postgres_cores=2, in_flight=1_000, claim_ahead=5_000)

    fine, coarse = (simulate(replace(setup, grain=grain), seed=3) for grain in (1, 10))

    assert coarse.percentile(99) == pytest.approx(fine.percentile(99), rel=0.1)


def test_the_page_has_what_the_command_prints():
    printed = [
        command.row(setup, simulate(setup, command.SEED))
        for setup in command.TABLE
        if setup.destinations <= 100_000 or setup.workers == 12
    ]
    lines = [line for line in PAGE.splitlines() if line.startswith("| ")]

    for row in printed:
        of_setup = " | ".join(row.split(" | ")[:6])
        [said] = [line for line in lines if line.startswith(of_setup + " |")]
        # Not word for word: another machine's logarithm may differ in its last bit.
        assert _numbers(said) == pytest.approx(_numbers(row), rel=0.05, abs=1.1)


def _numbers(row: str) -> list[float]:
    return [float(number.replace(",", "")) for number in re.findall(r"\d[\d,]*\.?\d*", row)]


def test_its_settings_are_those_of_the_product():
    assert (Setup.claim_limit, Setup.claim_ahead) == (settings.CLAIM_LIMIT, settings.CLAIM_AHEAD)
    assert Setup.message_destinations == settings.MESSAGE_DESTINATIONS
    assert Setup.database_threads == settings.WORKER_DATABASE_THREADS
    assert Setup.in_flight == settings.IN_FLIGHT
    assert (model.GROUP, model.LANES) == (command_queue.MOST, fairness.LANES)
    assert model.PAUSE_SECONDS == dispatcher.PAUSE_SECONDS
