"""Redis whose primary changes, with real Sentinels: everything goes on at the new one."""

import time

import pytest
from celery import Celery
from django.core.cache.backends.redis import RedisCache
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from config import env
from config.celery import configure
from config.queue import heartbeats
from config.status.servers import check_sentinels
from destinations.runtime import redis_client
from posts.keys.redis_script import RedisScript
from tests import sentinels

AWAY = (OSError, RedisError, OperationalError)


@pytest.fixture
def group(tmp_path):
    with sentinels.group(tmp_path) as running:
        yield running


def uses(url):
    """Each of the ways in which Dovecote speaks to Redis, as something to do."""
    app = Celery("failover", fixups=[], set_as_current=False)
    app.conf.update(configure(url, 1), broker_connection_retry=False)
    cache = env.cache(url)
    cached = RedisCache(cache["LOCATION"], {"OPTIONS": cache["OPTIONS"]})
    script = RedisScript("return 'done'", url, 1)

    def send_and_receive():
        with app.connection_for_write() as sending:
            sending.default_channel.queue_declare("failover")
            sending.Producer().publish("there", routing_key="failover", retry=False)
        with app.connection_for_read() as receiving:
            message = receiving.SimpleQueue("failover").get(timeout=5)
            message.ack()
        return message.payload

    yield "a client", lambda: redis_client.client(url).set("a", "b")
    yield "the cache", lambda: cached.set("a", "b") or cached.get("a")
    yield "a script", lambda: script(0)
    yield "a message", send_and_receive


def until_it_works(what):
    give_up_at = time.monotonic() + sentinels.WITHIN_SECONDS
    while True:
        try:
            return what()
        except AWAY:
            assert time.monotonic() < give_up_at
            time.sleep(0.05)


def test_after_a_failover_everything_goes_on_at_the_new_primary(group, monkeypatch, settings):
    done = {name: (what, what()) for name, what in uses(group.url)}
    settings.REDIS_URL = group.url
    assert [finding.level for finding in check_sentinels()] == ["ok"]
    # One Sentinel of three may be away, too.
    group.kill(group.sentinels[0])

    group.kill(group.primary)

    for name, (what, before) in done.items():
        assert until_it_works(what) == before, name
    heartbeats.record("worker@here", ["x"])
    assert [worker.name for worker in heartbeats.known()] == ["worker@here"]
    monkeypatch.setenv("REDIS_URL", group.url)
    assert heartbeats.main("worker@here") == 0
    [finding] = check_sentinels()
    assert finding.level == "warning"
    assert f"127.0.0.1:{group.sentinels[0]}" in finding.said
