"""Wake-up calls that a customer waits for, and what to do while the broker is away.

A broker that hangs keeps each caller for seconds, and a request that makes fifty posts for minutes:
its client gives up, sends the request again, and every post is made twice. So once the broker did
not answer, this process makes no such calls for a few seconds. That loses nothing. A post's row is
due, and beat's tick, which ignores what is remembered here, sends it a second later; for a file the
call is made again within a minute, as if the message had been lost.
"""

import threading
import time
from collections.abc import Callable

import structlog
from django.db import transaction
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

log = structlog.get_logger()

#: The exceptions of sending to a broker that is away.
AWAY = (BrokerError, RedisError, OSError)
#: How long a service is not called after it did not answer.
PAUSE_SECONDS = 5


class CircuitBreaker:
    """Remembers for a while that a service is away, so that not every call waits for a timeout."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._retry_at = 0.0
        self._skipped = 0

    @property
    def is_away(self) -> bool:
        """Return whether the last call failed; lets no caller through."""
        return self._retry_at > 0

    def is_open(self) -> bool:
        """Return whether to skip the call. After each pause one caller is let through."""
        if not self._retry_at:
            return False
        with self._lock:
            now = time.monotonic()
            if self._retry_at <= now:
                self._retry_at = now + PAUSE_SECONDS
                return False
            self._skipped += 1
            return True

    def failed(self) -> bool:
        """Note that the service did not answer. Returns whether that is new."""
        with self._lock:
            is_new = not self._retry_at
            self._retry_at = time.monotonic() + PAUSE_SECONDS
            self._skipped += 1
            return is_new

    def succeeded(self) -> int:
        """Note that the service answered. Returns how many calls were skipped; 0 if none."""
        if not self._retry_at:
            return 0
        with self._lock:
            self._retry_at = 0.0
            count, self._skipped = self._skipped, 0
            return count


_breaker = CircuitBreaker()


def after_commit(call: Callable[[], object]) -> None:
    """Make this call once the present transaction is committed, unless the broker is known away.

    The call reports how it went, by `reached` or `missed`.
    """
    transaction.on_commit(lambda: None if _breaker.is_open() else call(), robust=True)


def reached() -> None:
    """Note that the broker took a message."""
    if count := _breaker.succeeded():
        log.info("broker_back", did_without=count)


def missed(failure: BaseException, **what: object) -> None:
    """Note that the broker is away, so that `what` was not sent."""
    _breaker.failed()
    log.warning("broker_away", **what, failure=repr(failure))
