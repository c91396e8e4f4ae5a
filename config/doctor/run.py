"""All checks, in the order in which their failures explain each other."""

from collections.abc import Callable, Iterable, Iterator

from django.db import DatabaseError
from redis.exceptions import RedisError

from config.doctor import (
    accounts,
    connections,
    networks,
    processes,
    public_url,
    replica,
    sentinels,
    servers,
    setup,
    single_sign_on,
)
from config.doctor.finding import Finding, problem

CHECKS: tuple[Callable[[], Iterable[Finding]], ...] = (
    setup.check_settings,
    servers.check_database,
    setup.check_migrations,
    replica.check_replica,
    servers.check_redis,
    sentinels.check_sentinels,
    processes.check_schedule,
    processes.check_beat,
    processes.check_workers,
    processes.check_dedicated_queues,
    connections.check_connections,
    accounts.check_credentials,
    public_url.check_storage,
    public_url.check_trusted_proxies,
    public_url.check_proxy,
    networks.check_egress,
    single_sign_on.check_provider,
)


def findings(checks: Iterable[Callable[[], Iterable[Finding]]] = CHECKS) -> Iterator[Finding]:
    """What every check finds. A server that does not answer is named once."""
    away = set[str]()
    for check in checks:
        try:
            yield from check()
        except DatabaseError as failure:
            yield from _away("database", failure, "DATABASE_URL", away)
        except RedisError as failure:
            yield from _away("redis", failure, "REDIS_URL", away)


def _away(server: str, failure: Exception, setting: str, away: set[str]) -> Iterator[Finding]:
    # Only the class: messages of drivers name hosts and users.
    if server not in away:
        away.add(server)
        said = f"It does not answer, or refuses a question: {type(failure).__name__}."
        yield problem(server, said, f"Look at {setting}, at the server and at its log.")
