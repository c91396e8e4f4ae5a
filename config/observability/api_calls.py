"""Each request of the API, for the log that operators read and for Prometheus.

The histogram of durations is by route, method and kind of status. Each process counts in memory
and adds what is new to a hash in Redis about once a second, so that every process shows the same
numbers, of all processes and machines. A wiped Redis begins at zero, which Prometheus takes for a
restart; while Redis is away each process keeps its part.
"""

import threading
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from prometheus_client.metrics_core import HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from redis.exceptions import RedisError

from destinations.runtime.broker import CircuitBreaker
from destinations.runtime.flushing import Flusher, flusher
from destinations.runtime.redis_client import client, words
from posts.api import auth, errors
from posts.api.mounts import COMPAT
from posts.features.request_log.recorder import LoggedCall, recorder, route_template, shown_path
from posts.keys import keys

NAME = "dovecote_api_request_seconds"
HASH = "dovecote:api_latency"
#: Upper ends, in seconds; slower calls are in `+Inf` only.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
ENDS = (*map(str, BUCKETS), "+Inf")
#: The field of a series that holds the sum of its times, in microseconds.
SUM = "sum"
#: For paths that are no endpoint, and for methods that HTTP does not know.
OTHER = "other"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

Counts = dict[tuple[str, str, str, str], int]


class Latency:
    """The counts of this process since the last flush."""

    def __init__(self, flusher: Flusher) -> None:
        self._flusher = flusher
        self.forget()

    def forget(self) -> None:
        self._lock = threading.Lock()
        self._breaker = CircuitBreaker()
        self._counts: Counts = defaultdict(int)

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request; `route` is a template, or empty."""
        if not self._flusher.is_on:
            return
        series = (
            route or OTHER,
            method if method in METHODS else OTHER,
            f"{status // 100}xx",
        )
        with self._lock:
            self._counts[(*series, ENDS[bisect_left(BUCKETS, seconds)])] += 1
            self._counts[(*series, SUM)] += int(seconds * 1e6)
        self._flusher.request_flush()

    def flush(self) -> None:
        if self._breaker.is_open():
            self._flusher.request_flush()
            return
        with self._lock:
            counts, self._counts = self._counts, defaultdict(int)
        if not counts:
            return
        try:
            with client(settings.REDIS_URL).pipeline() as asked:
                for name, count in counts.items():
                    asked.hincrby(HASH, " ".join(name), count)
                asked.execute()
        except RedisError:
            self._breaker.failed()
            with self._lock:
                for name, count in counts.items():
                    self._counts[name] += count
            self._flusher.request_flush()
        else:
            self._breaker.succeeded()


latency = Latency(flusher)
flusher.add(latency)


class ApiLatency(Collector):
    """The histogram of all processes; without series while Redis is away."""

    def collect(self) -> Iterator[Metric]:
        family = HistogramMetricFamily(
            NAME,
            "Time from a request's arrival at the application to its answer",
            labels=("route", "method", "status"),
        )
        for series, counts in sorted(_read().items()):
            total, buckets = 0, []
            for end in ENDS:
                total += counts.get(end, 0)
                buckets.append((end, float(total)))
            family.add_metric(series, buckets, counts.get(SUM, 0) / 1e6)
        yield family


def _read() -> dict[tuple[str, ...], dict[str, int]]:
    """The counts of each series, by the end of their bucket."""
    try:
        found = words(client(settings.REDIS_URL).hgetall(HASH))
    except RedisError:
        return {}
    counts: dict[tuple[str, ...], dict[str, int]] = defaultdict(dict)
    for name, count in found.items():
        *series, end = name.split(" ")
        counts[tuple(series)][end] = int(count)
    return counts


#: Pages about the API, which browsers ask for.
DOCUMENTS = tuple(
    f"{mount}/api/{page}" for mount in ("", COMPAT) for page in ("docs", "redoc", "v1/openapi.json")
)


def note(request: HttpRequest, response: HttpResponseBase, began: float, seconds: float) -> None:
    """Count a request and add it to the log; `began` is of `time.perf_counter`."""
    if not flusher.is_on:
        return
    match = request.resolver_match
    route = route_template(match.route) if match else ""
    if route in DOCUMENTS:
        return
    method = _method(request.method)
    latency.observe(method, route, response.status_code, seconds)
    key = request.__dict__.get("known_key")
    recorder.add(
        LoggedCall(
            began=began,
            method=method,
            route=route,
            path=shown_path(request.path, route),
            status=response.status_code,
            duration_ms=round(seconds * 1000, 1),
            request_id=getattr(request, "request_id", ""),
            error_code=errors.code_of(response),
            api_key=key.pk if key else None,
            key_prefix=key.prefix if key else keys.prefix_of(auth.secret_of(request) or ""),
            workspace=key.workspace_id if key else None,
        )
    )


def note_refused(method: str, path: str, status: int, code: str, request_id: str) -> None:
    """Note a request that the server refused before it was read."""
    if not errors.is_api_path(path):
        return
    method = _method(method)
    latency.observe(method, "", status, 0.0)
    recorder.add(
        LoggedCall(
            began=time.perf_counter(),
            method=method,
            route="",
            path=shown_path(path, ""),
            status=status,
            duration_ms=0.0,
            request_id=request_id,
            error_code=code,
            api_key=None,
            key_prefix="",
            workspace=None,
        )
    )


def _method(given: str | None) -> str:
    return given if given in METHODS else OTHER
