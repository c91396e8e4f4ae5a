"""The reference of throughput: Celery with a task that does nothing.

Nothing of the product is in it. One process with 24 threads drains a full queue, at Celery's
defaults, or careful: a message is acknowledged after its task, and each thread takes one at a time,
so that a dying worker loses none.
"""

import os
import subprocess
import sys
import time
from typing import NamedTuple

import psutil
import redis
from celery import Celery

THREADS = 24
#: Of the measured tasks, those at the start and at the end are not timed.
EDGE = 0.1
WAIT_SECONDS = 60
WORKER = ("-m", "celery", "-A", "tests.bench.bare_celery", "worker", "-P", "threads")

#: A Redis database of its own.
BROKER = os.environ["REDIS_URL"].rpartition("/")[0] + "/1"
app = Celery("bare", broker=BROKER)
app.conf.task_ignore_result = True
if os.environ.get("BARE_CELERY_IS_CAREFUL"):
    app.conf.update(task_acks_late=True, worker_prefetch_multiplier=1)


@app.task
def noop() -> None:
    """Nothing."""


class Rate(NamedTuple):
    per_second: float
    #: CPU of the worker for each task.
    cpu_seconds: float


def drain(count: int, *, careful: bool = False) -> Rate:
    """How fast a worker drains so many no-op tasks."""
    broker = redis.Redis.from_url(BROKER)
    broker.flushdb()
    with app.producer_or_acquire() as producer, producer.batch():
        for _ in range(count):
            noop.apply_async(producer=producer)
    command = [sys.executable, *WORKER, "-c", str(THREADS), "-l", "error"]
    environ = {**os.environ, "BARE_CELERY_IS_CAREFUL": "yes" * careful}
    nowhere = subprocess.DEVNULL
    worker = subprocess.Popen(command, env=environ, stdout=nowhere, stderr=nowhere)
    try:
        process = psutil.Process(worker.pid)
        first = _wait_until_left(broker, count * (1 - EDGE))
        started, cpu = time.monotonic(), sum(process.cpu_times()[:2])
        last = _wait_until_left(broker, count * EDGE)
        seconds, used = time.monotonic() - started, sum(process.cpu_times()[:2]) - cpu
        return Rate((first - last) / seconds, used / (first - last))
    finally:
        worker.kill()
        worker.wait()
        broker.flushdb()
        broker.close()


def _wait_until_left(broker: redis.Redis, count: float) -> int:
    give_up_at = time.monotonic() + WAIT_SECONDS
    while (left := broker.llen("celery")) > count:
        if time.monotonic() > give_up_at:
            raise TimeoutError(f"{left} no-op tasks were left after {WAIT_SECONDS} s")
        time.sleep(0.005)
    return left
