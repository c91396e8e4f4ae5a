"""What happens to hosts in the middle of a spike."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from platforms.registry import ADAPTERS
from tests.chaos.aftermath import WORKERS_SINCE, assert_every_process_runs
from tests.chaos.ground import Ground
from tests.chaos.hosts import network, postgres, release, valkey
from tests.chaos.hosts.cluster import BEATS, OURS, WEBS, WORKERS
from tests.chaos.hosts.customers import customers
from tests.chaos.hosts.field import Field, field
from tests.chaos.restored import DOUBTED
from tests.chaos.scenario import Scenario

#: Longer than a lease of 60 s and what a host needs to notice.
CUT_SECONDS = 75
#: Until an operator, or a program of his, acts on a primary that is gone.
UNSEEN_SECONDS = 20
#: Every answer of the networks is so late, so that work is in flight at any moment.
LATE_SECONDS = 0.5
#: When so large a share of the spike is public, something breaks.
EARLIEST, LATEST = 0.1, 0.4
#: How long customers go on once all is mended.
AFTER_SECONDS = 15
#: A process of a busy machine needs so long to start.
START_SECONDS = 300
#: Nothing is ready while a spike is late, which it is as long as a busy machine needs for it.
READY_SECONDS = 900


def in_a_spike(breaking: Callable[[Field], None]) -> Callable[[Ground], None]:
    """A scenario: `breaking` breaks and mends in the middle of a spike, among customers."""

    def play(ground: Ground) -> None:
        assert isinstance(ground, Field)
        for name in ground.networks:
            ground.fault(name, delay_seconds=LATE_SECONDS)
        ground.spike()
        with customers(ground.team.http, ground.tally, ground):
            share = ground.rng.uniform(EARLIEST, LATEST)
            wanted = share * ground.n * len(ground.networks)
            ground.until("the spike goes out", lambda: ground.published() >= wanted, 600)
            breaking(ground)
            _all_work_again(ground)
            ground.pause(AFTER_SECONDS)
            ground.close_shop()
        ground.settle()
        assert not ground.tally.refusals, ground.tally.refusals[:5]
        assert "500" not in ground.tally.failed, ground.cluster.errors()
        assert_every_process_runs(ground)

    return play


def _all_work_again(ground: Field) -> None:
    since = datetime.now(UTC)
    ground.until("ready again", ground.is_ready, READY_SECONDS)
    ground.until(
        "every worker begins something",
        lambda: ground.stack.rows(WORKERS_SINCE, since)[0][0] >= len(WORKERS),
    )


def worker_cut(ground: Field) -> None:
    """A worker's host is cut off in the middle of its publishes, and comes back."""
    host = ground.rng.choice(WORKERS)
    ground.cluster.network.cut(host)
    ground.pause(CUT_SECONDS)
    ground.cluster.network.join(host)


def beats_cut(ground: Field) -> None:
    """One beat's host is cut off, then the other's; the one that is left ticks."""
    for host in ground.rng.sample(BEATS, len(BEATS)):
        ground.cluster.network.cut(host)
        ground.pause(CUT_SECONDS / 2)
        assert ground.ticks(), "Without one beat nothing ticked"
        ground.cluster.network.join(host)


def valkey_fails_over(ground: Field) -> None:
    """Valkey's primary is cut off; Sentinels name the other one, and the first comes back."""
    ground.cluster.network.cut(valkey.PRIMARY)
    told = ground.cluster.valkey.primary
    ground.until("Sentinels name the other", lambda: told() == valkey.REPLICA)
    ground.pause(CUT_SECONDS / 2)
    ground.cluster.network.join(valkey.PRIMARY)
    ground.until("the first follows the other", ground.cluster.valkey.first_follows)


def postgres_fails_over(ground: Field) -> None:
    """PostgreSQL's primary is cut off for good; an operator sees it and promotes the standby."""
    ground.cluster.network.cut(postgres.PRIMARY)
    ground.pause(UNSEEN_SECONDS)
    ground.cluster.postgres.fail_over()
    ground.until("ready again", ground.is_ready, READY_SECONDS)
    assert not ground.stack.rows(DOUBTED), "A standby that had everything was doubted"


def upgraded(ground: Field) -> None:
    """A migration, and then every host in turn, is told to stop and starts the next release."""
    cluster = ground.cluster
    folder = release.make(cluster.home / "next")
    cluster.migrate(folder)
    for host in OURS:
        cluster.upgrade_host(host, folder)
        ground.until(f"{host} is back", partial(_is_upgraded, ground, host), START_SECONDS)


def _is_upgraded(ground: Field, host: str) -> bool:
    if host in WEBS:
        return ground.cluster.readiness(host) is not None
    return ground.cluster.versions().get(host) == release.VERSION


def _scenario(name: str, promise: str, breaking: Callable[[Field], None]) -> Scenario:
    return Scenario(
        name,
        promise,
        in_a_spike(breaking),
        may_stay_unknown=tuple(ADAPTERS),
        # How fast so many hosts publish is not for one machine to say.
        public_within=None,
        has_kinds=False,
        needs_root=True,
        tools=(*network.TOOLS, postgres.POOLER, "caddy"),
        ground=field,
    )


SCENARIOS = [
    _scenario(
        "hosts-worker-cut",
        "A worker's host may be cut off from everything in the middle of a spike, and come back.",
        worker_cut,
    ),
    _scenario(
        "hosts-beat-cut",
        "Of two hosts with beat either may be cut off: the other one ticks.",
        beats_cut,
    ),
    _scenario(
        "hosts-valkey-failover",
        "The host of Valkey's primary may be cut off: Sentinels name another one.",
        valkey_fails_over,
    ),
    _scenario(
        "hosts-postgres-failover",
        "The host of PostgreSQL's primary may be cut off: with a synchronous standby, promoted "
        "behind PgBouncer, nothing is forgotten and nothing is in doubt.",
        postgres_fails_over,
    ),
    _scenario(
        "hosts-rolling-upgrade",
        "A release with a migration may be installed on one host after the other.",
        upgraded,
    ),
]
