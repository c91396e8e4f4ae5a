"""Call the public API as any customer's program does: one key, JSON, three steps per upload; and
receive its webhooks on this machine.
"""

import hashlib
import hmac
import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from deploy.local.demo.web import ask
from deploy.local.supervisor import GaveUp


@dataclass(frozen=True, slots=True)
class Api:
    url: str
    key: str
    simulator_url: str = ""

    def accounts(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.call("GET", "/accounts")["accounts"]
        return found

    def upload(self, filename: str, content_type: str, content: bytes) -> str:
        """Ask for a place, send the bytes there, confirm. Returns the media id."""
        facts = {"filename": filename, "content_type": content_type, "size": len(content)}
        place = self.call("POST", "/media/upload", facts)
        headers = {"Content-Type": content_type}
        sent = ask("PUT", place["upload_url"], body=content, headers=headers, timeout=60)
        if sent.status >= 300:
            raise GaveUp(f"Uploading {filename} was refused ({sent.status}).")
        self.call("POST", f"/media/{place['media_id']}/complete", {})
        return str(place["media_id"])

    def publish(
        self,
        content: str,
        account_ids: list[int],
        media_ids: Sequence[str] = (),
        **more: Any,
    ) -> str:
        """`more` are further fields of the request; empty ones are left out. The post id."""
        body = {"content": content, "account_ids": account_ids, "media_ids": media_ids, **more}
        sent = {name: value for name, value in body.items() if value}
        return str(self.call("POST", "/posts", sent)["post_id"])

    def results(self, post_id: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.call("GET", f"/posts/{post_id}/results")
        return found

    def compatible(self, method: str, path: str) -> Any:
        """As `call`, in the shapes of the compatibility mount."""
        return self.call(method, path, url=self.url.replace("/api/v1", "/compat/api/v1"))

    def call(self, method: str, path: str, body: object = None, *, url: str = "") -> Any:
        """The data of an answer. Raises GaveUp for a refusal."""
        headers = {"Authorization": f"Bearer {self.key}"}
        sent = {} if body is None else {"json": body}
        reply = ask(method, (url or self.url) + path, headers=headers, timeout=60, **sent)
        try:
            answer = reply.json()
            if reply.status < 300:
                return answer["data"]
            said = f"{answer['error']['code']}: {answer['error']['message']}"
        except (ValueError, KeyError, TypeError):
            said = "no answer we can read"
        raise GaveUp(f"{method} {path} was answered with {reply.status}: {said}")


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
