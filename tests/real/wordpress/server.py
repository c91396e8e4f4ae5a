"""WordPress, running on this machine, and users of it."""

import fcntl
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx

from deploy.simulator.wordpress.demo import HOST
from tests import programs
from tests.acceptance.stack import NO_TLS, dying_with_us
from tests.programs import ROOT
from tests.real.install import NotInstalled, once
from tests.until import until

SCRIPTS = Path(__file__).resolve().parent / "php"
#: Not installed, only unpacked: their own installation would start a web server.
PACKAGES = ("wordpress", "php-getid3")
START_SECONDS, STEP_SECONDS = 180, 240
#: How long Debian's packages may take: 30 MB on a slow line.
INSTALL_SECONDS = 600
#: The most that a list of posts has.
PAGE_POSTS = 100
#: What the site takes of a file, and PHP's own web server needs.
UPLOAD_BYTES = 2 * 1024**2
OPTIONS = {
    "upload_max_filesize": UPLOAD_BYTES,
    "post_max_size": 2 * UPLOAD_BYTES,
    "memory_limit": "256M",
    "display_errors": "stderr",
    "opcache.enable_cli": 1,
}


@dataclass(frozen=True)
class Person:
    """Hold a user: the name, an application password, and the id on the site."""

    name: str
    password: str
    id: str
    #: The host by which the site is reached.
    host: str = HOST


class Server:
    """Speak to the running site, and do what its administrator does."""

    def __init__(self, root: Path, home: Path, port: int) -> None:
        self.url, self._root, self._home = f"http://127.0.0.1:{port}", root, home
        self._http = httpx.Client(
            base_url=self.url,
            headers={"Host": HOST},
            trust_env=False,
            verify=NO_TLS,
            timeout=60,
        )

    @property
    def version(self) -> str:
        said = (self._root / "wp-includes" / "version.php").read_text()
        found = re.search(r"\$wp_version = '([^']+)'", said)
        assert found, said
        return f"WordPress {found[1]}"

    @property
    def environment(self) -> dict[str, str]:
        own = {"SITE_ROOT": str(self._root), "SITE_HOME": str(self._home)}
        return {"PATH": programs.PATH, **own}

    def command(self, *words: str) -> str:
        script = [programs.found("php"), str(SCRIPTS / "command.php"), *words]
        done = programs.run(script, env=self.environment, timeout=STEP_SECONDS)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def person(self, role: str = "editor", host: str = HOST) -> Person:
        """Make a user of this role with an application password."""
        name = f"dove{secrets.token_hex(5)}"
        made = json.loads(self.command("person", role, name))
        return Person(name, made["password"], str(made["id"]), host)

    @cached_property
    def reader(self) -> Person:
        return self.person("editor")

    def posts(self, person: Person, status: str = "publish") -> list[dict[str, Any]]:
        """Return all of a user's posts of this status as the site has them, newest first."""
        query = {
            "author": person.id,
            "status": status,
            "context": "edit",
            "per_page": f"{PAGE_POSTS}",
        }
        reader, found = replace(self.reader, host=person.host), list[dict[str, Any]]()
        while True:
            page = self.get("posts", reader, **query, offset=str(len(found))).json()
            found += page
            if len(page) < PAGE_POSTS:
                return found

    def term(self, kind: str, number: int) -> str:
        """Return the name of a category or tag."""
        answer = self._http.get(f"/wp-json/wp/v2/{kind}/{number}").raise_for_status()
        return str(answer.json()["name"])

    def get(self, path: str, person: Person, **query: str) -> httpx.Response:
        auth = (person.name, person.password)
        headers = {"Host": person.host}
        route = {"rest_route": f"/wp/v2/{path}", **query}
        answer = self._http.get("/index.php", params=route, auth=auth, headers=headers)
        return answer.raise_for_status()

    def answers(self) -> bool:
        try:
            return self._http.get("/wp-json/").is_success
        except httpx.TransportError:
            return False

    def close(self) -> None:
        self._http.close()


@once
def install() -> Path:
    """Return WordPress' folder, below `.dovecote/real`. Raises NotInstalled."""
    home = ROOT / ".dovecote" / "real" / "wordpress"
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "complete").exists():
            _unpack(home)
            (home / "complete").touch()
    found = home / "usr" / "share" / "wordpress"
    shutil.copy(SCRIPTS / "wp-config.php", found)
    return found


def _unpack(home: Path) -> None:
    if not (programs.find("apt-get") and programs.find("dpkg")):
        raise NotInstalled("WordPress comes from Debian's packages")
    bound = ["timeout", "--kill-after=5", str(INSTALL_SECONDS)]
    done = programs.run([*bound, "apt-get", "-qq", "download", *PACKAGES], cwd=home)
    if done.returncode:
        raise NotInstalled(f"Debian's packages cannot be had: {done.stderr.strip()[:200]}")
    for package in home.glob("*.deb"):
        programs.run(["dpkg", "-x", package, home]).check_returncode()
        package.unlink()


@contextmanager
def running(home: Path) -> Iterator[Server]:
    """Run a new site with its data below `home`. Raises NotInstalled."""
    root = install()
    modules = programs.run([programs.found("php"), "-m"]).stdout.split()
    if lacking := {"mysqli", "gd"} - set(modules):
        raise NotInstalled(f"PHP has no {' and no '.join(sorted(lacking))}")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for name in ("data", "wp-content/uploads", "wp-content/mu-plugins"):
        (home / name).mkdir(parents=True)
    shutil.copy(SCRIPTS / "hosts.php", home / "wp-content" / "mu-plugins")
    server = Server(root, home, port)
    with (
        _process(_database(home), home / "database.log", server),
        _process(_web(home, port), home / "web.log", server),
    ):
        until((home / "socket").exists, START_SECONDS)
        server.command("install")
        until(server.answers, START_SECONDS)
        try:
            yield server
        finally:
            server.close()


@contextmanager
def _process(command: list[str], log: Path, server: Server) -> Iterator[None]:
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*dying_with_us(), *command], stdout=out, stderr=out, env=server.environment
        )
    try:
        yield
    finally:
        process.kill()
        process.wait()


def _database(home: Path) -> list[str]:
    """MariaDB without any table of its own: who reaches the socket may do everything."""
    user = ["--user=root"] if os.geteuid() == 0 else []
    places = [f"--datadir={home / 'data'}", f"--socket={home / 'socket'}"]
    quick = ["--innodb-buffer-pool-size=32M", "--innodb-flush-log-at-trx-commit=0"]
    open_to_us = ["--skip-grant-tables", "--skip-networking"]
    return [programs.found("mariadbd"), "--no-defaults", *user, *places, *quick, *open_to_us]


def _web(home: Path, port: int) -> list[str]:
    options = [word for name, value in OPTIONS.items() for word in ("-d", f"{name}={value}")]
    place = ["-S", f"127.0.0.1:{port}", "-t", str(home / "wp-content")]
    return [programs.found("php"), *options, *place, str(SCRIPTS / "router.php")]
