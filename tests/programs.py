"""What some tests need beyond Python's packages: mostly programs, which Debian has in packages.

`python -m tests.programs` names those that are missing and installs them where it may.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
#: The packages of each program. Every test that runs one is marked with `needs`.
PACKAGES = {
    "bridge": "iproute2",
    "caddy": "caddy",
    "chromium": "chromium",
    "curl": "curl",
    "docker-compose": "docker-compose",
    "g++": "g++",
    "ip": "iproute2",
    "kustomize": "kustomize",
    "make": "make",
    "mariadbd": "mariadb-server-core",
    "node": "nodejs",
    "npm": "npm",
    "openssl": "openssl",
    "php": "php-cli php-gd php-mysql",
    "pgbouncer": "pgbouncer",
    "promtool": "promtool",
    "shellcheck": "shellcheck",
    "snac": "snac2",
    "systemd-analyze": "systemd",
}
#: What a `needs` mark may name that is no program.
LAST_RELEASE = "commit of the last release"
#: Debian keeps some programs where only root looks for them.
PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin"])


def find(program: str) -> str | None:
    """The path of a program, or None if it is not installed."""
    return shutil.which(program, path=PATH)


def found(program: str) -> str:
    """The path of a program that the test's `needs` mark names."""
    path = find(program)
    assert path, f"{program} is missing: mark this test with pytest.mark.needs({program!r})."
    return path


def run(command: Iterable[object], **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, and return what it said as text."""
    words = [str(word) for word in command]
    return subprocess.run(words, capture_output=True, text=True, **options)


def missing(names: Iterable[str]) -> list[str]:
    """Those of these needs that this machine does not meet."""
    return [name for name in names if not _is_met(name)]


def _is_met(name: str) -> bool:
    if name == LAST_RELEASE:
        commit = (ROOT / "deploy" / "RELEASES").read_text().split()[-2]
        asked = ["git", "cat-file", "-e", f"{commit}^{{commit}}"]
        return subprocess.run(asked, cwd=ROOT, capture_output=True).returncode == 0
    return os.geteuid() == 0 if name == "root" else find(name) is not None


def install(programs: list[str]) -> None:
    """Install what Debian's packages have. What cannot be had stays missing."""
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    apt = [*as_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    wanted = ["install", "-y", "--no-install-recommends"]
    packages = _packages(programs)
    _run([*apt, "update"])
    if not _run([*apt, *wanted, *packages]):
        for package in packages:  # one that cannot be had does not keep out the others
            _run([*apt, *wanted, package])


def _packages(programs: Iterable[str]) -> list[str]:
    return sorted({package for program in programs for package in PACKAGES[program].split()})


def _run(command: list[str]) -> bool:
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        sys.stderr.write(done.stderr)
    return done.returncode == 0


def main(names: Collection[str] = PACKAGES) -> None:
    """Install those of these programs that are missing, and name those that stay so."""
    wanted = missing(names)
    if wanted and shutil.which("apt-get") and (os.geteuid() == 0 or shutil.which("sudo")):
        sys.stderr.write(f"Installing {', '.join(wanted)} for the tests.\n")
        install(wanted)
    if lacking := missing(names):
        packages = " ".join(_packages(lacking))
        sys.stderr.write(
            f"Tests that need {', '.join(lacking)} will not run. On Debian: "
            f"apt-get install {packages}\n"
        )


if __name__ == "__main__":
    main()
