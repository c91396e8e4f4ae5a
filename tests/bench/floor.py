"""What a request of the API costs before and after its view.

The real WSGI application in this process, in turns with a bare Django view and a bare view of
Django REST Framework that runs `SELECT 1`, neither with a middleware; then the real web server over
sockets that are kept. `measure` gives the figures, `python -m tests.bench.floor` prints them. CPU,
not the wall clock: other processes do not change it much.
"""

import io
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / ".dovecote" / "bench-floor"
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.floor_settings"
os.environ["DOVECOTE_HOME"] = str(HOME)

from deploy.local import embedded  # noqa: E402

embedded.start(HOME)
# WhiteNoise warns of a missing folder.
(HOME / "static").mkdir(exist_ok=True)

import django  # noqa: E402

django.setup()

# isort: split

import logging  # noqa: E402

import psutil  # noqa: E402
from django.core.handlers.wsgi import WSGIHandler  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import override_settings  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils.module_loading import import_string  # noqa: E402

from posts.keys import keys  # noqa: E402
from posts.models import Workspace  # noqa: E402
from tests.bench import sockets  # noqa: E402
from tests.bench.result import Result  # noqa: E402

BATCHES, REQUESTS = 15, 100
NOTHING, BARE_DJANGO, BARE_DRF = "/api/v1/nothing", "/bare/django", "/bare/drf"
CLIENTS = (1, 16)


