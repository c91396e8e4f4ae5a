"""Bluesky's reference server, running on this machine, and accounts on it."""

import base64
import hashlib
import hmac
import json
import secrets
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.acceptance.stack import NO_TLS, dying_with_us
from tests.real.install import Installed, installed, once
from tests.until import until

HERE = Path(__file__).resolve().parent
#: The host name of the server in its own eyes and in the directory's.
HOST = "pds.pigeons.example"
START_SECONDS = 120
XRPC = "/xrpc/"


@dataclass(frozen=True)
class Person:
    """Hold an account. `own_password` opens everything, `password` is an app password."""

    did: str
    handle: str
    own_password: str
    password: str


class Server:
    """Speak to the running server; `url`, `directory` and `lexicons` are where its parts listen."""

    def __init__(self, found: Installed, home: Path) -> None:
        self._found, self._home = found, home
        self.bypass, self._jwt_secret, self._admin = (secrets.token_hex(16) for _ in range(3))
        self.url = self.directory = self.lexicons = ""
        self._http = httpx.Client(trust_env=False, verify=NO_TLS, timeout=30)

    @property
    def version(self) -> str:
        """Return the server's name and version, as its package states them."""
        package = self._found.modules / "@atproto" / "pds" / "package.json"
        facts = json.loads(package.read_text())
        return f"{facts['name']} {facts['version']}"

    def command(self) -> list[str]:
        says = (HOST, self.bypass, self._jwt_secret, self._admin)
        script = (str(HERE / "server.mjs"), str(self._found.modules), str(self._home))
        return [*dying_with_us(), str(self._found.node), *script, *says]

    def listens(self, line: str) -> None:
        ports = json.loads(line)
        self.url = f"http://127.0.0.1:{ports['server']}"
        self.directory = f"http://127.0.0.1:{ports['directory']}"
        self.lexicons = f"http://127.0.0.1:{ports['lexicons']}"
        until(self._answers, START_SECONDS)

    def person(self) -> Person:
        """Open an account with an app password."""
        handle, own = f"dove-{secrets.token_hex(5)}.test", secrets.token_hex(8)
        account = self.call(
            "com.atproto.server.createAccount",
            {"email": f"{handle[:-5]}@example.com", "handle": handle, "password": own},
        )
        password = self.call(
            "com.atproto.server.createAppPassword", {"name": "Dovecote"}, account["accessJwt"]
        )["password"]
        return Person(account["did"], handle, own, password)

    def full_access(self, person: Person) -> str:
        """Return a token that the account's own password opens."""
        body = {"identifier": person.did, "password": person.own_password}
        token: str = self.call("com.atproto.server.createSession", body)["accessJwt"]
        return token

    def take_down(self, person: Person) -> None:
        """Block an account, as the server's moderators do."""
        subject = {"$type": "com.atproto.admin.defs#repoRef", "did": person.did}
        body = {"subject": subject, "takedown": {"applied": True, "ref": "1"}}
        known = base64.b64encode(f"admin:{self._admin}".encode()).decode()
        headers = {"Authorization": f"Basic {known}"}
        self._post("com.atproto.admin.updateSubjectStatus", body, headers)

    def token(self, person: Person, seconds: int, scope: str = "com.atproto.appPass") -> str:
        """Return an access token that ends in so many seconds, or ended so many ago."""
        now = int(time.time())
        claims = {"scope": scope, "sub": person.did, "aud": f"did:web:{HOST}"}
        times = {"iat": min(now, now + seconds - 60), "exp": now + seconds}
        head = _base64url(json.dumps({"typ": "at+jwt", "alg": "HS256"}).encode())
        body = _base64url(json.dumps({**claims, **times}).encode())
        key = self._jwt_secret.encode()
        signed = hmac.digest(key, f"{head}.{body}".encode(), hashlib.sha256)
        return f"{head}.{body}.{_base64url(signed)}"

    def posts(self, person: Person) -> list[dict[str, Any]]:
        """Return the posts of an account, as the server lists them."""
        return [each["value"] for each in self.records(person)]

    def records(self, person: Person) -> list[dict[str, Any]]:
        """Return the records of all posts of an account, newest first, with their addresses."""
        query = {"repo": person.did, "collection": "app.bsky.feed.post", "limit": "100"}
        found: list[dict[str, Any]] = []
        while True:
            page = self._get("com.atproto.repo.listRecords", query)
            found += page["records"]
            if not page.get("cursor"):
                return found
            query["cursor"] = page["cursor"]

    def unread(self, record: Mapping[str, Any]) -> list[str]:
        """Return the paths of what the server keeps of a record, and no lexicon knows."""
        found: list[str] = self._http.post(self.lexicons, json=record).raise_for_status().json()
        return found

    def call(self, name: str, body: Mapping[str, Any], token: str = "") -> Any:
        answer = self._post(name, body, {"Authorization": f"Bearer {token}"} if token else {})
        return answer.json() if answer.content else None

    def close(self) -> None:
        self._http.close()

    def _get(self, name: str, query: Mapping[str, str]) -> Any:
        headers = {"x-ratelimit-bypass": self.bypass}
        answer = self._http.get(f"{self.url}{XRPC}{name}", params=query, headers=headers)
        return answer.raise_for_status().json()

    def _post(
        self, name: str, body: Mapping[str, Any], headers: Mapping[str, str]
    ) -> httpx.Response:
        known = {"x-ratelimit-bypass": self.bypass, **headers}
        answer = self._http.post(f"{self.url}{XRPC}{name}", json=body, headers=known)
        assert answer.is_success, f"{name}: {answer.status_code} {answer.text}"
        return answer

    def _answers(self) -> bool:
        try:
            return self._http.get(f"{self.url}{XRPC}_health").is_success
        except httpx.TransportError:
            return False


@once
def install() -> Installed:
    """Return the server's packages, below `.dovecote/real`. Raises NotInstalled."""
    return installed(HERE, "better-sqlite3")


@contextmanager
def running(home: Path) -> Iterator[Server]:
    """Run the server with its data below `home`. Raises NotInstalled if it cannot be had."""
    server = Server(install(), home)
    said, log = home / "said", home / "log"
    with said.open("wb") as out, log.open("wb") as errors:
        process = subprocess.Popen(server.command(), stdout=out, stderr=errors)
    try:
        server.listens(until(lambda: _ports(process, said, log), START_SECONDS))
        yield server
    finally:
        process.kill()
        process.wait()
        server.close()


def _ports(process: "subprocess.Popen[bytes]", said: Path, log: Path) -> str:
    """Return the line in which the server says its ports; empty until it does."""
    lines = said.read_text().splitlines(keepends=True)
    found = next((each for each in lines if '"directory"' in each and each.endswith("\n")), "")
    if not found and process.poll() is not None:
        raise AssertionError(f"The server ended with {process.returncode}:\n{log.read_text()}")
    return found


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
