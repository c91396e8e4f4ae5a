"""Facebook Pages.

Calls: read_page, photos, feed, change_post, read_post, post_insights, delete_post, list_posts,
comment, list_comments, start_video, transfer_video, finish_video, cancel_video, whole_video,
read_video, start_reel, finish_reel, put_bytes, store_piece (each 256 KiB; only `drop` strikes
here), start_story, finish_story, photo_story, list_stories, start_upload, continue_upload, me,
list_pages, permissions.

Accounts are Pages with their Page tokens. Optional `extra`: `owner` (a person; may own several),
`tasks` (of the person on the Page), `portfolio` (true: listed only with business_management),
`scopes`.

Facebook Login knows whose Pages are, and which of them a person's token lists.
"""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.simulator.demo import FOUR_IMAGES, LINK, Demo, DemoAccount, DemoPost
from deploy.simulator.facebook.page import FacebookPages
from deploy.simulator.facebook.reels import UPLOAD_HOST, FacebookReels
from deploy.simulator.meta.facebook_login import TASKS, FacebookLogin
from deploy.simulator.meta.graph import GraphError, chosen
from deploy.simulator.network import call
from deploy.simulator.state import records
from deploy.simulator.state.records import Account, Token

DEMO = Demo(
    accounts=(DemoAccount("facebook", "106188995512345", "Pigeon Post", "pigeonpost"),),
    posts=(
        DemoPost("facebook", "text"),
        DemoPost("facebook", "link", settings={"link": LINK}),
        DemoPost("facebook", "photo", ("noon.jpg",)),
        DemoPost("facebook", "four photos", FOUR_IMAGES),
        DemoPost("facebook", "video", ("wide.mp4",)),
        DemoPost("facebook", "reel", ("upright.mp4",), "Reels"),
        DemoPost("facebook", "story, photo", ("upright.jpg",), "Story"),
        DemoPost("facebook", "story, video", ("upright.mp4",), "Story"),
        DemoPost("facebook", "first comment", ("evening.jpg",), settings={"firstComment": "Coo!"}),
    ),
    simulator_settings={"reels_per_day": 100_000},
)


class FacebookNetwork(FacebookReels):
    demo = DEMO

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._oauth = FacebookOAuthServer(self)

    def hosts(self) -> Mapping[str, list[Route]]:
        videos = self.route("/{page}/videos", POST=self.videos)
        return {
            "graph.facebook.com": [
                *self._oauth.api(),
                self.route("/me/accounts", GET=self.list_pages),
                self.route("/me/permissions", GET=self.permissions),
                self.route("/{page}/photos", POST=self.photos),
                self.route("/{page}/feed", POST=self.feed, GET=self.list_posts),
                self.route("/{page}/published_posts", GET=self.list_posts),
                videos,
                self.route("/{page}/video_reels", POST=self.reels, GET=self.list_posts),
                self.route("/{page}/video_stories", POST=self.video_stories),
                self.route("/{page}/photo_stories", POST=self.photo_story),
                self.route("/{page}/stories", GET=self.list_stories),
                self.route("/{app}/uploads", POST=self.start_upload),
                self.route("/{post}/insights", GET=self.post_insights),
                self.route("/{post}/comments", POST=self.comment, GET=self.list_comments),
                self.route(
                    "/{node:str}",
                    GET=self.read_node,
                    POST=self.change_node,
                    DELETE=self.delete_post,
                ),
            ],
            "graph-video.facebook.com": [videos],
            UPLOAD_HOST: self.upload_routes(),
            "www.facebook.com": self._oauth.pages(),
        }

    async def read_node(self, request: Request) -> Response:
        """A video, Page or post, or an upload, by its id."""
        node = request.path_params["node"]
        if node.startswith("upload:"):
            return await self.continue_upload(request)
        if self.store.get(self.key, "video", node):
            return await self.read_video(request)
        if node == "me" or self.store.account(self.key, node):
            return await self.read_page(request)
        return await self.read_post(request)

    async def change_node(self, request: Request) -> Response:
        if request.path_params["node"].startswith("upload:"):
            return await self.continue_upload(request)
        return await self.change_post(request)

    @call("read_page")
    async def read_page(self, request: Request, account: Account) -> Response:
        """A Page; with a user's token, `me` is the person."""
        token, node = self.token(request), request.path_params["node"]
        assert token is not None  # noqa: S101 - the call has an account
        self.check_proof(request, token)
        if token.kind == "user":
            if node == "me":
                return JSONResponse(self._oauth.person(account))
            return JSONResponse(self._oauth.one_page(request, token, node))
        if node not in ("me", account.id):
            raise self.missing()
        facts = self._oauth.facts(account)
        facts["access_token"] = token.value
        return JSONResponse(chosen(request, facts, "id,name"))

    @call("list_pages")
    async def list_pages(self, request: Request, account: Account) -> Response:
        return self._oauth.list_pages(request, self._oauth.user(request))

    @call("permissions")
    async def permissions(self, request: Request, account: Account) -> Response:
        return self._oauth.permissions(request)


class FacebookOAuthServer(FacebookLogin):
    network: FacebookPages

    def owner_of(self, account: Account) -> str:
        owner = str(account.extra.get("owner", account.id))
        return "10" + "".join(str(ord(letter) % 10) for letter in owner)[:13]

    def person(self, account: Account) -> dict[str, Any]:
        name = str(account.extra.get("owner", account.id))
        return {"id": self.owner_of(account), "name": name}

    def one_page(self, request: Request, token: Token, page_id: str) -> dict[str, Any]:
        """One Page for its owner, with its token."""
        for page in self.accounts_for(token):
            if page.id == page_id:
                return chosen(request, self.page_facts(page, token), "id,name")
        raise self.network.missing()

    def permissions(self, request: Request) -> Response:
        token = self.user(request)
        entries = [{"permission": scope, "status": "granted"} for scope in token.scopes or ()]
        return JSONResponse({"data": entries})

    def facts(self, account: Account) -> dict[str, Any]:
        picture = {"data": {"url": f"https://graph.facebook.com/{account.id}/picture"}}
        username = account.username or None
        named = {"id": account.id, "name": account.name, "username": username}
        followers = records.followers(account.id, self.network.store.now())
        return {**named, "picture": picture, "followers_count": followers}

    def user(self, request: Request) -> Token:
        token = self.network.token(request)
        if token is None or token.kind != "user":
            raise GraphError(100, "Tried accessing nonexisting field (accounts) on a Page")
        self.network.check_proof(request, token)
        return token

    def page_facts(self, account: Account, token: Token) -> dict[str, Any]:
        facts = {**self.facts(account), "tasks": account.extra.get("tasks", list(TASKS))}
        return {**facts, "access_token": self.page_token(account, token)}