def send(application: WSGIHandler, path: str, secret: str = "", body: bytes = b"") -> int:
    """One request; its status."""
    environ = {
        "REQUEST_METHOD": "POST" if body else "GET",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "REMOTE_ADDR": "127.0.0.1",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1:8000",
        "HTTP_ACCEPT": "*/*",
        "HTTP_USER_AGENT": "bench",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    if secret:
        environ["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    statuses: list[str] = []
    answer = application(environ, lambda status, headers, *rest: statuses.append(status))
    b"".join(answer)
    answer.close()
    return int(statuses[0].split()[0])


def batch(call: Callable[[], int]) -> float:
    """CPU milliseconds of one request: the mean of a batch."""
    began = time.process_time()
    for _ in range(REQUESTS):
        assert call() == 200
    return (time.process_time() - began) * 1000 / REQUESTS


def in_turns(calls: dict[str, Callable[[], int]]) -> dict[str, float]:
    """The median batch of each, taken in turns so that a slow moment of the machine is shared."""
    found: dict[str, list[float]] = {name: [] for name in calls}
    for call in calls.values():
        batch(call)
    for _ in range(BATCHES):
        for name, call in calls.items():
            found[name].append(batch(call))
    return {name: statistics.median(each) for name, each in found.items()}


def in_process(secret: str) -> dict[str, Any]:
    real = WSGIHandler()
    with override_settings(MIDDLEWARE=[]):
        bare = WSGIHandler()
    calls = {
        "api": lambda: send(real, NOTHING, secret),
        "api POST": lambda: send(real, NOTHING, secret, b'{"content": "Hi"}'),
        "bare Django": lambda: send(bare, BARE_DJANGO),
        "bare DRF": lambda: send(bare, BARE_DRF),
    }
    found: dict[str, Any] = dict(in_turns(calls))
    with CaptureQueriesContext(connection) as captured:
        send(real, NOTHING, secret)
    found["statements"] = [each["sql"] for each in captured]
    return found


def by_middleware(secret: str) -> dict[str, float]:
    """CPU milliseconds of each middleware by itself, calls of what it wraps left out.

    Reading the CPU clock has a cost of its own, about a microsecond, that is in the figures.
    """
    spent: dict[str, float] = {}
    inner = [0.0]

    def timed(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **kwargs: Any) -> Any:
            outer, inner[0] = inner[0], 0.0
            began = time.process_time()
            try:
                return call(*args, **kwargs)
            finally:
                whole = time.process_time() - began
                spent[name] = spent.get(name, 0) + whole - inner[0]
                inner[0] = outer + whole

        return run

    def wrapped(path: str) -> Callable[..., Any]:
        kind = import_string(path)

        def make(get_response: Callable[..., Any]) -> Any:
            made = kind(get_response)
            layer = type("Layer", (), {"__call__": staticmethod(timed(path, made))})()
            for hook in ("process_view", "process_exception", "process_template_response"):
                if hasattr(made, hook):
                    setattr(layer, hook, timed(path, getattr(made, hook)))
            return layer

        return make

    with mock.patch("django.core.handlers.base.import_string", wrapped):
        real = WSGIHandler()
    whole = timed("Django, URLs and the view", lambda: send(real, NOTHING, secret))
    for count in (REQUESTS, REQUESTS * BATCHES):
        spent.clear()
        for _ in range(count):
            whole()
    return {name: each * 1000 / count for name, each in spent.items()}


@contextmanager
def web(port: int) -> Iterator[psutil.Process]:
    """The web server on this port; its log lines go nowhere."""
    child = subprocess.Popen(
        [sys.executable, "-m", "config.web"],
        cwd=ROOT,
        env={**os.environ, "WEB_PORT": str(port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        sockets.wait(port)
        yield psutil.Process(child.pid)
    finally:
        child.terminate()
        child.wait(30)


def over_sockets(secret: str) -> dict[str, dict[str, float]]:
    """Requests per second, and CPU milliseconds of the server's process, by clients at once."""
    found: dict[str, dict[str, float]] = {}
    port = embedded.free_port()
    with web(port) as server:
        for path, name in ((NOTHING, "api"), ("/healthz", "healthz")):
            for clients in CLIENTS:
                request = sockets.get(path, secret)
                sockets.hammer(port, request, clients, 300)
                rounds = []
                for _ in range(5):
                    used, began = server.cpu_times(), time.monotonic()
                    sockets.hammer(port, request, clients, 600)
                    now, seconds = server.cpu_times(), time.monotonic() - began
                    cpu = now.user + now.system - used.user - used.system
                    rounds.append((cpu * 1000 / 600, 600 / seconds))
                found[f"{name}, {clients} clients"] = {
                    "cpu_ms": statistics.median(cpu for cpu, _ in rounds),
                    "per_second": statistics.median(rate for _, rate in rounds),
                }
    return found


def prepare() -> str:
    """A key of a new workspace; its secret."""
    call_command("migrate", verbosity=0)
    quiet = logging.getLogger().handlers[0]
    assert isinstance(quiet, logging.StreamHandler)
    quiet.setStream(Path(os.devnull).open("w"))  # noqa: SIM115  # until the end
    workspace = Workspace.objects.create(name="Bench")
    return keys.create(workspace, "Bench", ("read", "write"))[1]


def measure() -> dict[str, Any]:
    """CPU milliseconds per request, in this process and of the server's; see the functions."""
    secret = prepare()
    return {
        "in_process": in_process(secret),
        "by_middleware": by_middleware(secret),
        "over_sockets": over_sockets(secret),
    }


def results(*, short: bool = False) -> list[Result]:
    found = measure()
    inside, costly = found["in_process"], found["by_middleware"]
    most = sorted(costly, key=costly.__getitem__, reverse=True)[:6]
    note = ", ".join(f"{name.rpartition('.')[2]} {costly[name]:.2f}" for name in most)
    bare = inside["bare DRF"], "bare DRF view"
    return [
        Result("GET of a view that does nothing", inside["api"], "ms", *bare),
        Result("POST of a view that does nothing", inside["api POST"], "ms", *bare),
        Result("statements of it", len(inside["statements"]), "", note=f"CPU in ms: {note}."),
        *(
            Result(f"through the web server: {name}", each["cpu_ms"], "ms")
            for name, each in found["over_sockets"].items()
        ),
    ]


def main() -> None:
    found = measure()
    inside = found["in_process"]
    statements = inside.pop("statements")
    print("CPU ms per request, in one process")
    for name, each in inside.items():
        print(f"{each:8.3f}  {name}")
    print(f"{len(statements):8}  statements of one request: {statements}")
    print("\nBy middleware")
    for name, each in found["by_middleware"].items():
        print(f"{each:8.3f}  {name}")
    print("\nThrough the web server")
    for name, each in found["over_sockets"].items():
        print(f"{each['cpu_ms']:8.3f}  {each['per_second']:6.0f}/s  {name}")


if __name__ == "__main__":
    main()
