"""A network gives no usable answer to anyone for a while, and posts keep coming."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from platforms.registry import ADAPTERS
from tests.chaos.books import Verdict
from tests.chaos.ground import UNASKABLE, Ground
from tests.chaos.scenario import LIVE_SECONDS, Scenario

#: How long it lasts, and how many tries it may cost each network, those that probe each 15 s
#: included; of many servers each account's.
SECONDS, TRIES = 40, 40
#: Where it is known for each account: they live on many servers.
MANY = tuple(key for key, adapter in ADAPTERS.items() if not adapter.has_one_server)
OPEN = "SELECT 1 FROM destinations_outage WHERE closed_at IS NULL"
OPENED = "SELECT DISTINCT platform FROM destinations_outage WHERE opened_at > %s"
ENDED = """
SELECT platform, name, extract(epoch FROM closed_at)::float FROM destinations_outage
WHERE closed_at > %s
"""
FAILED_TRIES = """
SELECT d.platform, d.account_number FROM destinations_attempt a
JOIN destinations_destination d ON d.id = a.destination_id
WHERE a.started_at > %s AND a.outcome <> 'published'
"""
#: Not those that wait for a retry: they may have failed before it was known.
FAILED = """
SELECT platform, error FROM destinations_destination
WHERE status = 'failed' AND next_retry_at IS NULL
"""


def down(ground: Ground) -> None:
    """Every call is answered by 503; a worker dies meanwhile, perhaps with a probe."""
    ground.ask()
    ground.until("the first is public", ground.public)
    [(begun,)] = ground.stack.rows("SELECT clock_timestamp()")
    for network in ground.networks:
        ground.fault(network, status=503, times=1_000_000)
    # Their first tries prove it, if all earlier posts are public by now.
    ground.ask(5)
    ground.until("each network is known to be down", lambda: _is_known(ground, begun))
    for name in ("worker one", "worker two"):
        ground.ask(1)
        ground.pause(SECONDS / 2)
        ground.stack.kill(name)
        ground.start_workers()
    ground.told += [*_too_often(ground, begun), *_failed(ground)]
    ground.back()
    ground.mend()
    ground.broken()
    repaired_at = ground.broken_at[ground.networks[0]]
    ground.until("no outage lasts", lambda: not ground.stack.rows(OPEN))
    ground.told += too_long(ground, repaired_at)
    ground.ask()


def _is_known(ground: Ground, since: datetime) -> bool:
    """Return whether it was once: an outage without posts ends. It is known of all accounts or,
    of one alone or of many servers, of each."""
    return {network for (network,) in ground.stack.rows(OPENED, since)} == set(ground.networks)


def _too_often(ground: Ground, since: datetime) -> Iterator[Verdict]:
    tries = Counter(
        (network, account if network in MANY else 0)
        for network, account in ground.stack.rows(FAILED_TRIES, since)
    )
    for (network, _), count in tries.items():
        if count > TRIES:
            yield Verdict(network, "wrong", 0, f"{network} was tried {count} times while down")


def _failed(ground: Ground) -> Iterator[Verdict]:
    for network, error in ground.stack.rows(FAILED):
        # What was sent before it was known stays unknown where no lookup can tell.
        if network in UNASKABLE:
            continue
        yield Verdict(network, "wrong", 0, f"An outage fails no post of {network}: {error}")


def too_long(ground: Ground, repaired_at: datetime) -> Iterator[Verdict]:
    """One for each outage that did not end a minute after the repair."""
    for network, name, closed_at in ground.stack.rows(ENDED, repaired_at):
        lasted = closed_at - repaired_at.timestamp()
        if lasted > LIVE_SECONDS * ground.patience:
            detail = f"the outage of {name} ended {lasted:.1f} s after the repair"
            yield Verdict(network, "late", 0, detail)


SCENARIOS = [
    Scenario(
        "network-down",
        "A network that answers no one fails no post, is tried a few times a minute, and gets all "
        "that waited within a minute once it is back, also if workers die meanwhile.",
        down,
    )
]
