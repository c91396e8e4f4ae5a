"""A script's connections, when an answer comes too late."""

from contextlib import suppress
from urllib.parse import urlsplit

import pytest
import redis
from redis.sentinel import SentinelConnectionPool

from posts.keys import redis_script
from posts.keys.redis_script import RedisScript

#: Answers with its argument; `slow` after 300 ms.
LUA = """
local function now()
    local time = redis.call('TIME')
    return time[1] * 1000 + time[2] / 1000
end
local over = now() + (ARGV[1] == 'slow' and 300 or 0)
while now() < over do end
return ARGV[1]
"""


class Sentinels:
    """They name the tests' Redis."""

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
def test_an_answer_that_came_too_late_is_not_a_later_callers(settings, monkeypatch, pool):
    monkeypatch.setattr(redis_script, "Pool", pool)
    script = RedisScript(LUA, settings.REDIS_URL, timeout_seconds=0.1)
    with suppress(redis.TimeoutError):
        script(0, "first")

    with pytest.raises(redis.TimeoutError):
        script(0, "slow")

    def called() -> bytes:
        for _ in range(500):
            with suppress(redis.TimeoutError):
                return script(0, "fast")
        raise AssertionError("Redis does not answer within a tenth of a second")

    assert [called() for _ in range(3)] == [b"fast"] * 3
