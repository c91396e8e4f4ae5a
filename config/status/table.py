"""Every fact, in the order in which their failures explain each other."""

from collections import Counter
from collections.abc import Iterable, Iterator
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
from destinations.state import outages
from destinations.statistics import network_now


def _check(name: str, check: str) -> Fact:
    """Return a fact that only doctor asks for: measuring it gives its findings.

    Its module is imported then: some need an HTTP client and more, which web does not.
    """
    return Fact(name, lambda source: import_string(f"config.status.{check}")())


FACTS: tuple[Fact, ...] = (
    _check("settings", "setup.check_settings"),
    _check("database", "servers.check_database"),
    _check("migrations", "setup.check_migrations"),
    Fact("replica", servers.measure_replica, servers.judge_replica),
    _check("redis", "servers.check_redis"),
    _check("sentinels", "servers.check_sentinels"),
    Fact("tick", processes.measure_tick, processes.judge_tick),
    _check("schedule", "processes.check_schedule"),
    Fact("beat", processes.measure_beat, processes.judge_beat),
    Fact("workers", processes.measure_workers, processes.judge_workers),
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
    Fact("lateness", lambda source: backlog.oldest(source.query), posts.judge_lateness),
    Fact("outages", lambda source: outages.read(source.query), posts.judge_outages, "nobody"),
    Fact("pauses", lambda source: active(source.query), posts.judge_pauses),
    Fact(
        "may be live",
        lambda source: network_now.may_be_live(posts.COUNTED_ROWS),
        posts.judge_may_be_live,
    ),
    Fact(
        "accounts held",
        lambda source: Counter(
            platform for _, platform in network_now.held(source.now(), posts.COUNTED_ROWS)
        ),
        posts.judge_held,
        "nobody",
    ),
    Fact(
        "accounts to reconnect",
        lambda source: network_now.to_reconnect(posts.COUNTED_ROWS),
        posts.judge_reconnect,
        "customer",
    ),
)
BY_NAME = {fact.name: fact for fact in FACTS}


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
