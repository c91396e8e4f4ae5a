"""The settings of a local installation, as environment variables.

Set before anything is started, because Django reads its settings first. A variable that is set
already wins.
"""

import hashlib
import json
import os
import shlex
import socket
import subprocess
import sys
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import psutil

from config.env import assignments
from deploy.local import embedded
from deploy.local import home as homes
from deploy.local.supervisor import GaveUp

ROOT = Path(__file__).resolve().parent.parent.parent
ABSENT = """Dovecote is not running here, and no settings are given.
Start it in another terminal: make up
Or set {names}; see deploy/env.example."""
STARTING = """Dovecote is still starting here, or cannot start.
See the terminal of `make up`, and try again once it says "Ready"."""
NOT_TOLD = """Dovecote runs here (process {pid}), but this user may not read its settings.
Run this as the user who started it."""

LOOPBACK = "127.0.0.1"
READ_REGISTRY = """
import json
from platforms.registry import ADAPTERS, APPS
print(json.dumps([[*ADAPTERS], APPS]))
"""

#: How many processes publish: a second one uses a second core.
WORKERS = 2
MOST_WORKERS = 16


class Ports(NamedTuple):
    web: int
    flower: int
    simulator: int

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "Ports":
        """From PORT, 8000 unless set. Raises GaveUp."""
        text = environ.get("PORT") or "8000"
        if not text.isdecimal() or not 1 <= int(text) <= 65533:
            raise GaveUp(f"PORT must be a number from 1 to 65533, not {text!r}.")
        return cls(*range(int(text), int(text) + 3))

    def require_free(self) -> None:
        """Raises GaveUp, naming every port that is taken."""
        named = zip(self, ("the API", "Flower", "the simulator"), strict=True)
        taken = [f"{port} (for {name})" for port, name in named if not _is_free(port)]
        if taken:
            raise GaveUp(
                f"In use by another program: port {', '.join(taken)}. Nothing was started.\n"
                "Choose others, for example: PORT=9000 make up"
            )


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: connections that are still dying do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Local:
    """One local installation: its folder, ports and secrets, and what it must start itself."""

    home: Path
    ports: Ports
    state: homes.InstallationSecrets
    needs_postgres: bool
    #: 0 when REDIS_URL was given.
    redis_port: int
    workers: int = WORKERS
    has_flower: bool = True

    @property
    def web_url(self) -> str:
        return f"http://127.0.0.1:{self.ports.web}"

    @property
    def flower_url(self) -> str:
        """Empty if it is not wanted."""
        return f"http://127.0.0.1:{self.ports.flower}" if self.has_flower else ""

    @property
    def simulator_url(self) -> str:
        return f"http://127.0.0.1:{self.ports.simulator}"


def home_folder(environ: MutableMapping[str, str] = os.environ) -> Path:
    return Path(environ.get("DOVECOTE_HOME") or ROOT / ".dovecote").expanduser().resolve()


def demo_env(home: Path) -> Path:
    """Return where a running `up` writes its addresses and secrets once it is ready."""
    return home / "demo.env"


def read_demo_env(home: Path) -> dict[str, str]:
    """The assignments of `demo_env`. Raises GaveUp when there is none."""
    file = demo_env(home)
    try:
        return assignments(file.read_text())
    except FileNotFoundError:
        raise GaveUp(f"There is no {file} yet. Run `make up` in another terminal first.") from None


def write_demo_env(home: Path, values: Mapping[str, str]) -> None:
    """As shell assignments: `set -a; . .dovecote/demo.env`."""
    lines = (f"{name}={shlex.quote(value)}\n" for name, value in values.items())
    homes.write_private(demo_env(home), "".join(lines))


