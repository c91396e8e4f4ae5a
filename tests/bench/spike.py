"""10,000 destinations of 1,000 accounts due in the same second, published by `make up`'s set.

With statistics from when nothing was due, and with fresh ones. The reference is a bare Celery
worker in the same run.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from tests.bench import environment  # isort: skip  # before Django's models

from destinations.models import Attempt, Destination
from tests.bench import bare_celery, bare_psycopg, load, network, postgres
from tests.bench.bare_celery import Rate
from tests.bench.processes import Meter, Running, postgres_cpu_seconds, product_services, running
from tests.bench.result import Result, at_most, median, percentile, ratio_at_least

ACCOUNTS = 1000
#: The planner knows the tables as they were when nothing was due.
OLD = "old statistics"
GIVE_UP_SECONDS = 300


@dataclass(frozen=True)
class Spike:
    """One run."""

    begun_per_second: float
    published_per_second: float
    #: From the due time to each start, in seconds.
    lags: Sequence[float]
    pause_seconds: float
    cpu_ms: dict[str, float]
    wal_bytes: float
    lost: int
    duplicates: int

    @property
    def worker_ms(self) -> float:
        """CPU of all workers, per destination."""
        return sum(ms for name, ms in self.cpu_ms.items() if name.startswith("worker"))


@dataclass(frozen=True)
class References:
    """Of the same run; a short one has the first alone."""

    celery: Sequence[Rate]
    careful_celery: Sequence[Rate] = ()
    psycopg: Sequence[bare_psycopg.Rate] = ()
    psycopg_groups: Sequence[bare_psycopg.Rate] = ()


def results(*, short: bool = False) -> list[Result]:
    count, runs = (1500, 1) if short else (10_000, 3)
    kinds = {OLD: False} if short else {OLD: False, "fresh": True}
    found = []
    for kind, is_fresh in kinds.items():
        bare = References([bare_celery.drain(2500)]) if short else _references(6000, runs)
        with running(network.stub(), *product_services()) as started:
            spike(started, 200, is_fresh=True)  # the processes are warm then
            postgres.reset()
            spikes = [spike(started, count, is_fresh=is_fresh) for _ in range(runs)]
        found += _results(kind, spikes, bare)
        found += _updates(kind)
    return found


def _references(count: int, runs: int) -> References:
    cpu, in_threads = postgres_cpu_seconds, bare_psycopg.THREADS
    in_groups = {"group": bare_psycopg.GROUP, "threads": 2}
    return References(
        [bare_celery.drain(count) for _ in range(runs)],
        [bare_celery.drain(count, careful=True) for _ in range(runs)],
        [bare_psycopg.run(count, cpu, threads=in_threads) for _ in range(runs)],
        [bare_psycopg.run(count, cpu, **in_groups) for _ in range(runs)],
    )


def spike(started: Running, count: int, *, is_fresh: bool) -> Spike:
    """Publish so many and see how it went."""
    due_at = _prepare(count, is_fresh=is_fresh)
    meter, wal = Meter(started), postgres.wal_bytes()
    _wait_until_published(count)
    used, wal = meter.used(), postgres.wal_bytes() - wal
    starts = sorted(Attempt.objects.values_list("started_at", flat=True))
    lags = [(start - due_at).total_seconds() for start in starts]
    ends = Attempt.objects.filter(outcome="published").values_list("finished_at", flat=True)
    return Spike(
        begun_per_second=count / lags[-1],
        published_per_second=count / (max(ends) - due_at).total_seconds(),
        lags=lags,
        pause_seconds=max(later - earlier for earlier, later in pairwise([0, *lags])),
        cpu_ms={name: seconds * 1000 / count for name, seconds in used.items()},
        wal_bytes=wal / count,
        lost=count - min(len(network.arrivals()), len(ends)),
        duplicates=network.duplicates(),
    )


def _prepare(count: int, *, is_fresh: bool) -> datetime:
    """Rows that are due in some seconds; returns when."""
    load.empty()
    old, workspace = load.workspace("old"), load.workspace()
    load.published(old, load.accounts(old, 1)[0], count)
    load.spoil_statistics()
    network.clear()
    accounts = load.accounts(workspace, ACCOUNTS)
    due_at = load.notice(count)
    load.posts(workspace, accounts, count, due_at, "Spike")
    if is_fresh:
        load.keep_statistics()
        load.analyze()
    load.wait_until_before(due_at)
    return due_at


def _wait_until_published(count: int) -> None:
    give_up_at = time.monotonic() + GIVE_UP_SECONDS
    while network.count() < count or Destination.objects.exclude(due_at=None).exists():
        if time.monotonic() > give_up_at:
            raise SystemExit(f"{network.count()} of {count} after {GIVE_UP_SECONDS} s")
        time.sleep(0.25)


def _results(kind: str, spikes: Sequence[Spike], bare: References) -> list[Result]:
    def row(
        name: str,
        values: Iterable[float],
        unit: str,
        reference: tuple[float, str] = (0, ""),
        **more: Any,
    ) -> Result:
        against, called = reference
        return Result(f"{kind}: {name}", median([*values]), unit, against or None, called, **more)

    def plain(name: str) -> str:
        """Only the harder kind, whose statistics are old, stands in README."""
        return f"10,000 posts due at once: {name}" if kind == OLD else ""

    def rate(name: str, found: Sequence[Rate | bare_psycopg.Rate]) -> tuple[float, str]:
        return (median([each.per_second for each in found]), name) if found else (0, "")

    published = [each.published_per_second for each in spikes]
    celery = rate("bare Celery", bare.celery)
    careful = rate("bare Celery, careful", bare.careful_celery)
    psycopg = rate("psycopg alone", bare.psycopg)
    in_groups = [each.server_cpu_seconds * 1000 for each in bare.psycopg_groups]
    server = (median(in_groups), "psycopg in groups") if in_groups else (0, "")
    zero = {"bar": at_most(0), "margin": at_most(0)}
    wide = {"bar": ratio_at_least(1.8), "margin": ratio_at_least(0.5)}
    return [
        row(
            "published",
            published,
            "/s",
            celery,
            headline=plain("published"),
            note=_costs(kind, spikes, bare),
            **wide,
        ),
        *(row("published", published, "/s", each) for each in (careful, psycopg) if each[1]),
        row("begun", [each.begun_per_second for each in spikes], "/s"),
        row("start lag p50", [percentile(each.lags, 50) for each in spikes], "s"),
        row(
            "start lag p99",
            [percentile(each.lags, 99) for each in spikes],
            "s",
            bar=at_most(4.5),
            headline=plain("99% begin within"),
        ),
        row("first start after the due time", [each.lags[0] for each in spikes], "s"),
        row("longest pause", [each.pause_seconds for each in spikes], "s", bar=at_most(0.5)),
        row("worker CPU each", [each.worker_ms for each in spikes], "ms", bar=at_most(0.6)),
        row(
            "PostgreSQL CPU each",
            [each.cpu_ms.get("PostgreSQL", 0) for each in spikes],
            "ms",
            server,
            bar=at_most(0.5),
        ),
        row("WAL each", [each.wal_bytes / 1000 for each in spikes], "kB"),
        row("not published", [each.lost for each in spikes], "", **zero),
        row("published twice", [each.duplicates for each in spikes], "", **zero),
    ]


def _costs(kind: str, spikes: Sequence[Spike], bare: References) -> str:
    """Where the time of a destination goes, in CPU milliseconds."""
    names = spikes[0].cpu_ms
    used = {name: median([run.cpu_ms[name] for run in spikes]) for name in names}
    each = ", ".join(f"{name} {ms:.2f}" for name, ms in used.items())
    share = 1000 * environment.CPUS / median([run.published_per_second for run in spikes])
    noop = median([rate.cpu_seconds for rate in bare.celery]) * 1000
    return (
        f"{kind}, CPU milliseconds per destination: {each}; together {sum(used.values()):.2f} of "
        f"the {share:.2f} that {environment.CPUS} CPUs had. A bare no-op task takes {noop:.2f}."
    )


def _updates(kind: str) -> list[Result]:
    """The share of updates that touched no index."""
    counted = postgres.updates()
    hot, every = (sum(numbers) for numbers in zip(*counted.values(), strict=True))
    tables = ", ".join(f"{table} {part} of {all_}" for table, (part, all_) in counted.items())
    share = 100 * hot / every
    return [Result(f"{kind}: HOT updates", share, "%", note=f"{kind}, HOT updates: {tables}.")]
