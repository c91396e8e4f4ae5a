"""The base of all calls to a site: its API's root, the caller and their rights, its posts.

Source: https://developer.wordpress.org/rest-api/using-the-rest-api/discovery/ (read 2026-11-30).
"""

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route, Router
from starlette.types import Receive, Scope, Send

from deploy.simulator.network import (
    Dropped,
    Network,
    Refused,
    is_json,
    json_object,
    replacement,
)
from deploy.simulator.state.records import Account
from deploy.simulator.strict import Fits, wrong
from deploy.simulator.wordpress import rules
from deploy.simulator.wordpress.rules import invalid, refusal, refused

PLAIN = "plain.pigeons.example"
ANONYMOUS = Account("wordpress", "", "Anonymous", "", "", {})
CODES = {401: "rest_not_logged_in", 403: "rest_forbidden", 404: "rest_no_route"}


class PlainLinks:
    """The API of a site without pretty links: `rest_route` names the path."""

    def __init__(self, routes: list[Route]) -> None:
        self._router = Router(routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        path = dict(query).get("rest_route", "")
        rest = urlencode([pair for pair in query if pair[0] != "rest_route"])
        root = scope["root_path"]
        inner = {**scope, "path": f"{root}{path}", "query_string": rest.encode()}
        await self._router(inner, receive, send)


class Sites(Network):
    key = "wordpress"
    name, colour = "WordPress", "#1b6a8c"

    def pretty(self, rest: list[Route]) -> list[Any]:
        return [Mount("/wp-json", routes=rest), Route("/{page:path}", self.front)]

    def plain(self, rest: list[Route]) -> list[Any]:
        return [Route("/index.php", PlainLinks(rest)), Route("/{page:path}", self.front)]

    def secret(self, request: Request) -> str:
        return self._credentials(request)[1]

    def account(self, request: Request) -> Account:
        """The user of a call; anonymous without a password that is valid on this site."""
        owner = super().account(request)
        is_right = (
            owner is not None
            and owner.username == self._credentials(request)[0]
            and owner.id.endswith(f"@{host_of(request)}")
            and self.setting("", "app_passwords", True)
        )
        return owner if owner and is_right else ANONYMOUS

    def _credentials(self, request: Request) -> tuple[str, str]:
        scheme, _, both = request.headers.get("authorization", "").partition(" ")
        try:
            said = base64.b64decode(both, validate=True).decode() if scheme == "Basic" else ""
        except (binascii.Error, UnicodeDecodeError):
            said = ""
        name, _, password = said.partition(":")
        return name, password

    def unauthorized(self) -> Response:
        return refusal(401, "rest_not_logged_in", "You are not currently logged in.")

    def rate_limited(self, reset_seconds: int) -> Response:
        answer = refusal(429, "too_many_requests", "Too many requests.")
        answer.headers["retry-after"] = str(reset_seconds)
        return answer

    def error(self, status: int) -> Response:
        return refusal(status, CODES.get(status, "simulated"), HTTPStatus(status).phrase)

    # The front page, and the API's own

    async def front(self, request: Request) -> Response:
        if fault := self._struck("front"):
            return fault
        does, host = self.setting("", "front", ""), host_of(request)
        if does == "redirect":
            return RedirectResponse(f"https://www.{host}/", 301)
        root = f"https://{host}/{'index.php?rest_route=/' if host == PLAIN else 'wp-json/'}"
        link = {} if does == "bare" else {"Link": f'<{root}>; rel="https://api.w.org/"'}
        # A page that is none says too where the API is.
        status = 404 if request.path_params["page"] else 200
        return HTMLResponse("<h1>Coo</h1>", status, headers=link)

    async def index(self, request: Request) -> Response:
        if fault := self._struck("index"):
            return fault
        self.check(request, "index")
        home = f"https://{host_of(request)}"
        told = {"name": "Pigeons", "home": home, "namespaces": ["oembed/1.0", "wp/v2"]}
        ways = {"application-passwords": {"endpoints": {"authorization": f"{home}/wp-admin/"}}}
        has_passwords = self.setting("", "app_passwords", True)
        return JSONResponse({**told, "authentication": ways if has_passwords else []})

    def _struck(self, name: str) -> Response | None:
        fault = self.faults.strike(self.key, "", name)
        if fault and fault.drop:
            raise Dropped
        return replacement(fault.status, fault.body) if fault and fault.status else None

    # What a call says, and what its user may do

    def check(self, request: Request, name: str) -> dict[str, str]:
        """Return the parameters of a call's address. Raises Refused for others."""
        query = dict(request.query_params)
        if names := wrong(query, rules.QUERIES[name]):
            raise invalid(names[0])
        return query

    async def body(self, request: Request, known: Mapping[str, Fits], query: str) -> dict[str, Any]:
        self.check(request, query)
        body = await json_object(request) if is_json(request) else None
        if body is None:
            raise refused(400, "rest_invalid_json", "Invalid JSON body passed.")
        if names := wrong(body, known):
            raise invalid(names[0])
        return body

    def role(self, account: Account) -> set[str]:
        return rules.ROLES[str(self.setting(account.id, "role", "editor"))] if account.id else set()

    def need(self, account: Account, right: str, code: str, said: str) -> None:
        if right not in self.role(account):
            raise self.not_allowed(account, code, said)

    def not_allowed(self, account: Account, code: str, said: str) -> Refused:
        return refused(403 if account.id else 401, code, said)

    # Posts, files and terms of a site

    def next_id(self) -> int:
        return 1000 + self.tally("id")

    def known(self, request: Request) -> dict[str, Any]:
        """Return the post that a call names. Raises Refused without one."""
        post = self.store.get(self.key, "post", str(request.path_params["id"]))
        is_here = post and post["account"].endswith(f"@{host_of(request)}")
        is_gone = post and post["status"] == "publish" and not self.public(post)
        if post is None or not is_here or is_gone or post["status"] == "gone":
            raise refused(404, "rest_post_invalid_id", "Invalid post ID.")
        return post

    def public(self, post: Mapping[str, Any]) -> bool:
        return self.store.post(self.key, str(post["id"])) is not None

    def month(self) -> str:
        """Return the folder of what is published or uploaded now, as in `2026/12`."""
        return f"{datetime.fromtimestamp(self.store.now(), UTC):%Y/%m}"

    def link(self, request: Request, post: Mapping[str, Any]) -> str:
        is_pretty = post["status"] in ("publish", "private") and host_of(request) != PLAIN
        path = f"{post['month']}/{post['slug']}/" if is_pretty else f"?p={post['id']}"
        return f"https://{host_of(request)}/{path}"

    def shown(self, request: Request, post: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "id": post["id"],
            "status": post["status"],
            "slug": post["slug"],
            "link": self.link(request, post),
            "author": int(post["account"].partition("@")[0]),
        }

    def file(self, number: int, request: Request) -> dict[str, Any] | None:
        return self.store.get(self.key, "media", f"{host_of(request)}:{number}")

    def files_of(self, account: str) -> list[int]:
        found = self.store.get(self.key, "files", account)
        return list(found["numbers"]) if found else []

    def own_file(self, account: str, number: int) -> None:
        numbers = [*self.files_of(account), number]
        self.store.put(self.key, "files", account, account, {"numbers": numbers})

    def terms(self, request: Request, kind: str) -> dict[str, str]:
        """Return the names of a site's categories or tags by their ids. Raises Refused."""
        if kind not in ("categories", "tags"):
            raise refused(404, "rest_no_route", "No route was found matching the URL.")
        found = self.store.get(self.key, "terms", f"{host_of(request)}:{kind}")
        return dict(found["names"]) if found else {}


def host_of(request: Request) -> str:
    """Return the host that a call was made to, which is the first part of its path here."""
    return str(request.url.path).lstrip("/").partition("/")[0]
