"""Which tests `make test` runs, and which are left to `make test-all` (a pytest plugin).

`make test` is for every commit: everything but tests marked `thorough`, because they take long, and
`needs`, because they run programs that a bare machine lacks. Run by itself, pytest runs all that it
is asked for. A test whose program is missing is listed at the end, and fails the run in CI.
"""

import os
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from tests import programs
from tests.order import shard_of, shards_of_file

THOROUGH = re.compile(r"\bmark\.(thorough|needs)\b")
WHOLLY_THOROUGH = re.compile(rf"^pytestmark = .*{THOROUGH.pattern}", re.MULTILINE)
MARKS = (
    "thorough: takes long; only `make test-all` runs it",
    "needs(*programs): runs these programs (tests/programs.py); only `make test-all` runs it",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("tiers")
    group.addoption("--quick", action="store_true", help="what `make test` runs")
    group.addoption("--rest", action="store_true", help="what `make test` leaves out")
    group.addoption("--shard", metavar="N/OF", help="one part of what is collected")


def pytest_configure(config: pytest.Config) -> None:
    for mark in MARKS:
        config.addinivalue_line("markers", mark)


def is_thorough(item: pytest.Item) -> bool:
    return any(item.get_closest_marker(name) for name in ("thorough", "needs"))


def needed(item: pytest.Item) -> tuple[str, ...]:
    """The programs that a test, its class and its module name."""
    return tuple(name for mark in item.iter_markers("needs") for name in mark.args)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """A module of which every test is left out is not imported: all of them take 10 s."""
    if not collection_path.match("test_*.py"):
        return None
    return None if _may_be_wanted(collection_path, config) else True


def _may_be_wanted(module: Path, config: pytest.Config) -> bool:
    text = module.read_text()
    if config.option.quick and WHOLLY_THOROUGH.search(text):
        return False
    if config.option.rest and not THOROUGH.search(text):
        return False
    if config.option.shard is None:
        return True
    number, count = _shard(config)
    return number in shards_of_file(module.relative_to(config.rootpath).as_posix(), count)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if is_thorough(item) and not THOROUGH.search(item.path.read_text()):
            raise pytest.UsageError(f"{item.nodeid} has a mark that its module does not name.")
    left_out = [item for item in items if not _is_wanted(item, config)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if _is_wanted(item, config)]
    for item in items:
        if lacking := programs.missing(needed(item)):
            item.add_marker(pytest.mark.skip(reason=f"needs {', '.join(lacking)}"))


def _is_wanted(item: pytest.Item, config: pytest.Config) -> bool:
    if config.option.quick and is_thorough(item):
        return False
    if config.option.rest and not is_thorough(item):
        return False
    if config.option.shard is None:
        return True
    number, count = _shard(config)
    return shard_of(item.nodeid, count) == number


def _shard(config: pytest.Config) -> tuple[int, int]:
    """The number of the shard that is asked for, and how many there are."""
    number, _, count = config.option.shard.partition("/")
    return int(number), int(count)


def _not_run(config: pytest.Config) -> dict[str, list[str]]:
    """Tests that were skipped, by reason. Empty in xdist's workers, whose controller reports."""
    found = defaultdict(list)
    reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
    for report in reporter.stats.get("skipped", []) if reporter else ():
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext
        found[reason.removeprefix("Skipped: ")].append(report.nodeid)
    return found


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    for reason, tests in sorted(_not_run(config).items()):
        terminalreporter.section(f"not run: {len(tests)} tests, {reason}", sep="-", bold=True)
        for test in sorted(tests):
            terminalreporter.write_line(test)


def pytest_sessionfinish(session: pytest.Session) -> None:
    is_controller = not hasattr(session.config, "workerinput")
    if is_controller and os.environ.get("CI") and _not_run(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
