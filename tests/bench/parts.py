"""What a worker executes while it publishes a spike, in CPU milliseconds per destination."""

import tempfile
from pathlib import Path

from tests.bench import environment  # isort: skip  # noqa: F401  # before Django's models

from tests.bench import network
from tests.bench.processes import product_services, running
from tests.bench.result import Result
from tests.bench.sampling import shares, watched
from tests.bench.spike import spike


def results(*, short: bool = False) -> list[Result]:
    """Of all workers together, by the samples of the first. Nothing where py-spy needs root."""
    count = 1500 if short else 10_000
    with (
        tempfile.TemporaryDirectory() as folder,
        running(network.stub(), *product_services()) as started,
    ):
        spike(started, 200, is_fresh=True)  # the processes are warm then
        file = Path(folder) / "worker.txt"
        with watched(started["worker"].pid, file):
            run = spike(started, count, is_fresh=True)
        if not file.exists():
            return []
        found = shares(file)
    return [Result(part, share * run.worker_ms, "ms") for part, share in found.items()]
