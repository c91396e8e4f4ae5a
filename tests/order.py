"""Which tests run one after another in one process of pytest-xdist, and which begin.

Tests that use the same running Dovecote do: starting it costs more than most of them. So do those
of a file. What takes longest begins, so that no run ends by waiting for it alone.
"""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from itertools import groupby
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

#: What each matches stays together, by the first that matches. The longest are first.
SLOW = (
    "tests/posts/api/test_as_described.py::*",
    "tests/acceptance/pages/*",
    "tests/acceptance/*_in_browser.py::*",
    "tests/acceptance/test_nine_o_clock.py::*",
    "tests/acceptance/test_recovery.py::*",
    "tests/acceptance/*",
    "tests/clients/test_generated_clients.py::*",
    "tests/clients/*",
    "tests/chaos/test_small.py::*",
    "tests/deploy/local/test_up.py::*",
)


def unit(nodeid: str) -> str:
    """What a test stays together with: a pattern of SLOW, or its file."""
    file = nodeid.partition("::")[0]
    return next((each for each in SLOW if fnmatchcase(nodeid, each)), file)


def units(nodeids: Sequence[str]) -> dict[str, str]:
    """The unit of each test. A file of which pytest-django has put some tests behind those of all
    files, because they empty the database, is two."""
    found = {}
    for number, (name, together) in enumerate(groupby(nodeids, unit)):
        found |= dict.fromkeys(together, name if name in SLOW else f"{name} {number}")
    return found


class Units(LoadScopeScheduling):
    """Gives each process of xdist a unit at a time."""

    _units: dict[str, str]

    def schedule(self) -> None:
        if self.collection is None:
            collected = next(iter(self.registered_collections.values()))
            self._units = units(collected)
            if len(self._units) < len(collected):
                raise RuntimeError("Of tests with the same id only one would run.")
        super().schedule()

    def _split_scope(self, nodeid: str) -> str:
        return self._units[nodeid]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {name: number for number, name in enumerate(SLOW)}
    items.sort(key=lambda item: places.get(unit(item.nodeid), len(SLOW)))


def pytest_xdist_make_scheduler(config: Any, log: Any) -> LoadScopeScheduling | None:
    """Where no other way was asked for."""
    if config.getoption("dist") != "load":
        return None
    config.option.loadscopereorder = False  # the items' order is meant
    return Units(config, log)
