"""Flame graphs of the worker during a spike and of the web process under API calls.

`python -m tests.bench.profile` writes both below .dovecote/profile.
"""

import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.bench import environment  # isort: skip

from deploy.local.supervisor import Service
from tests.bench import load, network
from tests.bench.api_client import Client
from tests.bench.processes import Running, product_services, running
from tests.bench.sampling import finish, started_under
from tests.bench.spike import spike

FOLDER = environment.ROOT / ".dovecote" / "profile"
DESTINATIONS = 10_000
CLIENTS = 8
CALL_SECONDS = 20


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, load_it in (("worker", _publish), ("web", _call)):
        print(f"{name}: {_profile(name, load_it)}", flush=True)


def _profile(name: str, load_it: Callable[[Running], None]) -> Path:
    """Put a load on `make up`'s processes, one of them under py-spy; the flame graph."""
    file = FOLDER / f"{name}.svg"

    def changed(service: Service) -> Service:
        return started_under(service, file) if service.name == name else service

    with running(network.stub(), *map(changed, product_services())) as started:
        load_it(started)
        finish(started[name])
    return file


def _publish(started: Running) -> None:
    spike(started, DESTINATIONS, is_fresh=True)


def _call(_started: Running) -> None:
    """Scheduled posts, lists and results, from several clients at once."""
    load.empty()
    workspace = load.workspace()
    accounts = load.accounts(workspace, 3)
    client, until = Client(workspace), time.monotonic() + CALL_SECONDS

    def call(number: int) -> None:
        while time.monotonic() < until:
            post = client.schedule("A post of average length, for a profile", accounts)
            client.get("posts")
            client.get(f"posts/{post}/results")

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(call, range(CLIENTS)))


if __name__ == "__main__":
    sys.exit(main())
