"""Heartbeats of workers, by the time of Redis."""

import pytest
import redis
from django.conf import settings

from config.queue import heartbeats, workers

pytestmark = pytest.mark.usefixtures("no_workers")


def wait(seconds: float) -> None:
    """Make all heartbeats this much older."""
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        for entry, _ in client.zrange(heartbeats.KEY, 0, -1, withscores=True):
            client.zincrby(heartbeats.KEY, -seconds, entry)


def alive() -> dict[str, int]:
    return {name: kind.alive for name, kind in workers.kinds().items()}


def test_a_worker_is_alive_as_long_as_it_has_heartbeats():
    heartbeats.record("worker@a", workers.SERVED["worker"])
    wait(heartbeats.DEAD_AFTER_SECONDS - 5)
    assert alive() == {"worker": 1, "uploader": 0}

    wait(10)
    assert alive() == {"worker": 0, "uploader": 0}
    assert workers.kinds()["worker"].unserved == tuple(sorted(workers.SERVED["worker"]))

    heartbeats.record("worker@a", workers.SERVED["worker"])
    assert alive() == {"worker": 1, "uploader": 0}


def test_one_worker_of_every_queue_is_worker_and_uploader():
    heartbeats.record("celery@a", frozenset().union(*workers.SERVED.values()))

    assert alive() == {"worker": 1, "uploader": 1}
    assert not any(kind.unserved for kind in workers.kinds().values())


def test_a_queue_that_no_worker_serves_is_named():
    heartbeats.record("uploader@a", workers.SERVED["uploader"] - {"media"})

    assert workers.kinds()["uploader"] == workers.Kind(1, ("media",))


def test_a_worker_that_stops_on_purpose_is_dropped_at_once():
    heartbeats.record("worker@a", ["dispatch"])
    heartbeats.remove("worker@a", ["dispatch"])

    assert heartbeats.known() == []


def test_workers_long_dead_are_dropped():
    heartbeats.record("worker@old", ["dispatch"])
    wait(heartbeats.FORGET_AFTER_SECONDS + 1)
    heartbeats.record("worker@new", ["dispatch"])

    assert [worker.name for worker in heartbeats.known()] == ["worker@new"]


def test_a_containers_check_asks_about_its_own_worker():
    heartbeats.record("worker@a", ["dispatch"])
    heartbeats.record("worker@b", ["dispatch"])

    assert [heartbeats.main(name) for name in ("worker@a", "worker@c")] == [0, 1]

    wait(heartbeats.DEAD_AFTER_SECONDS + 1)
    assert heartbeats.main("worker@a") == 1
