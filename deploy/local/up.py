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


class Up:
    """Use it from the main thread. Every method may raise GaveUp."""

    def __init__(self, local: Local, console: Console) -> None:
        self.local = local
        self.console = console
        self.supervisor = Supervisor(console, local.home / "run" / "processes.json")
        self.servers: tuple[Service, ...] = ()

    def start(self, since: float) -> None:
        """Start everything and wait until it answers. `since`: when `up` began (monotonic)."""
        local, say = self.local, self.console.say
        homes.lock(local.home)
        homes.keep_private(local.home / "media", local.home / "simulator")
        if ended := end_leftovers(local.home / "run" / "processes.json"):
            say(f"Ended {ended} processes that an earlier start had left behind.")
        local.ports.require_free()
        # An earlier start wrote it; its addresses may be wrong until this one is ready.
        demo_env(local.home).unlink(missing_ok=True)
        self._start_servers()
        say("Creating and updating tables…")
        call_command("migrate", interactive=False, verbosity=0)
        services = product(local)
        web, *others = services
        self.supervisor.start(*others)
        say("Collecting static files; the first time this takes some seconds…")
        _collect_static()
        self.supervisor.start(web)  # it reads once, at its start, which files there are
        workspace = demo.make_workspace()
        state = demo.make_key(local.home, local.state, workspace)
        admin_known = demo.make_admin(state.admin_password)
        media_ids = demo.make_files(workspace)
        say("Waiting for " + ", ".join(service.name for service in services) + "…")
        self.supervisor.wait_ready([self.simulator, *services], READY_SECONDS)
        demo.introduce_accounts(workspace, local.simulator_url)
        values = report.values(local, state, demo.account_ids(workspace), media_ids)
        connections.close_all()
        environment.write_demo_env(local.home, values)
        say(f"Ready in {time.monotonic() - since:.1f} s.")
        page = report.welcome(values, demo_env(local.home), admin_known, self.console.bold)
        self.console.page(page)

    def _start_servers(self) -> None:
        local, servers = self.local, []
        if local.needs_postgres:
            servers.append(embedded.postgres(local.home))
        if local.redis_port:
            password = local.state.redis_password
            servers.append(embedded.valkey(local.home, local.redis_port, password))
        for server in servers:
            if server.user:
                self.console.say(
                    f"{server.name} does not run as root; it runs as {server.user.pw_name}."
                )
        self.servers, self.simulator = tuple(servers), simulator(local)
        names = ", ".join(server.name for server in servers) or "nothing: both servers are given"
        self.console.say(f"Starting {names}; data is kept in {local.home}.")
        self.supervisor.start(*servers, self.simulator)
        self.supervisor.wait_ready(servers, READY_SECONDS)

    def stop(self) -> None:
        """First what uses the servers, then the servers."""
        servers = {server.name for server in self.servers}
        self.supervisor.stop(*(name for name in self.supervisor.names if name not in servers))
        self.supervisor.stop()


def run() -> int:
    """Run everything in the foreground until a signal; the exit code."""
    raise_on_signals()
    started, console = time.monotonic(), Console()
    if console.colour:
        os.environ["FORCE_COLOR"] = "1"  # the processes write to pipes that end at this terminal
    up = None
    try:
        up = Up(environment.current(), console)
        up.start(started)
        up.supervisor.run()
    except Stopped:
        console.say("Stopping…")
        return 0
    except GaveUp as wrong:
        console.say(str(wrong))
        return 1
    finally:
        if up:
            _stop(up, console)


def _stop(up: Up, console: Console) -> None:
    try:
        up.stop()
    except Stopped:  # a second signal: do not wait
        ignore_signals()
        up.supervisor.kill()
    console.say("Everything has stopped.")


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
