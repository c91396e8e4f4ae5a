"""Install packages from npm, once for all runs of the tests."""

import fcntl
import hashlib
import shutil
from pathlib import Path

from tests import programs
from tests.acceptance.stack import ROOT

HERE = Path(__file__).resolve().parent
INSTALL_SECONDS = 300
#: npm checks each package against the hash in package-lock.json; nothing of them runs here.
OPTIONS = ("--ignore-scripts", "--no-audit", "--no-fund")


def installed(wanted: Path = HERE) -> Path:
    """A folder whose `node_modules` has what the lock file of `wanted` names, the published clients
    by default: made by the first run, found by later ones.
    """
    name = hashlib.sha256((wanted / "package-lock.json").read_bytes()).hexdigest()[:12]
    home = ROOT / ".dovecote" / "npm" / name
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "complete").exists():
            _install(wanted, home)
            (home / "complete").touch()
    return home


def _install(wanted: Path, home: Path) -> None:
    for name in ("package.json", "package-lock.json"):
        shutil.copy(wanted / name, home)
    done = programs.run([programs.found("npm"), "ci", *OPTIONS], cwd=home, timeout=INSTALL_SECONDS)
    assert done.returncode == 0, (
        f"npm could not install them; is its registry within reach?\n{done.stderr[-3000:]}"
    )
