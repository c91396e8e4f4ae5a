"""deploy/recover.sh asks Docker for the steps of a recovery, in their order."""

import os
import subprocess
from pathlib import Path

import pytest

from tests import programs
from tests.deploy.conftest import ROOT

#: A Docker that says what it was asked for, and has a database that is archived, or not.
DOCKER = """#!/bin/sh
[ "$2" = config ] && echo "$CONFIG" && exit
echo "$@" >>"$ASKED"
case "$*" in */recover*) exit "${RECOVERY:-0}" ;; esac
"""
MOMENT = "2026-11-26 09:00:00+00"


@pytest.fixture
def asked(tmp_path: Path) -> Path:
    (tmp_path / "docker").write_text(DOCKER)
    (tmp_path / "docker").chmod(0o755)
    (tmp_path / "asked").touch()
    return tmp_path / "asked"


def recover(asked: Path, **environ: str) -> "subprocess.CompletedProcess[str]":
    path = f"{asked.parent}{os.pathsep}{os.environ['PATH']}"
    return programs.run(
        [ROOT / "deploy/recover.sh", MOMENT],
        env={"PATH": path, "ASKED": str(asked), "CONFIG": "- archive_command=", **environ},
    )


def test_nothing_starts_before_the_product_knows_of_the_recovery(asked):
    assert recover(asked).returncode == 0

    stopped, owned, recovered, servers, migrated, declared, started = asked.read_text().splitlines()
    assert stopped == "compose stop web worker uploader beat flower postgres"
    assert owned.endswith(
        """--user root postgres sh -c install -d -o postgres "$(dirname "$PGDATA")\""""
    )
    assert recovered.endswith(f"postgres /opt/dovecote/recover /archive {MOMENT}")
    assert servers == "compose up -d --wait postgres valkey"
    assert migrated.endswith("manage.py migrate --noinput --verbosity 0")
    assert declared.endswith("manage.py database_restored")
    assert started == "compose up -d"


def test_nothing_starts_after_a_recovery_that_failed(asked):
    assert recover(asked, RECOVERY="1").returncode == 1

    assert len(asked.read_text().splitlines()) == 3


def test_nothing_is_stopped_where_there_is_no_archive(asked):
    refused = recover(asked, CONFIG="- postgres")

    assert (refused.returncode, "COMPOSE_FILE" in refused.stderr) == (1, True)
    assert asked.read_text() == ""
