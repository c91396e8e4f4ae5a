"""The last release of deploy/RELEASES, and its code with a Python of its own."""

import fcntl
import io
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.acceptance.stack import ROOT, Code

LIST = ROOT / "deploy" / "RELEASES"
#: Those with migrations of ours.
APPS = ("config", "destinations", "posts")
#: Kept between runs: what a commit has never changes.
KEPT = ROOT / ".dovecote" / "releases"
MISSING = """The commit of release {0.version}, {0.commit}, is not in this clone.
Fetch the whole history: git fetch --unshallow"""


class Release(NamedTuple):
    version: str
    commit: str
    date: str


def releases() -> list[Release]:
    """Oldest first."""
    return [Release(*line.split()) for line in LIST.read_text().splitlines()]


def last() -> Release:
    return releases()[-1]


def has(release: Release) -> bool:
    """Whether this clone has the release's commit."""
    asked = ["git", "cat-file", "-e", f"{release.commit}^{{commit}}"]
    return subprocess.run(asked, cwd=ROOT, capture_output=True, check=False).returncode == 0


def migrations(release: Release, app: str) -> list[str]:
    """The names of those that the release had of this app."""
    listed = subprocess.check_output(
        ["git", "ls-tree", "--name-only", release.commit, f"{app}/migrations/"], cwd=ROOT, text=True
    )
    paths = [path.rpartition("/")[2].removesuffix(".py") for path in listed.split()]
    return [name for name in paths if name[0].isdigit()]


def code(release: Release) -> Code:
    """The release, unpacked, with what its own requirements pin. The first time takes minutes."""
    if not has(release):
        sys.exit(MISSING.format(release))
    tree = KEPT / release.commit
    KEPT.mkdir(parents=True, exist_ok=True)
    with _alone():
        if not tree.exists():
            _unpack(release, tree)
        # As `make up` installs it; at once if that has been done.
        install = [sys.executable, "deploy/local/install.py", "requirements-local.txt"]
        subprocess.run(install, cwd=tree, check=True)
    return Code(tree, str(tree / ".venv" / "bin" / "python"))


def _unpack(release: Release, tree: Path) -> None:
    part = tree.with_name("unpacking")
    shutil.rmtree(part, ignore_errors=True)
    command = ["git", "archive", "--format=tar", release.commit]
    packed = subprocess.check_output(command, cwd=ROOT)
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(part, filter="data")
    part.rename(tree)


@contextmanager
def _alone() -> Iterator[None]:
    with (KEPT / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
