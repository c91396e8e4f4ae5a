"""The processes of Dovecote on one machine."""

import sys

from config.queue.processes import SERVES, WORKER, argv
from deploy.local.environment import ROOT, Local
from deploy.local.supervisor import Service
from deploy.local.web import Unreachable, answers, ask

#: Celery's advice for servers. Root at home is a choice that has been made.
AS_ROOT = ("-W", "ignore:You're running the worker with superuser:UserWarning")
LOOPBACK = "127.0.0.1"


def simulator(local: Local) -> Service:
    home, port = str(local.home / "simulator"), str(local.ports.simulator)
    return Service(
        "simulator",
        (sys.executable, "-m", "deploy.simulator", "--home", home, "--port", port),
        ROOT,
        lambda: answers(f"{local.simulator_url}/wall.json?limit=1"),
    )


def product(local: Local) -> tuple[Service, ...]:
    """Return what serves and publishes; needs the database, with its tables, and Redis."""
    web = {
        "WEB_HOST": LOOPBACK,
        "WEB_PORT": str(local.ports.web),
        "WEB_THREADS": "8",
        "WEB_STOP_SECONDS": "5",
    }
    flower = (*argv("flower"), f"--address={LOOPBACK}", f"--port={local.ports.flower}")
    return (
        Service("web", (*argv("web"),), ROOT, lambda: answers(f"{local.web_url}/healthz"), web),
        _worker("worker", local, local.workers),
        *(_worker("worker", local, local.workers, n) for n in range(2, local.workers + 1)),
        _worker("uploader", local),
        Service("beat", (*argv("beat"),), ROOT),
        Service("flower", flower, ROOT, lambda: answers(local.flower_url)),
    )


def _worker(kind: str, local: Local, count: int = 1, number: int = 1) -> Service:
    """One of `count` workers of a kind, which are ready together."""
    name = kind if number == 1 else f"{kind}{number}"
    node = f"{name}-{local.ports.web}@localhost"
    command = (sys.executable, *AS_ROOT, *WORKER[1:], "--hostname", node, *SERVES[kind])
    return Service(name, command, ROOT, lambda: _alive(kind, local) >= count)


def _alive(kind: str, local: Local) -> int:
    """Return how many workers of a kind serve its queues, as web knows."""
    try:
        known = ask("GET", f"{local.web_url}/readyz", timeout=3).json()["checks"]["workers"]
    except Unreachable:
        return 0
    return int(known.get(kind, {"alive": 0})["alive"])
