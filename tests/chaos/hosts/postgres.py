"""A primary of PostgreSQL, a standby that every commit waits for, and PgBouncer before them.

The settings are those that deploy/README.md asks of operators: `synchronous_standby_names` names
the standby and `synchronous_commit` is on, so what a client was told of is in the standby's log.
"""

import shutil
import signal
import subprocess
from pathlib import Path

import psycopg

from deploy.local import embedded
from deploy.local import home as homes
from tests.chaos.hosts.servers import Servers

POOLER = "pgbouncer"
PRIMARY, STANDBY = "postgres-1", "postgres-2"
PORT, POOLER_PORT = 5432, 6432
#: What psql of an operator calls PgBouncer's own console.
CONSOLE = "pgbouncer"
#: The same on both servers, and nothing that may be lost once it was acknowledged.
SETTINGS = ("listen_addresses=*", "synchronous_commit=on", "wal_receiver_timeout=10s")
ANYONE = "host all all 10.77.0.0/24 trust\nhost replication all 10.77.0.0/24 trust\n"
POOLER_FILE = """\
[databases]
dovecote = host={host} port=5432 dbname=postgres user=postgres
[pgbouncer]
listen_addr = *
listen_port = 6432
unix_socket_dir =
auth_type = trust
auth_file = {users}
admin_users = postgres
pool_mode = transaction
max_client_conn = 2000
default_pool_size = 80
max_prepared_statements = 200
ignore_startup_parameters = options
server_connect_timeout = 5
server_login_retry = 1
query_wait_timeout = 10
tcp_user_timeout = 10000
"""
#: PgBouncer does not pass it on from a client.
OF_ROLE = "ALTER ROLE postgres SET idle_in_transaction_session_timeout = '10s'"
STREAMING = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'"
SYNCHRONOUS = "SELECT count(*) FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum')"


class Postgres:
    def __init__(self, servers: Servers, home: Path) -> None:
        self._servers, self._home = servers, home
        self._user = homes.server_user(home)
        network = servers.network
        self.url = f"postgresql://postgres@{network.address(POOLER)}:{POOLER_PORT}/dovecote"
        self._start_primary()
        self._start_standby()
        self._start_pooler()

    def _start_primary(self) -> None:
        service = embedded.postgres(self._folder(PRIMARY), careless=True)
        with (service.cwd / "pg_hba.conf").open("a") as rules:
            rules.write(ANYONE)
        self._launch(PRIMARY, service.command)
        self._servers.wait("a primary", lambda: self.rows(PRIMARY, "SELECT 1"))
        self.rows(PRIMARY, OF_ROLE)

    def _start_standby(self) -> None:
        """A copy of the primary that follows it, and that commits wait for from now on."""
        folder = self._folder(STANDBY)
        assert self._user
        homes.private_folder(folder, self._user)
        source = f"host={self._servers.network.address(PRIMARY)} user=postgres"
        argv = [str(embedded.binaries() / "pg_basebackup"), "-D", str(folder / "postgres")]
        argv += ["-d", source, "-R", "-X", "stream", "-C", "-S", "standby", "--checkpoint=fast"]
        inside = self._servers.network.inside(STANDBY)
        whom = [f"--reuid={self._user.pw_uid}", f"--regid={self._user.pw_gid}", "--clear-groups"]
        subprocess.run([*inside, "setpriv", *whom, *argv], check=True, cwd="/")
        service = embedded.postgres(folder, careless=True)
        self._launch(STANDBY, [*service.command, "-c", "cluster_name=standby"])
        self._servers.wait("a standby", lambda: self.rows(PRIMARY, STREAMING) == [(1,)])
        self.rows(PRIMARY, "ALTER SYSTEM SET synchronous_standby_names = 'standby'")
        self.rows(PRIMARY, "SELECT pg_reload_conf()")
        self._servers.wait(
            "a synchronous standby", lambda: self.rows(PRIMARY, SYNCHRONOUS) == [(1,)]
        )

    def _start_pooler(self) -> None:
        self._point_to(PRIMARY)
        (self._home / "users.txt").write_text('"postgres" ""\n')
        (self._home / "users.txt").chmod(0o644)
        program = shutil.which(POOLER)
        assert program
        self._servers.start(POOLER, [program, str(self._file)], self._user)
        self._servers.wait("a pooler", self._answers)

    def _answers(self) -> bool:
        with psycopg.connect(self.url, connect_timeout=3) as client:
            return client.execute("SELECT 1").fetchall() == [(1,)]

    # What an operator does

    def fail_over(self) -> None:
        """The primary's host is cut off and must stay so: the standby takes over, and PgBouncer
        leads to it."""
        self.rows(STANDBY, "SELECT pg_promote()")
        self._point_to(STANDBY)
        self._servers.signal(POOLER, signal.SIGHUP)
        address = self._servers.network.address(POOLER)
        console = psycopg.connect(
            f"postgresql://postgres@{address}:{POOLER_PORT}/{CONSOLE}", autocommit=True
        )
        with console:
            # Connections to a host that is gone would wait for it.
            for word in ("RELOAD", "KILL dovecote", "RESUME dovecote"):
                psycopg.ClientCursor(console).execute(word)

    # Parts

    @property
    def _file(self) -> Path:
        return self._home / "pgbouncer.ini"

    def _point_to(self, host: str) -> None:
        address = self._servers.network.address(host)
        self._file.write_text(POOLER_FILE.format(host=address, users=self._home / "users.txt"))
        self._file.chmod(0o644)

    def rows(self, host: str, sql: str) -> list[tuple[object, ...]]:
        """Asked of one server and not of the pooler."""
        address = f"postgresql://postgres@{self._servers.network.address(host)}/postgres"
        with psycopg.connect(address, autocommit=True, connect_timeout=3) as server:
            found = server.execute(sql)
            return found.fetchall() if found.description else []

    def _folder(self, host: str) -> Path:
        folder = self._home / host
        homes.private_folder(folder)
        return folder

    def _launch(self, host: str, command: tuple[str, ...] | list[str]) -> None:
        more = [word for setting in SETTINGS for word in ("-c", setting)]
        self._servers.start(host, [*command, *more], self._user)
