"""Dovecote as it really runs: a process each, on a database and a Redis number of its own.

The tests see of it what a customer and the public see, the HTTP API and the simulator's wall, and
read its tables where only they can tell, such as when a request left.
"""

import fcntl
import json
import logging
import os
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
import redis
from django.conf import settings
from psycopg.conninfo import make_conninfo

from config.queue import processes
from deploy.local import die_with_parent
from deploy.local.embedded import free_port
from destinations.runtime import redis_client
from platforms.registry import APPS
from tests import programs
from tests.acceptance.forks import Forked, Forks
from tests.acceptance.team import Team, account_at, make_team, make_team_of
from tests.conftest import Simulator
from tests.migrated import database

# It logs every request.
logging.getLogger("httpx").setLevel(logging.WARNING)

ROOT = Path(__file__).resolve().parents[2]
#: Short, so that what a dead worker left is soon due again.
LEASE_SECONDS = "5"
#: A workspace whose posts have queues of their own, and their name (DEDICATED_QUEUES). Every test's
#: stack knows them; only one makes the workspace.
DEDICATED, DEDICATED_NAME = "5f0c2a4e-7d0b-4d3b-9b6a-3c8f1e2d4a10", "own"
#: A host that has the compatibility mount at /api/v1, where clients look that know no other prefix.
COMPAT_HOST = "compat.localhost"
#: What every test's stack has beyond its addresses.
SETTINGS = {
    "ALLOWED_HOSTS": f"127.0.0.1,{COMPAT_HOST}",
    "COMPAT_HOSTS": COMPAT_HOST,
    "WEBHOOK_ALLOW_PRIVATE": "127.0.0.0/8",
    "DEDICATED_QUEUES": f"{DEDICATED}={DEDICATED_NAME}",
    "LEASE_SECONDS": LEASE_SECONDS,
}
#: Where the cache keeps the time of the last tick.
TICK = "dovecote:1:tick"
#: Patience with a machine that is busy with other things; what is tested takes far less.
WITHIN_SECONDS = 55
#: Of clients that speak plain HTTP: reading the certificates of a machine takes each of them 15 ms.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@dataclass(frozen=True)
class Code:
    """A version of Dovecote: its folder, and a Python that has its dependencies."""

    root: Path = ROOT
    python: str = sys.executable


