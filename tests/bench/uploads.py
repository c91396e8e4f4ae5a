"""The memory that a 200 MB video takes, uploaded to us and then to each network with uploads.

Every process is real. The worker is warm: a small video has gone to each network before.
`python -m tests.bench.uploads [megabytes]`
"""

import os
import secrets
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / ".dovecote" / "bench"
NETWORKS = ("youtube", "x", "tiktok", "linkedin")
SAMPLE_SECONDS = 0.01

os.environ.update(
    DJANGO_SETTINGS_MODULE="config.settings",
    DOVECOTE_HOME=str(HOME),
    SECRET_KEY="bench",
    CREDENTIAL_KEYS="MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    LOG_FORMAT="json",
)

from deploy.local import embedded  # noqa: E402

embedded.start(HOME)

import django  # noqa: E402

django.setup()

import psutil  # noqa: E402

from tests.acceptance.stack import Stack, running  # noqa: E402
from tests.acceptance.team import Team  # noqa: E402
from tests.bench.videos import MEGABYTE, video  # noqa: E402


@contextmanager
def memory(pid: int) -> Iterator[list[int]]:
    """Resident bytes of a process and its children: at the start, and the highest sampled."""

    def resident() -> int:
        process = psutil.Process(pid)
        return sum(p.memory_info().rss for p in (process, *process.children(recursive=True)))

    seen = [resident(), 0]
    done = threading.Event()

    def sample() -> None:
        while not done.wait(SAMPLE_SECONDS):
            seen[1] = max(seen[1], resident())

    watcher = threading.Thread(target=sample)
    watcher.start()
    try:
        yield seen
    finally:
        done.set()
        watcher.join()


def publish(
    stack: Stack, team: Team, networks: tuple[str, ...], media_id: str
) -> tuple[float, int]:
    """(seconds, growth of the worker in bytes) for one video to these networks."""
    accounts = [pk for pk, (network, _) in team.accounts.items() if network in networks]
    with memory(stack._running["worker"].pid) as seen:
        started = time.monotonic()
        # Some networks refuse the same text twice.
        team.published(team.post(f"A video {secrets.token_hex(4)}", accounts, media_ids=[media_id]))
        seconds = time.monotonic() - started
    return seconds, seen[1] - seen[0]


def main() -> None:
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory() as home, running(Path(home)) as stack:
        team = stack.team(**dict.fromkeys(NETWORKS, 1))
        small = team.upload("small.mp4", "video/mp4", video(1))
        publish(stack, team, NETWORKS, small)
        content = video(megabytes)
        with memory(stack.pid("web")) as seen:
            started = time.monotonic()
            large = team.upload("large.mp4", "video/mp4", content)
            seconds = time.monotonic() - started
        print(
            f"web took {megabytes} MB in {seconds:.1f} s, {(seen[1] - seen[0]) / MEGABYTE:+.1f} MB"
        )
        print(f"{megabytes} MB to each network; growth of the worker's memory")
        for networks in (*((network,) for network in NETWORKS), NETWORKS):
            seconds, grown = publish(stack, team, networks, large)
            name = networks[0] if len(networks) == 1 else "all at once"
            rate = megabytes * len(networks) / seconds
            print(f"{name:12} {seconds:6.1f} s {rate:7.0f} MB/s {grown / MEGABYTE:+7.1f} MB")


main()
