"""A primary of Valkey, a replica and three Sentinels, as real processes."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import redis

from deploy.local import embedded
from tests.acceptance.stack import dying_with_us
from tests.until import until

SERVICE = "dovecote"
PASSWORD = "of-the-servers"
SENTINEL_PASSWORD = "of-the-sentinels"
WITHIN_SECONDS = 40


class Group:
    """Servers that Sentinels fail over, with passwords of both kinds.

    With `encrypt` they are reached, by TLS or without, at the port that it gives for theirs.
    """

    def __init__(
        self, home: Path, stack: ExitStack, encrypt: Callable[[int], int] | None = None
    ) -> None:
        self._home, self._stack = home, stack
        self._running: dict[int, subprocess.Popen[bytes]] = {}
        self._scheme = "rediss" if encrypt else "redis"
        #: Where each really listens.
        self._inner: dict[int, int] = {}
        for _ in range(5):
            inner = embedded.free_port()
            self._inner[encrypt(inner) if encrypt else inner] = inner
        self.primary, self.replica, *self.sentinels = self._inner
        self._server(self.primary)
        self._server(self.replica, f"replicaof 127.0.0.1 {self.primary}")
        # A Sentinel that comes before the replica looks for it only ten seconds later.
        until(lambda: _has_replica(redis.Redis(port=self.primary, password=PASSWORD)))
        for port in self.sentinels:
            self._sentinel(port)
        for port in self.sentinels:
            until(lambda port=port: _knows_all(redis.Redis(port=port, password=SENTINEL_PASSWORD)))

    @property
    def url(self) -> str:
        hosts = ",".join(f"127.0.0.1:{port}" for port in self.sentinels)
        login = f":{PASSWORD}@"
        return f"{self._scheme}+sentinel://{login}{hosts}/{SERVICE}/0?sentinel_password={SENTINEL_PASSWORD}"

    def kill(self, port: int) -> None:
        """End one of the processes at once."""
        self._running[port].kill()
        self._running[port].wait(10)

    def _server(self, port: int, *lines: str) -> None:
        own = [f"requirepass {PASSWORD}", f"masterauth {PASSWORD}", "repl-diskless-sync-delay 0"]
        self._start(port, [*own, 'save ""', f"replica-announce-port {port}", *lines])

    def _sentinel(self, port: int) -> None:
        lines = [
            f"requirepass {SENTINEL_PASSWORD}",
            f"sentinel announce-port {port}",
            f"sentinel sentinel-pass {SENTINEL_PASSWORD}",
            f"sentinel monitor {SERVICE} 127.0.0.1 {self.primary} 2",
            f"sentinel auth-pass {SERVICE} {PASSWORD}",
            f"sentinel down-after-milliseconds {SERVICE} 500",
            f"sentinel failover-timeout {SERVICE} 1000",
        ]
        self._start(port, lines, "--sentinel")

    def _start(self, port: int, lines: list[str], *options: str) -> None:
        folder = self._home / str(port)
        folder.mkdir()
        configuration = folder / "valkey.conf"
        lines = [
            "bind 127.0.0.1",
            f"port {self._inner[port]}",
            f"dir {folder}",
            "loglevel warning",
            *lines,
        ]
        configuration.write_text("\n".join(lines) + "\n")
        argv = [*dying_with_us(), str(embedded.valkey_server()), str(configuration), *options]
        self._running[port] = subprocess.Popen(argv, stdout=subprocess.DEVNULL)
        self._stack.callback(self.kill, port)


@contextmanager
def group(home: Path, encrypt: Callable[[int], int] | None = None) -> Iterator[Group]:
    with ExitStack() as stack:
        yield Group(home, stack, encrypt)


def _has_replica(server: redis.Redis) -> bool:
    try:
        found = server.info("replication")
    except redis.RedisError:
        return False
    return found.get("slave0", {}).get("state") == "online"


def _knows_all(sentinel: redis.Redis) -> bool:
    """Whether it knows the replica and the two others, so that a failover can be."""
    try:
        [known] = sentinel.sentinel_masters().values()
    except redis.RedisError:
        return False
    return (known["num-slaves"], known["num-other-sentinels"]) == (1, 2)
