"""A way to a network's servers on which the request or its answer is lost when a case says so.

Adapters reach every host through one address (`gateway` of `Transport`): `/HOST/path` goes to where
HOST really listens. The same way leads to the simulator, so that both sides lose answers alike.
Programs that know no such addresses take it for their proxy, and speak TLS with HOST itself.
"""

import functools
import random
import re
import socket
import ssl
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler
from typing import Literal, get_args
from urllib.parse import urlsplit

from tests.http_server import Server, answering
from tests.tls import Authority

#: What is lost: the request, all of its answer, or half of that.
Cut = Literal["before", "after", "middle"]
#: How many are lost where chance decides.
LOST_SHARE = 1 / 3
#: Of one connection, and not passed on.
HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "host"})
#: A closed socket resets its connection instead of ending it.
RESET = struct.pack("ii", 1, 0)
SECONDS = 60
#: Finds `METHOD /HOST/path` of the calls that are meant.
Calls = re.Pattern[str]
#: The origin and the path of a host; the headers that its requests get beyond their own.
Route = Callable[[str, str], tuple[str, str, Mapping[str, str]]]


class Gateway:
    """Keep what was carried, and what is to be lost."""

    def __init__(self, route: Route, authority: Authority | None = None) -> None:
        self.route, self._authority = route, authority
        self.url = ""
        #: Method, host and path of each request that was passed on, oldest first.
        self.carried: list[str] = []
        #: The last body that each path was sent.
        self.bodies: dict[str, bytes] = {}
        #: How many requests or answers were lost, by where.
        self.lost = Counter[Cut]()
        self._cuts: dict[str, Cut] = {}
        self._chance: tuple[Calls, random.Random] | None = None
        self._late_seconds = 0.0
        self._hold: tuple[Calls, threading.Event, threading.Event] | None = None

    @functools.cache  # noqa: B019 - there is one for each test at most
    def as_host(self, host: str) -> ssl.SSLContext:
        """Return what speaks TLS in the name of a host, for those who trust the authority."""
        assert self._authority
        return self._authority.server(host)

    def lose(self, call: str, where: Cut) -> None:
        """Lose the next answer to a path that ends so."""
        self._cuts[call] = where

    def lose_by_chance(self, calls: Calls, rng: random.Random, *, late_seconds: float = 0) -> None:
        """Lose a third of these calls, or their answers. Each is on its way for so long."""
        self._chance, self._late_seconds = (calls, rng), late_seconds

    def lose_nothing(self) -> None:
        self._cuts.clear()
        self._chance = None

    def cut_of(self, call: str) -> Cut | None:
        ending = next((each for each in self._cuts if call.endswith(each)), "")
        cut = self._cuts.pop(ending, None) or self._drawn(call)
        if cut:
            self.lost[cut] += 1
        return cut

    def _drawn(self, call: str) -> Cut | None:
        calls, rng = self._chance or (None, random.Random())
        if calls is None or not calls.search(call) or rng.random() >= LOST_SHARE:
            return None
        drawn: Cut = rng.choice(get_args(Cut))
        return drawn

    @contextmanager
    def holding(self, calls: Calls) -> Iterator[threading.Event]:
        """Keep these calls on their way until the block ends; the event says that one is here."""
        is_here, may_go = threading.Event(), threading.Event()
        self._hold = calls, is_here, may_go
        try:
            yield is_here
        finally:
            self._hold = None
            may_go.set()

    def let_pass(self, call: str) -> None:
        """Return when a call may go on."""
        if self._chance and self._chance[0].search(call):
            time.sleep(self._late_seconds)
        hold = self._hold
        if hold and hold[0].search(call):
            _, is_here, may_go = hold
            is_here.set()
            may_go.wait(SECONDS)


@contextmanager
def running(route: Route, authority: Authority | None = None) -> Iterator[Gateway]:
    gateway = Gateway(route, authority)
    handler = type("Handler", (_Handler,), {"gateway": gateway})
    with answering(Server(("127.0.0.1", 0), handler)) as gateway.url:
        yield gateway


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    gateway: Gateway
    #: Whom a client of the proxy speaks with.
    host = ""

    def do_CONNECT(self) -> None:
        self.host = self.path.partition(":")[0]
        self.send_response_only(200)
        self.end_headers()
        self.request = self.gateway.as_host(self.host).wrap_socket(self.request, server_side=True)
        self.setup()
        self.close_connection = False

    def finish(self) -> None:
        super().finish()
        self.request.close()

    def do_GET(self) -> None:
        self._carry()

    def do_POST(self) -> None:
        self._carry()

    def do_DELETE(self) -> None:
        self._carry()

    def _carry(self) -> None:
        body = self._body()
        if self.host:
            self.path = f"/{self.host}{self.path}"
        call = f"{self.command} {urlsplit(self.path).path}"
        cut = self.gateway.cut_of(call)
        if cut == "before":
            return self._reset()
        self.gateway.let_pass(call)
        host, _, path = self.path[1:].partition("/")
        self.gateway.carried.append(call)
        self.gateway.bodies[urlsplit(self.path).path] = body or b""
        origin, path, headers = self.gateway.route(host, f"/{path}")
        own = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
        connection = HTTPConnection(urlsplit(origin).netloc, timeout=SECONDS)
        try:
            connection.request(self.command, path, body, {**own, **headers})
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        if cut == "after":
            return self._reset()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in HOP | {"content-length"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if cut == "middle":
            self.wfile.write(content[: len(content) // 2])
            return self._reset()
        self.wfile.write(content)
        return None

    def _body(self) -> bytes | None:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            length = self.headers.get("Content-Length")
            return self.rfile.read(int(length)) if length else None
        pieces = []
        while size := int(self.rfile.readline(), 16):
            pieces.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(pieces)

    def _reset(self) -> None:
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.close_connection = True
