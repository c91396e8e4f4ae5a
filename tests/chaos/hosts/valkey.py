"""A primary of Valkey, a replica and three Sentinels, each on a host of its own."""

from pathlib import Path

import redis

from deploy.local import embedded
from tests.chaos.hosts.servers import Servers
from tests.sentinels import PASSWORD, SENTINEL_PASSWORD, SERVICE

PRIMARY, REPLICA = "valkey-1", "valkey-2"
SENTINELS = ("sentinel-1", "sentinel-2", "sentinel-3")
PORT, SENTINEL_PORT = 6379, 26379
#: As deploy/README.md advises: longer than a busy machine holds a process up.
DOWN_AFTER_MS, FAILOVER_TIMEOUT_MS = 5000, 10_000


class Valkey:
    def __init__(self, servers: Servers, home: Path) -> None:
        self._servers, self._home = servers, home
        login = (f"requirepass {PASSWORD}", f"masterauth {PASSWORD}", 'save ""')
        at_once = "repl-diskless-sync-delay 0"
        primary = servers.network.address(PRIMARY)
        self._start(PRIMARY, PORT, *login, at_once)
        servers.wait("a primary", self._client(PRIMARY).ping)
        self._start(REPLICA, PORT, *login, at_once, f"replicaof {primary} {PORT}")
        servers.wait("a replica", self._has_replica)
        for host in SENTINELS:
            self._start_sentinel(host, primary)
        for host in SENTINELS:
            servers.wait("Sentinels that know each other", lambda host=host: self._knows_all(host))

    @property
    def url(self) -> str:
        address = self._servers.network.address
        hosts = ",".join(f"{address(host)}:{SENTINEL_PORT}" for host in SENTINELS)
        query = f"sentinel_password={SENTINEL_PASSWORD}"
        return f"redis+sentinel://:{PASSWORD}@{hosts}/{SERVICE}/0?{query}"

    def primary(self) -> str:
        """Which host most of the Sentinels call the primary."""
        told = [self._told(host) for host in SENTINELS]
        return max(told, key=told.count)

    def first_follows(self) -> bool:
        """Whether the first primary is now a replica that has everything."""
        try:
            found = self._client(PRIMARY).info("replication")
        except redis.RedisError:
            return False
        return (found["role"], found.get("master_link_status")) == ("slave", "up")

    def _told(self, host: str) -> str:
        found = self._client(host).sentinel_get_master_addr_by_name(SERVICE)
        of = {self._servers.network.address(name): name for name in (PRIMARY, REPLICA)}
        return of[found[0]]

    def _start_sentinel(self, host: str, primary: str) -> None:
        lines = (
            f"requirepass {SENTINEL_PASSWORD}",
            f"sentinel sentinel-pass {SENTINEL_PASSWORD}",
            f"sentinel monitor {SERVICE} {primary} {PORT} 2",
            f"sentinel auth-pass {SERVICE} {PASSWORD}",
            f"sentinel down-after-milliseconds {SERVICE} {DOWN_AFTER_MS}",
            f"sentinel failover-timeout {SERVICE} {FAILOVER_TIMEOUT_MS}",
        )
        self._start(host, SENTINEL_PORT, *lines, options=("--sentinel",))

    def _start(self, host: str, port: int, *lines: str, options: tuple[str, ...] = ()) -> None:
        folder = self._home / host
        folder.mkdir()
        file = folder / "valkey.conf"
        own = (f"bind {self._servers.network.address(host)}", f"port {port}", f"dir {folder}")
        file.write_text("\n".join([*own, *lines]) + "\n")
        self._servers.start(host, [str(embedded.valkey_server()), str(file), *options])

    def _client(self, host: str) -> redis.Redis:
        is_sentinel = host in SENTINELS
        return redis.Redis(
            host=self._servers.network.address(host),
            port=SENTINEL_PORT if is_sentinel else PORT,
            password=SENTINEL_PASSWORD if is_sentinel else PASSWORD,
            socket_timeout=3,
            socket_connect_timeout=3,
            decode_responses=True,
        )

    def _has_replica(self) -> bool:
        found = self._client(PRIMARY).info("replication")
        return bool(found.get("slave0", {}).get("state") == "online")

    def _knows_all(self, host: str) -> bool:
        [known] = self._client(host).sentinel_masters().values()
        return (known["num-slaves"], known["num-other-sentinels"]) == (1, 2)
