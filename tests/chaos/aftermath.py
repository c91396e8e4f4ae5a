"""What must be true once an outage is over: all goes on by itself, and by messages."""

from datetime import UTC, datetime
from typing import Any

from platforms.registry import QUEUES
from tests.chaos.ground import WORKERS, Ground

#: Well below a lease: work that starts so soon was sent by a message.
WAKES_WITHIN_SECONDS = 10

#: How many workers have begun something since.
WORKERS_SINCE = """
SELECT count(DISTINCT worker) FROM destinations_attempt WHERE started_at > %s
"""
#: Of what was asked for since: how much is not begun, and how long the rest waited (the median).
BEGUN_SINCE = """
SELECT count(*) FILTER (WHERE a.number IS NULL), extract(epoch FROM
       percentile_disc(0.5) WITHIN GROUP (ORDER BY a.started_at - d.created_at))
FROM destinations_destination d
LEFT JOIN destinations_attempt a ON a.destination_id = d.id AND a.number = 1
WHERE d.created_at > %s
"""


def goes_on(ground: Ground) -> None:
    """The books count from now. Nothing is restarted, and no process has ended."""
    ground.broken()
    ground.until("ready again", lambda: readiness(ground)["status"] == "ok")
    ground.settle()
    _assert_both_take_messages(ground)
    ground.settle()
    _assert_messages_wake(ground)
    assert_every_process_runs(ground)


def _assert_both_take_messages(ground: Ground) -> None:
    since = datetime.now(UTC)

    def both() -> bool:
        ground.ask(1)
        return ground.stack.rows(WORKERS_SINCE, since) == [(len(WORKERS),)]

    ground.until("both workers take messages", both)


def _assert_messages_wake(ground: Ground) -> None:
    """Posts are begun because a message came, and not because a lease has ended."""
    since = datetime.now(UTC)
    ground.ask(2)

    def waited() -> Any:
        ((not_begun, seconds),) = ground.stack.rows(BEGUN_SINCE, since)
        return None if not_begun else seconds

    seconds = ground.until("everything is begun", waited)
    assert seconds < WAKES_WITHIN_SECONDS, f"New posts waited {seconds} s to be begun"
    ground.until("the queues are empty", lambda: not queued(ground))


def assert_every_process_runs(ground: Ground) -> None:
    ended = ground.stack.ended()
    assert not ended, f"Ended: {ended}"


def queued(ground: Ground) -> int:
    """Messages that wait for a worker."""
    return sum(ground.stack.broker.llen(queue) for queue in QUEUES)


def readiness(ground: Ground) -> dict[str, Any]:
    """What /readyz says, when /healthz says that the process is alive."""
    http = ground.stack.simulator.http
    assert http.get(f"{ground.stack.url}/healthz").status_code == 200
    answer = http.get(f"{ground.stack.url}/readyz")
    found: dict[str, Any] = answer.json()
    assert answer.status_code == (503 if found["status"] == "unavailable" else 200)
    return found


def missing(ground: Ground) -> set[str]:
    """What /readyz says is not there."""
    return {name for name, check in readiness(ground)["checks"].items() if not check["ok"]}
