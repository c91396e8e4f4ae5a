"""The embedded servers, really started, in a folder of their own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local import embedded
from deploy.local import home as homes
from deploy.local.supervisor import GaveUp
from tests import programs

ROOT = Path(__file__).resolve().parents[3]
USE = """
import os, sys
from pathlib import Path
os.environ.pop("DATABASE_URL"), os.environ.pop("REDIS_URL")
from deploy.local import embedded
embedded.start(Path(sys.argv[1]))
import psycopg
with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as database:
    database.execute("CREATE TABLE IF NOT EXISTS starts (at timestamptz DEFAULT now())")
    database.execute("INSERT INTO starts DEFAULT VALUES")
    print(database.execute("SELECT count(*) FROM starts").fetchone()[0])
"""


def use(home: Path) -> "subprocess.CompletedProcess[str]":
    return programs.run(
        [sys.executable, "-c", USE, home],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=60,
    )


def test_a_second_start_finds_what_the_first_wrote_even_below_a_deep_folder(home: Path) -> None:
    home = home / ("deep" * 20) / "home"  # too long a name for a socket
    first = use(home)
    assert first.stdout == "1\n", first.stderr
    (home / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n")  # a pid used again
    assert use(home).stdout == "2\n"


def test_a_home_has_one_user_at_a_time(home: Path) -> None:
    homes.lock(home)
    refused = use(home)
    assert f"already runs on {home} (process {os.getpid()})" in refused.stderr


def test_data_of_another_postgresql_is_refused_with_a_message(home: Path) -> None:
    (home / "postgres").mkdir()
    (home / "postgres" / "PG_VERSION").write_text("12\n")
    with pytest.raises(GaveUp, match="was written by PostgreSQL 12"):
        embedded.postgres(home)


def test_keys_and_passwords_are_made_once_and_are_private(home: Path) -> None:
    first = homes.load_state(home)
    assert homes.remember_api_key(home, first, "pe_live_x").api_key == "pe_live_x"
    again = homes.load_state(home)
    assert (again.secret_key, again.api_key) == (first.secret_key, "pe_live_x")
    assert (home / "state.json").stat().st_mode & 0o777 == 0o600


def test_a_damaged_state_is_never_replaced(home: Path) -> None:
    (home / "state.json").write_text("{")
    with pytest.raises(GaveUp, match="is damaged"):
        homes.load_state(home)
    assert (home / "state.json").read_text() == "{"
