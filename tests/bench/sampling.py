"""A process of the product under py-spy, which samples what holds the interpreter."""

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import psutil

from deploy.local.supervisor import Service

#: It writes its file once the process has ended.
WRITE_SECONDS = 60
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


PY_SPY = (str(Path(sys.executable).with_name("py-spy")), "record", "--gil", "--rate", "200")


def started_under(service: Service, flame_graph: Path) -> Service:
    """The same process, started by py-spy: so it may look into it without being root."""
    command = (*PY_SPY, "--output", str(flame_graph), "--", *service.command)
    return replace(service, command=command)


def finish(process: "subprocess.Popen[bytes]") -> None:
    """End what py-spy has started, and wait for its file."""
    [child] = psutil.Process(process.pid).children()
    child.terminate()
    process.wait(WRITE_SECONDS)


@contextmanager
def watched(pid: int, file: Path) -> Iterator[None]:
    """Sample a process during the block, for `shares`. Without root there may be no file."""
    said = subprocess.DEVNULL
    command = [*PY_SPY, "--format", "raw", "--output", str(file), "--pid", str(pid)]
    watcher = subprocess.Popen(command, stdout=said, stderr=said)
    try:
        yield
    finally:
        watcher.send_signal(signal.SIGINT)
        watcher.wait(WRITE_SECONDS)


def shares(file: Path) -> dict[str, float]:
    """The share of samples per part, the largest first."""
    counted: Counter[str] = Counter()
    for line in file.read_text().splitlines():
        stack, _, times = line.rpartition(" ")
        if stack:  # blank where py-spy could not read it
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
