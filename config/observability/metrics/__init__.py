"""Metrics for Prometheus, read at each scrape from the database and Redis.

So they are the same whichever process answers, survive restarts, and cannot drift from the truth.
A metric is one line of a table: its name, what it says, its labels, and how it is read.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import NamedTuple

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from redis.exceptions import RedisError


class Family(NamedTuple):
    """`read` returns its series: the values of the labels, then the number."""

    name: str
    says: str
    labels: tuple[str, ...]
    read: Callable[[], Iterable[tuple]]
    is_counter: bool = False


class Families(Collector):
    """Metrics from a table of them, which is made anew for each scrape."""

    def __init__(self, table: Callable[[], Iterable[Family]]) -> None:
        self._table = table

    def collect(self) -> Iterator[Metric]:
        for name, says, labels, read, is_counter in self._table():
            kind = CounterMetricFamily if is_counter else GaugeMetricFamily
            family = kind(f"dovecote_{name}", says, labels=labels)
            with suppress(RedisError):  # absent while Redis does not know it
                for *values, amount in read():
                    family.add_metric([str(value) for value in values], float(amount))
            yield family
