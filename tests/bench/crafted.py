"""Files made to exhaust a machine, against their limits. `python -m tests.bench.crafted`"""

import sys
import tempfile
import time
from pathlib import Path

from tests.posts.media import crafted
from tests.posts.media.measuring import CPU_SECONDS, MEMORY_BYTES, measured


def main() -> int:
    """Print what each file costs; returns 1 if one is over a limit."""
    over = 0
    for name, (make, content_type, _) in crafted.WORST.items():
        content = make()
        with tempfile.TemporaryDirectory() as folder:
            begun = time.monotonic()
            taken = measured(Path(folder), content, content_type)
        seconds, memory = taken["cpu_seconds"], taken["memory_bytes"]
        over += seconds > CPU_SECONDS or memory > MEMORY_BYTES
        sys.stdout.write(
            f"{name:27} {len(content) / 1e6:5.1f} MB  {seconds:4.2f} s CPU  "
            f"{memory / 1e6:3.0f} MB  {time.monotonic() - begun:4.1f} s  "
            f"{taken.get('unreadable', 'read')}\n"
        )
    sys.stdout.write(f"limits: {CPU_SECONDS:.1f} s CPU, {MEMORY_BYTES / 1e6:.0f} MB a file\n")
    return int(over > 0)


if __name__ == "__main__":
    sys.exit(main())
