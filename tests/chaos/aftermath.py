"""What must be true once an outage is over: all goes on by itself, and by messages."""

from datetime import UTC, datetime
from typing import Any

from platforms.registry import QUEUES
from tests.chaos.ground import WORKERS, Ground

#: Well below a lease: whatever begins so soon was sent by a message.
WAKES_WITHIN_SECONDS = 10

#: How many workers have begun something since, and how long a new post waited, by the median.
BEGUN = """
SELECT count(DISTINCT a.worker),
       extract(epoch FROM percentile_disc(0.5) WITHIN GROUP (ORDER BY a.started_at - d.created_at)
               FILTER (WHERE a.number = 1 AND d.created_at > %s))
FROM destinations_attempt a JOIN destinations_destination d ON d.id = a.destination_id
WHERE a.started_at > %s
"""


def goes_on(ground: Ground) -> None:
    """Truth counts from now. Nobody restarts anything, and no process has ended."""
    ground.broken()
    ground.until("ready again", lambda: readiness(ground)["status"] == "ok")
    ground.settle()
    since = datetime.now(UTC)

    def both_begin() -> bool:
        ground.ask(1)
        (workers, _), *_ = ground.stack.rows(BEGUN, since, since)
        return bool(workers == len(WORKERS))

    ground.until("both workers take messages", both_begin)
    ground.until("the queues are empty", lambda: not queued(ground))
    (_, waited), *_ = ground.stack.rows(BEGUN, since, since)
    assert waited < WAKES_WITHIN_SECONDS, f"New posts waited {waited} s to be begun"
    assert_nobody_ended(ground)


def assert_nobody_ended(ground: Ground) -> None:
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
    assert answer.status_code == (200 if found["status"] == "ok" else 503), answer.text
    return found


def missing(ground: Ground) -> set[str]:
    """What /readyz says is not there."""
    return {name for name, check in readiness(ground)["checks"].items() if not check["ok"]}
