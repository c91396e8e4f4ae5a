"""A browser on the server's consent page: its own calls, as the page's program makes them.

Source: npm @atproto/oauth-provider 0.22.9, router/create-api-middleware.js (read 2026-12-01).
"""

import json
from typing import Any
from urllib.parse import urlsplit

import httpx

from tests.real.bluesky.server import HOST, Person, Server

ORIGIN = f"https://{HOST}"
CALLS = "/@atproto/oauth-provider/~api"
TO_PAGE = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
BY_PAGE = {"sec-fetch-mode": "same-origin", "sec-fetch-site": "same-origin", "origin": ORIGIN}


def consent(server: Server, page: str, person: Person, answer: str) -> str:
    """Sign in on the page at this address and allow what it asks for, or deny it.

    Returns where the page sends the browser.
    """
    opened = _Page(server, page)
    if answer == "deny":
        return opened.follow(opened.call("reject", {})["url"])
    known = {"username": person.handle, "password": person.own_password, "locale": "en"}
    signed_in = opened.call("sign-in", known)
    allowed = {"authorization": f"Bearer {signed_in['ephemeralToken']}"}
    return opened.follow(opened.call("consent", {"did": person.did}, allowed)["url"])


class _Page:
    def __init__(self, server: Server, page: str) -> None:
        self._server, self._referer = server, page
        self._cookies: dict[str, str] = {}
        self._send("GET", page, {**TO_PAGE, "sec-fetch-site": "cross-site"})

    def call(self, name: str, body: Any, headers: dict[str, str] | None = None) -> Any:
        known = {"x-csrf-token": self._cookies["csrf-token"], "content-type": "application/json"}
        sent = {**BY_PAGE, **known, "referer": self._referer, **(headers or {})}
        return self._send("POST", f"{ORIGIN}{CALLS}/{name}", sent, json.dumps(body)).json()

    def follow(self, url: str) -> str:
        sent = {**TO_PAGE, "sec-fetch-site": "same-origin", "referer": self._referer}
        return self._send("GET", url, sent).headers["location"]

    def _send(
        self, method: str, url: str, headers: dict[str, str], body: str = ""
    ) -> httpx.Response:
        parts = urlsplit(url)
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        with httpx.Client(trust_env=False) as http:
            answer = http.request(
                method,
                f"{self._server.url}{parts.path}?{parts.query}",
                headers={**headers, "host": HOST, "cookie": cookies},
                content=body or None,
            )
        assert answer.status_code < 400, f"{url}: {answer.status_code} {answer.text[:500]}"
        for line in answer.headers.get_list("set-cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            self._cookies[name] = value
        return answer
