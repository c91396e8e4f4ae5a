"""Files made to take all of a machine, against their bounds. `python -m tests.bench.crafted`"""

import sys
import tempfile
import time
from pathlib import Path

from tests.posts.media import crafted
from tests.posts.media.measuring import CPU_SECONDS, MEMORY_BYTES, measured


def main() -> int:
    """Print what each costs; 1 if one costs more than it may."""
    too_much = 0
    for name, (make, content_type, _) in crafted.WORST.items():
        content = make()
        with tempfile.TemporaryDirectory() as folder:
            begun = time.monotonic()
            taken = measured(Path(folder), content, content_type)
        seconds, memory = taken["cpu_seconds"], taken["memory_bytes"]
        too_much += seconds > CPU_SECONDS or memory > MEMORY_BYTES
        sys.stdout.write(
            f"{name:27} {len(content) / 1e6:5.1f} MB  {seconds:4.2f} s CPU  "
            f"{memory / 1e6:3.0f} MB  {time.monotonic() - begun:4.1f} s  "
            f"{taken.get('unreadable', 'read')}\n"
        )
    sys.stdout.write(f"bounds: {CPU_SECONDS:.1f} s CPU, {MEMORY_BYTES / 1e6:.0f} MB a file\n")
    return int(too_much > 0)


if __name__ == "__main__":
    sys.exit(main())
