"""An operator pauses and resumes while posts go out and a worker dies."""

from datetime import datetime

from tests.chaos.ground import Ground
from tests.chaos.scenario import Scenario

BEGUN_SINCE = """
SELECT d.platform, count(*) FROM destinations_attempt a
JOIN destinations_destination d ON d.id = a.destination_id
WHERE d.platform = ANY(%s) AND a.started_at > %s GROUP BY d.platform
"""


def paused(ground: Ground) -> None:
    """Half of the networks are paused in the middle, and resumed after a worker was killed."""
    held = ground.rng.sample(ground.networks, max(1, len(ground.networks) // 2))
    ground.ask()
    ground.until("the first is public", ground.public)
    for network in held:
        manage(ground, "pause", "network", network, "--reason", "chaos")
    [(moment,)] = ground.stack.rows("SELECT clock_timestamp()")
    ground.broken()
    ground.ask()
    ground.stack.kill("worker one")
    ground.ask(in_seconds=2)
    ground.until("the other networks are through", lambda: _are_through(ground, held))
    _assert_none_begun(ground, held, moment)
    ground.start_workers()
    for network in held:
        manage(ground, "resume", "network", network)
        ground.broken(network)


def _are_through(ground: Ground, held: list[str]) -> bool:
    return all(row.is_final for row in ground.own().values() if row.platform not in held)


def _assert_none_begun(ground: Ground, held: list[str], moment: datetime) -> None:
    begun = ground.stack.rows(BEGUN_SINCE, held, moment)
    assert begun == [], f"Begun although paused: {begun}"


def manage(ground: Ground, *command: str) -> None:
    """A command of manage.py, which must succeed."""
    done = ground.stack.command("manage.py", *command)
    assert done.returncode == 0, done.stderr


SCENARIOS = [
    Scenario(
        "paused",
        "Networks may be paused at any moment, beside a worker that dies: nothing of them begins "
        "before they are resumed, and then each post is public once.",
        paused,
    )
]
