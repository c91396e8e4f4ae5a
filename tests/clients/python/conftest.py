import importlib
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.acceptance.stack import Stack
from tests.clients.published.ground import Ground, running
from tests.clients.published.ground import ground as make_ground
from tests.clients.python.built import installed

#: Beside the stacks of the published clients.
NUMBERS_FROM = 3


@pytest.fixture(scope="session")
def site() -> Path:
    """Where the built package is installed."""
    return installed()


@pytest.fixture(scope="session")
def dovecote(site: Path) -> ModuleType:
    """The package as its users import it."""
    sys.path.append(str(site))
    return importlib.import_module("dovecote")


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    worker = re.search(r"\d+", os.environ.get("PYTEST_XDIST_WORKER", "0"))
    number = NUMBERS_FROM + (int(worker[0]) if worker else 0)
    with running(tmp_path_factory.mktemp("stack"), number) as found:
        yield found


@pytest.fixture
def ground(stack: Stack) -> Iterator[Ground]:
    """A workspace of its own, with an account on X and one on LinkedIn."""
    with make_ground(stack) as around:
        yield around
    stack.simulator.http.delete("/control/faults").raise_for_status()


@pytest.fixture
def client(dovecote: ModuleType, ground: Ground):
    with dovecote.Client(ground.stack.url, ground.key) as opened:
        yield opened
