"""A fake X that a test controls: its token endpoint counts, waits, hangs up and refuses.

Posts are accepted with the newest access token.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs

from tests import http_server

REFUSED = {
    "error": "invalid_request",
    "error_description": "Value passed for the token was invalid.",
}


class TokenServer:
    """Exchanges the one `good` refresh token for a new pair, as X does: each works once."""

    def __init__(self, good: str) -> None:
        self.good = good
        #: Refresh tokens in the order of their arrival.
        self.asked: list[str] = []
        self.access = "none"
        self.scope = "tweet.write"
        #: The published posts.
        self.posts: list[str] = []
        #: How many answers are lost after the request was processed.
        self.losing = 0
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.url = ""

    def redeem(self, token: str) -> dict[str, Any] | None:
        self.asked.append(token)
        if token != self.good:
            return None
        number = len(self.asked)
        self.good, self.access = f"refresh-{number}", f"access-{number}"
        return {
            "token_type": "bearer",
            "expires_in": 7200,
            "access_token": self.access,
            "refresh_token": self.good,
            "scope": self.scope,
        }


@contextmanager
def token_server(good: str) -> Iterator[TokenServer]:
    found = TokenServer(good)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
            if self.path.endswith("/2/tweets"):
                self._post(sent)
                return
            form = parse_qs(sent)
            given = found.redeem(form["refresh_token"][0])
            found.may_answer.wait(20)
            if found.losing:
                found.losing -= 1
                self.connection.close()
                return
            self._say(200 if given else 400, given or REFUSED)

        def _post(self, sent: str) -> None:
            if self.headers["Authorization"] != f"Bearer {found.access}":
                self._say(401, {"title": "Unauthorized", "status": 401})
                return
            found.posts.append(json.loads(sent)["text"])
            self._say(201, {"data": {"id": str(len(found.posts)), "text": sent}})

        def _say(self, status: int, said: Any) -> None:
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with http_server.serving(Handler) as found.url:
        try:
            yield found
        finally:
            found.may_answer.set()
