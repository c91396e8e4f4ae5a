"""The product's processes as `make up` starts them, and the CPU time that each uses."""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from subprocess import Popen, TimeoutExpired

import psutil

from deploy.local.supervisor import Service, launch, signal_group
from deploy.local.up import product_services as product
from tests.bench.environment import HOME, LOCAL

READY_SECONDS = 90
STOP_SECONDS = 20
SERVERS = {"postgres": "PostgreSQL", "valkey-server": "Redis"}


class Running(dict[str, Popen]):
    """Processes by name."""

    def kill(self) -> None:
        """End them in the middle of their work."""
        for process in self.values():
            signal_group(process, 9)


@contextmanager
def running(*services: Service) -> Iterator[Running]:
    """These for the length of the block; what they say goes to files below HOME."""
    started = Running()
    try:
        for service in services:
            with (HOME / f"{service.name}.log").open("wb") as log:
                started[service.name] = launch(service, log)
        _wait_until_ready(services, started)
        yield started
    finally:
        _stop(started)


def product_services(workers: int = LOCAL.workers) -> list[Service]:
    """The processes of `make up`, without Flower."""
    services = product(replace(LOCAL, workers=workers))
    return [service for service in services if service.name != "flower"]


def _wait_until_ready(services: Iterable[Service], started: Mapping[str, Popen]) -> None:
    give_up_at = time.monotonic() + READY_SECONDS
    for service in services:
        while service.is_ready and not service.is_ready():
            if started[service.name].poll() is not None or time.monotonic() > give_up_at:
                said = (HOME / f"{service.name}.log").read_text()[-2000:]
                raise SystemExit(f"{service.name} did not start:\n{said}")
            time.sleep(0.1)


def _stop(started: Mapping[str, Popen]) -> None:
    for process in started.values():
        process.terminate()
    for process in started.values():
        with suppress(TimeoutExpired):
            process.wait(STOP_SECONDS)
        signal_group(process, 9)
        process.wait()


def cpu_seconds(pid: int) -> float:
    """What a process and its descendants have used, those that have ended too."""
    process = psutil.Process(pid)
    used = 0.0
    for each in (process, *process.children(recursive=True)):
        try:
            times = each.cpu_times()
        except psutil.NoSuchProcess:  # its parent's children_* have it now
            continue
        used += times.user + times.system + times.children_user + times.children_system
    return used


def servers() -> dict[str, int]:
    """The pids of PostgreSQL and Redis by name, if they are ours."""
    named = {child.name(): child.pid for child in psutil.Process().children()}
    return {SERVERS[name]: pid for name, pid in named.items() if name in SERVERS}


def postgres_cpu_seconds() -> float:
    """0 if the server is not ours."""
    pid = servers().get("PostgreSQL")
    return cpu_seconds(pid) if pid else 0


class Meter:
    """CPU seconds per process since it was made."""

    def __init__(self, started: Mapping[str, Popen]) -> None:
        self._pids = {name: process.pid for name, process in started.items()} | servers()
        self._before = {name: cpu_seconds(pid) for name, pid in self._pids.items()}

    def used(self) -> dict[str, float]:
        return {name: cpu_seconds(pid) - self._before[name] for name, pid in self._pids.items()}
