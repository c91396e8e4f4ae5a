"""The Python client, built once per run of the tests, and unpacked beside their database."""

import fcntl
import os
import subprocess
import sys
import zipfile
from pathlib import Path


def described() -> Path:
    """The OpenAPI document that it was made of, for the other clients too: it takes seconds."""
    return installed().parent / "openapi.json"


def installed() -> Path:
    """A folder with what the wheel holds; what that needs is in .venv."""
    home = Path(os.environ["DOVECOTE_HOME"]) / "clients"
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    site, mark = home / f"site-{run}", home / f"site-{run}.complete"
    home.mkdir(exist_ok=True)
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not mark.exists():
            _build(home)
            (wheel,) = (home / "python" / "dist").glob("*.whl")
            with zipfile.ZipFile(wheel) as packed:
                packed.extractall(site)
            mark.touch()
    return site


def _build(home: Path) -> None:
    command = [sys.executable, "-m", "deploy.clients.build", "python", "--into", str(home)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
