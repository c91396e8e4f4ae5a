"""The one running Dovecote that the tests of acceptance and of clients share (a plugin).

Starting it costs more than most of them. It ends before a test of another folder begins, so that it
takes no time from that one.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.acceptance.stack import ROOT, Stack, running

FOLDERS = (ROOT / "tests/acceptance", ROOT / "tests/clients")
#: Of an undisturbed stack; what a test has ended is started for the next one.
PROCESSES = ("web", "beat", "worker")

_ends = ExitStack()
_started: list[Stack] = []


@pytest.fixture(scope="module")
def running_stack(tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """The stack as the last test left it, or a new one."""
    if not _started:
        _started.append(_ends.enter_context(running(tmp_path_factory.mktemp("stack"))))
    return _started[0]


@pytest.fixture
def stack(running_stack: Stack) -> Iterator[Stack]:
    """Every process up, no faults."""
    ended = [name for name in PROCESSES if not running_stack.is_running(name)]
    for name in ended:
        running_stack.start(name)
    if ended:
        running_stack.wait("everything is up again", running_stack.is_ready)
    yield running_stack
    running_stack.simulator.http.delete("/control/faults").raise_for_status()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    if nextitem is None or not _is_ours(nextitem.path):
        _started.clear()
        _ends.close()


def _is_ours(path: Path) -> bool:
    return any(path.is_relative_to(folder) for folder in FOLDERS)
