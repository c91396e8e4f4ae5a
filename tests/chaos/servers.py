"""A PostgreSQL and a Redis for one stack alone, which may be stopped, killed and started again."""

import secrets
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config import embedded
from config.local import home as homes
from config.local.service import launch, signal_group

POSTGRES, REDIS = "postgres", "valkey"
START_SECONDS = 60


class Servers:
    def __init__(self, home: Path) -> None:
        self._home = home
        homes.private_folder(home)
        self._port, self._password = embedded.free_port(), secrets.token_hex(16)
        self.database_url = embedded.database_url(home)
        self.redis_url = embedded.redis_url(self._port, self._password)
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str) -> None:
        """Start it and wait until it answers. Redis comes back empty, PostgreSQL with its data."""
        service = (
            embedded.postgres(self._home, careless=True)
            if name == POSTGRES
            else embedded.valkey(self._home, self._port, self._password)
        )
        with (self._home / f"{name}.log").open("ab") as log:
            self._running[name] = launch(service, log)
        give_up_at = time.monotonic() + START_SECONDS
        while service.is_ready and not service.is_ready():
            assert time.monotonic() < give_up_at, f"{name} does not start"
            time.sleep(0.05)

    def stop(self, name: str) -> None:
        """As an operator would: its clients are thrown out, what was committed stays."""
        self._end(name, signal.SIGINT if name == POSTGRES else signal.SIGTERM)

    def kill(self, name: str) -> None:
        """It dies in the middle of whatever it is doing, with everything it has started."""
        self._end(name, signal.SIGKILL)

    def _end(self, name: str, number: signal.Signals) -> None:
        process = self._running.pop(name)
        signal_group(process, number)
        process.wait(30)

    def end(self) -> None:
        for name in list(self._running):
            self._end(name, signal.SIGQUIT if name == POSTGRES else signal.SIGKILL)


@contextmanager
def own_servers(home: Path) -> Iterator[Servers]:
    servers = Servers(home)
    try:
        for name in (POSTGRES, REDIS):
            servers.start(name)
        yield servers
    finally:
        servers.end()
