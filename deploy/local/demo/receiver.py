"""A receiver of webhooks on this machine, as a customer's program would have one."""

import hashlib
import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


class DemoReceiver:
    """Listens on a free port for as long as it is open, and keeps what came signed."""

    def __init__(self) -> None:
        #: The secret that signs; empty until the webhook is made.
        self.secret = ""
        self.events: list[dict[str, Any]] = []
        self.unsigned = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/events"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def take(self, body: bytes, signature: str) -> bool:
        """Return whether the body is signed with the secret; if so it is kept."""
        digest = hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
        if not self.secret or not hmac.compare_digest(signature, f"sha256={digest}"):
            self.unsigned += 1
            return False
        self.events.append(json.loads(body))
        return True

    def about(self, post_id: str) -> list[str]:
        """The names of the events about a post, in the order in which they came."""
        return [each["event"] for each in self.events if each["data"].get("post_id") == post_id]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                is_ours = receiver.take(body, self.headers.get("X-PostEverywhere-Signature", ""))
                self.send_response(200 if is_ours else 401)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                """Nothing: the table shows what came."""

        return Handler
