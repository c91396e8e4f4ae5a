"""Redis is wiped, away, killed or frozen. It carries wake-up calls and nothing that is true."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from tests.chaos.aftermath import goes_on, missing, queued
from tests.chaos.ground import WORKERS, Ground
from tests.chaos.scenario import LEASE_SECONDS, Scenario
from tests.chaos.servers import REDIS

WIPES = 5
AWAY_SECONDS = 30
FROZEN_SECONDS = 20
#: How long a customer may wait although Redis does not answer.
ACCEPTED_WITHIN_SECONDS = 10
#: Every answer of the networks is so late, so that posts are in flight when it breaks.
LATE_SECONDS = 2


def wiped(ground: Ground) -> None:
    with _workers_frozen(ground):
        ground.start_worker("dispatcher", ["dispatch"])
        ground.ask()
        ground.until("messages wait", lambda: queued(ground))
        ground.stack.broker.flushall()
    ground.stack.stop("dispatcher")
    for _ in range(WIPES):
        _get_going(ground)
        ground.stack.broker.flushall()
    goes_on(ground)


def away(ground: Ground) -> None:
    _get_going(ground)
    ground.servers.stop(REDIS)
    _ask_while_away(ground)
    assert missing(ground) >= {"redis", "beat", "workers"}
    ground.pause(AWAY_SECONDS)
    ground.servers.start(REDIS)
    goes_on(ground)


def killed(ground: Ground) -> None:
    _get_going(ground)
    ground.servers.kill(REDIS)
    _ask_while_away(ground)
    ground.servers.start(REDIS)
    goes_on(ground)


def frozen(ground: Ground) -> None:
    _get_going(ground)
    with ground.servers.frozen(REDIS, FROZEN_SECONDS):
        asked_at = time.monotonic()
        ground.ask(1, networks=["x"])
        assert time.monotonic() - asked_at < ACCEPTED_WITHIN_SECONDS, "The customer waited too long"
        assert missing(ground) >= {"redis"}
        _ask_while_away(ground)
    goes_on(ground)


@contextmanager
def _workers_frozen(ground: Ground) -> Iterator[None]:
    for name in WORKERS:
        ground.stack.signal(name, signal.SIGSTOP)
    yield
    for name in WORKERS:
        ground.stack.signal(name, signal.SIGCONT)


def _get_going(ground: Ground) -> None:
    """Posts of every network are in flight, and some come due soon."""
    for network in ground.networks:
        ground.fault(network, delay_seconds=LATE_SECONDS)
    ground.ask()
    ground.ask(1, in_seconds=5)
    ground.until("posts are in flight", partial(ground.count, "publishing"))
    ground.mend()


def _ask_while_away(ground: Ground) -> None:
    """Redis is no reason to refuse a post."""
    before = len(ground.asked)
    ground.ask(2)
    ground.ask(2, in_seconds=5)
    assert {each.wish for each in ground.asked[before:]} == {"once"}, "A post was refused"


SCENARIOS = [
    Scenario(
        "redis-wiped",
        "Redis may be wiped at any time, again and again.",
        wiped,
        public_within=LEASE_SECONDS,
    ),
    Scenario(
        "redis-away",
        "Redis may be away: posts are accepted all the same and go out when it is back.",
        away,
        public_within=LEASE_SECONDS,
    ),
    Scenario(
        "redis-killed",
        "Redis may be killed and come back empty.",
        killed,
        public_within=LEASE_SECONDS,
    ),
    Scenario(
        "redis-frozen",
        "Redis may hang without refusing connections.",
        frozen,
        public_within=LEASE_SECONDS,
    ),
]