def prepare(environ: MutableMapping[str, str] = os.environ) -> Local:
    """Set what is not set yet. Raises GaveUp with a message for a person."""
    home, ports = home_folder(environ), Ports.read(environ)
    state = homes.load_state(home)
    given = {name: bool(environ.get(name)) for name in ("DATABASE_URL", "REDIS_URL")}
    has_flower = environ.get("FLOWER") != "0"
    redis_port = 0 if given["REDIS_URL"] else embedded.free_port()
    values = {
        "DOVECOTE_HOME": str(home),
        "SECRET_KEY": state.secret_key,
        "CREDENTIAL_KEYS": state.credential_keys,
        "DATABASE_URL": embedded.database_url(home),
        "REDIS_URL": embedded.redis_url(redis_port, state.redis_password),
        "PUBLIC_URL": f"http://127.0.0.1:{ports.web}",
        "SIMULATOR_URL": f"http://127.0.0.1:{ports.simulator}",
        "FLOWER_URL": f"http://127.0.0.1:{ports.flower}" if has_flower else "",
        "AI_BASE_URL": f"http://127.0.0.1:{ports.simulator}/ai/v1",
        "AI_TEXT_MODEL": "simulated",
        "AI_IMAGE_MODEL": "simulated",
        "WEBHOOK_ALLOW_PRIVATE": "127.0.0.0/8",
        "ENGAGEMENT_AFTER": "5s,1min,5min,1h,24h,7day",
        "ENGAGEMENT_CALLS_PER_HOUR": "3600",
        "ENGAGEMENT_SCOPES": "true",
        "DEMO_ENV": str(demo_env(home)),
        "METRICS_TOKEN": _derived("metrics", state),
        # As in production, but for http on this machine: no redirect, cookies without TLS.
        "SECURE_SSL_REDIRECT": "false",
        "SECURE_COOKIES": "false",
        "SECURE_HSTS_SECONDS": "0",
        "LOG_FORMAT": "console",
        "PYTHONUNBUFFERED": "1",
    }
    if not environ.get("DEMO_ENV"):  # or this is a process of a launcher that has set them
        values |= _of_networks(state)
    for name, value in values.items():
        if not environ.get(name):
            environ[name] = value
    needs_postgres = not given["DATABASE_URL"]
    workers = _workers(environ)
    return Local(home, ports, state, needs_postgres, redis_port, workers, has_flower)


def _workers(environ: Mapping[str, str]) -> int:
    """From WORKERS. Raises GaveUp."""
    text = environ.get("WORKERS") or str(WORKERS)
    if not text.isdecimal() or not 1 <= int(text) <= MOST_WORKERS:
        raise GaveUp(f"WORKERS must be a number from 1 to {MOST_WORKERS}, not {text!r}.")
    return int(text)


def _of_networks(state: homes.InstallationSecrets) -> dict[str, str]:
    """Every network is read, and every app has an id and a secret, the same at every start.

    A process that ends says which there are: the adapters would take 8 MB of the launcher.
    """
    command = [sys.executable, "-c", READ_REGISTRY]
    said = subprocess.check_output(command, cwd=ROOT)  # noqa: S603
    networks, apps = json.loads(said)
    values = {"ENGAGEMENT_PLATFORMS": ",".join(networks)}
    for app in apps:
        values[f"{app.upper()}_CLIENT_ID"] = f"dovecote-{app}"
        values[f"{app.upper()}_CLIENT_SECRET"] = _derived(app, state)
    return values


def _derived(name: str, state: homes.InstallationSecrets) -> str:
    """A secret that is the same at every start."""
    return hashlib.sha256(f"{name}:{state.secret_key}".encode()).hexdigest()


@cache
def current() -> Local:
    """This process's installation; prepared once, before Django reads its settings."""
    return prepare()


def attach(names: tuple[str, ...], environ: MutableMapping[str, str] = os.environ) -> None:
    """Set the settings of a running `up` on this machine. Raises GaveUp if none is ready.

    `names` are the settings that are required. What `up` was started with, such as NOTIFY_URLS, is
    asked of its process, which tells its own user alone, and written to no file.
    """
    home = home_folder(environ)
    if not homes.is_locked(home):
        raise GaveUp(ABSENT.format(names=", ".join(names)))
    if not demo_env(home).exists():
        raise GaveUp(STARTING)
    values = read_demo_env(home)
    for name, value in _given_to(homes.holder(home)).items():
        if not environ.get(name):
            environ[name] = value
    environ["DATABASE_URL"], environ["REDIS_URL"] = values["DATABASE_URL"], values["REDIS_URL"]
    environ["PORT"] = str(urlsplit(values["API_URL"]).port)
    local = prepare(environ)
    environ.update(of_web(local.ports))


def of_web(ports: Ports) -> dict[str, str]:
    """Return the settings of web, which are no one's choice and which all processes have."""
    return {
        "WEB_HOST": LOOPBACK,
        "WEB_PORT": str(ports.web),
        "WEB_THREADS": "8",
        "WEB_STOP_SECONDS": "5",
    }


def _given_to(pid: int) -> dict[str, str]:
    """Return the environment that a process began with. Raises GaveUp if it does not tell."""
    try:
        return dict(psutil.Process(pid).environ())
    except psutil.AccessDenied:
        raise GaveUp(NOT_TOLD.format(pid=pid)) from None
    except psutil.Error:
        raise GaveUp(STARTING) from None
