import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from tests.config.web.server.conftest import echo, web

__all__ = ["echo", "web"]

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "DEBUG": "false",
    "SECRET_KEY": "kQ7-" * 5 + "aB3_xY9zW2vU8tS4rR6qP1oN5mL0kJ",
    "CREDENTIAL_KEYS": Fernet.generate_key().decode(),
    "PUBLIC_URL": "https://dovecote.example.com",
    "ALLOWED_HOSTS": "dovecote.example.com",
    "REDIS_URL": "rediss://redis.example.com/0",
    "DATABASE_URL": "postgres://a:b@db.example.com/d?sslmode=verify-full",
    "SIMULATOR_URL": "",
    "DEMO_ENV": "",
}


@contextmanager
def server_folder() -> Iterator[Path]:
    """A folder for real servers.

    Not pytest's own: every run of pytest closes that one's parent, and PostgreSQL, which is
    another user when we are root, must be able to pass through.
    """
    folder = Path(tempfile.mkdtemp(prefix="dovecote-test-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def home() -> Iterator[Path]:
    with server_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def checker() -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "tests.deploy.checking"]
    with subprocess.Popen(command, cwd=ROOT, stdin=-1, stdout=-1, text=True) as process:
        yield process


@pytest.fixture
def check(checker: "subprocess.Popen[str]") -> Callable[..., str]:
    """What the deploy checks of this project and of Django's security say."""

    def check(**changes: str) -> str:
        assert checker.stdin
        assert checker.stdout
        checker.stdin.write(json.dumps({**os.environ, **PRODUCTION, **changes}) + "\n")
        checker.stdin.flush()
        return str(json.loads(checker.stdout.readline()))

    return check
