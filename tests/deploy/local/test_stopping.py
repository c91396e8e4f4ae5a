"""Signals, really sent, to processes of one line each."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests import programs

ROOT = Path(__file__).resolve().parents[3]
BEFORE = """
import os, signal, sys, time
from deploy.local import signals
signals.raise_on_signals()
def send(): os.kill(os.getpid(), signal.{name})
"""
SWALLOWED = """
class Swallows:
    def __del__(self):
        send()
        time.sleep(0)
Swallows()
print("went on")
try: signals.check()
except signals.Stopped: print("stopped")
"""
HELD = """
try:
    with signals.held():
        send()
        print("done whole")
except signals.Stopped: print("stopped")
"""
ECHO = """
for pause in (0, 0, signals.ECHO_SECONDS):
    signals.ECHO_SECONDS = 1000 if pause == 0 else 0
    try: send(); print("nothing")
    except signals.Stopped: print("stopped")
"""


def run(code: str, name: str = "SIGTERM") -> list[str]:
    done = programs.run(
        [sys.executable, "-c", BEFORE.format(name=name) + code], cwd=ROOT, timeout=30
    )
    return done.stdout.splitlines()


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_that_was_swallowed_where_it_came_still_stops(name: str) -> None:
    assert run(SWALLOWED, name) == ["went on", "stopped"]


def test_what_must_be_done_whole_is_done_before_stopping() -> None:
    assert run(HELD) == ["done whole", "stopped"]


def test_the_same_signal_passed_on_by_make_is_no_second_one() -> None:
    assert run(ECHO) == ["stopped", "nothing", "stopped"]


def _heed_signals() -> None:
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_make_signalled_alone_stops_what_it_runs(tmp_path: Path, number: signal.Signals) -> None:
    code = tmp_path / "code.py"
    code.write_text(
        BEFORE.format(name="SIGINT")
        + "print('up', flush=True)\n"
        + "while True: signals.check(); time.sleep(0.01)\n"
    )
    makefile = tmp_path / "Makefile"
    makefile.write_text(f"up:\n\t@exec {sys.executable} {code} 2>&1\n")
    # This test may itself be run by make, whose wishes are not meant for this one.
    environ = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    with subprocess.Popen(
        ["make", "-f", str(makefile)],
        cwd=ROOT,
        env={**environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # A shell's background jobs ignore the one, what `nohup` runs the other; so would make.
        preexec_fn=_heed_signals,
    ) as make:
        try:
            assert make.stdout
            assert make.stdout.readline() == "up\n"
            make.send_signal(number)
            assert "Stopped" in make.communicate(timeout=30)[0]
        finally:
            make.kill()
