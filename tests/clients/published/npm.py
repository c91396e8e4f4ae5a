"""What tests install from npm, outside of the repository."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
INSTALL_SECONDS = 300
#: npm checks each package against the hash in package-lock.json; nothing of them runs here.
COMMAND = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")


def installed(wanted: Path = HERE) -> Path:
    """A folder whose `node_modules` has what the lock file of `wanted` names, the published clients
    by default: made by the first run, found by later ones.
    """
    name = hashlib.sha256((wanted / "package-lock.json").read_bytes()).hexdigest()[:12]
    home = Path(tempfile.gettempdir()) / f"dovecote-clients-{os.getuid()}-{name}"
    home.mkdir(mode=0o700, exist_ok=True)
    assert home.stat().st_uid == os.getuid(), f"{home} is another user's."
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "complete").exists():
            _install(wanted, home)
            (home / "complete").touch()
    return home


def _install(wanted: Path, home: Path) -> None:
    assert shutil.which("npm"), "This test needs Node.js and npm: apt install nodejs npm"
    for name in ("package.json", "package-lock.json"):
        shutil.copy(wanted / name, home)
    done = subprocess.run(
        COMMAND, cwd=home, capture_output=True, text=True, timeout=INSTALL_SECONDS
    )
    assert done.returncode == 0, (
        f"npm could not install them; is its registry within reach?\n{done.stderr[-3000:]}"
    )
