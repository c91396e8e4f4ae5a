"""WordPress, for scenarios."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import Simulator
from tests.real.gateway import Route
from tests.real.live import Listed, Owner, RealServer
from tests.real.wordpress import server
from tests.real.wordpress.sides import Real


class LiveWordPress:
    def __init__(self, running: server.Server) -> None:
        self._server = running

    def route(self, simulator: Simulator) -> Route:
        return Real(self._server, simulator).route

    def owner(self) -> Owner:
        person = self._server.person("author")
        known = {"username": person.name, "app_password": person.password}
        return Owner(f"{person.id}@{person.host}", {**known, "site_url": person.host}, person)

    def listed(self, owner: Owner) -> Sequence[Listed]:
        return self._posts(owner, "publish")

    def left_over(self, owner: Owner) -> Sequence[Listed]:
        return self._posts(owner, "draft")

    def _posts(self, owner: Owner, status: str) -> Sequence[Listed]:
        posts = self._server.posts(owner.person, status)
        return [Listed(str(each["id"]), each["content"]["raw"]) for each in posts]


@contextmanager
def _running(home: Path) -> Iterator[LiveWordPress]:
    with server.running(home) as running:
        yield LiveWordPress(running)


WORDPRESS = RealServer(
    network="wordpress",
    name="WordPress",
    programs=("mariadbd", "php"),
    publishing=re.compile(r"^POST /[^/]+/wp-json/wp/v2/posts/\d+$"),
    # Drafts and files too: they are to be found again, or they pile up.
    losing=re.compile(r"^POST /[^/]+/wp-json/wp/v2/(posts(/\d+)?|media)$"),
    install=server.install,
    running=_running,
)
