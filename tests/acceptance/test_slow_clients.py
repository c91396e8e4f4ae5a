"""Clients by the hundred that send or read nothing, and the web process as `make up` starts it."""

import socket
import statistics
import time
from collections.abc import Callable, Iterator

import httpx
import pytest
from django.core.files.base import ContentFile

from config.queue import processes
from deploy.local.embedded import free_port
from deploy.local.environment import Local, Ports
from deploy.local.home import InstallationSecrets
from deploy.local.up import product_services
from posts.media.storage import SignedFileSystemStorage
from tests.acceptance.stack import Stack, _answers
from tests.acceptance.team import Team

pytestmark = pytest.mark.thorough

SOCKETS = 200
LARGE = b"x" * (20 * 1024 * 1024)
HEALTH_SECONDS, POST_SECONDS = 0.25, 1.0


class Web:
    """The web process with the options of `make up`, and connections that send or read nothing."""

    def __init__(self, stack: Stack, team: Team, port: int) -> None:
        self.stack, self.team, self.port = stack, team, port
        url = f"http://127.0.0.1:{port}"
        self.http = stack.client(url)
        self.api = stack.client(f"{url}/api/v1/", team.http.headers["Authorization"].split()[1])
        self.api.timeout = self.http.timeout = httpx.Timeout(5)
        self._silent: list[socket.socket] = []

    def silent(self, text: str) -> None:
        for _ in range(SOCKETS):
            opened = socket.socket()
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            opened.connect(("127.0.0.1", self.port))
            opened.sendall(text.encode())
            self._silent.append(opened)

    def close(self) -> None:
        while self._silent:
            self._silent.pop().close()


@pytest.fixture(scope="module")
def web_as_up(running_stack: Stack) -> Iterator[Web]:
    stack, port = running_stack, free_port()
    home = stack.home
    local = Local(home, Ports(port, port, port), InstallationSecrets("", "", "", ""), False, 0)
    service = product_services(local)[0]
    assert list(service.command) == processes.argv("web")
    (home / "static").mkdir(exist_ok=True)
    (home / "static" / "large.js").write_bytes(LARGE)
    as_up = {"DEBUG": "false", "SECURE_SSL_REDIRECT": "false", "STATIC_ROOT": str(home / "static")}
    stack.start("web as up", "web", {**as_up, **service.environ})
    running = Web(stack, stack.team(x=1), port)
    try:
        stack.wait("web as up answers", lambda: _answers(f"http://127.0.0.1:{port}/healthz"))
        yield running
    finally:
        stack.kill("web as up")


@pytest.fixture
def web(web_as_up: Web) -> Iterator[Web]:
    yield web_as_up
    web_as_up.close()


def media_path(web: Web) -> str:
    """The signed address of a large file, as a network is told it."""
    storage = SignedFileSystemStorage(location=web.stack.home / "media")
    return httpx.URL(storage.url(storage.save("large.mp4", ContentFile(LARGE)))).raw_path.decode()


def get(path: str, ranged: str = "") -> str:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{ranged}\r\n"


KINDS: dict[str, Callable[[Web], str]] = {
    "headers that never end": lambda _: "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nA: ",
    "bodies that never come": lambda _: (
        "POST /admin/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5000\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"Cookie: csrftoken={'a' * 32}\r\n\r\n"
    ),
    "chunks that never come": lambda _: (
        "POST /api/v1/posts HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    ),
    "readers of a static file": lambda _: get("/static/large.js"),
    "readers of a part of a static file": lambda _: get("/static/large.js", "Range: bytes=9-\r\n"),
    "readers of a signed file": lambda web: get(media_path(web)),
    "readers of a part of a signed file": lambda web: get(media_path(web), "Range: bytes=9-\r\n"),
}


def seconds(call: Callable[[], httpx.Response], status: int) -> float:
    began = time.monotonic()
    assert call().status_code == status
    return time.monotonic() - began


@pytest.mark.parametrize("kind", KINDS)
def test_200_silent_connections_do_not_delay_other_clients(web: Web, kind: str):
    post = {"content": "Hi", "account_ids": list(web.team.accounts), "draft": True}
    web.silent(KINDS[kind](web))

    health = [seconds(lambda: web.http.get("/healthz"), 200) for _ in range(9)]
    posts = [seconds(lambda: web.api.post("posts", json=post), 201) for _ in range(5)]

    assert statistics.median(health) <= HEALTH_SECONDS, health
    assert statistics.median(posts) <= POST_SECONDS, posts
