"""10,000 destinations of 1,000 accounts due in one second, rescheduled since the last ANALYZE.

Two worker processes and beat, as in production. Prints the longest pause between two starts, and
exits with 1 if it is over a second. `python -m tests.bench.spike [destinations] [accounts]`
"""

import sys
import time
from contextlib import ExitStack
from datetime import datetime
from itertools import pairwise

from tests.bench.environment import HOME, PORT, prepare, process, schedule, wait_for_simulator

# isort: split
from celery import current_app
from django.core.management import call_command
from django.db import connection

from destinations.models import Attempt, Destination

MAX_PAUSE_SECONDS = 1
GIVE_UP_SECONDS = 600
CELERY = ("-m", "celery", "-A", "config")


def spoil_statistics() -> None:
    """ANALYZE while nothing is due, and never again."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE destinations_destination SET (autovacuum_enabled = false)")
        cursor.execute("ANALYZE destinations_destination")


def publish_all(count: int, workers: int) -> datetime:
    """Publish everything; returns the due time."""
    with ExitStack() as running:
        for number in range(workers):
            name = f"bench{number}@localhost"
            running.enter_context(process(*CELERY, "worker", "-n", name, "-l", "warning"))
        while len(current_app.control.ping(timeout=1)) < workers:
            pass
        at = schedule(due_in_seconds=15)
        running.enter_context(process(*CELERY, "beat", "-l", "warning"))
        give_up_at = time.monotonic() + GIVE_UP_SECONDS
        while Destination.objects.exclude(due_at=None).exists():
            if time.monotonic() > give_up_at:
                raise SystemExit(f"not everything ended within {GIVE_UP_SECONDS} s")
            time.sleep(0.5)
    return at


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    accounts = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000
    call_command("migrate", verbosity=0)
    simulator = ["-m", "platforms.simulator", "--home", str(HOME / "sim"), "--port", str(PORT)]
    with process(*simulator):
        wait_for_simulator()
        prepare(count, accounts)
        spoil_statistics()
        at = publish_all(count, workers=2)
    starts = sorted(Attempt.objects.values_list("started_at", flat=True))
    lags = [(start - at).total_seconds() for start in starts]
    pause, begun = max((later - earlier, earlier) for earlier, later in pairwise(lags))
    published = Destination.objects.filter(status="published").count()
    print(f"published              {published:8} of {count}")
    print(f"begun                  {len(lags) / lags[-1]:8.0f} /s")
    print(f"lag p50 {lags[len(lags) // 2]:.2f} s   p99 {lags[int(len(lags) * 0.99)]:.2f} s")
    print(f"first start            {lags[0]:8.2f} s after the due time")
    print(f"longest pause          {pause:8.2f} s between two starts, from second {begun:.1f}")
    raise SystemExit(pause > MAX_PAUSE_SECONDS)


main()
