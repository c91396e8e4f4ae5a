"""A PostgreSQL and a Redis for one stack alone, which may be stopped, killed and started again."""

import secrets
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import psutil
from psycopg.conninfo import conninfo_to_dict

from deploy.local import embedded
from deploy.local import home as homes
from deploy.local.supervisor import Service, launch, signal_group

POSTGRES, REDIS = "postgres", "valkey"
#: Names the files of a PostgreSQL whose tables are made.
MIGRATED = "CHAOS_MIGRATED"
START_SECONDS = 60


class Servers:
    """`settings` are PostgreSQL's beyond those of any test."""

    def __init__(self, home: Path, settings: Sequence[str] = ()) -> None:
        self._home, self._settings = home, settings
        homes.private_folder(home)
        self._port, self._password = embedded.free_port(), secrets.token_hex(16)
        self.database_url = embedded.database_url(home)
        self.redis_url = embedded.redis_url(self._port, self._password)
        self.data, self._copy = home / "postgres", home / "postgres.copy"
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def postgres_socket(self) -> Path:
        """Where PostgreSQL listens."""
        return Path(str(conninfo_to_dict(self.database_url)["host"])) / ".s.PGSQL.5432"

    def start(self, name: str) -> None:
        """Start it and wait until it answers. Redis comes back empty, PostgreSQL with its data."""
        service = self._postgres() if name == POSTGRES else self._valkey()
        with (self._home / f"{name}.log").open("ab") as log:
            self._running[name] = launch(service, log)
        give_up_at = time.monotonic() + START_SECONDS
        while service.is_ready and not service.is_ready():
            assert time.monotonic() < give_up_at, f"{name} does not start"
            time.sleep(0.05)

    def _postgres(self) -> Service:
        """The machine never crashes here; what is committed survives the death of the server."""
        service = embedded.postgres(self._home, careless=True)
        settings = ("synchronous_commit=on", "full_page_writes=on", *self._settings)
        options = [word for setting in settings for word in ("-c", setting)]
        return replace(service, command=(*service.command, *options))

    def _valkey(self) -> Service:
        return embedded.valkey(self._home, self._port, self._password)

    def copy_postgres(self) -> None:
        """Keep its files as they are; it must be stopped."""
        # Not by Python, which would make them ours.
        subprocess.run(["cp", "-a", self.data, self._copy], check=True)

    def restore_postgres(self) -> None:
        """Have its files as they were when they were copied; it must be stopped."""
        self.take_postgres(self._copy)

    def take_postgres(self, data: Path) -> None:
        """Have these files in place of its own; it must be stopped."""
        shutil.rmtree(self.data)
        data.rename(self.data)

    def stop(self, name: str) -> None:
        """As an operator would: its clients are thrown out, what was committed stays."""
        self._end(name, signal.SIGINT if name == POSTGRES else signal.SIGTERM)

    def kill(self, name: str) -> None:
        """It dies in the middle of its work, with everything it has started."""
        family = self._family(name)
        self._end(name, signal.SIGKILL)
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(family, timeout=30)

    @contextmanager
    def frozen(self, name: str, seconds: float) -> Iterator[None]:
        """For so long it neither answers nor refuses. The block ends no sooner."""
        family = self._family(name)
        for process in family:
            process.suspend()
        thaw = threading.Timer(seconds, lambda: [process.resume() for process in family])
        thaw.start()
        try:
            yield
        finally:
            thaw.join()

    def _family(self, name: str) -> list[psutil.Process]:
        """It and what it has started; PostgreSQL's are no group."""
        first = psutil.Process(self._running[name].pid)
        return [first, *first.children(recursive=True)]

    def _end(self, name: str, number: signal.Signals) -> None:
        process = self._running.pop(name)
        signal_group(process, number)
        process.wait(30)

    def end(self) -> None:
        for name in list(self._running):
            self._end(name, signal.SIGQUIT if name == POSTGRES else signal.SIGKILL)


@contextmanager
def own_servers(
    home: Path, settings: Sequence[str] = (), files: str | None = None
) -> Iterator[Servers]:
    """Both servers; PostgreSQL with a copy of these files, or new ones."""
    servers = Servers(home, settings)
    if files:
        subprocess.run(["cp", "-a", files, servers.data], check=True)
    try:
        for name in (POSTGRES, REDIS):
            servers.start(name)
        yield servers
    finally:
        servers.end()
