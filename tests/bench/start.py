"""How long `make up` takes until it is ready: in an empty folder, and started again.

Packages are installed before: neither start waits for them.
"""

import tempfile
from pathlib import Path

from tests.bench import launched
from tests.bench.result import Result, at_most, median

TIMES = 3


def results(*, short: bool = False) -> list[Result]:
    with tempfile.TemporaryDirectory(prefix="dovecote-start-") as folder:
        home = Path(folder)
        home.chmod(0o755)  # PostgreSQL runs as another user if we are root
        with launched.up(home) as first:
            pass
        again = []
        for _ in range(1 if short else TIMES):
            with launched.up(home) as each:
                again.append(each)
    silent = max(each.silent_seconds for each in (first, *again))
    return [
        Result("first start, with empty databases", first.seconds, "s", bar=at_most(45)),
        Result(
            "started again",
            median([each.seconds for each in again]),
            "s",
            bar=at_most(6),
            headline="`make up`, started again: ready within",
        ),
        Result("longest time with nothing said", silent, "s", bar=at_most(3)),
    ]
