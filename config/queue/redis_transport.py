"""Redis as Celery speaks to it, and as it is when it has gone away.

When Redis goes away, Celery drops its connection and makes a new one. Tasks in flight then
acknowledge their messages on what was dropped, and kombu stumbles over the parts that are gone:
an AttributeError that nobody foresees, which ends the worker. Here it is what it is, a connection
error, which Celery logs and outlives. The acknowledgement is not missed: a repeated message names
claims that are spent.
"""

from typing import Any

from kombu.transport import redis
from redis.exceptions import ConnectionError as BrokerGone


class Channel(redis.Channel):
    def _connparams(self, asynchronous: bool = False) -> dict[str, Any]:
        if self.connection is None or self.connection.client is None:
            raise BrokerGone("the connection of this channel was dropped")
        found: dict[str, Any] = super()._connparams(asynchronous=asynchronous)
        return found


class Transport(redis.Transport):
    Channel = Channel
