"""`manage.py` on a machine where the settings are given, or not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local import home as homes
from tests import programs
from tests.deploy.local.test_up import GIVEN, ROOT


def manage(home: Path, *words: str, **given: str) -> "subprocess.CompletedProcess[str]":
    environ = {name: value for name, value in os.environ.items() if name not in GIVEN}
    return programs.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env={**environ, "DOVECOTE_HOME": str(home), **given},
    )


def test_where_nothing_runs_three_lines_say_what_to_do(home: Path) -> None:
    done = manage(home, "create_api_key", "--workspace", "Acme", "--name", "mine")

    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "Dovecote is not running here, and no settings are given.",
        "Start it in another terminal: make up",
        "Or set SECRET_KEY, CREDENTIAL_KEYS, DATABASE_URL, REDIS_URL; see deploy/env.example.",
    ]
    assert list(home.iterdir()) == []


def test_while_it_starts_it_is_not_taken_for_an_earlier_one(home: Path) -> None:
    homes.private_folder(home)
    holding = (
        f"from pathlib import Path; from deploy.local import home; home.lock(Path({str(home)!r}))"
    )
    code = f"{holding}; print('held', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdin=-1, stdout=-1, text=True
    ) as up:
        assert up.stdout
        assert up.stdout.readline() == "held\n"
        done = manage(home, "check_consistency")
        up.communicate("\n")

    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert "still starting here" in done.stderr


@pytest.mark.parametrize("words", [("help",), ("--version",), ()])
def test_what_only_tells_needs_no_settings(home: Path, words: tuple[str, ...]) -> None:
    assert manage(home, *words).returncode == 0


def test_settings_that_are_given_in_part_are_not_guessed(home: Path) -> None:
    done = manage(home, "migrate", DATABASE_URL="postgres://unused@127.0.0.1:1/none")

    assert (done.returncode, done.stderr) == (1, "Set SECRET_KEY; see deploy/env.example.\n")
