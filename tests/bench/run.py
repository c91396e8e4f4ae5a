"""Runs one measure in a process of its own, for a bounded time."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.measures import Measure
from tests.bench.result import Bar, Result

ROOT = Path(__file__).resolve().parents[2]
#: From the signal to SIGKILL.
STOP_SECONDS = 40


class Broken(Exception):
    """A measure ended without results; its own output says why."""


def run(measure: Measure, *, short: bool) -> list[Result]:
    """Raises Broken."""
    with tempfile.NamedTemporaryFile(prefix="bench-", suffix=".json") as file:
        command = [sys.executable, "-m", "tests.bench.child", measure.module, file.name]
        child = subprocess.Popen([*command, *["short"] * short], cwd=ROOT)
        try:
            code = child.wait(measure.within_seconds)
        except subprocess.TimeoutExpired:
            raise Broken(f"{measure.module} took over {measure.within_seconds} s") from None
        finally:
            _end(child)
        if code != 0:
            raise Broken(f"{measure.module} ended with {code}")
        return [_result(row) for row in json.loads(Path(file.name).read_text())]


def _end(child: "subprocess.Popen[bytes]") -> None:
    child.terminate()
    try:
        child.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _result(row: dict) -> Result:
    bars = {name: Bar(**row[name]) for name in ("bar", "margin") if row[name]}
    return Result(**{**row, **bars})
