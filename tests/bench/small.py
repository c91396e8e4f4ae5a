"""100 destinations due at the same moment, and single posts to publish at once.

Of the latter: from the row's creation, before its commit, until the request is at the network.
"""

import time

from tests.bench import environment  # isort: skip  # noqa: F401  # before Django's models

from destinations.models import Destination
from tests.bench import lags, load, network
from tests.bench.api_client import Client
from tests.bench.processes import product_services, running
from tests.bench.result import Result, at_most, percentile

DUE = 100
PAUSE_SECONDS = 0.4


def results(*, short: bool = False) -> list[Result]:
    rounds, singles = (1, 5) if short else (5, 40)
    with running(network.stub(), *product_services()):
        due = [lag for _ in range(rounds) for lag in _due()]
        at_once = _at_once(singles)
    return [
        Result("100 due: start lag p50", percentile(due, 50) * 1000, "ms", bar=at_most(40)),
        Result(
            "100 due: start lag p99",
            percentile(due, 99) * 1000,
            "ms",
            bar=at_most(150),
            headline=f"{DUE} posts due at once: 99% begin within",
        ),
        Result("published at once: at the network p50", percentile(at_once, 50) * 1000, "ms"),
        Result("published at once: at the network p99", percentile(at_once, 99) * 1000, "ms"),
    ]


def _due() -> list[float]:
    """Start lags, in seconds."""
    load.empty()
    workspace = load.workspace()
    accounts = load.accounts(workspace, DUE)
    due_at = load.notice(DUE)
    load.posts(workspace, accounts, DUE, due_at, "Small")
    lags.wait_until_begun(workspace, DUE, within_seconds=60)
    return lags.of(workspace)


def _at_once(count: int) -> list[float]:
    """Seconds from each post's creation until its request arrived."""
    load.empty()
    network.clear()
    workspace = load.workspace()
    accounts = load.accounts(workspace, 5)
    client = Client(workspace)
    for number in range(count + 1):
        client.publish(f"At once {number}", accounts[number % len(accounts)])
        time.sleep(PAUSE_SECONDS)
    lags.wait_until_begun(workspace, count + 1, within_seconds=60)
    time.sleep(PAUSE_SECONDS)
    arrived = network.arrivals()
    # The first one opens connections.
    created = Destination.objects.order_by("created_at").values_list("draft__text", "created_at")
    return [arrived[f'{{"text":"{text}"}}'] - at.timestamp() for text, at in created[1:]]
