"""A process of the product under py-spy, which samples what holds the interpreter.

py-spy starts the process itself, so that it may look into it without being root.
"""

import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import psutil

from deploy.local.supervisor import Service
from tests.bench.processes import only_child

RATE_PER_SECOND = 200
#: It writes its file once the process has ended.
WRITE_SECONDS = 60
IMPORTING = "_find_and_load"
#: Packages by what they are for. The innermost one that is known has the sample.
PARTS: Final = {
    "aiohttp": ("aiohttp", "yarl", "multidict", "frozenlist", "propcache", "aiosignal"),
    "asyncio": ("asyncio", "selectors.py", "uvloop"),
    "psycopg": ("psycopg", "psycopg_pool", "psycopg_binary"),
    "Django": ("django",),
    "Celery": ("celery", "kombu", "redis", "vine", "billiard", "amqp"),
    "logs": ("logging", "structlog"),
    "encryption": ("cryptography",),
    "adapters": ("platforms",),
    "publishing": ("destinations",),
    "other code of ours": ("posts", "config"),
}


def sampled(service: Service, file: Path) -> Service:
    """The same process under py-spy. `file` becomes a flame graph, or text if it ends so."""
    shape = "flamegraph" if file.suffix == ".svg" else "raw"
    program = str(Path(sys.executable).with_name("py-spy"))
    options = ("--gil", "--rate", str(RATE_PER_SECOND), "--format", shape, "--output", str(file))
    return replace(service, command=(program, "record", *options, "--", *service.command))


def finish(process: "subprocess.Popen[bytes]") -> None:
    """End what py-spy has started, and wait for its file."""
    psutil.Process(only_child(process.pid)).terminate()
    process.wait(WRITE_SECONDS)


def shares(file: Path) -> dict[str, float]:
    """The share of samples per part, from the text of a profile; the largest first.

    Without what only a start executes, imports.
    """
    counted: Counter[str] = Counter()
    for line in file.read_text().splitlines():
        stack, _, times = line.rpartition(" ")
        if IMPORTING in stack:
            continue
        counted[_part(stack.split(";"))] += int(times)
    total = counted.total()
    return {part: times / total for part, times in counted.most_common()}


def _part(frames: list[str]) -> str:
    for frame in reversed(frames):
        path = frame.rpartition("(")[2]
        if part := _OF.get(path.split("/")[0].split(":")[0]):
            return part
    return "other"


_OF: Mapping[str, str] = {name: part for part, names in PARTS.items() for name in names}
