"""Work on files that strangers sent, in a process of its own.

A file can be made to crash a decoder, to fill the memory or never to end. So whatever decodes a
file runs where it harms no other request: without our secrets, with bounded memory, processor time
and wall time, and it ends when its parent does. A tenth of a second of start-up is the price.

Three ends are told apart. The file asked for more than its `Limits`: it will every time, so the
file is at fault (`TooMuch`). The work ended without an answer: the machine may be short of memory
or stopped, so it may be tried again (`Broke`). Or too many are at work already (`Busy`).
"""

import contextlib
import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
#: It ended without an answer so often: it is the file. Once may be a service manager that stops us,
#: the kernel that is short of memory, or a machine that is slow.
TRIES = 3
#: How often a parent looks after its child.
LOOK_SECONDS = 0.005, 5.0
#: Libraries and files that are only read take address space, and hardly any memory.
ADDRESSES_BYTES = 4 * 1024**3
_STACK_BYTES = 256 * 1024
#: How the child says that its memory did not suffice.
_OUT_OF_MEMORY = 77


@dataclass(frozen=True, slots=True)
class Limits:
    """What one piece of work may use.

    `seconds` is wall time. `cpu_seconds` covers all threads and the start of the process.
    `memory_bytes` is what it allocates, without the code of its libraries.
    """

    seconds: float
    cpu_seconds: int
    memory_bytes: int


class Broke(Exception):
    """The work ended without an answer: it crashed, took too long, or was killed.

    Whether it is the file's fault is known only from how often: TRIES.
    """


class TookTooLong(Broke):
    """The work was ended: it may never have come to an end."""


class TooMuch(Exception):
    """The work asked for more processor time or memory than its limits. The message may be shown.

    It will each time, so it is the file.
    """


class Busy(Exception):
    """Too many pieces of work are at it already; try again later."""


class Places:
    """So many at once in this process; the others wait for at most `patience_seconds`."""

    def __init__(self, count: int, patience_seconds: float) -> None:
        self.patience_seconds = patience_seconds
        self._free = threading.BoundedSemaphore(count)

    @contextlib.contextmanager
    def one(self) -> Iterator[None]:
        """Raises Busy."""
        if not self._free.acquire(timeout=self.patience_seconds):
            raise Busy
        try:
            yield
        finally:
            self._free.release()


def run(
    module: str,
    request: Mapping[str, Any],
    limits: Limits,
    *,
    meanwhile: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """What `module.work(request)` answers, both JSON. Raises Broke, TooMuch.

    Work that yields several answers is as good as its last one: what ends it later is no error.
    `meanwhile` is called every few seconds; what it raises ends the work.
    """
    environ = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    bounds = [str(limits.cpu_seconds), str(limits.memory_bytes)]
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(  # noqa: S603 - our own module, no shell
            [sys.executable, "-W", "ignore", "-m", "posts.media.sandbox", module, *bounds],
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


def _reason(code: int, limits: Limits, *, in_time: bool) -> Exception:
    if not in_time:
        return TookTooLong()
    if code == _OUT_OF_MEMORY:
        most = limits.memory_bytes // 10**6
        return TooMuch(f"The file takes more than {most} MB of memory to read.")
    if code == -signal.SIGXCPU:
        return TooMuch(f"The file takes more than {limits.cpu_seconds} seconds to read.")
    return Broke(f"exit {code}")


def _ask(child: "subprocess.Popen[bytes]", request: Mapping[str, Any]) -> None:
    assert child.stdin is not None  # noqa: S101 - it was asked for
    # The pipe stays open: its end tells the child that we are gone.
    with contextlib.suppress(BrokenPipeError):
        child.stdin.write(json.dumps(request).encode() + b"\n")
        child.stdin.flush()


def _attend(
    child: "subprocess.Popen[bytes]", seconds: float, meanwhile: Callable[[], None]
) -> bool:
    """Wait for the child; False if its time is over."""
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
    """The last whole line, which is an answer unless something else was written."""
    lines = said.split(b"\n")[:-1]
    try:
        answer: dict[str, Any] | None = json.loads(lines[-1]) if lines else None
    except ValueError:
        return None
    return answer


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


def _bound(cpu_seconds: int, memory_bytes: int) -> None:
    # Windows has no such module; there the bound is only time.
    with contextlib.suppress(ImportError):
        import resource

        addresses = memory_bytes + ADDRESSES_BYTES
        for name, soft, hard in (
            (resource.RLIMIT_CORE, 0, 0),
            (resource.RLIMIT_DATA, memory_bytes, memory_bytes),
            (resource.RLIMIT_AS, addresses, addresses),
            (resource.RLIMIT_CPU, cpu_seconds, cpu_seconds + 1),
        ):
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(name, (soft, hard))


def _answers(module: str, request: dict[str, Any]) -> Iterable[dict[str, Any]]:
    found = importlib.import_module(module).work(request)
    return [found] if isinstance(found, dict) else found


def main() -> None:
    """The child's side."""
    module, cpu_seconds, memory_bytes = sys.argv[1:]
    _bound(int(cpu_seconds), int(memory_bytes))
    with contextlib.suppress(OSError, AttributeError):
        os.nice(10)
    request = json.loads(sys.stdin.buffer.readline())
    # The usual stack would be 8 MB of what the work may use.
    threading.stack_size(_STACK_BYTES)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    threading.stack_size(0)
    try:
        for answer in _answers(module, request):
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()
    except MemoryError:
        os._exit(_OUT_OF_MEMORY)
    # Not waiting for the thread that waits for our parent.
    os._exit(0)


if __name__ == "__main__":
    main()
