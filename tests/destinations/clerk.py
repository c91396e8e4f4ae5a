"""A token endpoint that a test holds by the hand: it counts, waits, hangs up and refuses."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs


class Clerk:
    """Gives a new pair for the one refresh token that is `good`, as X does: each works once."""

    def __init__(self, good: str) -> None:
        self.good = good
        #: Refresh tokens in the order they came.
        self.asked: list[str] = []
        #: So many answers are lost after the work was done.
        self.losing = 0
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.url = ""

    def redeem(self, token: str) -> dict[str, Any] | None:
        self.asked.append(token)
        if token != self.good:
            return None
        number = len(self.asked)
        self.good = f"refresh-{number}"
        return {
            "token_type": "bearer",
            "expires_in": 7200,
            "access_token": f"access-{number}",
            "refresh_token": self.good,
            "scope": "tweet.write",
        }


@contextmanager
def clerk(good: str) -> Iterator[Clerk]:
    found = Clerk(good)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            given = found.redeem(form["refresh_token"][0])
            found.may_answer.wait(20)
            if found.losing:
                found.losing -= 1
                self.connection.close()
                return
            body = json.dumps(given or {"error": "invalid_request"}).encode()
            self.send_response(200 if given else 400)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: Any) -> None:
            """Whoever hung up, or was hung up on, was meant to."""

    server = Server(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield found
    finally:
        found.may_answer.set()
        server.shutdown()
        server.server_close()
