"""Which tests run a line: `pytest -p tests.reached --reached=FOLDER` writes it, a file per process.

Lines of the modules that `tests.mutants` changes, by `sys.monitoring`, of Python 3.12 and newer.
It takes a tenth more time than the tests alone; coverage with contexts takes three times as long.
"""

import json
import os
import sys
from collections import defaultdict
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

from tests.mutants import MODULES, ROOT

monitoring: Any = getattr(sys, "monitoring", None)
FOLDERS = tuple(f"{ROOT / folder}/" for folder in MODULES)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--reached", metavar="FOLDER", help="write which tests run which lines")


def pytest_configure(config: pytest.Config) -> None:
    if config.option.reached:
        config.pluginmanager.register(Lines(Path(config.option.reached)))


class Lines:
    """Notes each line once for each test that passes. One that runs at import only has none."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._test = folder, ""
        self._failed: set[str] = set()
        self._tests: dict[str, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
        events = monitoring.events
        monitoring.use_tool_id(monitoring.COVERAGE_ID, "reached")
        monitoring.register_callback(monitoring.COVERAGE_ID, events.PY_START, self._entered)
        monitoring.register_callback(monitoring.COVERAGE_ID, events.LINE, self._ran)
        monitoring.set_events(monitoring.COVERAGE_ID, events.PY_START)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> None:
        self._test = item.nodeid
        monitoring.restart_events()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._failed.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        # As the interpreter ends, lines still run, and what the callbacks need is gone.
        for event in (monitoring.events.PY_START, monitoring.events.LINE):
            monitoring.register_callback(monitoring.COVERAGE_ID, event, None)
        monitoring.free_tool_id(monitoring.COVERAGE_ID)
        self._folder.mkdir(parents=True, exist_ok=True)
        name = os.environ.get("PYTEST_XDIST_WORKER", "alone")
        passed = {
            path: {line: [*{*tests} - self._failed] for line, tests in lines.items()}
            for path, lines in self._tests.items()
        }
        (self._folder / f"{name}.json").write_text(json.dumps(passed))

    def _entered(self, code: CodeType, offset: int) -> Any:
        if code.co_filename.startswith(FOLDERS):
            monitoring.set_local_events(monitoring.COVERAGE_ID, code, monitoring.events.LINE)
        return monitoring.DISABLE

    def _ran(self, code: CodeType, line: int) -> Any:
        path = os.path.relpath(code.co_filename, ROOT)
        self._tests[path][line].append(self._test)
        return monitoring.DISABLE
