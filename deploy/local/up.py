"""`manage.py up`: start and stop the processes of a local installation, in order."""

import errno
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from config import forking, process
from config.queue.processes import SERVES, WORKER, argv
from deploy.local import embedded, environment, prepare, report
from deploy.local import home as homes
from deploy.local.console import Console
from deploy.local.environment import LOOPBACK, ROOT, Local, demo_env, of_web
from deploy.local.readiness import answers, document
from deploy.local.signals import Stopped, ignore_signals, raise_on_signals
from deploy.local.supervisor import (
    GaveUp,
    Service,
    Supervisor,
    end_leftovers,
    signal_group,
    start,
)

READY_SECONDS = 90
SERVERS = ("postgres", "valkey")


def run() -> int:
    """Run everything in the foreground until a signal; the exit code."""
    started, local, console = time.monotonic(), environment.current(), Console()
    supervisor = Supervisor(console, local.home / "run" / "processes.json")
    if console.colour:
        os.environ["FORCE_COLOR"] = "1"  # the processes write to pipes that end at this terminal
    try:
        raise_on_signals()
        with console.breaking_silence():
            _start(local, supervisor, started)
        process.trim()
        supervisor.run()
    except Stopped:
        console.say("Stopping…")
        return 0
    except GaveUp as wrong:
        console.say(homes.no_room(local.home) if homes.is_full(local.home) else str(wrong))
        return 1
    except OSError as wrong:
        if wrong.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        console.say(homes.no_room(local.home))
        return 1
    finally:
        _stop(supervisor)


def _start(local: Local, supervisor: Supervisor, since: float) -> None:
    """Start everything and wait until it answers. `since`: when `up` began (monotonic)."""
    console = supervisor.console
    web, *others = services = product_services(local)
    for service in services:
        os.environ.update(service.environ)
    forking.prepare()
    homes.lock(local.home)
    homes.check_room(local.home)
    homes.keep_private(local.home / "media", local.home / "simulator")
    if ended := end_leftovers(local.home / "run" / "processes.json"):
        console.say(f"Ended {ended} processes that an earlier start had left behind.")
    local.ports.require_free()
    # An earlier start wrote it; its addresses may be wrong until this one is ready.
    demo_env(local.home).unlink(missing_ok=True)
    _start_servers(local, supervisor)
    with _preparing(console) as done:
        console.say("Creating and updating tables…")
        done(prepare.TABLES)
        supervisor.start(*others)
        console.say("Collecting static files; the first time this takes some seconds…")
        done(prepare.STATIC)
        supervisor.start(web)  # it reads once, at its start, which files there are
        console.say("Making the demo workspace, with its key and files…")
        values, admin_known = json.loads(done(prepare.DEMO))
    console.say("Waiting for " + ", ".join(service.name for service in services) + "…")
    supervisor.wait_ready(services, READY_SECONDS)
    environment.write_demo_env(local.home, values)
    console.say(f"Ready in {time.monotonic() - since:.1f} s.")
    console.page(report.welcome(values, demo_env(local.home), admin_known, console.bold))


@contextmanager
def _preparing(console: Console) -> Iterator[Callable[[str], str]]:
    """Runs `prepare`. The result waits for a step and returns what is said with it.

    It raises GaveUp, with all that was said, if the process ends before.
    """
    command = (sys.executable, "-m", "deploy.local.prepare")
    child = start(Service("prepare", command, environment.ROOT, is_forked=True))
    said: list[str] = []

    def done(step: str) -> str:
        for line in child.stdout or ():
            text = line.decode(errors="replace").rstrip()
            word, _, rest = text.partition(" ")
            if word == step:
                return rest
            if word == prepare.PROGRESS:
                console.say(rest)
            else:
                said.append(text)
        raise GaveUp("\n".join(said))

    try:
        yield done
    finally:
        signal_group(child, signal.SIGKILL)
        child.wait()


def _start_servers(local: Local, supervisor: Supervisor) -> None:
    """PostgreSQL and Valkey, unless they are given, and the networks' simulator."""
    console = supervisor.console
    needed = {"postgres": local.needs_postgres, "valkey": local.redis_port}
    names = ", ".join(filter(needed.get, needed)) or "nothing: both servers are given"
    # Said first: to make a new database takes seconds.
    console.say(f"Starting {names}; data is kept in {local.home}.")
    servers, networks = [], simulator_service(local)
    if local.needs_postgres:
        servers.append(embedded.postgres(local.home))
    if local.redis_port:
        servers.append(embedded.valkey(local.home, local.redis_port, local.state.redis_password))
    for server in servers:
        if server.user:
            console.say(f"{server.name} does not run as root; it runs as {server.user.pw_name}.")
    supervisor.start(*servers)
    supervisor.wait_ready(servers, READY_SECONDS)
    console.say("Starting the simulator of the networks…")
    supervisor.start(networks)
    supervisor.wait_ready([networks], READY_SECONDS)


def _stop(supervisor: Supervisor) -> None:
    """First what uses the servers, then the servers."""
    try:
        supervisor.stop(*(name for name in supervisor.names if name not in SERVERS))
        supervisor.stop()
    except Stopped:  # a second signal: do not wait
        ignore_signals()
        supervisor.kill()
    supervisor.console.say("Everything has stopped.")


#: Celery's advice for servers. Root at home is a choice that has been made.
AS_ROOT = {"PYTHONWARNINGS": "ignore:You're running the worker with superuser:UserWarning"}


def simulator_service(local: Local) -> Service:
    home, port = str(local.home / "simulator"), str(local.ports.simulator)
    return Service(
        "simulator",
        (sys.executable, "-m", "deploy.simulator", "--home", home, "--port", port),
        ROOT,
        lambda: answers(f"{local.simulator_url}/wall.json?limit=1"),
        is_forked=True,
    )


def product_services(local: Local) -> tuple[Service, ...]:
    """Return what serves and publishes; needs the database, with its tables, and Redis."""
    web = of_web(local.ports)
    is_up = partial(answers, f"{local.web_url}/healthz")
    return (
        Service("web", (*argv("web"),), ROOT, is_up, web, is_forked=True),
        _worker("worker", local, local.workers),
        *(_worker("worker", local, local.workers, n) for n in range(2, local.workers + 1)),
        _worker("uploader", local),
        Service("beat", (*argv("beat"),), ROOT, is_forked=True),
        *([_flower(local)] if local.has_flower else []),
    )


def _flower(local: Local) -> Service:
    command = (*argv("flower"), f"--address={LOOPBACK}", f"--port={local.ports.flower}")
    # All who have a login on this machine may read it.
    read_only = {"FLOWER_READ_ONLY": "true"}
    return Service(
        "flower", command, ROOT, lambda: answers(local.flower_url), read_only, is_forked=True
    )


def _worker(kind: str, local: Local, count: int = 1, number: int = 1) -> Service:
    """One of `count` workers of a kind, which are ready together."""
    name = kind if number == 1 else f"{kind}{number}"
    node = f"{name}-{local.ports.web}@localhost"
    command = (sys.executable, *WORKER[1:], "--hostname", node, *SERVES[kind])
    return Service(
        name, command, ROOT, lambda: _alive(kind, local) >= count, AS_ROOT, is_forked=True
    )


def _alive(kind: str, local: Local) -> int:
    """Return how many workers of a kind serve its queues, as web knows."""
    known = document(f"{local.web_url}/readyz") or {}
    return int(known.get("checks", {}).get("workers", {}).get(kind, {}).get("alive", 0))
