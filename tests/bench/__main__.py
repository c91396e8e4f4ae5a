"""2,000 destinations due in the same second, against raw Celery no-op tasks, in one run.

One worker process, the simulator answering after 50 ms, the same Redis and the same pool.
`python -m tests.bench [destinations] [accounts]`
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / ".dovecote" / "bench"
ANSWER_SECONDS = 0.05
NOOPS = 6000
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    PORT = free.getsockname()[1]
SIMULATOR = f"http://127.0.0.1:{PORT}"

os.environ.update(
    DJANGO_SETTINGS_MODULE="config.settings",
    DOVECOTE_HOME=str(HOME),
    SECRET_KEY="bench",
    CREDENTIAL_KEYS="MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    SIMULATOR_URL=SIMULATOR,
    LOG_FORMAT="json",
)

from config import embedded  # noqa: E402

embedded.start(HOME)

import django  # noqa: E402

django.setup()

import httpx  # noqa: E402
import redis  # noqa: E402
from celery import current_app  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db.models import Count  # noqa: E402
from django.utils import timezone  # noqa: E402
from kombu import Exchange, Queue  # noqa: E402

from destinations.models import Attempt, Destination, Event  # noqa: E402
from posts.models import Post, Workspace  # noqa: E402
from tests.bench.noop import noop  # noqa: E402
from tests.factories import make_account, make_post  # noqa: E402


@contextmanager
def process(*command: str) -> Iterator[None]:
    """A child for as long as the block lasts; what it prints goes to a file of the bench's home."""
    log = (HOME / f"{command[1]}.log").open("w")
    child = subprocess.Popen([sys.executable, *command], cwd=ROOT, stdout=log, stderr=log)
    try:
        yield
    finally:
        child.terminate()
        try:
            child.wait(20)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def wait_for_simulator() -> None:
    for _ in range(100):
        try:
            httpx.get(f"{SIMULATOR}/wall.json")
        except httpx.ConnectError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the simulator did not start")


def prepare(count: int, accounts: int, due_in_seconds: float) -> None:
    Post.objects.all().delete()
    Workspace.objects.all().delete()
    workspace = Workspace.objects.create(name="bench")
    made, http = [], httpx.Client(base_url=SIMULATOR)
    for number in range(accounts):
        token = f"token-{number}-{time.time_ns()}"
        body = {"network": "x", "id": str(number), "name": "n", "username": "u", "token": token}
        http.post("/control/accounts", json=body).raise_for_status()
        made.append(make_account(workspace, "x", token=token, platform_account_id=str(number)))
    at = timezone.now() + timedelta(hours=1)
    for number in range(count):
        make_post(workspace, [made[number % accounts]], content=f"Post {number}", scheduled_for=at)
    fault = {"network": "x", "delay_seconds": ANSWER_SECONDS}
    httpx.post(f"{SIMULATOR}/control/faults", json=fault).raise_for_status()
    at = timezone.now() + timedelta(seconds=due_in_seconds)
    Destination.objects.update(due_at=at, wanted_at=at)
    Post.objects.update(scheduled_for=at)


def raw_noops(broker: redis.Redis) -> float:
    """No-op tasks per second, drained from a queue that was filled beforehand."""
    current_app.amqp.queues.add(Queue("bench", Exchange("bench"), "bench"))
    with current_app.producer_or_acquire() as producer, producer.batch():
        for _ in range(NOOPS):
            noop.apply_async(producer=producer)
    current_app.control.add_consumer("bench", reply=True, timeout=10, limit=1)
    while broker.llen("bench") > NOOPS * 0.9:
        time.sleep(0.005)
    started, left = time.monotonic(), broker.llen("bench")
    while (remaining := broker.llen("bench")) > NOOPS * 0.1:
        time.sleep(0.005)
    return (left - remaining) / (time.monotonic() - started)


def publish_all(count: int) -> float:
    """Seconds from the due time until the last one is published."""
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
    worker = ["-m", "celery", "-A", "config", "worker", "-I", "tests.bench.noop", "-l", "warning"]
    simulator = ["-m", "platforms.simulator", "--home", str(HOME / "sim"), "--port", str(PORT)]
    with process(*simulator):
        wait_for_simulator()
        with process(*worker):
            while not current_app.control.ping(timeout=1):
                pass
            noops = raw_noops(broker)
            prepare(count, accounts, due_in_seconds=5)
            seconds = publish_all(count)
        public = httpx.get(f"{SIMULATOR}/wall.json", params={"limit": "1"}).json()["total"]
        httpx.post(f"{SIMULATOR}/control/clear")
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


main()
