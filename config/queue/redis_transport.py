"""kombu's Redis transport, with one failure turned into a connection error.

When Redis goes away, Celery drops its connection and makes a new one. Tasks in flight then
acknowledge their messages on the dropped connection, and kombu raises an AttributeError, which ends
the worker. Here it becomes a connection error, which Celery logs and survives. The lost
acknowledgement does no harm: a repeated message names claims that are spent.
"""

from typing import Any

from kombu.transport import redis
from redis.exceptions import ConnectionError as BrokerGone


class _Dropped(redis.Channel):
    def _connparams(self, asynchronous: bool = False) -> dict[str, Any]:
        if self.connection is None or self.connection.client is None:
            raise BrokerGone("the connection of this channel was dropped")
        found: dict[str, Any] = super()._connparams(asynchronous=asynchronous)
        return found


class RedisTransport(redis.Transport):
    Channel = _Dropped


class SentinelTransport(redis.SentinelTransport):
    class Channel(_Dropped, redis.SentinelChannel):
        """The same where Sentinels name the server."""
