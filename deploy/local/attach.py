"""`manage.py` beside a running `up`: its database, Redis and keys."""

import os
from collections.abc import MutableMapping
from pathlib import Path
from urllib.parse import urlsplit

from deploy.local import environment
from deploy.local import home as homes
from deploy.local.demo_client import read_env
from deploy.local.supervisor import GaveUp

ABSENT = """Dovecote does not run here, and no settings are given.
Start it in another terminal: make up
Or set {names}; see deploy/env.example."""
STARTING = """Dovecote is starting here, or something stops it.
See the terminal of `make up`, and repeat this once it says "Ready"."""


def attach(names: tuple[str, ...], environ: MutableMapping[str, str] = os.environ) -> None:
    """Set the settings of a running `up` on this machine. Raises GaveUp if none is ready.

    `names` are the settings that are required.
    """
    home = environment.home_folder(environ)
    if not homes.is_locked(home):
        raise GaveUp(ABSENT.format(names=", ".join(names)))
    values = _written(environment.demo_env(home))
    environ["DATABASE_URL"], environ["REDIS_URL"] = values["DATABASE_URL"], values["REDIS_URL"]
    environ["PORT"] = str(urlsplit(values["API_URL"]).port)
    environment.prepare(environ)


def _written(file: Path) -> dict[str, str]:
    try:
        return read_env(file)
    except GaveUp:
        raise GaveUp(STARTING) from None
