"""A way to a network's servers on which the request or its answer is lost when a case says so.

Adapters reach every host through one address (`gateway` of `Transport`): `/HOST/path` goes to where
HOST really listens. The same way leads to the simulator, so that both sides lose answers alike.
Programs that know no such addresses take it for their proxy, and speak TLS with HOST itself.
"""

import functools
import random
import socket
import ssl
import struct
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
        self._chances: dict[str, random.Random] = {}

    @functools.cache  # noqa: B019 - there is one for each test at most
    def as_host(self, host: str) -> ssl.SSLContext:
        """Return what speaks TLS in the name of a host, for those who trust the authority."""
        assert self._authority
        return self._authority.server(host)

    def lose(self, call: str, where: Cut) -> None:
        """Lose the next answer to a path that ends so."""
        self._cuts[call] = where

    def lose_by_chance(self, call: str, rng: random.Random) -> None:
        """Lose a third of the answers to paths that end so."""
        self._chances[call] = rng

    def lose_nothing(self) -> None:
        self._cuts.clear()
        self._chances.clear()

    def cut_of(self, path: str) -> Cut | None:
        call = next((each for each in self._cuts if path.endswith(each)), "")
        cut = self._cuts.pop(call, None) or self._drawn(path)
        if cut:
            self.lost[cut] += 1
        return cut

    def _drawn(self, path: str) -> Cut | None:
        rng = next((rng for call, rng in self._chances.items() if path.endswith(call)), None)
        if rng is None or rng.random() >= LOST_SHARE:
            return None
        drawn: Cut = rng.choice(get_args(Cut))
        return drawn


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
        cut = self.gateway.cut_of(urlsplit(self.path).path)
        if cut == "before":
            return self._reset()
        if self.host:
            self.path = f"/{self.host}{self.path}"
        host, _, path = self.path[1:].partition("/")
        self.gateway.carried.append(f"{self.command} {urlsplit(self.path).path}")
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
