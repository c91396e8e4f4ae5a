"""The compact form with PostgreSQL and Valkey: its memory at rest, in a rush, and after a video.

Where this process may make a control group, the three have no more than LIMIT_MB together.
"""

import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import psutil

from tests.bench import environment  # isort: skip  # before Django's models

from config.queue.processes import COMPACT
from deploy.local.readiness import answers
from deploy.local.supervisor import Service
from deploy.local.up import simulator_service
from tests.bench import lags, load, network
from tests.bench.api_client import Client
from tests.bench.processes import SERVERS, running
from tests.bench.result import Result, at_most, percentile
from tests.bench.videos import video

LIMIT_MB = 512
DUE = 2_000
VIDEO_MB = 200
VIDEO_SECONDS = 120
SETTLE_SECONDS = 15
GROUP = Path("/sys/fs/cgroup/memory/dovecote-bench")
MB = 1024 * 1024


def results(*, short: bool = False) -> list[Result]:
    count = 200 if short else DUE
    local = environment.LOCAL
    command = (sys.executable, *COMPACT[1:])
    environ = {"WEB_PORT": str(local.ports.web)}
    is_up = partial(answers, f"{local.web_url}/healthz")
    compact = Service("compact", command, environment.ROOT, is_up, environ)
    with running(compact) as started:
        ours, servers = _family(psutil.Process(started["compact"].pid)), _servers()
        with _limited([*ours, *servers]) as is_limited:
            time.sleep(SETTLE_SECONDS)
            resting = _pss_mb(ours)
            with running(network.stub()):
                late = _late(count)
            busy = _pss_mb([*ours, *servers])
            with running(simulator_service(local)):
                uploaded, published = _video(20 if short else VIDEO_MB)
            after = _pss_mb([*ours, *servers])
            if not all(each.is_running() for each in ours):
                raise SystemExit("A process of the compact form has ended.")
    limit = f"in a control group of {LIMIT_MB} MB" if is_limited else "with no limit"
    return [
        Result(
            "memory at rest (PSS)",
            resting,
            "MB",
            bar=at_most(300),
            margin=at_most(350),
            headline="nothing due: memory of the compact form for small machines",
        ),
        Result("due at once: start lag p99", percentile(late, 99), "s", note=f"{count}, {limit}."),
        Result("memory after them, with the servers", busy, "MB", bar=at_most(LIMIT_MB)),
        Result("a large video: uploaded to us", uploaded, "s", note=f"{VIDEO_MB} MB, {limit}."),
        Result("a large video: published", published, "s"),
        Result("memory after it, with the servers", after, "MB", bar=at_most(LIMIT_MB)),
    ]


def _late(count: int) -> list[float]:
    """How late each of so many posts of the same moment begins, in seconds."""
    load.empty()
    workspace = load.workspace()
    due_at = load.notice(count)
    load.posts(workspace, load.accounts(workspace, 50), count, due_at, "Compact")
    lags.wait_until_begun(workspace, count, within_seconds=120)
    return lags.of(workspace)


def _video(megabytes: int) -> tuple[float, float]:
    """Seconds in which a video reached us, and then a network."""
    load.empty()
    workspace = load.workspace()
    [account] = load.accounts(workspace, 1, "youtube")
    network.introduce([account])
    client, content = Client(workspace), video(megabytes)
    began = time.monotonic()
    media = client.upload("large.mp4", "video/mp4", content)
    uploaded = time.monotonic()
    post = client.publish("A large video", account, media_ids=[media])
    while (found := client.get(f"posts/{post}/results")[0])["status"] != "published":
        if time.monotonic() > uploaded + VIDEO_SECONDS:
            raise SystemExit(f"The video is not published: {found}")
        time.sleep(0.1)
    return uploaded - began, time.monotonic() - uploaded


def _family(process: psutil.Process) -> list[psutil.Process]:
    return [process, *process.children(recursive=True)]


def _servers() -> list[psutil.Process]:
    """PostgreSQL and Valkey, which the tests' environment has started."""
    children = psutil.Process().children()
    return [each for child in children if child.name() in SERVERS for each in _family(child)]


def _pss_mb(processes: Iterable[psutil.Process]) -> float:
    total = 0
    for each in processes:
        with suppress(psutil.NoSuchProcess):  # a connection that has ended
            total += each.memory_full_info().pss
    return total / MB


@contextmanager
def _limited(processes: Iterable[psutil.Process]) -> Iterator[bool]:
    """Yield whether these, and what they start, are limited to LIMIT_MB meanwhile."""
    try:
        GROUP.mkdir()
    except OSError:
        yield False
        return
    try:
        (GROUP / "memory.limit_in_bytes").write_text(str(LIMIT_MB * MB))
        for each in processes:
            (GROUP / "cgroup.procs").write_text(str(each.pid))
        yield True
    finally:
        for pid in (GROUP / "cgroup.procs").read_text().split():
            (GROUP.parent / "cgroup.procs").write_text(pid)
        GROUP.rmdir()
