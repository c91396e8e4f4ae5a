"""What is put into the simulation: measured service times, settings, and assumed networks."""

from dataclasses import dataclass, field
from typing import Final

#: How the work on a destination is shared by its three transactions: start, save before the
#: irreversible call, complete: estimates, by what each writes.
STEPS: Final = ("start", "save", "complete")
WORKER_SHARES: Final = {"start": 0.35, "save": 0.35, "complete": 0.30}
POSTGRES_SHARES: Final = {"start": 0.35, "save": 0.20, "complete": 0.45}


@dataclass(frozen=True)
class Costs:
    """Seconds of CPU, measured; see deploy/CAPACITY.md."""

    #: Of a worker and of PostgreSQL per destination. PostgreSQL's is without claims.
    worker: float = 0.00098
    postgres: float = 0.00056
    #: A claim's lock, and a CPU of PostgreSQL, are held for so long per row that is claimed.
    claim: float = 0.00009
    #: So much longer per row that is held already: the claim reads them all.
    claim_held: float = 0.000003
    #: The disk's flush of the log: an assumption, of a network disk in a cloud.
    flush: float = 0.001
    #: Bytes of the log per destination.
    wal_bytes: float = 6_800


@dataclass(frozen=True)
class Network:
    """A network's answers: median and 99th percentile in seconds, log-normal. Assumed."""

    name: str
    median: float
    p99: float


NETWORKS: Final = (
    Network("x", 0.4, 2.0),
    Network("facebook", 0.8, 3.0),
    Network("instagram", 2.5, 8.0),
    Network("linkedin", 0.7, 3.0),
    Network("threads", 1.5, 6.0),
    Network("tiktok", 1.0, 4.0),
    Network("youtube", 2.0, 8.0),
)


@dataclass(frozen=True)
class Setup:
    """An installation, and what is due at once."""

    destinations: int
    #: Processes that publish, each with a core of its own.
    workers: int
    #: Cores of PostgreSQL's host.
    postgres_cores: int
    networks: tuple[Network, ...] = NETWORKS
    costs: Costs = field(default_factory=Costs)
    #: Workers and PostgreSQL share so many cores; 0: each has its own, as above.
    shared_cores: int = 0
    #: How many destinations one simulated one stands for.
    grain: int = 1
    #: Settings, by their names.
    claim_limit: int = 500
    claim_ahead: int = 2_000
    in_flight: int = 400
    message_destinations: int = 100
    database_threads: int = 2


#: The spike of tests/bench/RESULTS.md: one network that answers after 50 ms, and two workers that
#: share two cores with PostgreSQL and everything else.
MEASURED_SPIKE: Final = Setup(
    10_000,
    workers=2,
    postgres_cores=2,
    networks=(Network("x", 0.05, 0.05),),
    shared_cores=2,
    # What beat, Redis and the stub of the network took there, beside the workers' 0.98.
    costs=Costs(worker=0.00104),
)
