"""tests/chaos/README.md lists every scenario, and nothing else."""

import fnmatch
import re
from pathlib import Path

from tests.chaos.registry import SCENARIOS

README = (Path(__file__).resolve().parent / "README.md").read_text()


def promised() -> list[str]:
    table = README.split("`make chaos SCENARIO=…` |", 1)[1].split("\n\n", 1)[0]
    return [name for row in table.splitlines()[2:] for name in re.findall(r"`([a-z*-]+)`", row)]


def test_every_promise_names_scenarios_and_every_scenario_is_promised_once():
    proven = {name: fnmatch.filter(SCENARIOS, name) for name in promised()}
    assert all(proven.values()), proven
    found = [scenario for scenarios in proven.values() for scenario in scenarios]
    assert sorted(found) == sorted(SCENARIOS)


def test_every_scenario_says_what_it_shows_in_a_sentence():
    for scenario in SCENARIOS.values():
        assert scenario.promise[0].isupper()
        assert scenario.promise.endswith(".")