class Stack:
    """Processes started by their name in config/queue/processes.py, or `simulator`, or `worker` for
    every queue, or `compact`.

    `env` is what its processes have in their environment beyond what makes them a stack. They run
    `code`, except for the simulator: networks do not change when Dovecote does.
    """

    def __init__(
        self, home: Path, database_url: str, broker_url: str, env: Mapping[str, str]
    ) -> None:
        self.home = home
        self.code = Code()
        #: Whether its database has every table from the beginning.
        self.is_migrated = False
        web, simulator = free_port(), free_port()
        self.url, self.simulator_url = f"http://127.0.0.1:{web}", f"http://127.0.0.1:{simulator}"
        self.database_url, self._broker_url, self._extra = database_url, broker_url, env
        self._running: dict[str, subprocess.Popen[bytes] | Forked] = {}
        #: The newest last. One whose environment is no longer that of all is forked no more.
        self._forks: list[Forks] = []
        self._simulator_port, self._web_port = simulator, web
        self._seeder: subprocess.Popen[str] | None = None
        self.broker = redis_client.connect(self._broker_url)
        self.closing = ExitStack()
        self.simulator = Simulator(self.simulator_url, self.client(self.simulator_url))

    # Processes

    def start(
        self,
        name: str,
        role: str = "",
        env: Mapping[str, str] | None = None,
        options: Sequence[str] = (),
    ) -> None:
        """Start a process as `name`; `role` says which, if there are several of one kind.

        `env` and `options` are what this one process has beyond the others. It ends with us.
        """
        argv, own = [*self._argv(role or name), *options], env or {}
        with (self.home / f"{name}.log").open("ab") as log:
            if self._can_fork(name, argv, own):
                _, _, *words = argv
                self._running[name] = self._parent().fork(words, own, Path(log.name))
                return
            self._running[name] = subprocess.Popen(
                [*self._before(name), *argv],
                cwd=ROOT if name == "simulator" else self._folder(name),
                env={**self._env(), **own},
                stdout=log,
                stderr=log,
            )

    def _can_fork(self, name: str, argv: Sequence[str], env: Mapping[str, str]) -> bool:
        """Whether a process may share what another has imported: by then it has its settings."""
        is_alike = env.keys() <= {"DOVECOTE_FAILPOINT"}
        return is_alike and argv[0] == sys.executable and argv[2].startswith("config.")

    def _parent(self) -> Forks:
        """The process that is forked, with the environment that all have now."""
        env = self._env()
        # Other tests on this stack start processes too.
        env.pop("PYTEST_CURRENT_TEST", None)
        if not self._forks or self._forks[-1].env != env:
            self._forks.append(Forks(self._before(""), env, self._folder("")))
        return self._forks[-1]

    def start_web(self, name: str, env: Mapping[str, str] | None = None) -> str:
        """Another web process, at the port of `env` or a free one; its address once it answers."""
        given = {"WEB_PORT": str(free_port()), **(env or {})}
        self.start(name, "web", given)
        url = f"http://127.0.0.1:{given['WEB_PORT']}"
        self.wait(f"{name} answers", lambda: _answers(f"{url}/healthz"))
        return url

    def restart(self, names: Sequence[str], env: Mapping[str, str]) -> None:
        """Have these processes run in this environment, beyond that of all."""
        for name in names:
            self.stop(name)
        for name in names:
            self.start(name, env=env)

    def stop(self, name: str) -> int:
        """Let a process finish what it has begun; what it ended with."""
        self.signal(name, signal.SIGTERM)
        return self._ended(name)

    def kill(self, name: str) -> None:
        """End a process at once, in the middle of its work."""
        self._running[name].kill()
        self._ended(name)

    def died(self, name: str, expected: int = -signal.SIGKILL) -> bool:
        """Return whether a process has ended with this code; its name is free again then."""
        code = self._running[name].poll()
        if code is None:
            return False
        assert code == expected, f"{name} ended with {code}.\n{self._last_words()}"
        del self._running[name]
        return True

    def signal(self, name: str, number: signal.Signals) -> None:
        self._running[name].send_signal(number)

    def end(self) -> None:
        """End every process that still runs."""
        for name in list(self._running):
            self.kill(name)
        if self._seeder:
            self._seeder.kill()
            self._seeder.communicate()
        for forks in self._forks:
            forks.end()
        self.closing.close()

    def is_running(self, name: str) -> bool:
        return name in self._running and self._running[name].poll() is None

    def is_frozen(self, name: str) -> bool:
        return psutil.Process(self._running[name].pid).status() == psutil.STATUS_STOPPED

    def log(self, name: str) -> str:
        """What processes of that name have said so far."""
        return (self.home / f"{name}.log").read_text()

    def ended(self) -> list[str]:
        """Processes that were started, and have ended without being told to."""
        return [name for name, child in self._running.items() if child.poll() is not None]

    def family(self, name: str) -> list[psutil.Process]:
        """A process and all that it has started."""
        process = psutil.Process(self._running[name].pid)
        return [process, *process.children(recursive=True)]

    def is_ready(self) -> bool:
        """Whether web answers, reaches the database and Redis, and beat ticks."""
        checks = self.checks()
        return all(checks.get(name, {}).get("ok") for name in ("database", "redis", "beat"))

    def checks(self) -> dict[str, Any]:
        """The checks of /readyz by their name; none while web does not answer."""
        try:
            answer = httpx.get(f"{self.url}/readyz", trust_env=False, verify=NO_TLS)
        except httpx.TransportError:
            return {}
        found: dict[str, Any] = answer.json()["checks"]
        return found

    def pid(self, name: str) -> int:
        return self._running[name].pid

    def _ended(self, name: str) -> int:
        try:
            return self._running.pop(name).wait(40)
        finally:
            self._running.pop(name, None)

    def _before(self, name: str) -> list[str]:
        """What runs the command of a process."""
        return dying_with_us()

    def _folder(self, name: str) -> Path:
        """Where a process finds the product."""
        return self.code.root

    def _argv(self, role: str) -> list[str]:
        if alone := {"worker": processes.WORKER, "compact": processes.COMPACT}.get(role):
            return [self.code.python, *alone[1:]]
        if role != "simulator":
            return [self.code.python, *processes.argv(role)[1:]]
        home, port = str(self.home / "simulator"), str(self._simulator_port)
        return [sys.executable, "-m", "deploy.simulator", "--home", home, "--port", port]

    def _env(self) -> dict[str, str]:
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self._broker_url,
            "SIMULATOR_URL": self.simulator_url,
            "AI_BASE_URL": f"{self.simulator_url}/ai/v1",
            "AI_TEXT_MODEL": "simulated",
            "AI_IMAGE_MODEL": "simulated",
            "PUBLIC_URL": self.url,
            "MEDIA_ROOT": str(self.home / "media"),
            "WEB_HOST": "127.0.0.1",
            "WEB_PORT": str(self._web_port),
            "WEB_THREADS": "8",
            "FETCH_PRIVATE_HOSTS": "127.0.0.1",
            "LOG_FORMAT": "json",
            "DEBUG": "true",
            **{f"{app.upper()}_CLIENT_ID": f"app-{app}" for app in APPS},
            **{f"{app.upper()}_CLIENT_SECRET": f"secret-{app}" for app in APPS},
            **self._extra,
        }

    @property
    def lease_seconds(self) -> float:
        """Of its workers' claims."""
        return float(self._env().get("LEASE_SECONDS", 60))

    # The database

    def seed(self, accounts: Sequence[Mapping[str, Any]]) -> Any:
        """Make a workspace with these accounts and a key (tests/acceptance/seed.py)."""
        if self._seeder is None:
            command = [*dying_with_us(), self.code.python, "-m", "tests.acceptance.seed"]
            self._seeder = subprocess.Popen(
                command, cwd=self.code.root, env=self._env(), stdin=-1, stdout=-1, text=True
            )
        assert self._seeder.stdin
        assert self._seeder.stdout
        self._seeder.stdin.write(json.dumps(accounts) + "\n")
        self._seeder.stdin.flush()
        return json.loads(self._seeder.stdout.readline())

    def command(self, *command: str) -> "subprocess.CompletedProcess[str]":
        """A command of the product, run to its end; it may fail."""
        return programs.run([self.code.python, *command], cwd=self.code.root, env=self._env())

    def make_tables(self) -> None:
        """Make its tables."""
        migrated = self.command("manage.py", "migrate", "--verbosity", "0")
        assert migrated.returncode == 0, migrated.stderr

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(make_conninfo(self.database_url)) as connection:
            return connection.execute(sql, values).fetchall()

    def ticks(self, count: int) -> None:
        """Waits until beat's tick has been worked off so many times more."""
        for _ in range(count):
            before = self.broker.get(TICK)
            self.wait("a tick", lambda before=before: self.broker.get(TICK) not in (None, before))

    # What the tests do with it

    def client(self, url: str, key: str = "") -> httpx.Client:
        """Connections to a process, closed with the stack."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        opened = httpx.Client(
            base_url=url, headers=headers, timeout=30, trust_env=False, verify=NO_TLS
        )
        return self.closing.enter_context(opened)

    def team(self, **accounts: int) -> Team:
        """A new workspace with so many accounts per network, connected on both sides."""
        return make_team(self, accounts)

    def team_of(self, places: Iterable[tuple[str, str]]) -> Team:
        """A new workspace with these accounts: (network, id there)."""
        return make_team_of(self, [account_at(*place) for place in places])

    def wait(
        self, what: str, condition: Callable[[], Any], within_seconds: float = WITHIN_SECONDS
    ) -> Any:
        """The first true value of the condition; fails with the processes' last words."""
        give_up_at = time.monotonic() + within_seconds
        while not (value := condition()):
            if self.ended() or time.monotonic() > give_up_at:
                ended = self.ended()
                raise AssertionError(f"Not seen: {what}. Ended: {ended}.\n{self._last_words()}")
            time.sleep(0.05)
        return value

    def _last_words(self) -> str:
        logs = sorted(self.home.glob("*.log"))
        return "\n".join(f"--- {log.name}\n{log.read_text()[-1500:]}" for log in logs)


