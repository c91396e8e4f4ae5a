"""snac, running on this machine, and accounts on it."""

import re
import secrets
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx

from tests import programs
from tests.acceptance.stack import NO_TLS, dying_with_us
from tests.platforms.mastodon.account import OLD
from tests.until import until

START_SECONDS = 120
BACK = "https://dovecote.example/connect/mastodon/return"


@dataclass(frozen=True)
class Person:
    """Hold an account: its name, its password, a token, and its id there."""

    name: str
    password: str
    token: str
    id: str = ""


class Server:
    """Speak to the running server, whose host name is that of the simulator's old one."""

    def __init__(self, home: Path, port: int) -> None:
        self.url, self._home = f"http://127.0.0.1:{port}", home
        self._http = httpx.Client(
            base_url=self.url,
            # It closes a connection after each answer and does not say so.
            headers={"Host": OLD, "Connection": "close"},
            trust_env=False,
            verify=NO_TLS,
            timeout=30,
        )

    @property
    def version(self) -> str:
        said = programs.run([programs.found("snac")]).stdout
        return " ".join(said.split()[:2])

    def person(self) -> Person:
        """Open an account with a token."""
        name = f"dove{secrets.token_hex(5)}"
        said = programs.run([programs.found("snac"), "adduser", self._home, name]).stdout
        found = re.search(r"password is (\S+)", said)
        assert found, said
        fields = {"client_name": "Test", "redirect_uris": BACK, "scopes": "read write"}
        app = self._http.post("/api/v1/apps", data=fields).raise_for_status().json()
        keys = {name: app[name] for name in ("client_id", "client_secret")}
        code = self.consent(name, found[1], app["client_id"], BACK, "")
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, **keys}
        answer = self._http.post("/oauth/token", data=form).raise_for_status()
        token = answer.json()["access_token"]
        path = "/api/v1/accounts/verify_credentials"
        shown = self._http.get(path, headers={"Authorization": f"Bearer {token}"}).json()
        return Person(name, found[1], token, shown["id"])

    def posts(self, person: Person) -> dict[str, str]:
        """Return the texts of an account's posts by their ids, as the server lists them."""
        answer = self._http.get(f"/api/v1/accounts/{person.id}/statuses").raise_for_status()
        return {post["id"]: post["text"] for post in answer.json()}

    def consent(self, name: str, password: str, client_id: str, back: str, state: str) -> str:
        """Fill in the server's own login page; the code that it returns."""
        form = {"login": name, "passwd": password, "redir": back, "cid": client_id, "state": state}
        answer = self._http.post("/oauth/x-snac-login", data=form)
        returned = parse_qs(urlsplit(answer.headers["location"]).query)
        assert returned.get("state", [""]) == [state]
        return returned["code"][0]

    def answers(self) -> bool:
        try:
            return self._http.get("/api/v1/instance").is_success
        except httpx.TransportError:
            return False

    def close(self) -> None:
        self._http.close()


@contextmanager
def running(home: Path) -> Iterator[Server]:
    """Run the server with its data below `home`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data, snac = home / "data", programs.found("snac")
    # Its questions: address, port, host name, prefix, the administrator's address.
    programs.run([snac, "init", data], input=f"127.0.0.1\n{port}\n{OLD}\n\n\n").check_returncode()
    server = Server(data, port)
    with (home / "log").open("wb") as log:
        process = subprocess.Popen([*dying_with_us(), snac, "httpd", data], stdout=log, stderr=log)
    try:
        until(server.answers, START_SECONDS)
        yield server
    finally:
        process.kill()
        process.wait()
        server.close()
