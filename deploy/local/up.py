"""`manage.py up`: starts and stops a local installation, in order."""

import hashlib
import os
import time
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.db import connections

from deploy.local import embedded, environment, report
from deploy.local import home as homes
from deploy.local.console import Console
from deploy.local.demo import workspace as demo
from deploy.local.environment import Local, demo_env
from deploy.local.services import product, simulator
from deploy.local.signals import Stopped, ignore_signals, raise_on_signals
from deploy.local.supervisor import GaveUp, Service, Supervisor, end_leftovers

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
        _start(local, supervisor, started)
        supervisor.run()
    except Stopped:
        console.say("Stopping…")
        return 0
    except GaveUp as wrong:
        console.say(str(wrong))
        return 1
    finally:
        _stop(supervisor)


def _start(local: Local, supervisor: Supervisor, since: float) -> None:
    """Start everything and wait until it answers. `since`: when `up` began (monotonic)."""
    console, state = supervisor.console, local.state
    homes.lock(local.home)
    homes.keep_private(local.home / "media", local.home / "simulator")
    if ended := end_leftovers(local.home / "run" / "processes.json"):
        console.say(f"Ended {ended} processes that an earlier start had left behind.")
    local.ports.require_free()
    # An earlier start wrote it; its addresses may be wrong until this one is ready.
    demo_env(local.home).unlink(missing_ok=True)
    networks = simulator(local)
    _start_servers(local, supervisor, networks)
    console.say("Creating and updating tables…")
    call_command("migrate", interactive=False, verbosity=0)
    services = product(local)
    web, *others = services
    supervisor.start(*others)
    console.say("Collecting static files; the first time this takes some seconds…")
    _collect_static()
    supervisor.start(web)  # it reads once, at its start, which files there are
    workspace = demo.make_workspace()
    state = demo.make_key(local.home, state, workspace)
    admin_known = demo.make_admin(state.admin_password)
    media_ids = demo.make_files(workspace)
    console.say("Waiting for " + ", ".join(service.name for service in services) + "…")
    supervisor.wait_ready([networks, *services], READY_SECONDS)
    demo.introduce_accounts(workspace, local.simulator_url)
    values = report.values(local, state, demo.account_ids(workspace), media_ids)
    connections.close_all()
    environment.write_demo_env(local.home, values)
    console.say(f"Ready in {time.monotonic() - since:.1f} s.")
    console.page(report.welcome(values, demo_env(local.home), admin_known, console.bold))


def _start_servers(local: Local, supervisor: Supervisor, networks: Service) -> None:
    servers = []
    if local.needs_postgres:
        servers.append(embedded.postgres(local.home))
    if local.redis_port:
        servers.append(embedded.valkey(local.home, local.redis_port, local.state.redis_password))
    for server in servers:
        if server.user:
            supervisor.console.say(
                f"{server.name} does not run as root; it runs as {server.user.pw_name}."
            )
    names = ", ".join(server.name for server in servers) or "nothing: both servers are given"
    supervisor.console.say(f"Starting {names}; data is kept in {local.home}.")
    supervisor.start(*servers, networks)
    supervisor.wait_ready(servers, READY_SECONDS)


def _stop(supervisor: Supervisor) -> None:
    """First what uses the servers, then the servers."""
    try:
        supervisor.stop(*(name for name in supervisor.names if name not in SERVERS))
        supervisor.stop()
    except Stopped:  # a second signal: do not wait
        ignore_signals()
        supervisor.kill()
    supervisor.console.say("Everything has stopped.")


def _collect_static() -> None:
    """Collect the static files of the admin and the API's pages if they have changed."""
    mark, now = Path(settings.STATIC_ROOT) / ".collected", _fingerprint()
    if mark.exists() and mark.read_text() == now:
        return
    call_command("collectstatic", interactive=False, verbosity=0)
    mark.write_text(now)


def _fingerprint() -> str:
    """Of every file's name, size and time: reading them all would take seconds."""
    digest = hashlib.sha256()
    for finder in finders.get_finders():
        for name, storage in finder.list([]):
            found = Path(storage.path(name)).stat()
            digest.update(f"{name} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()
