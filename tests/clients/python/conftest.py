import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.acceptance.stack import Stack
from tests.clients.published.ground import Ground
from tests.clients.published.ground import ground as make_ground
from tests.clients.python.built import installed


@pytest.fixture(scope="session")
def site() -> Path:
    """Where the built package is installed."""
    return installed()


@pytest.fixture(scope="session")
def dovecote(site: Path) -> ModuleType:
    """The package as its users import it."""
    sys.path.append(str(site))
    return importlib.import_module("dovecote")


@pytest.fixture
def ground(stack: Stack) -> Iterator[Ground]:
    """A workspace of its own, with an account on X and one on LinkedIn."""
    with make_ground(stack) as around:
        yield around


@pytest.fixture
def client(dovecote: ModuleType, ground: Ground):
    with dovecote.Client(ground.stack.url, ground.key) as opened:
        yield opened
