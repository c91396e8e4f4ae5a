"""JSON over HTTP with servers on this machine, for set-up and the demo."""

import http.client
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


class Unreachable(Exception):
    """No server answers there."""


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    content: bytes

    def json(self) -> Any:
        """The body as JSON. Raises ValueError."""
        return json.loads(self.content)


def ask(
    method: str,
    url: str,
    *,
    json_body: object = None,
    content: bytes | None = None,
    headers: dict[str, str] | None = None,
    timeout_seconds: float = 10,
) -> Reply:
    """One request and its answer, of any status; no redirects. Raises Unreachable."""
    parts = urlsplit(url)
    sent = {"Content-Type": "application/json", **(headers or {})}
    body = content if json_body is None else json.dumps(json_body).encode()
    if parts.hostname is None:
        raise Unreachable(f"{url} is not an address.")
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=timeout_seconds)
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    try:
        connection.request(method, target, body, sent)
        answer = connection.getresponse()
        return Reply(answer.status, answer.read())
    except (OSError, http.client.HTTPException) as wrong:
        raise Unreachable(f"{parts.scheme}://{parts.netloc} does not answer.") from wrong
    finally:
        connection.close()


def answers(url: str) -> bool:
    """Whether a server answers there without an error of its own."""
    try:
        return ask("GET", url, timeout_seconds=3).status < 500
    except Unreachable:
        return False
