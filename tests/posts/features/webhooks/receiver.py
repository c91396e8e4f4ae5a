"""A receiver of webhooks on this machine, which answers as it is told.

It answers as the path says: `/ok`, `/status/500`, `/retry/7`, `/hang`, `/slow/2`, `/cut`,
`/redirect`, `/large`; `/file/NAME` as a file of that name says, so that a receiver can break and
recover. As a program (`python -m tests.posts.features.webhooks.receiver FOLDER`) it writes its
port and each request, one JSON object a line, into files of that folder.
"""

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from tests import http_server

PORT_FILE = "port"
#: Longer than an attempt may take.
HANG_SECONDS = 15.0


@dataclass(frozen=True)
class Received:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """`on_request` is told each request, before it is answered."""

    on_request: Callable[[Received], object]
    root: Path | None = None
    port: int = 0
    released: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"


class _Server(http_server.Server):
    request_queue_size = 512
    receiver: Receiver


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        receiver = self.server.receiver
        body = self.rfile.read(int(self.headers["Content-Length"]))
        receiver.on_request(Received(self.path, dict(self.headers), body))
        kind, _, value = self.path.strip("/").partition("/")
        if kind == "file":
            assert receiver.root
            kind, _, value = (receiver.root / value).read_text().partition("/")
        if kind == "hang":
            receiver.released.wait(HANG_SECONDS)
            return
        if kind == "slow":
            receiver.released.wait(float(value))
        if kind == "cut":
            self.wfile.write(b"HTTP/1.1 20")
            return
        self._answer(*_answer_of(kind, value))

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, text in headers.items():
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _answer_of(kind: str, value: str) -> tuple[int, dict[str, str], bytes]:
    match kind:
        case "status":
            return int(value), {}, b"no"
        case "retry":
            return 429, {"Retry-After": value}, b"busy"
        case "redirect":
            return 302, {"Location": "/ok"}, b""
        case "large":
            return 200, {}, b"x" * 50_000
    return 200, {}, b"thanks"


@contextmanager
def serve(on_request: Callable[[Received], object], root: Path | None = None) -> Iterator[Receiver]:
    receiver = Receiver(on_request, root)
    server = _Server(("127.0.0.1", 0), _Handler)
    server.receiver, receiver.port = receiver, server.server_address[1]
    with http_server.answering(server):
        try:
            yield receiver
        finally:
            receiver.released.set()


def main() -> None:
    folder = Path(sys.argv[1])
    lock = threading.Lock()
    with (folder / "received.jsonl").open("a", buffering=1) as log:

        def note(received: Received) -> None:
            row = {
                "at": time.time(),
                "path": received.path,
                "headers": received.headers,
                "body": received.body.decode(),
            }
            with lock:
                log.write(json.dumps(row) + "\n")

        with serve(note, folder) as running:
            (folder / PORT_FILE).write_text(str(running.port))
            threading.Event().wait()


if __name__ == "__main__":
    main()
