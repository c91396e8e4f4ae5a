"""The environment in which everything of a local installation runs.

Known before anything is started, because Django reads its settings first. What is already set
wins, so each value can be given by hand.
"""

import hashlib
import os
from collections.abc import MutableMapping
from dataclasses import dataclass
from pathlib import Path

from deploy.local import embedded
from deploy.local import state as states
from deploy.local.ports import Ports
from platforms.registry import APPS

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True, slots=True)
class Local:
    """One local installation: its folder, ports and secrets, and what it must start itself."""

    home: Path
    ports: Ports
    state: states.State
    needs_postgres: bool
    #: 0 when REDIS_URL was given.
    redis_port: int

    @property
    def web_url(self) -> str:
        return f"http://127.0.0.1:{self.ports.web}"

    @property
    def flower_url(self) -> str:
        return f"http://127.0.0.1:{self.ports.flower}"

    @property
    def simulator_url(self) -> str:
        return f"http://127.0.0.1:{self.ports.simulator}"


def home_folder(environ: MutableMapping[str, str] = os.environ) -> Path:
    return Path(environ.get("DOVECOTE_HOME") or ROOT / ".dovecote").expanduser().resolve()


def demo_env(home: Path) -> Path:
    """Where a running `up` writes its addresses and secrets once it is ready."""
    return home / "demo.env"


def prepare(environ: MutableMapping[str, str] = os.environ) -> Local:
    """Set what is not set yet. Raises GaveUp with a message for a person."""
    home, ports = home_folder(environ), Ports.read(environ)
    state = states.load(home)
    given = {name: bool(environ.get(name)) for name in ("DATABASE_URL", "REDIS_URL")}
    redis_port = 0 if given["REDIS_URL"] else embedded.free_port()
    values = {
        "DOVECOTE_HOME": str(home),
        "SECRET_KEY": state.secret_key,
        "CREDENTIAL_KEYS": state.credential_keys,
        "DATABASE_URL": embedded.database_url(home),
        "REDIS_URL": embedded.redis_url(redis_port, state.redis_password),
        "PUBLIC_URL": f"http://127.0.0.1:{ports.web}",
        "SIMULATOR_URL": f"http://127.0.0.1:{ports.simulator}",
        "DEMO_ENV": str(demo_env(home)),
        "METRICS_TOKEN": _derived("metrics", state),
        # As in production, but for http on this machine: no redirect, cookies without TLS.
        "SECURE_SSL_REDIRECT": "false",
        "SECURE_COOKIES": "false",
        "SECURE_HSTS_SECONDS": "0",
        "LOG_FORMAT": "console",
        "PYTHONUNBUFFERED": "1",
        **_apps(state),
    }
    for name, value in values.items():
        if not environ.get(name):
            environ[name] = value
    return Local(home, ports, state, not given["DATABASE_URL"], redis_port)


def _apps(state: states.State) -> dict[str, str]:
    """An id and a secret for each app, the same at every start; `bootstrap` registers them."""
    values = {}
    for app in APPS:
        values[f"{app.upper()}_CLIENT_ID"] = f"dovecote-{app}"
        values[f"{app.upper()}_CLIENT_SECRET"] = _derived(app, state)
    return values


def _derived(name: str, state: states.State) -> str:
    """A secret that is the same at every start."""
    return hashlib.sha256(f"{name}:{state.secret_key}".encode()).hexdigest()


_prepared: Local | None = None


def current() -> Local:
    """This process's installation; prepared once, before Django reads its settings."""
    global _prepared
    if _prepared is None:
        _prepared = prepare()
    return _prepared
