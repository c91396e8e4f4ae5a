"""An archive of PostgreSQL's history, made by the scripts of deploy/postgres as its own user."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local import embedded
from deploy.local import home as homes
from tests import programs
from tests.acceptance.stack import ROOT
from tests.chaos.servers import Servers, own_servers

SCRIPTS = ROOT / "deploy/postgres"
#: What an operator copies to PostgreSQL's folder, by name.
CONFIGURATION = dict(
    re.findall(r"^(\w+) = '?(.*?)'?$", (SCRIPTS / "archiving.conf").read_text(), re.M)
)
#: Which paths stand there for the scripts and for the archive.
INSTALLED, FOLDER = "/opt/dovecote/current/app/deploy/postgres", "/var/backups/dovecote"


class Archive:
    def __init__(self, home: Path) -> None:
        """Below `home`, with the scripts: where PostgreSQL's user may read them."""
        self.folder, self._scripts = home / "archive", home / "scripts"
        self._user = homes.server_user(home / "postgres")
        for folder in (self.folder, self.folder / "base", self.folder / "wal"):
            homes.private_folder(folder, self._user)
        shutil.copytree(SCRIPTS, self._scripts)
        homes.share(self._scripts)

    @property
    def settings(self) -> tuple[str, ...]:
        """Of a PostgreSQL that archives here. Other tests' servers leave some out to be fast."""
        places = {INSTALLED: str(self._scripts), FOLDER: str(self.folder)}
        given = [f"{name}={value}" for name, value in CONFIGURATION.items()]
        for installed, here in places.items():
            given = [setting.replace(installed, here) for setting in given]
        return ("full_page_writes=on", *given)

    def let_in(self, folder: Path) -> None:
        """Let PostgreSQL's user write in a folder of ours."""
        if self._user:
            os.chown(folder, self._user.pw_uid, self._user.pw_gid)

    def run(
        self, script: str, *arguments: str | Path, **environ: str
    ) -> "subprocess.CompletedProcess[str]":
        """A script on this archive, run to its end; it may fail."""
        path = f"{embedded.binaries()}{os.pathsep}{os.environ['PATH']}"
        uid = self._user.pw_uid if self._user else None
        return programs.run(
            [self._scripts / script, self.folder, *arguments],
            env={"PATH": path, "PGUSER": "postgres", **environ},
            cwd="/",
            user=uid,
            group=self._user.pw_gid if self._user else None,
            extra_groups=None if uid is None else [],
        )

    def back_up(self, servers: Servers, **environ: str) -> None:
        host = str(servers.postgres_socket.parent)
        made = self.run("base-backup", PGHOST=host, **environ)
        assert made.returncode == 0, made.stderr

    def recover(self, servers: Servers, time: str = "") -> None:
        done = self.run("recover", *([time] if time else []), PGDATA=str(servers.data))
        assert done.returncode == 0, done.stdout + done.stderr

    def names(self, kind: str) -> list[str]:
        """What is in the archive of a kind, `base` or `wal`."""
        return sorted(path.name for path in (self.folder / kind).iterdir())


@contextmanager
def archived_servers(home: Path) -> Iterator[tuple[Servers, Archive]]:
    """A PostgreSQL that archives its history, and a Redis."""
    homes.private_folder(home)
    archive = Archive(home)
    with own_servers(home, archive.settings) as servers:
        archive.let_in(home)
        yield servers, archive
