"""Shared by the benchmarks of publishing: servers, the simulator, processes, posts to publish."""

import logging
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / ".dovecote" / "bench"
ANSWER_SECONDS = 0.05
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

from deploy.local import embedded  # noqa: E402

embedded.start(HOME)

import django  # noqa: E402

django.setup()
# It logs every request.
logging.getLogger("httpx").setLevel(logging.WARNING)

import httpx  # noqa: E402
import psutil  # noqa: E402
from django.utils import timezone  # noqa: E402

from destinations.models import Destination  # noqa: E402
from posts.models import Post, Workspace  # noqa: E402
from tests.factories import make_account, make_post  # noqa: E402


@contextmanager
def process(*command: str) -> Iterator[psutil.Process]:
    """A child process for the length of the block; its output goes to a file below HOME."""
    log = (HOME / f"{command[1]}.log").open("w")
    child = subprocess.Popen([sys.executable, *command], cwd=ROOT, stdout=log, stderr=log)
    try:
        yield psutil.Process(child.pid)
    finally:
        child.terminate()
        try:
            child.wait(20)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def cpu_seconds(running: psutil.Process) -> float:
    """The CPU time that a process and its children have used."""
    every = (running, *running.children(recursive=True))
    return sum(times.user + times.system for times in (each.cpu_times() for each in every))


def wait_for_simulator() -> None:
    for _ in range(100):
        try:
            httpx.get(f"{SIMULATOR}/wall.json")
        except httpx.ConnectError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the simulator did not start")


def prepare(count: int, accounts: int) -> None:
    """`count` posts to X, one destination each, spread over the accounts and due in an hour."""
    Post.objects.all().delete()
    Workspace.objects.all().delete()
    workspace = Workspace.objects.create(name="bench")
    made, http = [], httpx.Client(base_url=SIMULATOR)
    http.post("/control/clear").raise_for_status()
    for number in range(accounts):
        token = f"token-{number}-{time.time_ns()}"
        body = {"network": "x", "id": str(number), "name": "n", "username": "u", "token": token}
        http.post("/control/accounts", json=body).raise_for_status()
        made.append(make_account(workspace, "x", token=token, platform_account_id=str(number)))
    at = timezone.now() + timedelta(hours=1)
    for number in range(count):
        make_post(workspace, [made[number % accounts]], content=f"Post {number}", scheduled_for=at)
    fault = {"network": "x", "delay_seconds": ANSWER_SECONDS}
    http.post("/control/faults", json=fault).raise_for_status()
    http.close()


def schedule(due_in_seconds: float) -> datetime:
    """Make everything due then; returns the time."""
    at = timezone.now() + timedelta(seconds=due_in_seconds)
    Destination.objects.update(due_at=at, wanted_at=at)
    Post.objects.update(scheduled_for=at)
    return at
