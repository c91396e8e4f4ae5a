"""Web servers of strangers: they answer what a test says, over real HTTP."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler

from tests import http_server

#: Writes a whole answer, headers included.
Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Stranger:
    """Answers by path; remembers which host each request named, and its path."""

    port: int
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    #: The headers and the body of each POST and PUT.
    received: list[tuple[Message, bytes]] = field(default_factory=list)
    #: What every other path is answered.
    otherwise: Answer = field(default_factory=lambda: whole(b"none", 404))
    #: Set when the server ends, so that slow answers end too.
    over: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str, host: str = "127.0.0.1", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"

    def gives(self, path: str, content: bytes, **headers: str) -> str:
        """Has `content` at this path; returns its address."""
        self.answers[path] = whole(content, **headers)
        return self.url(path)

    def sends_on(self, path: str, location: str, status: int = 302) -> str:
        self.answers[path] = whole(b"", status, Location=location)
        return self.url(path)


def whole(content: bytes, status: int = 200, **headers: str) -> Answer:
    def answer(to: BaseHTTPRequestHandler) -> None:
        to.send_response(status)
        values = {"Content_Length": str(len(content)), **headers}
        for name, value in values.items():
            if value:
                to.send_header(name.replace("_", "-"), value)
        to.end_headers()
        to.wfile.write(content)

    return answer


class _Handler(BaseHTTPRequestHandler):
    stranger: Stranger

    def do_GET(self) -> None:
        self.stranger.asked.append((self.headers["Host"], self.path))
        answer = self.stranger.answers.get(self.path, self.stranger.otherwise)
        try:
            answer(self)
        except (ConnectionError, ssl.SSLError):
            self.close_connection = True

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.stranger.received.append((self.headers, body))
        self.do_GET()

    def do_PUT(self) -> None:
        self.do_POST()


@contextmanager
def stranger(tls: ssl.SSLContext | None = None) -> Iterator[Stranger]:
    """A server on a port of its own."""
    handler = type("Handler", (_Handler,), {})
    server = http_server.Server(("127.0.0.1", 0), handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    handler.stranger = Stranger(server.server_port)
    with http_server.answering(server):
        try:
            yield handler.stranger
        finally:
            handler.stranger.over.set()
