"""2,000 destinations due in the same second, against raw Celery no-op tasks, in one run.

One worker process, the simulator answering after 50 ms, the same Redis and the same pool. Prints
the worker's CPU time per post too, in milliseconds and in no-op tasks of the same run.
`python -m tests.bench [destinations] [accounts]`
"""

import sys
import time

from tests.bench.environment import (
    HOME,
    PORT,
    SIMULATOR,
    cpu_seconds,
    prepare,
    process,
    schedule,
    wait_for_simulator,
)

# isort: split
import httpx
import psutil
import redis
from celery import current_app
from django.conf import settings
from django.core.management import call_command
from django.db.models import Count
from django.utils import timezone
from kombu import Exchange, Queue

from destinations.models import Attempt, Destination, Event
from tests.bench.noop import noop

NOOPS = 6000
WORKER = ("celery", "-A", "config", "worker", "-I", "tests.bench.noop", "-l", "warning")


def raw_noops(broker: redis.Redis, worker: psutil.Process) -> tuple[float, float]:
    """No-op tasks per second, and CPU seconds of each, drained from a full queue."""
    current_app.amqp.queues.add(Queue("bench", Exchange("bench"), "bench"))
    with current_app.producer_or_acquire() as producer, producer.batch():
        for _ in range(NOOPS):
            noop.apply_async(producer=producer)
    current_app.control.add_consumer("bench", reply=True, timeout=10, limit=1)
    while broker.llen("bench") > NOOPS * 0.9:
        time.sleep(0.005)
    used = cpu_seconds(worker)
    started, left = time.monotonic(), broker.llen("bench")
    while (remaining := broker.llen("bench")) > NOOPS * 0.1:
        time.sleep(0.005)
    done, seconds = left - remaining, time.monotonic() - started
    return done / seconds, (cpu_seconds(worker) - used) / done


def publish_all(count: int) -> float:
    """Seconds from the due time until the last destination is published."""
    at = Destination.objects.values_list("due_at", flat=True)[0]
    while Destination.objects.filter(status="published").count() < count:
        current_app.send_task("destinations.enqueue_due", queue="dispatch", expires=10)
        time.sleep(settings.TICK_SECONDS - timezone.now().microsecond / 1e6 % 0.5)
        if (timezone.now() - at).total_seconds() > 120:
            break
    return (Destination.objects.order_by("-published_at")[0].published_at - at).total_seconds()


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    accounts = int(sys.argv[2]) if len(sys.argv) > 2 else 500
    call_command("migrate", verbosity=0)
    broker = redis.Redis.from_url(settings.REDIS_URL)
    with process("-m", "platforms.simulator", "--home", str(HOME / "sim"), "--port", str(PORT)):
        wait_for_simulator()
        with process("-m", *WORKER) as worker:
            while not current_app.control.ping(timeout=1):
                pass
            noops, noop_cpu = raw_noops(broker, worker)
            prepare(count, accounts)
            used = cpu_seconds(worker)
            schedule(due_in_seconds=5)
            seconds = publish_all(count)
            cpu = (cpu_seconds(worker) - used) / count
        public = httpx.get(f"{SIMULATOR}/wall.json", params={"limit": "1"}).json()["total"]
    lags = sorted(
        (started - wanted).total_seconds()
        for started, wanted in Attempt.objects.values_list("started_at", "wanted_at")
    )
    rate = count / seconds
    groups = Event.objects.filter(move="succeed").values("at").annotate(n=Count("pk"))
    per_commit = count / len(groups)
    print(f"raw no-op tasks        {noops:8.0f} /s")
    print(f"destinations published {rate:8.0f} /s   {public} public of {count}")
    print(f"lag p50 {lags[len(lags) // 2]:.2f} s   p99 {lags[int(len(lags) * 0.99)]:.2f} s")
    print(f"written per commit     {per_commit:8.1f}")
    print(f"ratio                  {rate / noops:8.2f}")
    print(f"worker CPU per post    {cpu * 1000:8.2f} ms = {cpu / noop_cpu:.1f} no-op tasks")


main()
