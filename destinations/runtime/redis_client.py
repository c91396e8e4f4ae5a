"""Connect to Redis by REDIS_URL: one server, or Sentinels that know which server is the primary.

    redis://user:password@host:6379/0
    redis+sentinel://user:password@host:26379,host:26379,host:26379/SERVICE/0

`rediss` and `rediss+sentinel` encrypt all of it. User and password are those of the servers.
Sentinels that have their own take them from the query: `?sentinel_username=…&sentinel_password=…`.

`client` is for what may fail: short timeouts, no retries by itself.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from redis.sentinel import Sentinel, SentinelConnectionPool

SENTINEL_PORT = 26379
SCHEMES = {"redis+sentinel": False, "rediss+sentinel": True}
_QUERY = frozenset({"sentinel_username", "sentinel_password"})


@dataclass(frozen=True, slots=True)
class Sentinels:
    """The addresses of Sentinels, and how to log in to the primary that they name."""

    hosts: tuple[tuple[str, int], ...]
    #: The Sentinels' name of this group of servers.
    service: str
    database: int = 0
    is_encrypted: bool = False
    #: `username` and `password` of the servers, where they have them.
    login: Mapping[str, str] = field(default_factory=dict, repr=False)
    #: `username` and `password` of the Sentinels.
    sentinel_login: Mapping[str, str] = field(default_factory=dict, repr=False)

    def sentinel_options(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Return how to connect to a Sentinel, with the time-outs and certificates of `options`."""
        shared = {name: value for name, value in options.items() if name.startswith("socket_")}
        shared |= {name: value for name, value in options.items() if name.startswith("ssl_")}
        # In place of one that is away the next is asked, at once.
        shared["retry"] = Retry(NoBackoff(), 0)
        encrypted = {"ssl": True} if self.is_encrypted else {}
        return {**shared, **self.sentinel_login, **encrypted}

    def manager(self, **options: Any) -> Sentinel:
        """redis-py's client of the Sentinels; `options` as of `redis.Connection`."""
        kwargs = self.sentinel_options(options)
        return Sentinel(self.hosts, sentinel_kwargs=kwargs)  # type: ignore[no-untyped-call]

    def kombu_url(self) -> str:
        """Return the URL in kombu's form; service and login of Sentinels are its options."""
        login = "".join(quote(self.login.get(name, ""), safe="") + end for name, end in _LOGIN)
        each = (f"sentinel://{login * bool(self.login)}{_host(*host)}" for host in self.hosts)
        return ";".join(f"{address}/{self.database}" for address in each)


_LOGIN = (("username", ":"), ("password", "@"))


class Pool:
    """Makes connection pools; named as Django's cache expects of a pool's class."""

    @classmethod
    def from_url(cls, url: str, **options: Any) -> redis.ConnectionPool:
        """Return a pool of connections to the server, or to whichever is the primary.

        `options` as of `redis.Connection`. Raises ValueError.
        """
        found = sentinels(url)
        if found is None:
            return redis.ConnectionPool.from_url(url, **options)
        return SentinelConnectionPool(  # type: ignore[no-untyped-call]
            found.service,
            found.manager(**options),
            db=found.database,
            ssl=found.is_encrypted,
            **found.login,
            **options,
        )


def connect(url: str, **options: Any) -> redis.Redis:
    """Return a client, which closes its connections with itself; otherwise as `Pool.from_url`."""
    return redis.Redis.from_pool(Pool.from_url(url, **options))


def sentinels(url: str) -> Sentinels | None:
    """Return what a URL says of Sentinels; None if it names one server. Raises ValueError."""
    scheme, _, rest = url.partition("://")
    if scheme.lower() not in SCHEMES:
        return None
    # Since Python 3.13 urlsplit refuses an IPv6 address that is not the only host.
    netloc = re.match("[^/?#]*", rest)[0]  # type: ignore[index] # it matches any text
    split = urlsplit(rest.removeprefix(netloc))
    login, _, hosts = netloc.rpartition("@")
    service, _, database = split.path.removeprefix("/").partition("/")
    if not service or not all(hosts.split(",")):
        raise ValueError(f"it must look like {scheme}://host:26379,host:26379/SERVICE/0")
    if database and not database.isdecimal():
        raise ValueError(f"{database!r} is no number of a database")
    query = parse_qs(split.query, strict_parsing=True) if split.query else {}
    if unknown := sorted(query.keys() - _QUERY):
        raise ValueError(f"it has an unknown option: {', '.join(unknown)}")
    username, _, password = login.partition(":")
    return Sentinels(
        hosts=tuple(_parse_host(host) for host in hosts.split(",")),
        service=unquote(service),
        database=int(database or 0),
        is_encrypted=SCHEMES[scheme.lower()],
        login=_known({"username": unquote(username), "password": unquote(password)}),
        sentinel_login={name.removeprefix("sentinel_"): query[name][0] for name in query},
    )


def hosts(url: str) -> list[str]:
    """Return the names of the servers that a URL tells to connect to."""
    found = sentinels(url)
    return [name for name, _ in found.hosts] if found else [urlsplit(url).hostname or ""]


def is_encrypted(url: str) -> bool:
    """Return whether connections are encrypted, or reach no network at all."""
    return url.partition("://")[0].lower() not in ("redis", "redis+sentinel")


def _parse_host(text: str) -> tuple[str, int]:
    split = urlsplit(f"//{text}")
    if not split.hostname:
        raise ValueError(f"{text!r} is no host")
    return split.hostname, split.port or SENTINEL_PORT


def _host(name: str, port: int) -> str:
    return f"[{name}]:{port}" if ":" in name else f"{name}:{port}"


def _known(words: Mapping[str, str]) -> dict[str, str]:
    return {name: word for name, word in words.items() if word}


TIMEOUT_SECONDS = 1


@lru_cache(maxsize=8)
def client(url: str) -> redis.Redis:
    """Shared by all threads of the process; a forked one gets connections of its own."""
    return connect(
        url,
        socket_connect_timeout=TIMEOUT_SECONDS,
        socket_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


def words(found: Mapping[Any, Any]) -> dict[str, str]:
    """Return a hash of texts, which arrives as bytes."""
    return {name.decode(): value.decode() for name, value in found.items()}