@contextmanager
def running(home: Path, env: Mapping[str, str] | None = None) -> Iterator[Stack]:
    """A stack on the tests' own servers, with a worker for every queue."""
    with empty(home, {**SETTINGS, **(env or {})}) as stack, up(stack, "worker"):
        yield stack


@contextmanager
def empty(home: Path, env: Mapping[str, str]) -> Iterator[Stack]:
    """A stack with a database and a Redis number of its own, of which nothing runs yet."""
    with _own_number() as number, database(f"stack_{number}") as database_url:
        broker_url = f"{settings.REDIS_URL.rpartition('/')[0]}/{number}"
        stack = Stack(home, database_url, broker_url, env)
        stack.is_migrated = True
        stack.broker.flushdb()
        try:
            yield stack
        finally:
            stack.broker.flushdb()
            stack.broker.close()


@contextmanager
def up(
    stack: Stack,
    *workers: str,
    serves: Mapping[str, Sequence[str]] | None = None,
    within_seconds: float = WITHIN_SECONDS,
) -> Iterator[None]:
    """Every process of the stack, on an empty database, for as long as the block lasts.

    `workers` serve every queue, those of `serves` the queues that their options name.
    """
    if not stack.is_migrated:
        stack.make_tables()
    try:
        for name in ("simulator", "web", "beat"):
            stack.start(name)
        for name in workers:
            stack.start(name, "worker")
        for name, options in (serves or {}).items():
            stack.start(name, "worker", options=["-n", f"{name}@%h", *options])
        simulator = f"{stack.simulator_url}/wall.json"
        stack.wait("the simulator answers", lambda: _answers(simulator), within_seconds)
        stack.wait("web is ready", stack.is_ready, within_seconds)
        yield
    finally:
        stack.end()


@contextmanager
def _own_number() -> Iterator[int]:
    """A number of the tests' Redis that nothing else has. Those up to the count of pytest's workers
    are theirs (tests/services.py)."""
    with redis.Redis.from_url(settings.REDIS_URL) as server:
        count = int(server.config_get("databases")["databases"])
    for number in range(count - 1, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "0")), -1):
        # Held by a lock, so that it is free again however this process ends.
        with (Path(os.environ["DOVECOTE_HOME"]) / f"stack-{number}.lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield number
            return
    raise RuntimeError(f"Every one of Redis' {count} numbers is in use.")


def dying_with_us() -> list[str]:
    """Before a command: it ends with this process, however that ends."""
    us, end = str(os.getpid()), f"{signal.SIGKILL:d}"
    return [sys.executable, "-I", "-S", die_with_parent.__file__, us, end, "-"]


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False, verify=NO_TLS).is_success
    except httpx.TransportError:
        return False
