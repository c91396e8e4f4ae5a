"""Migrated databases, copied from one that is migrated once for each state of the code."""

import fcntl
import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from tests import programs

ROOT = Path(__file__).resolve().parents[1]
#: Of the product; what migrating does depends on nothing else.
FOLDERS = ("config", "destinations", "platforms", "posts")
PREFIX = "dovecote_tests_"
#: Names a template that is already there: code that is changed for a moment migrates nothing.
GIVEN = "MIGRATED_TEMPLATE"
NAMES = "SELECT datname FROM pg_database WHERE starts_with(datname, %s)"
PATIENCE_MS = 55_000
LEAVE = "SELECT pg_terminate_backend(pid, %s) FROM pg_stat_activity WHERE datname = %s"


@contextmanager
def database(name: str) -> Iterator[str]:
    """The address of a migrated database of the tests' server, dropped after the block."""
    _drop(name)
    _execute("CREATE DATABASE {} TEMPLATE {}", name, template())
    yield _address(name)
    _drop(name)


def template() -> str:
    """The name of a database as this version migrates it, made if it is missing. Nothing connects
    to it, so that it may be copied at any time."""
    if GIVEN in os.environ:
        return os.environ[GIVEN]
    wanted = f"{PREFIX}{_digest()}"
    with (Path(os.environ["DOVECOTE_HOME"]) / "migrated.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
            found = [name for (name,) in connection.execute(NAMES, [PREFIX])]
        if wanted not in found:
            _make(wanted, found)
    return wanted


def _make(wanted: str, former: list[str]) -> None:
    unfinished = f"{PREFIX}unfinished"
    for name in {*former, unfinished}:
        _drop(name)
    _execute("CREATE DATABASE {}", unfinished)
    _migrate(unfinished)
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        connection.execute(LEAVE, [PATIENCE_MS, unfinished])
    _execute("ALTER DATABASE {} RENAME TO {}", unfinished, wanted)


def _migrate(name: str) -> None:
    done = programs.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": _address(name)},
    )
    assert done.returncode == 0, done.stderr


def _digest() -> str:
    found = hashlib.sha256((ROOT / "requirements.txt").read_bytes())
    for path in sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")):
        found.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return found.hexdigest()[:16]


def _drop(name: str) -> None:
    _execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def _execute(statement: str, *names: str) -> None:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _address(name: str) -> str:
    address, _, options = os.environ["DATABASE_URL"].partition("?")
    return f"{address.rpartition('/')[0]}/{name}" + (f"?{options}" if options else "")
