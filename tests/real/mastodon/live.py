"""snac, which speaks Mastodon's API, for scenarios."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import Simulator
from tests.platforms.mastodon.account import OLD, id_of
from tests.real.gateway import Route
from tests.real.live import Listed, Owner, RealServer
from tests.real.mastodon import server
from tests.real.mastodon.sides import Real

STATUSES = re.compile(r"^POST /[^/]+/api/v1/statuses$")


class LiveMastodon:
    def __init__(self, running: server.Server) -> None:
        self._server = running

    def route(self, simulator: Simulator) -> Route:
        return Real(self._server, simulator).route

    def owner(self) -> Owner:
        person = self._server.person()
        known = {"instance": OLD, "access_token": person.token}
        return Owner(id_of(person.id, OLD), known, person)

    def listed(self, owner: Owner) -> Sequence[Listed]:
        return [Listed(*each) for each in self._server.posts(owner.person).items()]

    def left_over(self, owner: Owner) -> Sequence[Listed]:
        return []  # snac lists no files


@contextmanager
def _running(home: Path) -> Iterator[LiveMastodon]:
    with server.running(home) as running:
        yield LiveMastodon(running)


MASTODON = RealServer(
    network="mastodon",
    name="snac",
    programs=("snac",),
    publishing=STATUSES,
    losing=STATUSES,
    install=lambda: None,
    running=_running,
    # It is asked by texts, and another post whose end is not known may look alike.
    may_stay_unknown=True,
)
