"""The two sides of a comparison: the simulator, and snac."""

from collections.abc import Mapping
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

from tests.conftest import Simulator
from tests.platforms.mastodon.account import OLD, new_id
from tests.real.mastodon.server import Person, Server

NO_HEADERS: Mapping[str, str] = {}
#: How snac behaves where servers differ.
LIKE_SNAC = {
    "keeps_keys": False,
    "ignores_paging": True,
    "lists_private": False,
    "deletes": False,
}


class Side(Protocol):
    simulator: Simulator

    def route(self, host: str, path: str) -> tuple[str, str, Mapping[str, str]]:
        """Return where a host listens."""

    def person(self) -> Person:
        """Open an account with a token."""

    def consent(self, person: Person, address: str) -> str:
        """Answer the consent page at an address; the code that it returns."""


class Simulated:
    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator

    def route(self, host: str, path: str) -> tuple[str, str, Mapping[str, str]]:
        return self.simulator.url, f"/{host}{path}", NO_HEADERS

    def person(self) -> Person:
        number = new_id(OLD)
        name = f"dove{number.partition('@')[0]}"
        token = self.simulator.connect("mastodon", number, username=f"{name}@{OLD}")
        for setting, value in LIKE_SNAC.items():
            self.simulator.set("mastodon", setting, value, number)
        return Person(name, "", token)

    def consent(self, person: Person, address: str) -> str:
        parts = urlsplit(address)
        accounts = self.simulator.http.get("/control/accounts").json()["accounts"]
        [number] = [each["id"] for each in accounts if each["username"] == f"{person.name}@{OLD}"]
        page = f"/{parts.netloc}{parts.path}?{parts.query}"
        returned = self.simulator.consent(page, number)
        return parse_qs(urlsplit(returned).query)["code"][0]


class Real:
    def __init__(self, server: Server, simulator: Simulator) -> None:
        self.server, self.simulator = server, simulator

    def route(self, host: str, path: str) -> tuple[str, str, Mapping[str, str]]:
        if host == OLD:
            return self.server.url, path, {"Host": host, "Connection": "close"}
        return self.simulator.url, f"/{host}{path}", NO_HEADERS

    def person(self) -> Person:
        return self.server.person()

    def consent(self, person: Person, address: str) -> str:
        asked = {name: value[0] for name, value in parse_qs(urlsplit(address).query).items()}
        return self.server.consent(
            person.name, person.password, asked["client_id"], asked["redirect_uri"], asked["state"]
        )
