"""Every fact, in the order in which their failures explain each other."""

from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial
from typing import Any

import psycopg
from django.db import DatabaseError
from django.utils.module_loading import import_string
from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisSlow

from config.status import posts, processes, servers
from config.status.fact import Fact, Finding, Measurement, Source, problem
from destinations.dispatch import backlog
from destinations.pauses import active
from destinations.runtime import database
from destinations.statistics import network_now
from posts import registry

#: Without one of them nothing is claimed or handed over, or nothing is done to files.
NO_WORKER = ("workers:worker", "beat:", "redis:")
NO_UPLOADER = ("workers:uploader", "beat:", "redis:")
#: What people act on when posts wait.
WAITING = (
    "destinations.destination",
    "destinations.pause",
    "destinations.account",
    "posts.post",
    "django_celery_beat.periodictask",
)
_watched = partial(Fact, is_watched=True)
_of_posts = partial(_watched, models=WAITING)


def _check(name: str, check: str) -> Fact:
    """Return a fact that only doctor asks for: measuring it gives its findings.

    Its module is imported then: some need an HTTP client and more, which web does not.
    """
    return Fact(name, lambda source: import_string(f"config.status.{check}")())


def _of_features() -> Iterator[Fact]:
    """Yield the FACTS of features' `monitoring`: each the fields of a Fact, and of its findings."""
    for module in registry.modules("monitoring"):
        for each in getattr(module, "FACTS", ()):
            yield _watched(**each | {"judge": _findings(each["judge"])})


def _findings(judge: Callable[[Any], Iterable[tuple]]) -> Callable[[Any], Iterator[Finding]]:
    return lambda measured: (Finding(*each) for each in judge(measured))


OF_FEATURES = tuple(_of_features())
FACTS: tuple[Fact, ...] = (
    _check("settings", "setup.check_settings"),
    _check("database", "servers.check_database"),
    _check("migrations", "setup.check_migrations"),
    _watched("replica", servers.measure_replica, servers.judge_replica),
    _check("redis", "servers.check_redis"),
    _check("sentinels", "servers.check_sentinels"),
    _of_posts("tick", processes.measure_tick, processes.judge_tick),
    _check("schedule", "processes.check_schedule"),
    _of_posts(
        "beat",
        processes.measure_beat,
        processes.judge_beat,
        explained_by=("tick:", "workers:worker"),
    ),
    _of_posts("workers", processes.measure_workers, processes.judge_workers),
    Fact("queues", processes.measure_queues, lambda lengths: ()),
    _check("dedicated queues", "processes.check_dedicated_queues"),
    _check("connections", "connections.check_connections"),
    _check("credentials", "setup.check_credentials"),
    _check("storage", "reach.check_storage"),
    _check("trusted proxies", "reach.check_trusted_proxies"),
    _check("proxy", "reach.check_proxy"),
    _check("egress", "reach.check_egress"),
    _check("single sign-on", "reach.check_provider"),
    _check("notifications", "notifications.check_notifications"),
    _of_posts("restore", posts.measure_restore, posts.judge_restore),
    _watched(
        "lost tokens",
        posts.measure_lost_tokens,
        posts.judge_lost_tokens,
        models=("destinations.account",),
    ),
    _of_posts(
        "lateness",
        lambda source: backlog.oldest(source.query),
        posts.judge_lateness,
        explained_by=("tick:", *NO_WORKER),
    ),
    _of_posts("outages", posts.measure_outages, posts.judge_outages, actor="nobody"),
    _of_posts("own servers", posts.measure_own_servers, posts.judge_own_servers),
    Fact("pauses", lambda source: active(source.query), posts.judge_pauses),
    _watched(
        "may be live",
        lambda source: network_now.affected(network_now.MAY_BE_LIVE_OF, posts.COUNTED_ROWS),
        posts.judge_may_be_live,
        models=("destinations.destination",),
    ),
    _of_posts(
        "accounts held",
        lambda source: network_now.affected(network_now.HELD_OF, posts.COUNTED_ROWS),
        posts.judge_held,
        actor="nobody",
    ),
    _watched(
        "accounts to reconnect",
        lambda source: network_now.affected(network_now.TO_RECONNECT_OF, posts.COUNTED_ROWS),
        posts.judge_reconnect,
        actor="customer",
        models=("destinations.account",),
    ),
    _watched(
        "media",
        posts.measure_media,
        posts.judge_media,
        explained_by=NO_UPLOADER,
        drains=True,
        models=("posts.media",),
    ),
    *OF_FEATURES,
)
BY_NAME = {fact.name: fact for fact in FACTS}
WATCHED = tuple(fact.name for fact in FACTS if fact.is_watched)


def measure(names: Iterable[str], source: Source | None = None) -> Iterator[Measurement]:
    """Measure these facts, one after the other. A server that does not answer is a finding."""
    source = source or Source()
    for name in names:
        fact = BY_NAME[name]
        try:
            measured = fact.measure(source)
            findings = tuple(fact.judge(measured))
        except (DatabaseError, psycopg.Error, RedisError) as failure:
            yield Measurement(name, (_away(failure),), failure=failure)
        else:
            yield Measurement(name, findings, measured)


def explained(causes: Collection[str], ended: Collection[str] = ()) -> set[str]:
    """Return those of these causes, as `lateness:x`, that others among them explain.

    Those that have ended explain what drains.
    """
    return {
        each
        for each in causes
        if not set(explainers(each)).isdisjoint((*causes, *ended) if _drains(each) else causes)
    }


def explainers(cause: str) -> tuple[str, ...]:
    fact = BY_NAME.get(cause.partition(":")[0])
    return fact.explained_by if fact else ()


def _drains(cause: str) -> bool:
    fact = BY_NAME.get(cause.partition(":")[0])
    return bool(fact and fact.drains)


def value(name: str) -> Any:
    """Return what is measured of one fact, unjudged. Raises the error of a server."""
    return BY_NAME[name].measure(Source())


def _away(failure: Exception) -> Finding:
    is_redis = isinstance(failure, RedisError)
    server, name = ("redis", "Redis") if is_redis else ("database", "PostgreSQL")
    is_away = isinstance(failure, RedisAway | RedisSlow) if is_redis else database.is_away(failure)
    said = "does not answer. Posts wait until it does" if is_away else "refuses a question"
    # Only the class: messages of drivers name hosts and users.
    return problem(
        server,
        f"{name} {said}. The error is {type(failure).__name__}.",
        f"Look at {server.upper()}_URL, at the server and at its log.",
    )
