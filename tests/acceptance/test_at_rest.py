"""How often the processes move while nothing is due: what waits for work must not ask for it."""

import time
from pathlib import Path

import psutil
import pytest
from redis.client import Monitor

from tests.acceptance.stack import SETTINGS, Stack, empty, up

pytestmark = pytest.mark.thorough
#: A minute is measured in so many seconds: the slowest clock but that of a minute has five.
SECONDS = 30
#: Per minute, each a third above what was measured: 254, 1,034 and 1,430. A tick asks for the
#: length of each queue, of which fourteen networks have 28: 336 commands.
MOST_TRANSACTIONS, MOST_COMMANDS, MOST_WAKE_UPS = 340, 1_380, 1_900
TRANSACTIONS = """
SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()
"""


def wake_ups(processes: list[psutil.Process]) -> int:
    """Return how often their threads have waited for something so far."""
    found = 0
    for process in processes:
        for task in Path(f"/proc/{process.pid}/task").iterdir():
            lines = (task / "status").read_text().splitlines()
            [count] = [each.split()[1] for each in lines if each.startswith("voluntary_ctxt")]
            found += int(count)
    return found


def commands(monitor: Monitor, database: int, seconds: float) -> int:
    """Return how many commands clients send to this database of Redis, without those of scripts."""
    found, end_at = 0, time.monotonic() + seconds
    while (left := end_at - time.monotonic()) > 0:
        if monitor.connection.can_read(timeout=left):
            command = monitor.next_command()
            found += command["db"] == database and command["client_type"] != "lua"
    return found


def test_at_rest_little_is_asked_and_no_process_wakes_often(tmp_path: Path) -> None:
    """The simulator, web, beat, and a worker of every queue."""
    with empty(tmp_path, SETTINGS) as stack, up(stack, "worker"):
        stack.team(x=1)
        stack.ticks(3)
        said = measure(stack)

    assert said["transactions"] < MOST_TRANSACTIONS, said
    assert said["commands"] < MOST_COMMANDS, said
    assert said["wake-ups"] < MOST_WAKE_UPS, said


def measure(stack: Stack) -> dict[str, float]:
    names = ("simulator", "web", "beat", "worker")
    family = [each for name in names for each in stack.family(name)]
    [(transactions,)], woken = stack.rows(TRANSACTIONS), wake_ups(family)
    with stack.broker.monitor() as monitor:
        count = commands(monitor, stack.broker.get_connection_kwargs()["db"], SECONDS)
    [(after,)] = stack.rows(TRANSACTIONS)
    found = {
        "transactions": after - transactions,
        "commands": count,
        "wake-ups": wake_ups(family) - woken,
    }
    return {name: value * 60 / SECONDS for name, value in found.items()}
