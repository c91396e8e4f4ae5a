"""The wall: everything that is public, as a page and as JSON."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from deploy.simulator.state.records import Post
from deploy.simulator.state.store import Store

PAGE_POSTS = 60
PAGE_REMOVED = 10
LARGEST = 2**31

PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)


class Wall:
    """The page and the JSON; by network, its `names` and the `colours` of its posts."""

    def __init__(self, store: Store, names: Mapping[str, str], colours: Mapping[str, str]) -> None:
        self._store, self._names, self._colours = store, names, colours

    def routes(self) -> list[Route]:
        return [
            Route("/", self.home),
            Route("/wall", self.page),
            Route("/wall.json", self.as_json),
            Route("/files/{id}", self.file),
        ]

    async def home(self, request: Request) -> Response:
        return RedirectResponse("/wall")

    async def as_json(self, request: Request) -> Response:
        """`?limit=&offset=&network=&account=`: {"total", "posts": [...]}, newest first."""
        query = request.query_params
        limit, offset = query.get("limit", "100"), query.get("offset", "0")
        for number in (limit, offset):
            if not (number.isascii() and number.isdigit() and int(number) < LARGEST):
                return JSONResponse({"error": "limit and offset are whole numbers."}, 400)
        wanted = _wanted(request)
        posts = [asdict(post) for post in self._store.wall(int(limit), int(offset), **wanted)]
        return JSONResponse({"total": self._store.count(**wanted), "posts": posts})

    async def page(self, request: Request) -> Response:
        wanted = _wanted(request)
        posts, total = self._store.wall(PAGE_POSTS, 0, **wanted), self._store.count(**wanted)
        shown = PAGES.get_template("wall.html").render(
            **wanted,
            names=self._names,
            colours=self._colours,
            networks=sorted({account.network for account in self._store.accounts()}),
            total=total,
            removed=self._store.removed(PAGE_REMOVED, **wanted),
            newest=f"{total}:{posts[0].id if posts else ''}",
            posts=[as_card(self._store, post) for post in posts],
        )
        return HTMLResponse(shown)

    async def file(self, request: Request) -> Response:
        file_id = request.path_params["id"]
        facts = self._store.get("", "file", file_id)
        if facts is None:
            return Response(status_code=404)
        return FileResponse(self._store.files / file_id, media_type=facts["content_type"])


def _wanted(request: Request) -> dict[str, str]:
    return {name: request.query_params.get(name, "") for name in ("network", "account")}


#: Post types as the page names them, by each network's own name.
KINDS = {"REELS": "Reel", "Reel": "Reel", "STORY": "Story", "Story": "Story", "Short": "Short"}


def _kind(post: Post) -> str:
    if post.extra.get("replied_to") or post.extra.get("reply"):
        return "Reply"
    return KINDS.get(str(post.extra.get("product") or post.extra.get("kind")), "")


def as_card(store: Store, post: Post) -> dict[str, Any]:
    """A post as the page shows it. Of its `extra`: `kind` (Story, Reel), `title`, `comments`, and
    `alt`, the description of each file.
    """
    account = store.account(post.network, post.account)
    alts = post.extra.get("alt", [])
    alts = alts if isinstance(alts, list) else [alts]
    media = []
    for position, file_id in enumerate(post.media):
        facts = store.get("", "file", file_id) or {"content_type": ""}
        alt = alts[position] if position < len(alts) else ""
        kind = facts["content_type"].partition("/")[0]
        media.append({"id": file_id, "kind": kind, "alt": alt})
    return {
        "network": post.network,
        "name": account.name if account else post.account,
        "username": account.username if account else post.account,
        "kind": _kind(post),
        "title": post.extra.get("title", ""),
        "text": post.text,
        "media": media,
        "comments": post.extra.get("comments", []),
        "url": post.url,
        "time": f"{datetime.fromtimestamp(post.created_at, UTC):%d %B %Y, %H:%M:%S} UTC",
    }
