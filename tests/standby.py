"""A standby of the tests' PostgreSQL, copied and kept by PostgreSQL's own programs."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection
from psycopg.conninfo import make_conninfo

from config import env
from deploy.local import embedded
from deploy.local import home as homes
from deploy.local.supervisor import Service, launch
from tests.psql import psql

#: Patience with a machine that is busy with other things.
WITHIN_SECONDS = 55
END = "SELECT pg_current_wal_insert_lsn()"
LOCKS = "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation IS NOT NULL"
HAS = "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn"


class Standby:
    """It has every database of the primary, by default the tests'; `settings` name theirs."""

    def __init__(self, home: Path, primary: str = "") -> None:
        self._home = home
        self._primary = primary or os.environ["DATABASE_URL"]
        self._running: subprocess.Popen[bytes] | None = None

    @property
    def settings(self) -> dict[str, Any]:
        """As DATABASE_REPLICA."""
        os.environ["DATABASE_REPLICA_URL"] = embedded.database_url(self._home)
        try:
            found = env.database_replica()
        finally:
            del os.environ["DATABASE_REPLICA_URL"]
        assert found is not None
        return {**found, "NAME": connection.settings_dict["NAME"]}

    def copy(self) -> None:
        """Make it, anew. Does not start it."""
        shutil.rmtree(self._home, ignore_errors=True)
        data = self._home / "postgres"
        user = homes.server_user(data)
        homes.private_folder(data, user)
        if user:
            homes.open_way(user, self._home)
        command = Service(
            name="pg_basebackup",
            command=(
                str(embedded.binaries() / "pg_basebackup"),
                *("--dbname", self._primary, "--pgdata", str(data)),
                *("--write-recovery-conf", "--checkpoint=fast", "--no-sync"),
            ),
            cwd=data,
            user=user,
        )
        copied = launch(command, subprocess.PIPE)
        said, _ = copied.communicate(timeout=WITHIN_SECONDS)
        assert copied.returncode == 0, said.decode(errors="replace")

    def start(self) -> None:
        service = embedded.postgres(self._home, careless=True)
        log = self._home / "standby.log"
        with log.open("ab") as output:
            self._running = launch(service, output)
        assert service.is_ready is not None
        wait(service.is_ready, lambda: log.read_text()[-2000:])

    def stop(self) -> None:
        """Kill it, as if its host had died.

        Copy it before it is started again. Without `full_page_writes` PostgreSQL may find its log
        at odds with its files after a death, and refuse to start.
        """
        if self._running:
            self._running.kill()
            self._running.wait(10)
            self._running = None

    def withhold(self) -> None:
        """From now on nothing of the primary reaches it."""
        with self.connect() as asked:
            asked.execute("ALTER SYSTEM SET primary_conninfo = ''")
            asked.execute("SELECT pg_reload_conf()")
            receiving = "SELECT count(*) = 0 FROM pg_stat_wal_receiver"
            wait(lambda: bool(asked.execute(receiving).fetchall()[0][0]))

    def promote(self) -> Path:
        """Make it a primary with what it has, and stop it in order; its data."""
        with self.connect() as asked:
            asked.execute("SELECT pg_promote()")
            promoted = "SELECT NOT pg_is_in_recovery()"
            wait(lambda: bool(asked.execute(promoted).fetchall()[0][0]))
        assert self._running
        self._running.send_signal(signal.SIGINT)
        self._running.wait(WITHIN_SECONDS)
        self._running = None
        return self._home / "postgres"

    def catch_up(self) -> None:
        """Until it has everything that is committed now."""
        ((end,),) = psql(END)
        with self.connect() as asked:
            # A record more, so that the place is no header between two.
            psql("SELECT pg_log_standby_snapshot()")
            wait(lambda: bool(asked.execute(HAS, [end]).fetchall()[0][0]))

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """It replays nothing more, as one that lags."""
        self.catch_up()
        # Not within a transaction that locks a table: a vacuum's, for one.
        while self.pause() and self.has_locks():
            self.resume()
        try:
            yield
        finally:
            self.resume()

    def pause(self) -> bool:
        with self.connect() as asked:
            asked.execute("SELECT pg_wal_replay_pause()")
            paused = "SELECT pg_get_wal_replay_pause_state() = 'paused'"
            wait(lambda: bool(asked.execute(paused).fetchall()[0][0]))
        return True

    def resume(self) -> None:
        with self.connect() as asked:
            asked.execute("SELECT pg_wal_replay_resume()")

    def has_locks(self) -> bool:
        """Return whether what it replays has locked a table against readers."""
        with self.connect() as asked:
            return bool(asked.execute(LOCKS).fetchall()[0][0])

    def connect(self) -> "psycopg.Connection[Any]":
        url = make_conninfo(embedded.database_url(self._home))
        return psycopg.connect(url, autocommit=True)


@contextmanager
def standby() -> Iterator[Standby]:
    """Running; each worker of xdist has one of its own."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    found = Standby(Path(os.environ["DOVECOTE_HOME"]) / f"standby-{worker}")
    found.copy()
    found.start()
    try:
        yield found
    finally:
        found.stop()
        shutil.rmtree(found._home, ignore_errors=True)


def wait(is_so: Callable[[], object], why: Callable[[], object] = lambda: "") -> None:
    give_up_at = time.monotonic() + WITHIN_SECONDS
    while not is_so():
        assert time.monotonic() < give_up_at, why()
        time.sleep(0.02)
