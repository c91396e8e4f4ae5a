"""Decodes untrusted files in a process of their own.

A file can be crafted to crash a decoder, to fill the memory or never to end. So decoders run in a
child process without our secrets, with limited memory, processor time and wall time, which ends
when its parent does. The cost is a tenth of a second of start-up.

Three failures are distinguished. `LimitExceeded`: the file needs more than its `ResourceLimits`. It
will every time, so the file is to blame. `NoResult`: the child ended without an answer. The machine
may be short of memory or stopping, so a retry may work. `TooBusy`: too many files are being read.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
#: After so many runs without an answer the file is to blame. A single one may be due to a service
#: manager that stops us, a kernel short of memory, or a slow machine.
TRIES = 3
#: The shortest and longest pause between two looks at the child.
LOOK_SECONDS = 0.005, 5.0
#: The exit code of a child that ran out of memory.
OUT_OF_MEMORY = 77


@dataclass(frozen=True, slots=True)
class ResourceLimits:
    """Limits on one run.

    `seconds` is wall time. `cpu_seconds` covers all threads and the start of the process.
    `memory_bytes` is what it allocates, without the code of its libraries.
    """

    seconds: float
    cpu_seconds: int
    memory_bytes: int


class NoResult(Exception):
    """The child crashed, took too long, or was killed.

    Only repetition, TRIES times, shows that the file is to blame.
    """


class TimedOut(NoResult):
    """The child was ended after `seconds` of wall time."""


class LimitExceeded(Exception):
    """The file needs more processor time or memory than its limits. The message may be shown."""


class TooBusy(Exception):
    """Too many files are being read in this process; try again later."""


class SandboxSlots:
    """Limits how many run at once in this process; others wait up to `patience_seconds`."""

    def __init__(self, count: int, patience_seconds: float) -> None:
        self.patience_seconds = patience_seconds
        self._free = threading.BoundedSemaphore(count)

    @contextlib.contextmanager
    def one(self) -> Iterator[None]:
        """Raises TooBusy."""
        if not self._free.acquire(timeout=self.patience_seconds):
            raise TooBusy
        try:
            yield
        finally:
            self._free.release()


def run(
    module: str,
    request: Mapping[str, Any],
    limits: ResourceLimits,
    *,
    meanwhile: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """Return the answer of `module.work(request)`; both are JSON. Raises NoResult, LimitExceeded.

    If `work` yields several answers the last one counts, even if the child fails after it.
    `meanwhile` is called every few seconds; an exception of it ends the child.
    """
    environ = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    bounds = [str(limits.cpu_seconds), str(limits.memory_bytes)]
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(  # noqa: S603 - our own module, no shell
            [sys.executable, "-W", "ignore", "-m", "platforms.sandbox.child", module, *bounds],
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env=environ,
        )
        try:
            _ask(child, request)
            in_time = _attend(child, limits.seconds, meanwhile)
        finally:
            child.kill()
            child.wait()
            if child.stdin:
                with contextlib.suppress(OSError):
                    child.stdin.close()
        said.seek(0)
        answer = _last_answer(said.read())
    if answer is None:
        raise _reason(child.returncode, limits, in_time=in_time)
    return answer


def _reason(code: int, limits: ResourceLimits, *, in_time: bool) -> Exception:
    if not in_time:
        return TimedOut()
    if code == OUT_OF_MEMORY:
        most = limits.memory_bytes // 10**6
        return LimitExceeded(f"The file takes more than {most} MB of memory to read.")
    if code == -signal.SIGXCPU:
        return LimitExceeded(f"The file takes more than {limits.cpu_seconds} seconds to read.")
    return NoResult(f"exit {code}")


def _ask(child: "subprocess.Popen[bytes]", request: Mapping[str, Any]) -> None:
    assert child.stdin is not None  # noqa: S101 - it was asked for
    # The pipe stays open: when it closes, the child knows that we are gone.
    with contextlib.suppress(BrokenPipeError):
        child.stdin.write(json.dumps(request).encode() + b"\n")
        child.stdin.flush()


def _attend(
    child: "subprocess.Popen[bytes]", seconds: float, meanwhile: Callable[[], None]
) -> bool:
    """Wait for the child; False if it did not end in time."""
    give_up_at = time.monotonic() + seconds
    pause, longest = LOOK_SECONDS
    while True:
        try:
            child.wait(min(pause, max(give_up_at - time.monotonic(), 0)))
            return True
        except subprocess.TimeoutExpired:
            if time.monotonic() >= give_up_at:
                return False
            if pause >= longest:
                meanwhile()
            pause = min(pause * 2, longest)


def _last_answer(said: bytes) -> dict[str, Any] | None:
    """Return the last whole line, if it is an answer."""
    lines = said.split(b"\n")[:-1]
    try:
        answer: dict[str, Any] | None = json.loads(lines[-1]) if lines else None
    except ValueError:
        return None
    return answer
