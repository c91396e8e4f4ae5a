"""LinkedIn's versioned REST API: posts.

Calls: create_post, get_post, find_posts, delete_post, edit_post; start_upload, start_document,
start_video, upload_image, upload_document, upload_part, finalize_video, get_image, get_document,
get_video; userinfo, list_roles, get_organization; share_statistics, network_size.

An account's `extra` may hold `author` (its URN; a member if missing), `scopes`, a list, and for an
organization `roles`, {member id: role}. Settings, besides those of `rest.py`, `media.py` and
`oauth.py`: `listing_lag_seconds`; `duplicate_seconds`, how long the same content is a duplicate;
`duplicate_names`, which post the error names (`real`, `ghost`: one that does not exist, or
`older`); `publish_state`, the state of an accepted post (`PUBLISHED`, `PUBLISH_REQUESTED`,
`PUBLISH_FAILED`).
"""

import hashlib
import json
import random
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.simulator.demo import FOUR_IMAGES, LINK, Demo, DemoAccount, DemoPost
from deploy.simulator.linkedin.media import LinkedInMedia
from deploy.simulator.linkedin.oauth import LinkedInOAuthServer
from deploy.simulator.linkedin.rest import author_of, is_page, rest
from deploy.simulator.linkedin.rules import (
    as_read,
    attached,
    check_body,
    denied,
    duplicate,
    fields,
    invalid,
    problem,
    read_json,
)
from deploy.simulator.linkedin.statistics import LinkedInStatistics
from deploy.simulator.network import Refused
from deploy.simulator.state.records import Account, Post

PAGE, MEMBER = "urn:li:organization:2414183", "nq7kLdPw3e"
DEMO = Demo(
    accounts=(
        DemoAccount(
            "linkedin",
            "2414183",
            "Pigeon Post Ltd",
            "pigeon-post",
            extra={"author": PAGE},
            simulator_extra={"author": PAGE, "roles": {MEMBER: "ADMINISTRATOR"}},
        ),
        DemoAccount("linkedin", MEMBER, "Clara Columba", "clara-columba", spare=True),
    ),
    posts=(
        DemoPost("linkedin", "page: text"),
        DemoPost("linkedin", "member: text (little) [text]", account=1),
        DemoPost("linkedin", "image", ("morning.jpg",)),
        DemoPost("linkedin", "four images", FOUR_IMAGES),
        DemoPost("linkedin", "video", ("wide.mp4",)),
        DemoPost("linkedin", "PDF document", ("guide.pdf",), settings={"documentTitle": "A guide"}),
        DemoPost("linkedin", "link", settings={"link": LINK, "linkTitle": "Dovecote"}),
    ),
)


#: Not documented; minutes to two days were seen.
DUPLICATE_SECONDS = 600
OLDER_SECONDS = 86400


