"""The two sides that a case is played on: our simulator, and the real server."""

import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import httpx

from tests.conftest import Simulator
from tests.platforms.bluesky.account import PASSWORD, new_did
from tests.real.bluesky import browser
from tests.real.bluesky.server import HOST, Person, Server

PDS = f"https://{HOST}"
#: Longer than a token opens calls.
SESSION_SECONDS = 2 * 3600 + 60
NO_HEADERS: Mapping[str, str] = {}
#: Above each limit of a call.
MOST_CALLS = 1100
Call = Callable[[], httpx.Response]


class Side(Protocol):
    """Ask of a side what cases need beyond what the adapter asks of its network."""

    #: Has the clock and the pages of strangers, on both sides.
    simulator: Simulator

    def route(self, host: str, path: str) -> tuple[str, str, Mapping[str, str]]:
        """Return where a host of the network really is (`tests.real.gateway`)."""

    def person(self) -> Person:
        """Open an account with an app password."""

    def posts(self, person: Person) -> list[dict[str, Any]]:
        """Return the records of all posts of an account, newest first."""

    def unread(self, record: Mapping[str, Any]) -> list[str]:
        """Return the paths of fields of a record that are kept, and that no app reads."""

    def own_password(self, person: Person) -> str:
        """Return the account's own password, which opens more than an app password."""

    def now(self) -> float:
        """Return the time there, in seconds."""

    def expired(self, person: Person, token: str) -> str:
        """Return an access token that has ended: this one, or another of the account."""

    def deactivate(self, person: Person) -> None:
        """Deactivate an account, as its owner does."""

    def revoke(self, person: Person) -> None:
        """Revoke the app password."""

    def consent(self, page: str, person: Person, answer: str) -> str:
        """Allow what a consent page asks for, or deny it; return where the browser goes."""

    def limit(self, person: Person, call: Call) -> httpx.Response:
        """Return the answer to a call that was made too often."""


class Simulated:
    def __init__(self, simulator: Simulator) -> None:
        self.simulator, self._ahead_seconds = simulator, 0

    def route(self, host: str, path: str) -> tuple[str, str, Mapping[str, str]]:
        return self.simulator.url, f"/{host}{path}", NO_HEADERS

    def person(self) -> Person:
        handle, own = f"dove-{secrets.token_hex(5)}.test", secrets.token_hex(8)
        person = Person(new_did(), handle, own, PASSWORD)
        self._connect(person)
        return person

    def posts(self, person: Person) -> list[dict[str, Any]]:
        return [each["extra"]["record"] for each in self.simulator.posts("bluesky", person.did)]

    def unread(self, record: Mapping[str, Any]) -> list[str]:
        return []  # it refuses such fields

    def own_password(self, person: Person) -> str:
        self.simulator.set("bluesky", "full_access", True, person.did)
        return person.password

    def now(self) -> float:
        return time.time() + self._ahead_seconds

    def expired(self, person: Person, token: str) -> str:
        self.simulator.advance(SESSION_SECONDS)
        self._ahead_seconds += SESSION_SECONDS
        return token

    def deactivate(self, person: Person) -> None:
        self.simulator.set("bluesky", "status", "deactivated", person.did)

    def revoke(self, person: Person) -> None:
        self.simulator.set("bluesky", "password", "revoked", person.did)

    def consent(self, page: str, person: Person, answer: str) -> str:
        where = page.replace("https:/", self.simulator.url, 1)
        return self.simulator.consent(where, person.did, answer=answer)

    def limit(self, person: Person, call: Call) -> httpx.Response:
        fault = {"account": person.did, "rate_limit_reset_seconds": 60, "times": 1}
        self.simulator.fault("bluesky", **fault)
        return call()

    def _connect(self, person: Person) -> str:
        facts = {"pds": PDS, "password": person.password}
        return self.simulator.connect("bluesky", person.did, username=person.handle, extra=facts)


class Real:
    """Stand for the real server, which plays the app's resolver too: it knows its own handles."""

    def __init__(self, server: Server, simulator: Simulator) -> None:
        self.server, self.simulator = server, simulator
        self._is_limited = False

    def route(self, host: str, path: str) -> tuple[str, str, Mapping[str, str]]:
        # The cases are many more than a person's logins of a day.
        bypass = {} if self._is_limited else {"x-ratelimit-bypass": self.server.bypass}
        headers = {**bypass, "Host": host}
        if host in (HOST, "public.api.bsky.app") or host.endswith(".test"):
            return self.server.url, path, headers
        if host == "plc.directory":
            return self.server.directory, path, NO_HEADERS
        return self.simulator.url, f"/{host}{path}", NO_HEADERS

    def person(self) -> Person:
        return self.server.person()

    def posts(self, person: Person) -> list[dict[str, Any]]:
        return self.server.posts(person)

    def unread(self, record: Mapping[str, Any]) -> list[str]:
        return self.server.unread(record)

    def own_password(self, person: Person) -> str:
        return person.own_password

    def now(self) -> float:
        return time.time()

    def expired(self, person: Person, token: str) -> str:
        return self.server.token(person, -3600)

    def deactivate(self, person: Person) -> None:
        token = self.server.full_access(person)
        self.server.call("com.atproto.server.deactivateAccount", {}, token)

    def revoke(self, person: Person) -> None:
        token = self.server.full_access(person)
        body = {"name": "Dovecote"}
        self.server.call("com.atproto.server.revokeAppPassword", body, token)

    def consent(self, page: str, person: Person, answer: str) -> str:
        return browser.consent(self.server, page, person, answer)

    def limit(self, person: Person, call: Call) -> httpx.Response:
        self._is_limited = True
        try:
            return next(answer for _ in range(MOST_CALLS) if (answer := call()).status_code == 429)
        finally:
            self._is_limited = False
