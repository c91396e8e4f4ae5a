"""Whether servers of this machine answer, for the process that starts them.

It lives as long as they do. So it does without urllib3, which takes 6 MB.
"""

import json
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

WAIT_SECONDS = 3


def answers(url: str) -> bool:
    """Return whether a server answers there without an error of its own."""
    return 0 < _get(url)[0] < 500


def document(url: str) -> Any:
    """Return the JSON that a server answers with, of any status; None if none answers."""
    status, body = _get(url)
    return json.loads(body) if status else None


def _get(url: str) -> tuple[int, bytes]:
    """Return the status and the body of one GET; 0 if no server answers."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=WAIT_SECONDS)
    try:
        connection.request("GET", parts._replace(scheme="", netloc="").geturl() or "/")
        reply = connection.getresponse()
        return reply.status, reply.read()
    except (OSError, HTTPException):
        return 0, b""
    finally:
        connection.close()
