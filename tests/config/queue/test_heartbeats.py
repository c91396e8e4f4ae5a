"""Heartbeats of workers, by the time of Redis."""

import json

import pytest
import redis
from celery.worker import state
from django.conf import settings

from config.management.commands.doctor import findings
from config.queue import heartbeat_step, heartbeats, routing
from destinations.jobs import engine as jobs_engine
from destinations.publishing import worker as engine

pytestmark = pytest.mark.usefixtures("no_workers")


def wait(seconds: float) -> None:
    """Make all heartbeats this much older."""
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        for entry, _ in client.zrange(heartbeats.KEY, 0, -1, withscores=True):
            client.zincrby(heartbeats.KEY, -seconds, entry)


def alive() -> dict[str, int]:
    return {name: kind.alive for name, kind in routing.kinds().items()}


def test_a_worker_is_alive_as_long_as_it_has_heartbeats():
    heartbeats.record("worker@a", routing.SERVED["worker"])
    wait(heartbeats.DEAD_AFTER_SECONDS - 5)
    assert alive() == {"worker": 1, "uploader": 0}

    wait(10)
    assert alive() == {"worker": 0, "uploader": 0}
    assert routing.kinds()["worker"].unserved == tuple(sorted(routing.SERVED["worker"]))

    heartbeats.record("worker@a", routing.SERVED["worker"])
    assert alive() == {"worker": 1, "uploader": 0}


def test_one_worker_of_every_queue_is_worker_and_uploader():
    heartbeats.record("celery@a", frozenset().union(*routing.SERVED.values()))

    assert alive() == {"worker": 1, "uploader": 1}
    assert not any(kind.unserved for kind in routing.kinds().values())


def test_a_queue_that_no_worker_serves_is_named():
    heartbeats.record("uploader@a", routing.SERVED["uploader"] - {"media"})

    assert routing.kinds()["uploader"] == routing.QueueKind(1, ("media",))


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


def test_a_redis_that_is_away_is_no_reason_to_restart_a_worker(monkeypatch):
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")

    assert heartbeats.main("worker@a", "--restart") == 0
    with pytest.raises(redis.RedisError):
        heartbeats.main("worker@a")


def test_a_worker_without_a_heartbeat_is_restarted():
    heartbeats.record("worker@a", ["dispatch"])

    assert [heartbeats.main(name, "--restart") for name in ("worker@a", "worker@c")] == [0, 1]


def test_a_heartbeat_says_what_its_process_runs():
    said = heartbeats.Details("1.2.3", {"x": 7}, 30, {"posts.make_variants": 1})
    heartbeats.record("worker@a", ["dispatch"], said)

    assert [worker.details for worker in heartbeats.known()] == [said]


def test_a_change_of_what_it_runs_makes_no_second_process():
    heartbeats.record("worker@a", ["dispatch"], heartbeats.Details("1", {"x": 7}))
    heartbeats.record("worker@a", ["dispatch"], heartbeats.Details("1", {"x": 6}))

    assert [worker.details.publishing for worker in heartbeats.known()] == [{"x": 6}]


def test_heartbeats_of_other_versions_are_read():
    """As while one process after the other is updated."""
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        seconds, _ = client.time()
        older, newer = (json.dumps([name, ["media"]]) for name in ("older@a", "newer@a"))
        client.zadd(heartbeats.KEY, {older: seconds, newer: seconds})
        client.set(f"{heartbeats.DETAILS}newer@a", json.dumps({"version": "9", "mood": "good"}))

        found = {worker.name: worker for worker in heartbeats.known()}
        client.delete(f"{heartbeats.DETAILS}newer@a")

    assert all(worker.is_alive for worker in found.values())
    assert found["older@a"].details == heartbeats.Details()
    assert found["newer@a"].details == heartbeats.Details("9")


class Consumer:
    """As much of a worker's consumer as a heartbeat reads."""

    class Queue:
        name = "media"

    class TaskConsumer:
        queues = ()

    hostname = "uploader@a"
    task_consumer = TaskConsumer()

    def __init__(self):
        self.task_consumer.queues = [self.Queue()]
        self.timer = self

    def call_repeatedly(self, seconds, call, arguments):
        return self

    def cancel(self):
        pass


class Request:
    name = "posts.make_variants"


def test_a_worker_tells_its_tasks_and_what_it_publishes(monkeypatch):
    request = Request()
    monkeypatch.setattr(state, "active_requests", {request})
    monkeypatch.setattr(engine, "in_flight", lambda: ({"youtube": 2}, 1))

    heartbeat_step.HeartbeatStep(None).start(Consumer())

    [worker] = heartbeats.known()
    assert (worker.name, worker.queues) == ("uploader@a", {"media"})
    assert worker.details == heartbeats.Details(
        settings.VERSION, {"youtube": 2}, 1, {"posts.make_variants": 1}
    )


def test_a_worker_whose_engine_is_broken_says_so_and_counts_as_dead(monkeypatch, db):
    monkeypatch.setattr(jobs_engine, "broken", lambda: ["publishing"])
    queues = routing.SERVED["worker"]

    heartbeats.record("worker@a", queues, heartbeat_step._details())

    (known,) = heartbeats.known()
    assert (known.is_heard, known.is_alive, known.details.broken) == (True, False, ["publishing"])
    assert alive() == {"worker": 0, "uploader": 0}
    assert heartbeats.main("worker@a") == 1
    (problem, *_) = findings(["workers"])
    assert problem.said.endswith(" worker@a runs, but not its publishing.")
