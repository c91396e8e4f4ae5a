"""Real processes, tiny ones. Nothing waits for time: every wait is for something to be seen."""

import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from deploy.local.console import Console
from deploy.local.supervisor import GaveUp, Patience, Service, Supervisor, end_leftovers
from tests.until import until

ROOT = Path(__file__).resolve().parents[3]
FOR_EVER = "import time; print('up', flush=True); time.sleep(1000)"


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


class Place:
    """A supervisor whose output can be read, and services made of one line of Python."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.record = home / "processes.json"
        self.output = io.StringIO()
        patience = Patience(restart_delays=(0.01, 0.01), stop=1)
        self.supervisor = Supervisor(Console(self.output), self.record, patience)

    @property
    def said(self) -> str:
        return self.output.getvalue()

    def service(self, name: str, code: str, **fields: object) -> Service:
        return Service(name, (sys.executable, "-c", code), self.home, **fields)  # type: ignore[arg-type]

    def tend_until(self, seen: Callable[[], bool]) -> None:
        def look() -> bool:
            self.supervisor.tend()
            return seen()

        until(look)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path)
    yield place
    place.supervisor.kill()


def test_what_a_process_says_is_shown_behind_its_name(place: Place) -> None:
    place.supervisor.start(place.service("web", FOR_EVER))
    until(lambda: "web       │ up\n" in place.said)


def test_a_crash_is_shown_and_the_process_started_again(place: Place) -> None:
    mark = place.home / "crashed"
    code = f"from pathlib import Path; p = Path({str(mark)!r})\n"
    code += "if not p.exists(): p.touch(); exit(7)\n"
    place.supervisor.start(place.service("web", code + FOR_EVER))
    place.tend_until(lambda: "│ up" in place.said)
    assert "web ended with exit code 7; starting it again in 0.01 s (1 of 2)." in place.said


def test_repeated_crashes_end_the_whole_with_a_clear_message(place: Place) -> None:
    place.supervisor.start(place.service("web", "raise SystemExit(3)"))
    with pytest.raises(GaveUp, match="web ended with exit code 3 3 times in a row; giving up"):
        place.tend_until(lambda: False)


def test_waiting_for_a_service_that_crashes_does_not_wait_for_ever(place: Place) -> None:
    service = place.service("web", "raise SystemExit(3)", is_ready=lambda: False)
    place.supervisor.start(service)
    with pytest.raises(GaveUp, match="in a row"):
        place.supervisor.wait_ready([service], 30)


def test_a_service_that_never_answers_is_named(place: Place) -> None:
    service = place.service("web", FOR_EVER, is_ready=lambda: False)
    place.supervisor.start(service)
    with pytest.raises(GaveUp, match="Not ready after 0 s: web"):
        place.supervisor.wait_ready([service], 0)


def test_stopping_stops_every_child_and_grandchild_even_deaf_ones(place: Place) -> None:
    deaf = (
        "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(1000)'])\n"
        "print(child.pid, flush=True); time.sleep(1000)"
    )
    place.supervisor.start(place.service("web", FOR_EVER), place.service("worker", deaf))
    until(lambda: "worker    │ " in place.said and "│ up" in place.said)
    grandchild = int(place.said.split("worker    │ ")[1].split()[0])
    place.supervisor.stop()
    assert "worker does not stop; killing it." in place.said
    assert place.supervisor.names == ()
    until(lambda: not is_alive(grandchild))


def test_noise_is_not_shown(place: Place) -> None:
    code = "print('WARNING overcommit'); " + FOR_EVER
    place.supervisor.start(place.service("valkey", code, noise=("overcommit",)))
    until(lambda: "│ up" in place.said)
    assert "overcommit" not in place.said


def test_a_stop_that_is_interrupted_can_still_kill(place: Place) -> None:
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + FOR_EVER
    place.supervisor.start(place.service("web", deaf))
    until(lambda: "│ up" in place.said)
    child = max(psutil.Process().children(), key=psutil.Process.create_time)
    previous = signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    try:
        with pytest.raises(KeyboardInterrupt):
            place.supervisor.stop()
    finally:
        signal.signal(signal.SIGALRM, previous)
    assert child.is_running()
    place.supervisor.kill()
    assert not is_alive(child.pid)


def _orphaning(home: Path) -> "subprocess.Popen[str]":
    """A supervisor in a process of its own, which says its child's pid."""
    code = (
        "import sys; from pathlib import Path\n"
        "from deploy.local.console import Console\n"
        "from deploy.local.supervisor import Service, Supervisor\n"
        f"home = Path({str(home)!r})\n"
        "child = 'import os, time; print(os.getpid(), flush=True); time.sleep(1000)'\n"
        "supervisor = Supervisor(Console(), home / 'processes.json')\n"
        "supervisor.start(Service('web', (sys.executable, '-c', child), home))\n"
        "supervisor.run()\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=ROOT, text=True
    )


def test_a_killed_supervisor_leaves_no_process_behind(tmp_path: Path) -> None:
    with _orphaning(tmp_path) as supervisor:
        assert supervisor.stdout is not None
        child = int(supervisor.stdout.readline().rpartition("│")[2])
        supervisor.kill()
        until(lambda: not is_alive(child))


def test_the_next_start_ends_what_a_killed_one_left_behind(place: Place) -> None:
    place.supervisor.start(place.service("web", FOR_EVER))
    until(lambda: "│ up" in place.said)
    assert end_leftovers(place.record) == 1
    place.tend_until(lambda: "starting it again" in place.said)


def test_a_stranger_with_a_recorded_pid_is_left_alone(place: Place) -> None:
    place.record.write_text(f"[[{os.getpid()}, 12345.0, {int(signal.SIGTERM)}]]")
    assert end_leftovers(place.record) == 0
