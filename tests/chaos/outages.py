"""A network gives no usable answer to anyone for a while, and posts keep coming."""

from tests.chaos.ground import Ground
from tests.chaos.scenario import Scenario

#: How long it lasts, and how many tries it may cost each network, those that probe included.
SECONDS, TRIES = 40, 25
#: How soon everything else is out once the network is back.
BACK_SECONDS = 60
OPEN = "SELECT platform FROM destinations_outage WHERE scope = 'network' AND closed_at IS NULL"
FAILED_TRIES = """
SELECT d.platform, count(*) FROM destinations_attempt a
JOIN destinations_destination d ON d.id = a.destination_id
WHERE a.started_at > %s AND a.outcome <> 'published' GROUP BY d.platform
"""
WAITING = "SELECT id FROM destinations_destination WHERE status = 'queued'"


def down(ground: Ground) -> None:
    """Every call is answered by 503; a worker dies meanwhile, perhaps with a probe."""
    ground.ask()
    ground.until("the first is public", ground.public)
    [(begun,)] = ground.stack.rows("SELECT clock_timestamp()")
    for network in ground.networks:
        ground.fault(network, status=503, times=1_000_000)
    # Their first tries prove it, if all earlier posts are public by now.
    ground.ask(5)
    ground.until("each network is known to be down", lambda: _is_known(ground))
    ground.broken()
    for name in ("worker one", "worker two"):
        ground.ask(1)
        ground.pause(SECONDS / 2)
        ground.stack.kill(name)
        ground.start_workers()
    tries = dict(ground.stack.rows(FAILED_TRIES, begun))
    assert max(tries.values()) <= TRIES, f"Too many tries: {tries}"
    assert not ground.count("failed"), "An outage fails no post."
    ground.mend()
    ground.broken()
    ground.until("what waited is out", lambda: not ground.stack.rows(WAITING), BACK_SECONDS)
    ground.until("no outage lasts", lambda: not ground.stack.rows(OPEN))
    ground.ask()


def _is_known(ground: Ground) -> bool:
    return {network for (network,) in ground.stack.rows(OPEN)} == set(ground.networks)


SCENARIOS = [
    Scenario(
        "network-down",
        "A network that answers no one fails no post, is tried a few times a minute, and gets all "
        "that waited once it is back, also if workers die meanwhile.",
        down,
    )
]
