"""The two sides of a comparison: the simulator, and WordPress."""

import html
import re
from collections.abc import Mapping
from typing import Any, Protocol

from deploy.simulator.wordpress.demo import HOST
from deploy.simulator.wordpress.site import PLAIN
from tests.conftest import Simulator
from tests.platforms.wordpress.account import id_of, new_id
from tests.real.wordpress.server import UPLOAD_BYTES, Person, Server

NO_HEADERS: Mapping[str, str] = {}
#: What the two choose differently each time, by what it is called instead.
CHANCE = (
    (re.compile(r"/uploads/[^\"]*?-(\d+)\.(\w+)"), r"/uploads/\1.\2"),
    (re.compile(r'"id":\d+'), '"id":N'),
    (re.compile(r"wp-image-\d+"), "wp-image-N"),
    # As WordPress writes what users may write who are not trusted with all of HTML.
    (re.compile(r"&#0?91;"), "["),
    (re.compile(r" ?/>"), "/>"),
)
#: A number alone, or one that tells a slug from another post's.
NUMBER = re.compile(r"(?<=/)\d+(?:-\d+)?/$|-\d+/$|\?p=\d+$")


class Side(Protocol):
    simulator: Simulator

    def route(self, host: str, path: str) -> tuple[str, str, Mapping[str, str]]:
        """Return where a host listens."""

    def person(self, role: str, host: str) -> Person:
        """Make a user of this role with an application password."""

    def make(self, person: Person, role: str) -> None:
        """Give a user another role."""

    def revoke(self, person: Person) -> None:
        """Delete a user's application passwords."""

    def forget(self, person: Person, post_id: str) -> None:
        """Delete a post for good, as an administrator may."""

    def public(self, person: Person) -> list[dict[str, Any]]:
        """Return a user's public posts, newest first."""


class Simulated:
    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator

    def route(self, host: str, path: str) -> tuple[str, str, Mapping[str, str]]:
        return self.simulator.url, f"/{host}{path}", NO_HEADERS

    def person(self, role: str, host: str) -> Person:
        number, _ = new_id(host).split("@")
        name = f"dove{number}"
        account = id_of(number, host)
        password = self.simulator.connect("wordpress", account, username=name)
        self.simulator.set("wordpress", "role", role, account)
        self.simulator.set("wordpress", "upload_bytes", UPLOAD_BYTES, account)
        return Person(name, password, number, host)

    def make(self, person: Person, role: str) -> None:
        self.simulator.set("wordpress", "role", role, id_of(person.id, person.host))

    def revoke(self, person: Person) -> None:
        self.simulator.connect("wordpress", id_of(person.id, person.host), username=person.name)

    def forget(self, person: Person, post_id: str) -> None:
        auth = (person.name, person.password)
        answer = self.simulator.http.delete(
            f"/{HOST}/wp-json/wp/v2/posts/{post_id}", params={"force": "true"}, auth=auth
        )
        answer.raise_for_status()

    def public(self, person: Person) -> list[dict[str, Any]]:
        return [
            _seen(
                post["extra"]["said"],
                post["url"],
                terms={kind: self._names(kind, post) for kind in ("categories", "tags")},
            )
            for post in self.simulator.posts("wordpress", id_of(person.id, person.host))
        ]

    def _names(self, kind: str, post: Mapping[str, Any]) -> list[str]:
        ids = post["extra"]["said"].get(kind) or []
        host = post["account"].partition("@")[2]
        api = "index.php" if host == PLAIN else "wp-json"
        route = {"rest_route": f"/wp/v2/{kind}"} if host == PLAIN else {}
        path = f"/{host}/{api}" if route else f"/{host}/{api}/wp/v2/{kind}"
        answer = self.simulator.http.get(path, params={"search": "", **route})
        return sorted(each["name"] for each in answer.json() if each["id"] in ids)


class Real:
    def __init__(self, server: Server, simulator: Simulator) -> None:
        self.server, self.simulator = server, simulator

    def route(self, host: str, path: str) -> tuple[str, str, Mapping[str, str]]:
        if host in (HOST, PLAIN):
            return self.server.url, path, {"Host": host}
        return self.simulator.url, f"/{host}{path}", NO_HEADERS

    def person(self, role: str, host: str) -> Person:
        return self.server.person(role, host)

    def make(self, person: Person, role: str) -> None:
        self.server.command("role", person.id, role)

    def revoke(self, person: Person) -> None:
        self.server.command("revoke", person.id)

    def forget(self, person: Person, post_id: str) -> None:
        self.server.command("forget", post_id)

    def public(self, person: Person) -> list[dict[str, Any]]:
        return [
            _seen(
                {
                    **post,
                    **{name: post[name]["raw"] for name in ("title", "excerpt", "content")},
                },
                post["link"],
                terms={kind: self._names(kind, post) for kind in ("categories", "tags")},
            )
            for post in self.server.posts(person)
        ]

    def _names(self, kind: str, post: Mapping[str, Any]) -> list[str]:
        ids = [number for number in post[kind] if kind != "categories" or number != 1]
        return sorted(self.server.term(kind, number) for number in ids)


def _seen(said: Mapping[str, Any], link: str, terms: Mapping[str, list[str]]) -> dict[str, Any]:
    content = str(said.get("content") or "")
    for pattern, instead in CHANCE:
        content = pattern.sub(instead, content)
    return {
        "title": said.get("title") or "",
        "excerpt": said.get("excerpt") or "",
        "content": content,
        "format": said.get("format") or "standard",
        "is featured": bool(said.get("featured_media")),
        "link": NUMBER.sub("/", link),
        **{kind: [html.unescape(name) for name in names] for kind, names in terms.items()},
    }
