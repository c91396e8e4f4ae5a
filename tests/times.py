"""Where the tests' time goes: `pytest --times=FILE` writes tables of it (a pytest plugin).

Seconds are those of JUnit: by the clock, of set-up, call and teardown, summed over all processes.
"""

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil
import pytest

#: The kind of a test is the first whose fixtures it asks for.
KINDS = (
    ("browser", {"browser", "page", "live_server"}),
    ("stack", {"stack", "running_stack", "standby"}),
    ("simulator", {"simulator", "simulator_server"}),
    ("database", {"db", "transactional_db", "django_db_setup"}),
)
#: Programs beside the tests' own processes: what their names contain.
PROGRAMS = ("postgres", "valkey", "chrom", "node", "java", "caddy", "python")
MOST_ROWS = 40


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("tiers").addoption("--times", metavar="FILE", help="write where time goes")


def pytest_configure(config: pytest.Config) -> None:
    if not config.option.times:
        return
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Report(Path(config.option.times)))
    if hasattr(config, "workerinput") or not config.option.numprocesses:
        config.pluginmanager.register(Meter())


class Meter:
    """Measures each test where it runs, and sends the figures with its last report."""

    def __init__(self) -> None:
        self._fixtures: Counter[str] = Counter()
        self._cpu = 0.0

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Iterator[None]:
        began = time.perf_counter()
        try:
            return (yield)
        finally:
            self._fixtures[fixturedef.argname] += time.perf_counter() - began

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self) -> Iterator[None]:
        self._fixtures, self._cpu = Counter(), time.process_time()
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: Any) -> Iterator[Any]:
        report: Any = yield
        if call.when == "teardown":
            report.times = {
                "kind": kind(getattr(item, "fixturenames", ())),
                "fixtures": dict(self._fixtures),
                "cpu": time.process_time() - self._cpu,
            }
        return report


def kind(fixtures: Sequence[str]) -> str:
    return next((name for name, of in KINDS if of & set(fixtures)), "pure")


class Report:
    """Adds up what all processes report, and writes it at the end."""

    def __init__(self, file: Path) -> None:
        self._file, self._began = file, time.monotonic()
        self._seconds: dict[str, Counter[str]] = defaultdict(Counter)
        self._test: Counter[str] = Counter()
        self._programs = ProgramTimes()

    def pytest_runtest_logreport(self, report: Any) -> None:
        self._test[report.nodeid] += report.duration
        if report.when != "teardown" or not hasattr(report, "times"):
            return
        for table, name in (("file", report.nodeid.split("::")[0]), ("kind", report.times["kind"])):
            self._seconds[table][name] += self._test[report.nodeid]
            self._seconds[f"{table} cpu"][name] += report.times["cpu"]
            self._seconds[f"{table} tests"][name] += 1
        self._seconds["fixture"].update(report.times["fixtures"])

    def pytest_sessionfinish(self) -> None:
        lines = [
            f"{time.monotonic() - self._began:.0f} s by the clock, {len(self._test)} tests",
            "",
        ]
        for table in ("kind", "file"):
            lines += self._table(table)
        lines += _rows("| set-up of fixture | seconds |", self._seconds["fixture"].most_common())
        lines += _rows("| CPU of program | seconds |", self._programs.stop().most_common())
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text("\n".join(lines) + "\n")

    def _table(self, name: str) -> list[str]:
        cpu, tests = self._seconds[f"{name} cpu"], self._seconds[f"{name} tests"]
        rows = [
            (each, f"{seconds:.1f} | {cpu[each]:.1f} | {tests[each]}")
            for each, seconds in self._seconds[name].most_common()
        ]
        return _rows(f"| {name} | seconds | CPU of pytest | tests |", rows)


def _rows(head: str, rows: Sequence[tuple[str, Any]]) -> list[str]:
    shown = [
        f"| {name} | {value if isinstance(value, str) else f'{value:.1f}'} |"
        for name, value in rows[:MOST_ROWS]
    ]
    return [head, "| --- " * (head.count("|") - 1) + "|", *shown, ""]


class ProgramTimes:
    """The CPU of all processes below this one, looked at each second until `stop`."""

    def __init__(self) -> None:
        self._seen: dict[tuple[int, float], tuple[str, float]] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> Counter[str]:
        self._over.set()
        self._thread.join()
        found: Counter[str] = Counter()
        for program, seconds in self._seen.values():
            found[program] += seconds
        return found

    def _watch(self) -> None:
        while not self._over.wait(1):
            for process in psutil.Process().children(recursive=True):
                self._look_at(process)

    def _look_at(self, process: psutil.Process) -> None:
        try:
            used = process.cpu_times()
            name = process.name()
            key = (process.pid, process.create_time())
        except psutil.Error:
            return
        program = next((each for each in PROGRAMS if each in name), "others")
        # Backends of PostgreSQL end with their connection; their parent knows what they used.
        ended = used.children_user + used.children_system if program == "postgres" else 0
        self._seen[key] = program, used.user + used.system + ended
