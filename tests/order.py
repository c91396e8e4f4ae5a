"""Which tests run one after another in one process of pytest-xdist, which begin, and shards.

Tests that use the same running Dovecote stay together: starting it costs more than most of them. So
do those of a file. What takes longest begins, so that no run ends by waiting for it alone.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from itertools import groupby
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling


@dataclass(frozen=True)
class Together:
    """Tests that stay together, by patterns of their ids, and about how much CPU they take."""

    seconds: int
    patterns: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.patterns[0]

    def has(self, nodeid: str) -> bool:
        return any(fnmatchcase(nodeid, each) for each in self.patterns)

    def has_file(self, path: str) -> bool:
        """Return whether it may have tests of this file."""
        return any(fnmatchcase(path, each.partition("::")[0]) for each in self.patterns)


#: The first that matches counts. Of all other files each stays together.
QUICK = (
    Together(20, ("tests/acceptance/pages/*",)),
    Together(60, ("tests/acceptance/*", "tests/clients/*")),
    Together(40, ("tests/chaos/test_small.py::*",)),
)
ALL = (
    Together(150, ("tests/posts/api/test_as_described.py::*POST /posts/[bi]*",)),
    Together(125, ("tests/posts/api/test_as_described.py::*POST /posts*",)),
    Together(120, ("tests/posts/api/test_as_described.py::*PATCH*",)),
    Together(140, ("tests/posts/api/test_as_described.py::*",)),
    Together(220, ("tests/acceptance/pages/test_accessibility.py::test_pages_of_the_admin",)),
    Together(80, ("tests/acceptance/pages/test_accessibility.py::*",)),
    Together(85, ("tests/acceptance/pages/*",)),
    Together(115, ("tests/acceptance/*_in_browser.py::*",)),
    Together(110, ("tests/acceptance/test_recovery.py::*",)),
    Together(85, ("tests/acceptance/test_nine_o_clock.py::*",)),
    Together(210, ("tests/acceptance/test_[a-f]*",)),
    Together(150, ("tests/acceptance/*",)),
    Together(75, ("tests/clients/test_generated_clients.py::*",)),
    Together(105, ("tests/clients/test_published_clients.py::*",)),
    Together(250, ("tests/clients/*",)),
    Together(105, ("tests/scans/test_growth.py::*",)),
    Together(75, ("tests/config/admin/test_roles.py::*",)),
    Together(20, ("tests/posts/api/test_compiled.py::*",)),
    Together(50, ("tests/posts/media/test_crafted_files.py::*",)),
    Together(40, ("tests/posts/api/test_worst_requests.py::*",)),
    Together(90, ("tests/chaos/*",)),
    Together(210, ("tests/real/test_killed.py::*bluesky*",)),
    Together(165, ("tests/real/test_killed.py::*mastodon*",)),
    Together(90, ("tests/real/test_killed.py::*",)),
    Together(45, ("tests/real/nostr/*",)),
    Together(180, ("tests/real/bluesky/*",)),
    Together(110, ("tests/real/wordpress/*",)),
    Together(100, ("tests/deploy/local/test_up.py::*",)),
    Together(35, ("tests/deploy/simulator/*",)),
    Together(30, ("tests/house/*",)),
    Together(25, ("tests/deploy/postgres/*",)),
)
#: What the other steps of each shard (`tests.everything`) compute, in the same seconds.
BESIDE = (350, 480, 500, 500, 400, 0, 0, 0, 0, 0, 0, 0)


def unit(nodeid: str, groups: Sequence[Together] = ALL) -> str:
    """The name of what a test stays together with."""
    return next((each.name for each in groups if each.has(nodeid)), nodeid.partition("::")[0])


def units(nodeids: Sequence[str], groups: Sequence[Together] = ALL) -> dict[str, str]:
    """The unit of each test. A file of which pytest-django has put some tests behind those of all
    files, because they empty the database, is two."""
    names = {each.name for each in groups}
    found = {}
    for number, (name, together) in enumerate(groupby(nodeids, lambda each: unit(each, groups))):
        found |= dict.fromkeys(together, name if name in names else f"{name} {number}")
    return found


def shard_of(nodeid: str, count: int) -> int:
    """The number of the shard that has this test, from 1 to `count`; they take about as long."""
    return _shard_of_unit(unit(nodeid), count)


@cache
def _shard_of_unit(name: str, count: int) -> int:
    loads = list(BESIDE[:count])
    for each in sorted(ALL, key=lambda group: -group.seconds):
        least = loads.index(min(loads))
        if each.name == name:
            return least + 1
        loads[least] += each.seconds
    return zlib.crc32(name.encode()) % count + 1


def shards_of_file(path: str, count: int) -> set[int]:
    """The numbers of the shards that may have tests of this file."""
    parts = [each.name for each in ALL if each.has_file(path)]
    return {_shard_of_unit(name, count) for name in (path, *parts)}


class Units(LoadScopeScheduling):
    """Gives each process of xdist a unit at a time."""

    _units: dict[str, str]

    def schedule(self) -> None:
        if self.collection is None:
            collected = next(iter(self.registered_collections.values()))
            self._units = units(collected, _groups(self.config))
            if len(self._units) < len(collected):
                raise RuntimeError("Of tests with the same id only one would run.")
        super().schedule()

    def remove_node(self, node: Any) -> str | None:
        """Return the test that a process died in, and give the others of its units away.

        Without this the dead test would run again, and end each process that takes its place.
        """
        for tests in self.assigned_work[node].values():
            for nodeid, is_completed in tests.items():
                if not is_completed:
                    tests[nodeid] = True
                    super().remove_node(node)
                    return nodeid
        return super().remove_node(node)

    def _split_scope(self, nodeid: str) -> str:
        return self._units[nodeid]


def _groups(config: pytest.Config) -> Sequence[Together]:
    return QUICK if config.option.quick else ALL


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    groups = _groups(config)
    seconds = {each.name: each.seconds for each in groups}
    items.sort(key=lambda item: -seconds.get(unit(item.nodeid, groups), 0))


def pytest_xdist_make_scheduler(config: Any, log: Any) -> LoadScopeScheduling | None:
    """Where no other way was asked for."""
    if config.getoption("dist") != "load":
        return None
    config.option.loadscopereorder = False  # the items' order is meant
    return Units(config, log)
