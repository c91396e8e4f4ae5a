"""`manage.py` on a machine where the settings are given, or not."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from deploy.local import environment
from deploy.local import home as homes
from deploy.local.supervisor import GaveUp
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


@contextmanager
def running(home: Path, **given: str) -> Iterator[None]:
    """A process that was started with these settings and holds `home`, as a ready `up` does."""
    homes.private_folder(home)
    values = {
        "DATABASE_URL": "postgres://unused@127.0.0.1:1/none",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "API_URL": "http://127.0.0.1:9100",
    }
    environment.write_demo_env(home, values)
    code = (
        f"from pathlib import Path; from deploy.local import home; home.lock(Path({str(home)!r}))"
        "; print('held', flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdin=-1, stdout=-1, text=True,
        env={"PATH": os.environ["PATH"], **given},
    ) as up:  # fmt: skip
        assert up.stdout
        assert up.stdout.readline() == "held\n"
        yield
        up.communicate("\n")


#: What a person gives to `make up`.
GIVEN_TO_UP = {"NOTIFY_URLS": "json://127.0.0.1:1", "LATE_LIMIT_SECONDS": "17"}
SHOW = (
    "from django.conf import settings as s; "
    "print(s.NOTIFY_URLS, s.LATE_LIMIT_SECONDS, s.ACCOUNT_LIMIT, s.WEB_THREADS, s.SECRET_KEY)"
)


def test_a_command_has_every_setting_of_what_runs_and_its_own_first(home: Path) -> None:
    secret = "s" * 50
    told = {**GIVEN_TO_UP, "SECRET_KEY": secret, "ACCOUNT_LIMIT": "7"}
    with running(home, **told):
        done = manage(home, "shell", "--verbosity", "0", "-c", SHOW, LATE_LIMIT_SECONDS="18")

    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["['json://127.0.0.1:1']", "18", "7", "8", secret]
    kept = [path.read_text() for path in home.rglob("*") if path.is_file()]
    assert not [text for text in kept if secret in text or "json://" in text]


def test_another_users_settings_are_not_read(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(process: psutil.Process) -> dict[str, str]:
        raise psutil.AccessDenied(process.pid)

    monkeypatch.setattr(psutil.Process, "environ", refuse)
    with running(home), pytest.raises(GaveUp, match="Run this as the user"):
        environment.attach((), {"DOVECOTE_HOME": str(home)})


def test_a_process_that_ended_meanwhile_is_not_asked(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(home), monkeypatch.context() as patch:
        patch.setattr(homes, "holder", lambda home: 0x7FFFFFF0)
        with pytest.raises(GaveUp, match="still starting here"):
            environment.attach((), {"DOVECOTE_HOME": str(home)})


@pytest.mark.parametrize("words", [("help",), ("--version",), ()])
def test_what_only_tells_needs_no_settings(home: Path, words: tuple[str, ...]) -> None:
    assert manage(home, *words).returncode == 0


def test_settings_that_are_given_in_part_are_not_guessed(home: Path) -> None:
    done = manage(home, "migrate", DATABASE_URL="postgres://unused@127.0.0.1:1/none")

    assert (done.returncode, done.stderr) == (1, "Set SECRET_KEY; see deploy/env.example.\n")
