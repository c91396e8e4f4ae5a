"""Work on files that strangers sent, in a process of its own.

A file can be made to crash a decoder, to fill the memory or never to end. So whatever decodes a
film runs where it harms nobody: without our secrets, with bounded memory and time, and it ends when
its parent does. A second of start-up at most is the price.
"""

import contextlib
import importlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

#: Address space, threads and libraries included.
MEMORY_BYTES = 4 * 1024**3
ROOT = Path(__file__).resolve().parent.parent
#: It ended without an answer so often: it is the file. Once may be a service manager that stops us,
#: the kernel that is short of memory, or a machine that is slow.
TRIES = 3
#: How often a parent looks after its child.
LOOK_SECONDS = 0.02, 5.0


class Broke(Exception):
    """The work ended without an answer: it crashed, took too much memory or time, or was killed.

    Whether it is the file's fault is known only from how often: TRIES.
    """


class TookTooLong(Broke):
    """The work was ended: it may never have come to an end."""


def run(
    module: str,
    request: Mapping[str, Any],
    *,
    seconds: float,
    meanwhile: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """What `module.work(request)` answers, both JSON. Raises Broke.

    `meanwhile` is called every few seconds; what it raises ends the work.
    """
    environ = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(  # noqa: S603 - our own module, no shell
            [sys.executable, "-W", "ignore", "-m", "posts.sandbox", module],
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env=environ,
        )
        try:
            _ask(child, request)
            _attend(child, seconds, meanwhile)
        finally:
            child.kill()
            child.wait()
            if child.stdin:
                with contextlib.suppress(OSError):
                    child.stdin.close()
        said.seek(0)
        return _answer(said.read(), child.returncode)


def _ask(child: "subprocess.Popen[bytes]", request: Mapping[str, Any]) -> None:
    assert child.stdin is not None  # noqa: S101 - it was asked for
    # The pipe stays open: its end tells the child that we are gone.
    with contextlib.suppress(BrokenPipeError):
        child.stdin.write(json.dumps(request).encode() + b"\n")
        child.stdin.flush()


def _attend(
    child: "subprocess.Popen[bytes]", seconds: float, meanwhile: Callable[[], None]
) -> None:
    give_up_at = time.monotonic() + seconds
    pause, longest = LOOK_SECONDS
    while True:
        try:
            child.wait(min(pause, max(give_up_at - time.monotonic(), 0)))
            return
        except subprocess.TimeoutExpired:
            if time.monotonic() >= give_up_at:
                raise TookTooLong from None
            if pause >= longest:
                meanwhile()
            pause = min(pause * 2, longest)


def _answer(said: bytes, code: int) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = json.loads(said)
    except ValueError:
        raise Broke(f"exit {code}") from None
    return answer


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


def _bound_memory() -> None:
    # Windows has no such module; there the bound is only time.
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """The child's side."""
    _bound_memory()
    with contextlib.suppress(OSError, AttributeError):
        os.nice(10)
    request = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    answer = importlib.import_module(sys.argv[1]).work(request)
    sys.stdout.write(json.dumps(answer))
    sys.stdout.flush()
    # Not waiting for the thread that waits for our parent.
    os._exit(0)


if __name__ == "__main__":
    main()
