"""The six processes of Dovecote on one machine."""

import sys

from config.celery import app
from config.queue.processes import SERVES, WORKER, argv
from deploy.local.environment import ROOT, Local
from deploy.local.supervisor import Service
from deploy.local.web import answers

PYTHON = (sys.executable, "-m")
#: Celery's advice for servers. Root at home is a choice that has been made.
AS_ROOT = ("-W", "ignore:You're running the worker with superuser:UserWarning")
LOOPBACK = "127.0.0.1"


def simulator(local: Local) -> Service:
    home, port = str(local.home / "simulator"), str(local.ports.simulator)
    return Service(
        "simulator",
        (*PYTHON, "platforms.simulator", "--home", home, "--port", port),
        ROOT,
        lambda: answers(f"{local.simulator_url}/wall.json?limit=1"),
    )


def product(local: Local) -> tuple[Service, ...]:
    """What serves and publishes; needs the database, with its tables, and Redis."""
    web = {
        "WEB_HOST": LOOPBACK,
        "WEB_PORT": str(local.ports.web),
        "WEB_THREADS": "8",
        "WEB_STOP_SECONDS": "5",
    }
    flower = (*argv("flower"), f"--address={LOOPBACK}", f"--port={local.ports.flower}")
    return (
        Service("web", (*argv("web"),), ROOT, lambda: answers(f"{local.web_url}/healthz"), web),
        _worker("worker", local),
        _worker("uploader", local),
        Service("beat", (*argv("beat"),), ROOT),
        Service("flower", flower, ROOT, lambda: answers(local.flower_url)),
    )


def _worker(name: str, local: Local) -> Service:
    """A worker of the queues that this name serves."""
    node = f"{name}-{local.ports.web}@localhost"
    command = (sys.executable, *AS_ROOT, *WORKER[1:], "--hostname", node, *SERVES[name])
    return Service(
        name, command, ROOT, lambda: bool(app.control.ping(destination=[node], timeout=0.5))
    )
