"""`manage.py up` below a folder of its own, until it says that it is ready."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil

from deploy.local import embedded
from deploy.local.environment import Ports
from deploy.local.supervisor import GaveUp

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 180
LOOK_SECONDS = 0.02
#: What `up` takes from the environment, and must not here.
GIVEN = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "CREDENTIAL_KEYS", "DEBUG")


class Launched(NamedTuple):
    process: psutil.Process
    #: From its start until it said that it is ready.
    seconds: float
    #: The longest time in which it said nothing.
    silent_seconds: float


@contextmanager
def up(home: Path, **environ: str) -> Iterator[Launched]:
    """A running `up`, ended with the block. Raises GaveUp if it does not start."""
    inherited = {name: value for name, value in os.environ.items() if name not in GIVEN}
    own = {"DOVECOTE_HOME": str(home), "PORT": str(_three_free_ports())}
    log = home / "up.log"
    command = [sys.executable, "manage.py", "up"]
    with log.open("wb") as output:
        child = subprocess.Popen(
            command, cwd=ROOT, env={**inherited, **own, **environ}, stdout=output, stderr=output
        )
    try:
        yield _when_ready(child, log)
    finally:
        child.terminate()
        child.wait(120)


def _when_ready(child: "subprocess.Popen[bytes]", log: Path) -> Launched:
    began = spoke = time.monotonic()
    silent, length = 0.0, 0
    while True:
        said, now = log.read_text(errors="replace"), time.monotonic()
        if len(said) > length:
            silent, spoke, length = max(silent, now - spoke), now, len(said)
        if "Ready in" in said:
            return Launched(psutil.Process(child.pid), now - began, silent)
        if child.poll() is not None or now - began > READY_SECONDS:
            raise GaveUp(f"`up` did not start:\n{said[-2000:]}")
        time.sleep(LOOK_SECONDS)


def _three_free_ports() -> int:
    while True:
        first = embedded.free_port()
        try:
            Ports.read({"PORT": str(first)}).require_free()
            return first
        except GaveUp:
            continue
