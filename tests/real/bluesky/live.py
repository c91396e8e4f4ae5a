"""Bluesky's reference server, for scenarios."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import Simulator
from tests.real.bluesky import server
from tests.real.bluesky.sides import Real
from tests.real.gateway import Route
from tests.real.live import Listed, Owner, RealServer

APPLY = re.compile(r"^POST /[^/]+/xrpc/com\.atproto\.repo\.applyWrites$")


class LiveBluesky:
    def __init__(self, running: server.Server) -> None:
        self._server = running

    def route(self, simulator: Simulator) -> Route:
        return Real(self._server, simulator).route

    def owner(self) -> Owner:
        person = self._server.person()
        known = {"handle": person.handle, "app_password": person.password}
        return Owner(person.did, known, person)

    def listed(self, owner: Owner) -> Sequence[Listed]:
        records = self._server.records(owner.person)
        return [Listed(each["uri"].rpartition("/")[2], each["value"]["text"]) for each in records]

    def left_over(self, owner: Owner) -> Sequence[Listed]:
        return []  # the server deletes files that no post has


@contextmanager
def _running(home: Path) -> Iterator[LiveBluesky]:
    with server.running(home) as running:
        yield LiveBluesky(running)


BLUESKY = RealServer(
    network="bluesky",
    name="Bluesky's server",
    programs=("g++", "make", "npm"),
    publishing=APPLY,
    losing=APPLY,
    install=server.install,
    running=_running,
)
