"""A network is a folder and a line: nothing else names it, and all that exists reads the line."""

import os
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from deploy.simulator import app
from platforms.drafts import Draft
from platforms.registry import ADAPTERS
from tests import programs
from tests.conftest import Simulator, serving
from tests.contract import AdapterContract, Case
from tests.house.example_network import Pigeon
from tests.house.example_simulator import PigeonNetwork

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("config", "deploy", "destinations", "platforms", "posts")
KINDS = {".py", ".css", ".html", ".js", ".json", ".yaml", ".yml", ".toml", ".conf", ".sh", ".sql"}
#: Migrations are history, the clients are packages of their own, and the simulator is the networks'
#: other side; `meta` is what Facebook, Instagram and Threads share.
APART = re.compile(r"/migrations/|^deploy/clients/|^deploy/simulator/|^platforms/meta/")
#: The line in the registry, and the colours of the overview and of the preview.
MOST_PLACES = 3
#: Lines of a small network: its adapter and login, and the simulated side of it.
MOST_LINES = 150
#: Names that are also words; files that have only the word.
WORDS = {
    "x": {"deploy/observability/dovecote-dashboard.json"},
    "threads": {"config/celery.py", "posts/media/convert/encoding.py"},
}
HOMES = tuple(f"platforms/{key}/" for key in ADAPTERS)


@cache
def _product() -> dict[str, str]:
    files = (path for room in ROOMS for path in (ROOT / room).rglob("*") if path.suffix in KINDS)
    texts = {str(path.relative_to(ROOT)): path.read_text() for path in files}
    return {path: text for path, text in texts.items() if not APART.search(path)}


def _places(key: str) -> Iterator[str]:
    """Files outside the networks' folders that name one.

    What Instagram's folder says of Facebook is Instagram's: its accounts may be connected there.
    """
    name = ADAPTERS[key].name
    quoted = rf"""["'`]({key}|{name})["'`]|\bplatforms\.{key}\b|(?:network|feed)-{key}\b"""
    naming = re.compile(quoted) if key in WORDS else re.compile(key, re.IGNORECASE)
    for path, text in _product().items():
        is_other = path.startswith(HOMES) or path in WORDS.get(key, ())
        if not is_other and naming.search(text):
            yield path


@pytest.mark.parametrize("key", ADAPTERS)
def test_a_network_is_named_in_few_places_outside_its_folder(key: str):
    places = sorted(_places(key))
    assert "platforms/registry.py" in places
    assert len(places) <= MOST_PLACES, places


@pytest.fixture(scope="module")
def running_simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """The simulated networks, and the one that joins."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "NETWORKS", (*app.NETWORKS, PigeonNetwork))
        with serving(tmp_path_factory.mktemp("simulator")) as simulator:
            yield simulator


class TestContract(AdapterContract):
    """The network that joins keeps every promise of an adapter."""

    @pytest.fixture
    def case(self) -> Case:
        return Case(Pigeon(), Draft("Coo"), "4711", "create")


def test_a_small_network_is_small():
    files = ("example_network.py", "example_simulator.py")
    lines = sum(len((ROOT / "tests/house" / name).read_text().splitlines()) for name in files)
    assert lines <= MOST_LINES


def test_a_network_joins_by_its_import_and_its_line():
    app_of_ours = {"PIGEON_CLIENT_ID": "coo", "PIGEON_CLIENT_SECRET": "s"}
    done = programs.run(
        [sys.executable, "-m", "tests.house.joined"],
        cwd=ROOT,
        env={**os.environ, **app_of_ours, "PIGEON_API_VERSION": "2027"},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "\n"
