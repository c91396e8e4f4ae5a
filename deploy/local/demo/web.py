"""HTTP with servers on this machine, for the demo."""

from typing import Any

from urllib3 import BaseHTTPResponse, PoolManager
from urllib3.exceptions import HTTPError
from urllib3.util import parse_url


class Unreachable(Exception):
    """No server answers there."""


def ask(method: str, url: str, **sent: Any) -> BaseHTTPResponse:
    """One request and its answer, of any status; no redirects. Raises Unreachable.

    `sent` is urllib3's: `json` or `body`, `headers`, `timeout` in seconds.
    """
    sent.setdefault("timeout", 10)
    try:
        with PoolManager() as pool:
            return pool.request(method, url, retries=False, redirect=False, **sent)
    except HTTPError as wrong:
        parts = parse_url(url)
        raise Unreachable(f"{parts.scheme}://{parts.netloc} does not answer.") from wrong
