"""Starts processes, shows their output, restarts them when they crash, stops them all.

A process that crashes is restarted after a growing pause. One that keeps crashing ends them all: a
half-working Dovecote that looks alive is worse than none.
"""

import json
import os
import pwd
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, NoReturn, Protocol

import psutil

from config.forking import Forked
from deploy.local import die_with_parent, signals
from deploy.local.console import Console

#: Between two looks while something starts, and at most later, when a process that ends wakes us.
LOOK_SECONDS, REST_SECONDS = 0.1, 1.0


class GaveUp(Exception):
    """The launcher cannot go on; the message is for a person."""


@dataclass(frozen=True, slots=True)
class Service:
    name: str
    command: tuple[str, ...]
    cwd: Path
    #: Whether it answers; None: it is ready once it runs.
    is_ready: Callable[[], bool] | None = None
    environ: Mapping[str, str] = field(default_factory=dict)
    stop_signal: signal.Signals = signal.SIGTERM
    #: The operating system's user that it runs as, if not ours.
    user: pwd.struct_passwd | None = None
    #: Whether it shares its memory with others: its command is a Python module, its settings those
    #: of the whole.
    is_forked: bool = False
    #: Lines that contain one of these are not shown: they ask for no action.
    noise: tuple[str, ...] = ()


class Process(Protocol):
    """The part of `subprocess.Popen` that a supervisor uses."""

    pid: int
    stdout: IO[bytes] | None

    @property
    def returncode(self) -> int | None: ...
    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, sig: int, /) -> None: ...


def start(service: Service) -> Process:
    """Start a service whose output is read from here."""
    if not service.is_forked:
        return launch(service, subprocess.PIPE)
    module = service.command.index("-m") + 1
    name, *arguments = service.command[module:]
    return Forked(name, arguments, service.stop_signal)


def launch(service: Service, output: int | IO[bytes]) -> "subprocess.Popen[bytes]":
    """Start a service that dies with us, in a session of its own, so that only we signal it.

    Call it from the main thread: on Linux a child dies with the thread that started it.
    """
    user = f"{service.user.pw_uid}:{service.user.pw_gid}" if service.user else "-"
    arguments = [str(os.getpid()), str(int(service.stop_signal)), user, *service.command]
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-I", "-S", die_with_parent.__file__, *arguments],
        cwd=service.cwd,
        env={**os.environ, **service.environ},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def signal_group(process: Process, number: signal.Signals) -> None:
    """Signal a process and all that it has started. Does nothing if they are gone."""
    # Darwin answers EPERM for a group of zombies.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


@dataclass(frozen=True, slots=True)
class Patience:
    """Pauses and time limits, in seconds."""

    #: Before each restart; a crash after the last one is the end.
    restart_delays: tuple[float, ...] = (0.5, 1, 2, 4, 8)
    #: A process that ran this long starts again from the first pause.
    healthy_after: float = 30
    #: From the stop signal to SIGKILL: a worker finishes the posts it has begun.
    stop: float = 50


@dataclass(slots=True)
class _Running:
    service: Service
    process: Process
    reader: threading.Thread
    started: float = field(default_factory=time.monotonic)
    crashes: int = 0
    again_at: float | None = None


