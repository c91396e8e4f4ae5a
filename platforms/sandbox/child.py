"""The process that decodes a file: `python -m platforms.sandbox.child MODULE CPU_SECONDS BYTES`."""

import contextlib
import importlib
import json
import os
import sys
import threading
from collections.abc import Iterable
from typing import Any

from platforms.sandbox import OUT_OF_MEMORY

#: Address space for libraries and mapped files, which take hardly any memory.
ADDRESSES_BYTES = 4 * 1024**3
_STACK_BYTES = 256 * 1024


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


def _bound(cpu_seconds: int, memory_bytes: int) -> None:
    # Windows has no such module; only the wall time is limited there.
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


def answers(module: str, request: dict[str, Any]) -> Iterable[dict[str, Any]]:
    """Return the answers of a module's `work`; the last one is its result."""
    found = importlib.import_module(module).work(request)
    return [found] if isinstance(found, dict) else found


def main() -> None:
    """Run the child process."""
    module, cpu_seconds, memory_bytes = sys.argv[1:]
    _bound(int(cpu_seconds), int(memory_bytes))
    with contextlib.suppress(OSError, AttributeError):
        os.nice(10)
    request = json.loads(sys.stdin.buffer.readline())
    # A default stack would take 8 MB of the memory limit.
    threading.stack_size(_STACK_BYTES)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    threading.stack_size(0)
    try:
        for answer in answers(module, request):
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    # Do not wait for the thread that waits for our parent.
    os._exit(0)


if __name__ == "__main__":
    main()
