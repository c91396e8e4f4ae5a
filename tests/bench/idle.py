"""What the processes of `make up` cost while nothing is due: memory and CPU of each.

Memory is PSS: a page that processes share counts in parts, so that the lines add up. PostgreSQL and
Valkey have lines of their own below the total of ours. `python -m tests.bench.idle [seconds]`
"""

import json
import sys
import tempfile
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import psutil

from tests.bench import launched
from tests.bench.result import Result, at_most

#: After the start: caches fill, first connections are made.
SETTLE_SECONDS = 10
SERVERS = ("postgres", "valkey")
MB = 1024 * 1024


class Cost(NamedTuple):
    """Of one process and all that it has started."""

    name: str
    pss_mb: float
    #: CPU time over time, in percent of one core.
    cpu_percent: float


class Idle(NamedTuple):
    processes: tuple[Cost, ...]
    servers: tuple[Cost, ...]

    @property
    def total(self) -> Cost:
        """All processes of ours, without PostgreSQL and Valkey."""
        pss = sum(cost.pss_mb for cost in self.processes)
        return Cost("ours", pss, sum(cost.cpu_percent for cost in self.processes))


def measure(seconds: float = 60) -> Idle:
    """What an idle `make up` costs over this time. Raises GaveUp if it does not start."""
    with tempfile.TemporaryDirectory(prefix="dovecote-idle-") as folder:
        home = Path(folder)
        home.chmod(0o755)  # PostgreSQL runs as another user if we are root
        with launched.up(home) as running:
            time.sleep(SETTLE_SECONDS)
            return _look(home, running.process, seconds)


def _look(home: Path, launcher: psutil.Process, seconds: float) -> Idle:
    record = json.loads((home / "run" / "processes.json").read_text())
    services = {name: _family(psutil.Process(pid)) for pid, _, _, name in record}
    known = {each for family in services.values() for each in family}
    # With it, what the others are forked from.
    families = {"launcher": [each for each in _family(launcher) if each not in known], **services}
    before = {name: _cpu_seconds(family) for name, family in families.items()}
    started = time.monotonic()
    time.sleep(seconds)
    passed = time.monotonic() - started
    costs = [
        Cost(
            name,
            sum(_pss(each) for each in family),
            100 * (_cpu_seconds(family) - before[name]) / passed,
        )
        for name, family in families.items()
    ]
    return Idle(
        tuple(cost for cost in costs if cost.name not in SERVERS),
        tuple(cost for cost in costs if cost.name in SERVERS),
    )


def _family(process: psutil.Process) -> list[psutil.Process]:
    return [process, *process.children(recursive=True)]


def _pss(process: psutil.Process) -> float:
    with suppress(psutil.NoSuchProcess):
        return float(process.memory_full_info().pss) / MB
    return 0


def _cpu_seconds(family: Iterable[psutil.Process]) -> float:
    """Of these processes and of those of their children that have ended."""
    total = 0.0
    for each in family:
        with suppress(psutil.NoSuchProcess):
            times = each.cpu_times()
            total += sum((*times[:2], times.children_user, times.children_system))
    return total


def results(*, short: bool = False) -> list[Result]:
    found = measure(10 if short else 120)
    ours = found.total
    each = ", ".join(
        f"{it.name} {it.pss_mb:.0f} MB {it.cpu_percent:.2f}%" for it in found.processes
    )
    servers = ", ".join(
        f"{it.name} {it.pss_mb:.0f} MB {it.cpu_percent:.2f}%" for it in found.servers
    )
    return [
        Result(
            "memory of all processes (PSS)",
            ours.pss_mb,
            "MB",
            bar=at_most(420),
            margin=at_most(470),
            note=f"{each}.",
            headline="nothing due: memory of all processes of `make up`, with Flower and simulator",
        ),
        Result(
            "CPU of all processes",
            ours.cpu_percent,
            "% of a core",
            bar=at_most(1.5),
            margin=at_most(4),
            headline="nothing due: CPU of all these processes",
        ),
        Result(
            "PostgreSQL and Redis besides",
            sum(it.pss_mb for it in found.servers),
            "MB",
            note=f"{servers}.",
        ),
    ]


def show(idle: Idle) -> None:
    for cost in (*idle.processes, idle.total, *idle.servers):
        print(f"{cost.name:<12}{cost.pss_mb:8.1f} MB {cost.cpu_percent:8.2f} % of a core")


if __name__ == "__main__":
    show(measure(float(sys.argv[1]) if len(sys.argv) > 1 else 60))
