"""A request that is sent again does nothing again: it gets its first answer.

The answer is kept in the transaction of the work, under a lock that ends with it. So the work is
never done without its answer being known, and whoever dies in between leaves neither work nor
lock. The cost: that transaction is as long as the work. So work that takes long is done outside
one, and its answer is kept right after. A crash in between does such work again, which must harm
nobody.
"""

import hashlib
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import Error, IntegrityError, OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable

from destinations.accounts import encryption
from destinations.runtime import clock
from posts.errors import RequestRefused
from posts.models import IdempotencyRecord

#: How long a caller's key means the same request.
KEPT_FOR = timedelta(hours=24)
#: How long a repeat waits for the first one; by then most are done.
PATIENCE_SECONDS = 2
#: How long whoever holds a transaction may say nothing. A host that is cut off never says that it
#: is gone, and the lock would be held for hours.
SILENCE_SECONDS = 15
#: How many answers are forgotten in one statement.
BATCH = 1000


class StillRunning(RequestRefused):
    """The same request is at work."""

    retry_after_seconds = 1

    def __init__(self) -> None:
        super().__init__("conflict", "The same request is running; send it again for its answer.")


@dataclass(frozen=True, slots=True)
class NamedRequest:
    """A request, and the name by which it is known when it is sent again."""

    api_key_id: uuid.UUID
    name: str
    fingerprint: str
    kept_for: timedelta = KEPT_FOR
    #: If we have named it after what it says: from an answer's data, a word for what it tells of as
    #: that is now. A caller who names a request again wants its answer, whatever became of that.
    version: Callable[[Any], str] | None = None

    @property
    def lock(self) -> int:
        """The number of its lock in PostgreSQL."""
        digest = hashlib.sha256(f"{self.api_key_id} {self.name}".encode()).digest()
        return int.from_bytes(digest[:8], signed=True)


@contextmanager
def transaction_of(named: NamedRequest) -> Iterator[None]:
    """A transaction in which nobody else does the same. Raises StillRunning."""
    with transaction.atomic():
        try:
            _run(
                f"SET LOCAL idle_in_transaction_session_timeout = '{SILENCE_SECONDS}s';"
                f"SET LOCAL lock_timeout = '{PATIENCE_SECONDS}s';"
                f"SELECT pg_advisory_xact_lock({named.lock});"
                "SET LOCAL lock_timeout TO DEFAULT"
            )
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable):
                raise
            raise StillRunning from None
        yield


@contextmanager
def turn_of(named: NamedRequest) -> Iterator[None]:
    """The same without a transaction, and without patience. Raises StillRunning."""
    if not _run(f"SELECT pg_try_advisory_lock({named.lock})"):
        raise StillRunning
    try:
        yield
    finally:
        try:
            _run(f"SELECT pg_advisory_unlock({named.lock})")
        except Error:
            # The lock is this connection's, and must not outlive the request.
            connection.close()


def _run(sql: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return bool(cursor.description and cursor.fetchone()[0])


def find(named: NamedRequest) -> IdempotencyRecord | None:
    """The first answer, if any. Raises RequestRefused if the name means another request."""
    row = IdempotencyRecord.objects.filter(
        api_key=named.api_key_id, idempotency_key=named.name
    ).first()
    if row is None:
        return None
    if row.expires_at <= clock.now():
        row.delete()
        return None
    if row.fingerprint != named.fingerprint:
        raise RequestRefused(
            "idempotency_key_reused",
            "This Idempotency-Key was used for another request; use a new one for each.",
        )
    return row


def keep(named: NamedRequest, answer: Mapping[str, Any], request_id: str) -> None:
    """Remember the answer. Raises StillRunning if somebody else was faster, lock or no lock."""
    try:
        IdempotencyRecord.objects.create(
            api_key_id=named.api_key_id,
            idempotency_key=named.name,
            fingerprint=named.fingerprint,
            answer=encryption.seal(answer),
            request_id=request_id,
            expires_at=clock.now() + named.kept_for,
        )
    except IntegrityError:
        raise StillRunning from None


def forget() -> int:
    """Delete the answers whose time is over, in small batches; returns how many."""
    count = 0
    while True:
        over = IdempotencyRecord.objects.filter(expires_at__lte=clock.now()).order_by("expires_at")
        deleted, _ = IdempotencyRecord.objects.filter(pk__in=over.values("pk")[:BATCH]).delete()
        count += deleted
        if deleted < BATCH:
            return count
