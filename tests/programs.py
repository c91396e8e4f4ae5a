"""Programs that only tests use, and the Debian packages that have them.

`python -m tests.programs` names those that are missing and installs them where it may.
"""

import os
import shutil
import subprocess
import sys

#: The package of each program. Every test that runs one is marked with `needs`.
PACKAGES = {
    "caddy": "caddy",
    "chromium": "chromium",
    "docker-compose": "docker-compose",
    "kustomize": "kustomize",
    "node": "nodejs",
    "npm": "npm",
    "pgbouncer": "pgbouncer",
    "promtool": "promtool",
    "shellcheck": "shellcheck",
    "systemd-analyze": "systemd",
}
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


def missing(programs: tuple[str, ...] = tuple(PACKAGES)) -> list[str]:
    return [program for program in programs if find(program) is None]


def install(programs: list[str]) -> None:
    """Install what Debian's packages have. What cannot be had stays missing."""
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    apt = [*as_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    wanted = ["install", "-y", "--no-install-recommends"]
    packages = sorted({PACKAGES[program] for program in programs})
    _run([*apt, "update"])
    if not _run([*apt, *wanted, *packages]):
        for package in packages:  # one that cannot be had does not keep out the others
            _run([*apt, *wanted, package])


def _run(command: list[str]) -> bool:
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        sys.stderr.write(done.stderr)
    return done.returncode == 0


def main() -> None:
    wanted = missing()
    if wanted and shutil.which("apt-get") and (os.geteuid() == 0 or shutil.which("sudo")):
        sys.stderr.write(f"Installing {', '.join(wanted)} for the tests.\n")
        install(wanted)
    if lacking := missing():
        packages = " ".join(sorted({PACKAGES[program] for program in lacking}))
        sys.stderr.write(
            f"Tests that need {', '.join(lacking)} will not run. On Debian: "
            f"apt-get install {packages}\n"
        )


if __name__ == "__main__":
    main()
