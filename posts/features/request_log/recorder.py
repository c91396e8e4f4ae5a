"""Write API requests to their log, off the request's path.

A request adds itself to a list in memory (about 2 µs). `destinations.runtime.flushing` writes the
list about once a second, by one COPY. While the database is away the list grows to CAPACITY; what
comes then is counted and dropped, because a log must neither fill the memory nor keep a customer
waiting. A process that is killed loses its last second.

Paths are logged without what may be a secret. A path that an endpoint matched holds nothing but
ids, for its converters accept nothing else; only an upload URL holds a token. A path of no endpoint
may hold anything, such as a key that was pasted into the wrong place: of it only what looks like
one of our words or ids is kept.
"""

import re
import threading
import time
import uuid
from collections.abc import Sequence
from datetime import timedelta
from functools import lru_cache
from typing import NamedTuple

import structlog
from django.conf import settings
from django.db import Error, connection, transaction

from destinations.runtime import clock, database
from destinations.runtime.broker import CircuitBreaker
from destinations.runtime.flushing import Flusher, flusher

log = structlog.get_logger()

#: Rows in memory, of about 1 KB each; flushed at once when there are as many as FLUSHED.
CAPACITY, FLUSHED = 10_000, 1000
#: Of requests that no rate limit holds back: those without a known key, and those it refused. More
#: of them within so many seconds are only counted, so that who has no key cannot fill our disk.
UNLIMITED_CAPACITY, UNLIMITED_SECONDS = 100, 60


class LoggedCall(NamedTuple):
    """A request and its answer. `began` is of `time.perf_counter`."""

    began: float
    method: str
    route: str
    path: str
    status: int
    duration_ms: float
    request_id: str
    error_code: str
    api_key: uuid.UUID | None
    key_prefix: str
    workspace: uuid.UUID | None


COPY = """
    COPY posts_apirequest (
        at, method, route, path, status, duration_ms,
        request_id, error_code, api_key_id, key_prefix, workspace_id
    ) FROM STDIN
"""


class Recorder:
    def __init__(self, flusher: Flusher) -> None:
        self._flusher = flusher
        self.forget()

    def forget(self) -> None:
        self._lock = threading.Lock()
        self._breaker = CircuitBreaker()
        self._calls: list[LoggedCall] = []
        self._unlimited, self._unlimited_since = 0, 0.0
        #: Since it was last logged.
        self.dropped = 0

    def add(self, call: LoggedCall) -> None:
        """Take one request. Does nothing in processes that do not serve."""
        if not self._flusher.is_on or not settings.REQUEST_LOG_DAYS:
            return
        with self._lock:
            is_unlimited = call.api_key is None or call.status == 429
            if is_unlimited and self._is_over():
                self.dropped += 1
                return
            if len(self._calls) >= CAPACITY:
                self.dropped += 1
                return
            self._calls.append(call)
            is_full = len(self._calls) >= FLUSHED
        self._flusher.request_flush(soon=is_full and not self._breaker.is_away)

    def _is_over(self) -> bool:
        """Return whether there were too many such requests lately, this one counted."""
        now = time.monotonic()
        if now - self._unlimited_since >= UNLIMITED_SECONDS:
            self._unlimited, self._unlimited_since = 0, now
        self._unlimited += 1
        return self._unlimited > UNLIMITED_CAPACITY

    def flush(self) -> None:
        if self._breaker.is_open():
            self._flusher.request_flush()
            return
        with self._lock:
            calls, self._calls = self._calls, []
        if calls:
            self._write(calls)

    def _write(self, calls: list[LoggedCall]) -> None:
        try:
            insert(calls)
        except Error as error:
            if not database.is_away(error):
                # These rows would fail again.
                log.exception("requests_not_logged", count=len(calls))
                return
            if self._breaker.failed():
                log.error("request_log_away", failure=type(error).__name__)
            self._put_back(calls)
            return
        self._breaker.succeeded()
        self._report()

    def _put_back(self, calls: list[LoggedCall]) -> None:
        with self._lock:
            kept = [*calls, *self._calls]
            self.dropped += len(kept[CAPACITY:])
            self._calls = kept[:CAPACITY]
        self._flusher.request_flush()

    def _report(self) -> None:
        with self._lock:
            dropped, self.dropped = self.dropped, 0
        if dropped:
            log.warning("requests_not_logged", count=dropped)


recorder = Recorder(flusher)
flusher.add(recorder)


def insert(calls: Sequence[LoggedCall]) -> None:
    """Store rows by one statement, with times by the database's clock. Raises django.db.Error."""
    now, here = clock.now(), time.perf_counter()
    with (
        transaction.atomic(),
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(COPY) as copy,
    ):
        for call in calls:
            copy.write_row((now - timedelta(seconds=here - call.began), *call[1:]))


#: Routes whose variable part opens something.
SECRET = ("/uploads/",)
#: A path of an endpoint with proper ids is shorter.
MOST_CHARS = 150
HIDDEN = "…"
_VARIABLE = re.compile(r"<(?:\w+:)?(\w+)>")
_KNOWN_PART = re.compile(
    r"|[a-z]{1,20}(?:[-_][a-z]{1,20}){0,3}|v[0-9]{1,2}|[0-9]{1,19}|(?:post|dest)_[0-9A-Za-z]{1,24}"
    r"|[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
)


@lru_cache(maxsize=256)
def route_template(route: str) -> str:
    """`/api/v1/posts/{post_id}` of Django's route; empty for the route of what is no endpoint."""
    return "" if not route or route.startswith("^") else "/" + _VARIABLE.sub(r"{\1}", route)


def shown_path(path: str, route: str) -> str:
    """Return the path as it may be kept; `route` is its template."""
    if route.startswith(SECRET):
        return route
    if route and len(path) <= MOST_CHARS:
        return path
    return "/".join(map(_part, path[:MOST_CHARS].split("/")))


def _part(part: str) -> str:
    return part if _KNOWN_PART.fullmatch(part) else HIDDEN
