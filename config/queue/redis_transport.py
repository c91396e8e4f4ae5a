"""kombu's Redis transport, with a bound for queues, and one failure turned into a connection error.

A queue that no worker serves would grow for ever: beat sends ticks, and web and workers wake-up
calls. None of them is more than a call to look into the database, so what comes to a full queue is
dropped. Claims have a bound of their own (`destinations.dispatch.enqueue`).

When Redis goes away, Celery drops its connection and makes a new one. Tasks in flight then
acknowledge their messages on the dropped connection, and kombu raises an AttributeError, which ends
the worker. Here it becomes a connection error, which Celery logs and survives. The lost
acknowledgement does no harm: a repeated message names claims that are spent.
"""

from typing import Any

from kombu.transport import redis
from kombu.utils.json import dumps
from redis.exceptions import ConnectionError as BrokerGone

#: So many messages are minutes of ticks, and far more than workers that live leave.
MOST_MESSAGES = 1_000
PUT = """
if redis.call('LLEN', KEYS[1]) < tonumber(ARGV[2]) then redis.call('LPUSH', KEYS[1], ARGV[1]) end
"""


class _Channel(redis.Channel):
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


class RedisTransport(redis.Transport):
    Channel = _Channel


class SentinelTransport(redis.SentinelTransport):
    class Channel(_Channel, redis.SentinelChannel):
        """The channel where Sentinels name the server."""