class LinkedInNetwork(LinkedInMedia, LinkedInStatistics):
    demo = DEMO

    def hosts(self) -> Mapping[str, list[Route]]:
        oauth = LinkedInOAuthServer(self)
        return {
            "api.linkedin.com": [
                Route("/rest/posts", self.create_post, methods=["POST"]),
                Route("/rest/posts", self.find_posts, methods=["GET"]),
                Route("/rest/posts/{urn}", self.get_post, methods=["GET"]),
                Route("/rest/posts/{urn}", self.edit_post, methods=["POST"]),
                Route("/rest/posts/{urn}", self.delete_post, methods=["DELETE"]),
                *self.media_routes(),
                *self.identity_routes(),
                *self.statistics_routes(),
            ],
            "www.linkedin.com": [*oauth.routes(), *self.upload_routes()],
        }

    @rest("create_post")
    async def create_post(self, request: Request, account: Account) -> Response:
        body = await read_json(request)
        fields("", body)
        author = self.writer(request, account, body["author"], "CREATE")
        check_body(body, organization=is_page(author))
        files = [self.postable(str(item["id"]), author) for item in attached(body)]
        mark = self._mark(author, body, files)
        self._refuse_duplicate(mark, author)
        now = time.time()
        urn = new_urn(now)
        self._publish(urn, author, body, files, now)
        self.store.put(self.key, "text", mark, author.id, {"at": now, "urn": urn})
        return Response(status_code=201, headers={"x-restli-id": quote(urn, safe="")})

    def _mark(self, author: Account, body: dict[str, Any], files: list[dict[str, Any]]) -> str:
        content = body.get("content", {})
        extra = [content.get("poll"), (content.get("article") or {}).get("source")]
        parts = [body["commentary"], *(file["digest"] for file in files), json.dumps(extra)]
        return f"{author.id}:{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()}"

    def _refuse_duplicate(self, mark: str, author: Account) -> None:
        earlier = self.store.get(self.key, "text", mark)
        lasts = self.setting(author.id, "duplicate_seconds", DUPLICATE_SECONDS)
        if not earlier or earlier["at"] <= time.time() - lasts:
            return
        named = self.setting(author.id, "duplicate_names", "real")
        urns = {"ghost": new_urn(time.time()), "older": new_urn(time.time() - OLDER_SECONDS)}
        raise Refused(duplicate(urns.get(named, earlier["urn"])))

    def _publish(
        self,
        urn: str,
        author: Account,
        body: dict[str, Any],
        files: list[dict[str, Any]],
        now: float,
    ) -> None:
        extra = {
            "commentary": body["commentary"],
            "visibility": body["visibility"],
            "content": body.get("content", {}),
            "alt": [item.get("altText", "") for item in attached(body)],
        }
        state = self.setting(author.id, "publish_state", "PUBLISHED")
        if state != "PUBLISHED":
            hidden = self.store.get(self.key, "hidden", author.id) or {"posts": []}
            post = {**element(urn, author, extra, now), "lifecycleState": state}
            posts = {"posts": [post, *hidden["posts"]]}
            self.store.put(self.key, "hidden", author.id, author.id, posts)
            return
        self.store.publish(
            self.key,
            urn,
            author.id,
            text=as_read(body["commentary"]),
            media=tuple(file["file"] for file in files),
            url=f"https://www.linkedin.com/feed/update/{urn}",
            extra=extra,
            created_at=now,
        )

    @rest("find_posts")
    async def find_posts(self, request: Request, account: Account) -> Response:
        query = request.query_params
        author = self.acting(account, query.get("author", ""))
        if author is None or not self.may_read(request, author):
            raise Refused(denied("FINDER-author"))
        if "q" not in query:
            raise Refused(invalid("q is not author."))
        count = query.get("count", "10")
        if not count.isdigit() or not 1 <= int(count) <= 100:
            raise Refused(invalid("count must be 1..100."))
        until = time.time() - self.setting(author.id, "listing_lag_seconds", 0)
        posts = self.store.posts_of(self.key, author.id, int(count), until=until)
        hidden = self.store.get(self.key, "hidden", author.id) or {"posts": []}
        elements = hidden["posts"] + [self._element(post, author) for post in posts]
        return JSONResponse({"elements": elements, "paging": {"start": 0, "count": int(count)}})

    @rest("get_post")
    async def get_post(self, request: Request, account: Account) -> Response:
        post, author = self._post(request, account, "GET")
        if author is None or not self.may_read(request, author):
            raise Refused(denied("GET"))
        if post is None:
            raise Refused(problem(404, "NOT_FOUND", "Not found."))
        return JSONResponse(self._element(post, author))

    @rest("edit_post")
    async def edit_post(self, request: Request, account: Account) -> Response:
        post, author = self._post(request, account, "PARTIAL_UPDATE")
        if post is None or author is None:
            raise Refused(problem(404, "NOT_FOUND", "Not found."))
        try:
            commentary = str((await read_json(request))["patch"]["$set"]["commentary"])
        except (KeyError, TypeError):
            raise Refused(problem(400, "MISSING_FIELD", "patch/$set/commentary")) from None
        extra = {**post.extra, "commentary": commentary}
        self.store.change_post(self.key, post.id, as_read(commentary), extra)
        return Response(status_code=204)

    @rest("delete_post")
    async def delete_post(self, request: Request, account: Account) -> Response:
        post, _ = self._post(request, account, "DELETE")
        if post is not None:
            self.store.delete_post(self.key, post.id)
        return Response(status_code=204)

    def _post(
        self, request: Request, account: Account, what: str
    ) -> tuple[Post | None, Account | None]:
        """The post of the path and its author. Raises Refused if the caller may not act for it."""
        post = self.store.post(self.key, request.path_params["urn"])
        if post is None:
            return None, account
        owner = self.store.account(self.key, post.account)
        author = self.acting(account, author_of(owner)) if owner else None
        if author is None:
            raise Refused(denied(what))
        return post, author

    def _element(self, post: Post, author: Account) -> dict[str, Any]:
        return element(post.id, author, post.extra, post.created_at)


def element(urn: str, author: Account, extra: Mapping[str, Any], at: float) -> dict[str, Any]:
    content = extra["content"]
    return {
        "id": urn,
        "author": author_of(author),
        "commentary": extra["commentary"],
        "visibility": extra["visibility"],
        "createdAt": int(at * 1000),
        "publishedAt": int(at * 1000),
        "lifecycleState": "PUBLISHED",
        **({"content": content} if content else {}),
    }


def new_urn(at: float) -> str:
    """The URN of a share made at this unix time, which it contains."""
    return f"urn:li:share:{(int(at * 1000) << 22) | random.getrandbits(22)}"
