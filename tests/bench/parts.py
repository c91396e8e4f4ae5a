"""Which libraries a worker spends its time in while it publishes a spike."""

import tempfile
from pathlib import Path

from tests.bench import environment  # isort: skip  # noqa: F401  # before Django's models

from tests.bench import network
from tests.bench.processes import cpu_seconds, only_child, published_by, running
from tests.bench.result import Result
from tests.bench.sampling import finish, sampled, shares
from tests.bench.spike import spike


def results(*, short: bool = False) -> list[Result]:
    """CPU milliseconds per destination of one worker process, by what its threads executed."""
    count = 1500 if short else 10_000
    worker, *others = sorted(published_by(), key=lambda each: not each.name.startswith("worker"))
    others = [each for each in others if not each.name.startswith("worker")]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "worker.txt"
        with running(network.stub(), sampled(worker, file), *others) as started:
            python = only_child(started[worker.name].pid)
            spike(started, 200, is_fresh=True)  # it is warm then
            used = cpu_seconds(python)
            spike(started, count, is_fresh=True)
            used = cpu_seconds(python) - used
            finish(started[worker.name])
        found = shares(file)
    return [
        Result(f"worker: {part}", share * used * 1000 / count, "ms")
        for part, share in found.items()
    ]
