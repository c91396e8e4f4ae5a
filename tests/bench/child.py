"""Runs one measure and writes its results: `python -m tests.bench.child MODULE FILE [short]`.

A process each, because a measure sets the environment that Django and the servers start with.
"""

import importlib
import json
import signal
import sys
from dataclasses import asdict
from pathlib import Path


def main() -> None:
    module, file, *short = sys.argv[1:]
    # So that what runs at exit ends the servers.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    found = importlib.import_module(f"tests.bench.{module}").results(short=bool(short))
    Path(file).write_text(json.dumps([asdict(result) for result in found]))


if __name__ == "__main__":
    main()