class Supervisor:
    """Use it from the main thread. `record` is the file with the pids of what runs."""

    def __init__(
        self, console: Console, record: Path | None = None, patience: Patience | None = None
    ) -> None:
        self.console = console
        self.record = record
        self.patience = patience or Patience()
        self._running: dict[str, _Running] = {}
        self._some_ended = threading.Event()

    def start(self, *services: Service) -> None:
        for service in services:
            with signals.held():  # a process that is not noted yet would not be stopped
                self._running[service.name] = self._launch(service)
        self._remember()

    def wait_ready(self, services: Iterable[Service], seconds: float) -> None:
        """Return when all of them answer. Raises GaveUp when time is up or one keeps crashing."""
        waiting = list(services)
        deadline = time.monotonic() + seconds
        while waiting:
            self.tend()
            waiting = [
                service for service in waiting if service.is_ready and not service.is_ready()
            ]
            if waiting and time.monotonic() > deadline:
                names = ", ".join(service.name for service in waiting)
                raise GaveUp(f"Not ready after {seconds:.0f} s: {names}. See the lines above.")
            if waiting:
                time.sleep(LOOK_SECONDS)

    def run(self) -> NoReturn:
        """Tend until GaveUp or Stopped is raised."""
        while True:
            self.tend()
            restarts = (running.again_at for running in self._running.values())
            soon = [at - time.monotonic() for at in restarts if at is not None]
            self._some_ended.wait(max(0, min([REST_SECONDS, *soon])))
            self._some_ended.clear()

    def tend(self) -> None:
        """One look at every process. Raises GaveUp when one has crashed too often, or Stopped."""
        signals.check()
        for name, running in self._running.items():
            if running.again_at is not None:
                if time.monotonic() >= running.again_at:
                    with signals.held():
                        again = self._launch(running.service)
                        again.crashes = running.crashes
                        self._running[name] = again
                    self._remember()
            elif running.process.poll() is not None:
                self._note_crash(running)

    def _note_crash(self, running: _Running) -> None:
        name, ended = running.service.name, _how_it_ended(running.process.returncode)
        signal_group(running.process, signal.SIGKILL)  # its children
        running.reader.join(1)
        if time.monotonic() - running.started >= self.patience.healthy_after:
            running.crashes = 0
        delays = self.patience.restart_delays
        if running.crashes >= len(delays):
            raise GaveUp(f"{name} {ended} {running.crashes + 1} times in a row; giving up.")
        delay = delays[running.crashes]
        running.crashes += 1
        running.again_at = time.monotonic() + delay
        self.console.say(
            f"{name} {ended}; starting it again in {delay:g} s "
            f"({running.crashes} of {len(delays)})."
        )

    def _launch(self, service: Service) -> _Running:
        process = start(service)
        reader = threading.Thread(
            target=self._show, args=(service, process), daemon=True, name=service.name
        )
        reader.start()
        return _Running(service, process, reader)

    def _show(self, service: Service, process: Process) -> None:
        if process.stdout:
            with process.stdout as lines:
                for line in lines:
                    text = line.decode(errors="replace").rstrip()
                    if not any(part in text for part in service.noise):
                        self.console.line(service.name, text)
        self._some_ended.set()

    def stop(self, *names: str) -> None:
        """Stop these, or all, together, and kill those that do not end in time."""
        # Kept until all are gone, so that `kill` finds them if this is interrupted.
        chosen = [self._running[name] for name in names or self._running]
        for running in chosen:
            if running.process.poll() is None:
                running.process.send_signal(running.service.stop_signal)
        deadline = time.monotonic() + self.patience.stop
        for running in chosen:
            try:
                running.process.wait(max(0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self.console.say(f"{running.service.name} does not stop; killing it.")
        self._bury(chosen)
        self._remember()

    def kill(self) -> None:
        """End everything at once, without asking."""
        self._bury(list(self._running.values()))
        self._remember()

    def _bury(self, chosen: list[_Running]) -> None:
        for running in chosen:
            signal_group(running.process, signal.SIGKILL)
            running.process.wait()
            running.reader.join(1)
            self._running.pop(running.service.name, None)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._running)

    def _remember(self) -> None:
        if self.record is None:
            return
        rows = []
        for running in self._running.values():
            with suppress(psutil.NoSuchProcess):
                born = psutil.Process(running.process.pid).create_time()
                number = int(running.service.stop_signal)
                rows.append([running.process.pid, born, number, running.service.name])
        self.record.write_text(json.dumps(rows))


def end_leftovers(record: Path) -> int:
    """End processes that a killed supervisor left running; how many. Checks their start times."""
    try:
        rows = json.loads(record.read_text())
    except (FileNotFoundError, ValueError):
        return 0
    alive = []
    for pid, born, number, *_ in rows:
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            if abs(process.create_time() - born) < 1:
                process.send_signal(number)
                alive.append(process)
    _, stubborn = psutil.wait_procs(alive, timeout=12)
    for process in stubborn:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(stubborn, timeout=5)
    record.unlink()
    return len(alive)


def _how_it_ended(code: int | None) -> str:
    if code is None or code >= 0:
        return f"ended with exit code {code}"
    return f"was ended by {signal.Signals(-code).name}"
