"""Everything breaks in random order, again and again, while posts keep coming."""

from collections.abc import Callable

from tests.chaos.aftermath import assert_every_process_runs
from tests.chaos.ground import WORKERS, Ground
from tests.chaos.scenario import LEASE_SECONDS, Scenario
from tests.chaos.servers import POSTGRES, REDIS

#: So many things break, one after the other; in the small form each kind once.
BREAKS = 10


def storm(ground: Ground) -> None:
    ground.ask()
    for number in range(BREAKS if ground.n > 1 else len(KINDS)):
        # Each at least once, if there are enough; then as chance has it.
        chosen = KINDS[number % len(KINDS)] if number < len(KINDS) else ground.rng.choice(KINDS)
        chosen(ground)
        ground.broken()
        ground.ask(1)
        ground.pause(ground.rng.uniform(0, 2))
    ground.start_workers()
    ground.back()
    ground.ask()
    ground.settle()
    assert_every_process_runs(ground)


def _worker_killed(ground: Ground) -> None:
    name = ground.rng.choice(WORKERS)
    ground.stack.kill(name)
    ground.start_workers()


def _both_workers_killed(ground: Ground) -> None:
    for name in WORKERS:
        ground.stack.kill(name)
    ground.start_workers()


def _away(ground: Ground, server: str) -> None:
    end = ground.rng.choice([ground.servers.stop, ground.servers.kill])
    end(server)
    ground.ask(1)
    ground.pause(ground.rng.uniform(0, 3))
    ground.servers.start(server)


def _beat_killed(ground: Ground) -> None:
    ground.stack.kill("beat")
    ground.ask(1, in_seconds=1)
    ground.stack.start("beat")


KINDS: list[Callable[[Ground], None]] = [
    _worker_killed,
    lambda ground: ground.stack.broker.flushall(),
    lambda ground: _away(ground, POSTGRES),
    _both_workers_killed,
    lambda ground: _away(ground, REDIS),
    _beat_killed,
]
SCENARIOS = [
    Scenario(
        "storm",
        "Workers, beat, Redis and PostgreSQL may end again and again, in any order.",
        storm,
        public_within=LEASE_SECONDS,
    )
]
