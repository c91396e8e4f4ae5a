"""A post a second of one workspace beside 50,000 due of another."""

from datetime import timedelta

from tests.bench import environment  # isort: skip  # noqa: F401  # before Django's models

from tests.bench import lags, load, network
from tests.bench.processes import product_services, running
from tests.bench.result import Result, at_most, percentile
from tests.factories import make_post

#: Of the workspace with many.
ACCOUNTS = 1000
#: After the last post of the other is due.
PATIENCE_SECONDS = 60


def results(*, short: bool = False) -> list[Result]:
    many, seconds = (3000, 5) if short else (50_000, 20)
    with running(network.stub(), *product_services()) as started:
        alone = _one_a_second(seconds)
        beside = _one_a_second(seconds, beside=many)
        started.kill()  # the others need not be published
    return [
        Result(
            f"one a second beside {many:,}: start lag p{percent}",
            percentile(beside, percent),
            "s",
            percentile(alone, percent),
            "alone",
            bar=at_most(3) if percent == 99 else None,
            headline=f"a post each second beside {many:,} of another workspace: 99% begin within"
            if percent == 99
            else "",
        )
        for percent in (50, 99)
    ]


def _one_a_second(seconds: int, *, beside: int = 0) -> list[float]:
    """Start lags of a post each second."""
    load.empty()
    load.spoil_statistics()
    crowd, single = load.workspace("crowd"), load.workspace("single")
    [account] = load.accounts(single, 1)
    due_at = load.notice(beside)
    for second in range(1, seconds + 1):
        at = due_at + timedelta(seconds=second)
        make_post(single, [account], content=f"Single {second}", scheduled_for=at)
    if beside:
        load.posts(crowd, load.accounts(crowd, ACCOUNTS), beside, due_at, "Crowd")
    load.wait_until_before(due_at)
    lags.wait_until_begun(single, seconds, within_seconds=seconds + PATIENCE_SECONDS)
    return lags.of(single)
