"""Idempotency records: a repeated request gets its first answer and does no work.

The answer is stored in the transaction of the work, under a lock that ends with it. So no work is
committed without its answer, and a crash leaves neither work nor lock. The cost: that transaction
is as long as the work. Long work therefore runs outside a transaction, and its answer is stored
right after; a crash in between repeats the work, which must be harmless.
"""

import hashlib
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg
import structlog
from django.db import IntegrityError, OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable

from destinations.accounts import encryption
from destinations.jobs.forget import forget
from destinations.runtime import clock, database
from posts.errors import RequestRefused
from posts.models import IdempotencyRecord

log = structlog.get_logger()

#: How long an Idempotency-Key stands for the same request.
LIFETIME = timedelta(hours=24)
#: How long a repeat waits for the first request; most are done by then.
LOCK_WAIT_SECONDS = 2
#: How long a transaction may idle. A host that is cut off never closes its connection, and would
#: hold the lock for hours.
IDLE_SECONDS = 15
#: The same of a transaction that only holds a lock: longer than any request takes.
BESIDE_SECONDS = 600
#: Looks for the record of a request, in the statement after its lock: before, an answer that is
#: being stored could be missed.
KNOWN = "SELECT id FROM posts_keptanswer WHERE api_key_id = %(key)s AND idempotency_key = %(name)s"
LOCK_AND_FIND = f"""
    SET LOCAL idle_in_transaction_session_timeout = '{IDLE_SECONDS}s';
    SET LOCAL lock_timeout = '{LOCK_WAIT_SECONDS}s';
    SELECT pg_advisory_xact_lock(%(lock)s);
    SET LOCAL lock_timeout TO DEFAULT;
    {KNOWN}
"""
#: Ends with its connection, or for a host that is cut off, after this time.
LOCK_BESIDE = f"""
    SELECT pg_try_advisory_xact_lock(%(lock)s)
    FROM set_config('idle_in_transaction_session_timeout', '{BESIDE_SECONDS}s', true)
"""
# Plain, because the ORM takes a tenth of the CPU time of POST /posts to build it.
RECORD = """
    INSERT INTO posts_keptanswer
        (api_key_id, idempotency_key, fingerprint, answer, request_id, expires_at)
    VALUES (%s, %s, %s, %s, %s, %s)
"""


class StillRunning(RequestRefused):
    """The first request is still running."""

    retry_after_seconds = 1

    def __init__(self) -> None:
        super().__init__(
            "conflict", "The same request is still running; send it again for its answer."
        )


@dataclass(frozen=True, slots=True)
class NamedRequest:
    """A request, and the name by which a repeat is recognized."""

    api_key_id: uuid.UUID
    name: str
    fingerprint: str
    lifetime: timedelta = LIFETIME
    #: For a request named by its content: a digest of what the answer's data is about, as that is
    #: now. A caller's own name gets its first answer even if that has changed.
    version: Callable[[Any], str] | None = None
    #: Whether it is named by its content, and not by its caller.
    is_collapsed: bool = False

    @property
    def lock(self) -> int:
        """The number of its advisory lock in PostgreSQL."""
        digest = hashlib.sha256(f"{self.api_key_id} {self.name}".encode()).digest()
        return int.from_bytes(digest[:8], signed=True)


@contextmanager
def locked_transaction(named: NamedRequest) -> Iterator[int | None]:
    """A transaction that holds the request's lock; waits for it. Raises StillRunning.

    Yields the id of the request's record, if there is one.
    """
    with transaction.atomic():
        try:
            found = _run(LOCK_AND_FIND, named)
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable):
                raise
            raise StillRunning from None
        yield found


@contextmanager
def lock_beside(named: NamedRequest) -> Iterator[int | None]:
    """The same lock without a transaction of the request's own, and without waiting. Raises
    StillRunning.

    A connection of its own holds it, in a transaction that does nothing else: behind a pooler each
    statement of the request's connection may reach another session, and a lock of a session would
    be left behind in one of them.
    """
    with ExitStack() as held:
        with connection.wrap_database_errors:
            own = psycopg.connect(**connection.get_connection_params())
            held.callback(_let_go, own)
            is_ours = own.execute(LOCK_BESIDE, {"lock": named.lock}).fetchone()
        if is_ours != (True,):
            raise StillRunning
        yield _run(KNOWN, named)


def _let_go(own: psycopg.Connection) -> None:
    """End the transaction, and wait for that: PostgreSQL notices a closed connection later."""
    try:
        own.rollback()
    except psycopg.Error as failure:
        log.info("lock_connection_lost", failure=type(failure).__name__)
    finally:
        own.close()


def _run(sql: str, named: NamedRequest) -> Any:
    """The first value of the last statement's result; None without one."""
    values: dict[str, Any] = {"lock": named.lock, "key": named.api_key_id, "name": named.name}
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        while cursor.nextset():
            pass
        row = cursor.fetchone()
    return row[0] if row else None


def find(named: NamedRequest, record_id: int) -> IdempotencyRecord | None:
    """The first answer, unless it expired. Raises RequestRefused if the name means another."""
    row = IdempotencyRecord.objects.filter(pk=record_id).first()
    if row is None:
        return None
    if row.expires_at <= clock.now():
        row.delete()
        return None
    if row.fingerprint != named.fingerprint:
        raise RequestRefused(
            "idempotency_key_reused",
            "This Idempotency-Key was used for a different request; use a new key for each.",
        )
    return row


def record(named: NamedRequest, answer: Mapping[str, Any], request_id: str) -> None:
    """Store the answer. Raises StillRunning if another process did so first."""
    row = (
        named.api_key_id,
        named.name,
        named.fingerprint,
        encryption.seal(answer),
        request_id,
        clock.now() + named.lifetime,
    )
    try:
        database.execute(RECORD, row)
    except IntegrityError:
        raise StillRunning from None


def delete_expired() -> int:
    """Delete expired records, for a while; returns how many."""
    return forget(IdempotencyRecord.objects.order_by("expires_at"), "expires_at", clock.now())
