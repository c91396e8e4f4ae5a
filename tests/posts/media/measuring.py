"""Prints the cost of reading a file as JSON: `python -m tests.posts.media.measuring PATH TYPE`."""

import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

from platforms import sandbox
from posts.media import inspection
from posts.media.probe.facts import UnreadableFile

#: A few ticks of the kernel's clock more than the limit, and the libraries beside the memory.
CPU_SECONDS = inspection.LIMITS.cpu_seconds + 0.2
MEMORY_BYTES = 300_000_000


def measured(folder: Path, content: bytes, content_type: str) -> dict[str, Any]:
    """Its `frames` or why it is `unreadable`, and the `cpu_seconds` and `memory_bytes` it took.

    In a process of its own, which has no other children.
    """
    path = folder / "file"
    path.write_bytes(content)
    command = [sys.executable, "-m", "tests.posts.media.measuring", str(path), content_type]
    done = subprocess.run(command, cwd=sandbox.ROOT, capture_output=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def main(path: str, content_type: str) -> None:
    answer: dict[str, Any] = {}
    try:
        answer["frames"] = inspection.inspect(Path(path), content_type).facts.frames
    except UnreadableFile as error:
        answer["unreadable"] = str(error)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    answer["cpu_seconds"] = used.ru_utime + used.ru_stime
    answer["memory_bytes"] = used.ru_maxrss * 1024
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main(*sys.argv[1:])
