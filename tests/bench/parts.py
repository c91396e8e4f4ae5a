"""Which libraries a worker spends its time in while it publishes a spike."""

import tempfile
from pathlib import Path

from tests.bench import environment  # isort: skip  # noqa: F401  # before Django's models

from tests.bench import network
from tests.bench.processes import cpu_seconds, only_child, product_services, running
from tests.bench.result import Result
from tests.bench.sampling import finish, sampled, shares
from tests.bench.spike import spike


def results(*, short: bool = False) -> list[Result]:
    """CPU milliseconds per destination of one worker process, by what its threads executed."""
    count = 1500 if short else 10_000
    by_name = {each.name: each for each in product_services(workers=1)}
    worker = by_name.pop("worker")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "worker.txt"
        with running(network.stub(), sampled(worker, file), *by_name.values()) as started:
            python = only_child(started["worker"].pid)
            spike(started, 200, is_fresh=True)  # it is warm then
            used = cpu_seconds(python)
            spike(started, count, is_fresh=True)
            used = cpu_seconds(python) - used
            finish(started["worker"])
        found = shares(file)
    return [
        Result(f"worker: {part}", share * used * 1000 / count, "ms")
        for part, share in found.items()
    ]
