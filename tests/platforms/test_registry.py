"""A platform is a folder, a registry line, its simulator, its tests and its README row."""

import re
from pathlib import Path

import pytest

from deploy.simulator.app import NETWORKS
from platforms.registry import ADAPTERS, QUEUES

ROOT = Path(__file__).resolve().parents[2]


def test_every_folder_of_a_platform_has_its_line_in_the_registry():
    folders = {path.parent.name for path in ROOT.glob("platforms/*/adapter.py")}
    assert folders == set(ADAPTERS)


@pytest.mark.parametrize("key", ADAPTERS)
def test_a_platform_is_simulated_and_tested(key: str):
    assert (ROOT / f"deploy/simulator/{key}/api.py").is_file()
    assert list((ROOT / f"tests/platforms/{key}").glob("test_*.py"))


def test_the_simulator_has_these_networks_and_calls_them_alike():
    told = {network.key: network.name for network in NETWORKS}
    assert told == {key: adapter.name for key, adapter in ADAPTERS.items()}


@pytest.mark.parametrize("key", ADAPTERS)
def test_an_adapter_lives_in_the_folder_of_its_key_and_says_what_it_needs(key: str):
    adapter = type(ADAPTERS[key])
    assert (adapter.key, adapter.__module__) == (key, f"platforms.{key}.adapter")
    assert ADAPTERS[key].limits.text_chars > 0


def test_workers_listen_to_two_queues_for_each_platform():
    wanted = {f"publish.{key}{ending}" for key in ADAPTERS for ending in ("", ".upload")}
    assert set(QUEUES) == wanted
    assert len(QUEUES) == len(wanted)


def test_every_platform_has_its_row_in_the_readme():
    text = (ROOT / "platforms/README.md").read_text()
    assert re.findall(r"^\| (\w+) \| .+ \| .+ \| .+ \|$", text, re.M)[1:] == [
        adapter.name for adapter in ADAPTERS.values()
    ]
