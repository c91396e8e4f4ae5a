"""Our web server in a thread, and a client that sends any bytes a test wants."""

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from config.web.server.serve import Server

WITHIN_SECONDS = 30
#: How a test says that what it gave is to be a header with nothing after it.
END = "\r\n\r\n"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def error(self) -> dict[str, Any]:
        """The envelope's error, after looking at the envelope."""
        envelope = json.loads(self.body)
        assert set(envelope) == {"data", "error", "meta"}
        assert envelope["data"] is None
        assert envelope["meta"]["request_id"] == self.headers["x-request-id"]
        assert self.headers["content-type"] == "application/json"
        return dict(envelope["error"])


class Wire:
    """One connection."""

    def __init__(self, port: int, receive_bytes: int = 0, source: str = "") -> None:
        self.socket = socket.socket()
        if receive_bytes:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        self.socket.settimeout(WITHIN_SECONDS)
        if source:
            self.socket.bind((source, 0))
        self.socket.connect(("127.0.0.1", port))

    def send(self, text: str | bytes) -> None:
        self.socket.sendall(text.encode() if isinstance(text, str) else text)

    def answer(self, method: str = "GET") -> Answer:
        """The next answer, whole."""
        head = self._until(b"\r\n\r\n").decode()
        first, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value for name, _, value in (x.partition(": ") for x in lines)}
        length = 0 if method == "HEAD" else int(headers.get("content-length", 0))
        return Answer(int(first.split()[1]), headers, self._exactly(length))

    def is_closed(self) -> bool:
        """Whether the server closes it, with nothing more to say."""
        with contextlib.suppress(ConnectionResetError):
            return self.socket.recv(1) == b""
        return True

    def close(self) -> None:
        self.socket.close()

    def _until(self, end: bytes) -> bytes:
        seen = b""
        while not seen.endswith(end):
            piece = self.socket.recv(1)
            assert piece, f"closed after {seen!r}"
            seen += piece
        return seen

    def _exactly(self, count: int) -> bytes:
        seen = bytearray()
        while len(seen) < count:
            piece = self.socket.recv(min(65536, count - len(seen)))
            assert piece, f"closed after {len(seen)} of {count} bytes"
            seen += piece
        return bytes(seen)


@dataclass(frozen=True)
class Serving:
    server: Server
    port: int
    thread: threading.Thread

    @contextmanager
    def wire(self, receive_bytes: int = 0) -> Iterator[Wire]:
        opened = Wire(self.port, receive_bytes)
        try:
            yield opened
        finally:
            opened.close()

    def ask(self, text: str | bytes, method: str = "GET") -> Answer:
        """The answer to these bytes on a connection of their own."""
        with self.wire() as wire:
            wire.send(text)
            return wire.answer(method)


@contextmanager
def serving(application: Callable[..., Any], settings: Any, port: int = 0) -> Iterator[Serving]:
    settings.WEB_PORT = port
    server = Server(application, settings)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield Serving(server, int(server.effective_port), thread)
    finally:
        server.stop()
        thread.join(WITHIN_SECONDS)
        assert not thread.is_alive()
