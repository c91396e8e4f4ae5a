"""Install the clients from PyPI below `.dovecote/real`, once for all runs.

They have an environment of their own: the project depends on none of them. pip checks each package
against its hash in requirements.txt.
"""

import fcntl
import hashlib
import shutil
import sys
from pathlib import Path

from tests import programs
from tests.programs import ROOT

PINS = Path(__file__).with_name("requirements.txt")
#: Thirty packages of 115 MB.
INSTALL_SECONDS = 600


def python() -> Path:
    """Return the Python of the environment. Raises AssertionError if PyPI is out of reach."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    name = hashlib.sha256(PINS.read_bytes() + version.encode()).hexdigest()[:12]
    home = ROOT / ".dovecote" / "real" / f"clients-{name}"
    home.mkdir(parents=True, exist_ok=True)
    found = home / "env" / "bin" / "python"
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "complete").exists():
            shutil.rmtree(home / "env", ignore_errors=True)
            _run(sys.executable, "-m", "venv", home / "env")
            exact = ("--require-hashes", "--only-binary", ":all:", "-r", str(PINS))
            _run(found, "-m", "pip", "install", "--quiet", *exact)
            (home / "complete").touch()
    return found


def _run(*command: object) -> None:
    done = programs.run(command, timeout=INSTALL_SECONDS)
    assert done.returncode == 0, f"The clients cannot be installed:\n{done.stderr[-3000:]}"
