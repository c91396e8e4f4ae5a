"""Parts of Celery and kombu that we replace: its Django fixup, and the Redis transport.

**Connections to the database stay open between tasks.** Celery's own fixup closes every connection
before and after each task, so each tick and each batch of posts opens a new one, which costs
PostgreSQL a process. Here a thread keeps its connection, as web's threads do, until it is older
than DATABASE_CONN_MAX_AGE_SECONDS; Django checks it before the first statement of a task. A
connection on which anything failed is closed: its server may have become a standby. Not psycopg's
pool: with fewer connections than threads, a thread would wait for one while it holds leases; with
as many, nothing is saved.

**Queues are bounded.** One that no worker serves would grow for ever: beat sends ticks, and web and
workers wake-up calls. None of them is more than a call to look into the database, so what comes to
a full queue is dropped. Claims have a bound of their own (`destinations.dispatch.enqueue`).

**A lost connection is an error that Celery survives.** When Redis goes away, Celery drops its
connection and makes a new one. Tasks in flight then acknowledge their messages on the dropped
connection, and kombu raises an AttributeError, which ends the worker. Here it becomes a connection
error. The lost acknowledgement does no harm: a repeated message names claims that are spent.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from celery import Celery
from celery.fixups.django import DjangoFixup, DjangoWorkerFixup
from django.db import connections
from kombu.transport import redis
from kombu.utils.json import dumps
from redis.exceptions import ConnectionError as BrokerGone


class WorkerFixup(DjangoWorkerFixup):
    def validate_models(self) -> None:
        """Set Django up, without its checks: they import every page, and a release has run them."""
        self.django_setup()

    def close_database(self, **_: object) -> None:
        """Close what cannot be used again, before and after each task, on its thread."""
        for connection in connections.all(initialized_only=True):
            if connection.errors_occurred:
                connection.close()
            connection.close_if_unusable_or_obsolete()


class Fixup(DjangoFixup):
    @cached_property
    def worker_fixup(self) -> WorkerFixup:
        """Made when a worker starts: it reads the settings."""
        return WorkerFixup(self.app)


def fixup(app: Celery) -> DjangoFixup:
    """Installed by `Celery(fixups=…)` in place of Celery's own."""
    return Fixup(app).install()


#: So many messages are minutes of ticks, and far more than workers that live leave.
MOST_MESSAGES = 1_000
PUT = """
if redis.call('LLEN', KEYS[1]) < tonumber(ARGV[2]) then redis.call('LPUSH', KEYS[1], ARGV[1]) end
"""


class _Channel(redis.Channel):
    _sender: Any = None

    @contextmanager
    def conn_or_acquire(self, client: Any = None) -> Iterator[Any]:
        """Yield one client for every message. kombu makes one for each, which takes longer than
        sending it.
        """
        if client is None and (not self._sender or self._sender.connection_pool is not self.pool):
            self._sender = self._create_client()
        yield client or self._sender

    def _connparams(self, asynchronous: bool = False) -> dict[str, Any]:
        if self.connection is None or self.connection.client is None:
            raise BrokerGone("the connection of this channel was dropped")
        found: dict[str, Any] = super()._connparams(asynchronous=asynchronous)
        return found

    def _put(self, queue: str, message: dict[str, Any], **options: Any) -> None:
        """Send a message; one that belongs to no batch is dropped if its queue is full."""
        is_ours = options.get("_publish_batch") is None and queue not in (self._expires or ())
        if not is_ours:
            super()._put(queue, message, **options)
            return
        key = self._q_for_pri(queue, self._get_message_priority(message, reverse=False))
        with self.conn_or_acquire() as client:
            client.eval(PUT, 1, key, dumps(message), MOST_MESSAGES)


#: How long Redis lets a worker wait for a message before it answers that there is none. The worker
#: asks again at once, so this delays nothing; each question costs both some work.
WAIT_SECONDS = 2


class RedisTransport(redis.Transport):
    Channel = _Channel
    brpop_timeout = WAIT_SECONDS


class SentinelTransport(redis.SentinelTransport):
    brpop_timeout = WAIT_SECONDS

    class Channel(_Channel, redis.SentinelChannel):
        """The channel where Sentinels name the server."""
