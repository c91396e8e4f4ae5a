"""A script's connections, when an answer comes too late."""

from contextlib import suppress
from urllib.parse import urlsplit

import pytest
import redis
from redis.sentinel import SentinelConnectionPool

from deploy.local import embedded
from posts.keys import redis_script
from posts.keys.redis_script import RedisScript
from tests.posts.keys.own_redis import own_redis


class Sentinels:
    """They name the one Redis that there is."""

    def __init__(self, url: str) -> None:
        self._named = urlsplit(url)

    def discover_master(self, service: str) -> tuple[str, int]:
        return str(self._named.hostname), int(self._named.port or 6379)


class NamedBySentinels:
    @staticmethod
    def from_url(url: str, **options: object) -> redis.ConnectionPool:
        login = {"password": urlsplit(url).password}
        return SentinelConnectionPool("dovecote", Sentinels(url), **login, **options)


@pytest.mark.parametrize("pool", [redis_script.Pool, NamedBySentinels])
def test_an_answer_that_came_too_late_is_not_a_later_callers(monkeypatch, tmp_path, pool):
    """Late because Redis pauses. A script that takes as long would hold up all who use it."""
    monkeypatch.setattr(redis_script, "Pool", pool)
    with own_redis(tmp_path, embedded.free_port()) as url, redis.Redis.from_url(url) as operator:
        script = RedisScript("return ARGV[1]", url, timeout_seconds=0.1)
        with suppress(redis.TimeoutError):
            script(0, "first")

        operator.client_pause(1000)
        with pytest.raises(redis.TimeoutError):
            script(0, "slow")

        def called() -> bytes:
            for _ in range(500):
                with suppress(redis.TimeoutError):
                    return script(0, "fast")
            raise AssertionError("Redis does not answer within a tenth of a second")

        assert [called() for _ in range(3)] == [b"fast"] * 3
