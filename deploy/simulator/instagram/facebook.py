"""Instagram through Facebook login: consent, tokens, the Pages of a person, and uploaded videos.

Facebook has the same host. Paths that both networks have are answered here only if the call's
token, code or scopes are Instagram's; otherwise the next routes, Facebook's, match.
Calls: accounts, person, upload, store_piece (each 256 KiB; only `drop` strikes here). Settings:
`proof_required`; `page_token_blind`, Page tokens see no containers and no posts.
"""

from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Match, Route

from deploy.simulator.meta.container_files import VideoLimits, problem_with
from deploy.simulator.meta.containers import PROCESSING_SECONDS, ContainerNetwork
from deploy.simulator.meta.facebook_login import TASKS, FacebookLogin
from deploy.simulator.meta.graph import GraphError, UploadError, check_proof, chosen
from deploy.simulator.network import call
from deploy.simulator.state.records import Account, Token
from deploy.simulator.state.video_facts import video_facts

#: Edges that Facebook has as well.
SHARED = ("/comments", "/stories", "/insights")
API, UPLOADS = "graph.facebook.com", "rupload.facebook.com"


class ConditionalRoute(Route):
    """A route that matches only requests for which `mine` is true."""

    def __init__(self, route: Route, mine: Callable[[Request], bool]) -> None:
        super().__init__(route.path, route.endpoint, methods=list(route.methods or ()))
        self._mine = mine

    def matches(self, scope: MutableMapping[str, Any]) -> tuple[Match, Any]:
        match, child = super().matches(scope)
        if match is not Match.NONE and not self._mine(Request(dict(scope))):
            return Match.NONE, {}
        return match, child


class InstagramByFacebook(ContainerNetwork):
    """The part of Instagram below Facebook's host names."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._oauth = InstagramFacebookLogin(self)

    def facebook_hosts(self, edges: list[Route]) -> Mapping[str, list[Route]]:
        """`edges` are those of an account and of a post, the same at both hosts."""
        shared = [
            self.route("/me/accounts", GET=self.accounts),
            self.route("/me", GET=self.person),
            *(edge for edge in edges if edge.path.endswith(SHARED)),
            self.route("/{id}", GET=self.read_any),
        ]
        upload = Route("/ig-api-upload/{version}/{id}", self._upload, methods=["POST"])
        return {
            "www.facebook.com": [
                ConditionalRoute(route, self._oauth.asks) for route in self._oauth.pages()
            ],
            API: [
                *(ConditionalRoute(route, self._oauth.redeems) for route in self._oauth.api()),
                *(edge for edge in edges if not edge.path.endswith(SHARED)),
                *(ConditionalRoute(route, self._is_mine) for route in shared),
            ],
            UPLOADS: [upload],
        }

    def _is_mine(self, request: Request) -> bool:
        token = self.store.token(self.key, self.secret(request))
        return token is not None and self.is_facebook_token(token)

    def is_facebook_token(self, token: Token) -> bool:
        """Return whether Facebook issued a token."""
        if token.kind in ("user", "page"):
            return True
        account = self.store.account(self.key, token.account)
        return account is not None and account.extra.get("login") == "facebook"

    def token(self, request: Request) -> Token | None:
        """Each host accepts only the tokens of its own login."""
        token = super().token(request)
        is_facebook = "facebook.com" in request.scope["root_path"]
        return token if token and self.is_facebook_token(token) == is_facebook else None

    def account(self, request: Request) -> Account | None:
        """A person's token acts for the one of their accounts that the path names."""
        account, token = super().account(request), self.token(request)
        is_graph = request.scope["root_path"].endswith(API)
        if is_graph and token:
            proof = request.query_params.get("appsecret_proof", "")
            required = self.setting(token.account, "proof_required", False)
            app = self._oauth.app(str(token.data.get("client_id", "")))
            check_proof(app, token, proof, required=required)
        named = self.store.account(self.key, str(request.path_params.get("user", "")))
        if account and named and self._is_persons(request, account, named.id):
            return named
        return account

    def is_own(self, request: Request, account: Account, owner: str) -> bool:
        token = self.token(request)
        is_blind = self.setting(account.id, "page_token_blind", False)
        if is_blind and token and token.kind != "user" and self.is_facebook_token(token):
            return False
        return owner == account.id or self._is_persons(request, account, owner)

    def _is_persons(self, request: Request, account: Account, owner: str) -> bool:
        token, other = self.token(request), self.store.account(self.key, owner)
        is_person = token is not None and token.kind == "user"
        return (
            is_person
            and other is not None
            and self._oauth.owner_of(other) == (self._oauth.owner_of(account))
        )

    # A person and their Pages

    @call("person")
    async def person(self, request: Request, account: Account) -> Response:
        facts = {"id": self._oauth.owner_of(account), "name": account.name or None}
        return JSONResponse(chosen(request, facts))

    @call("accounts")
    async def accounts(self, request: Request, account: Account) -> Response:
        token = self.token(request)
        if token is None or not token.allows("pages_show_list"):
            raise GraphError(200, "Permissions error", status=403)
        return self._oauth.list_pages(request, token)

    async def read_any(self, request: Request) -> Response:
        """A Page, container or post, by its id."""
        token = self.token(request)
        if token and self.account(request):
            for each in self._oauth.accounts_for(token):
                if self._oauth.page_of(each) == request.path_params["id"]:
                    facts = self._oauth.page_facts(each, token)
                    return JSONResponse(chosen(request, facts))
        answer: Response = await self.read(request)
        return answer

    # Uploads

    def begin(self, given: Mapping[str, Any], request: Request) -> dict[str, Any]:
        """The record of a container whose file is uploaded later."""
        if "facebook.com" not in request.scope["root_path"]:
            raise GraphError(100, "Param upload_type is not supported.")
        if given["upload_type"] != "resumable" or "video_url" in given:
            raise GraphError(100, "Param upload_type must be resumable, without a video_url.")
        file = self.uploads.begin("video/mp4")
        return {"media": [file], "upload": {"file": file, "size": 0}, "ready_at": 1e12}

    def created(
        self, request: Request, container_id: str, facts: Mapping[str, Any]
    ) -> dict[str, Any]:
        if "upload" not in facts:
            return {}
        path = f"/ig-api-upload/{request.path_params['version']}/{container_id}"
        return {"uri": self.public_url(request, UPLOADS, path)}

    def progress(self, found: Mapping[str, Any]) -> dict[str, Any] | None:
        """The `video_status` of a container whose file is uploaded."""
        if "upload" not in found:
            return None
        arrived, size = self.uploads.size(found["upload"]["file"]), found["upload"]["size"]
        is_whole = size and arrived == size
        status = "complete" if is_whole else "in_progress" if arrived else "not_started"
        return {"uploading_phase": {"status": status, "bytes_transferred": arrived}}

    async def _upload(self, request: Request) -> Response:
        if not request.headers.get("authorization", "").startswith("OAuth "):
            raise UploadError(401, "NotAuthorizedError", "The OAuth token is missing.")
        if self.account(request) is None:
            raise UploadError(401, "NotAuthorizedError", "The OAuth token is not valid.")
        self.check_version(request)
        answer: Response = await self.upload(request)
        return answer

    @call("upload")
    async def upload(self, request: Request, account: Account) -> Response:
        container_id = request.path_params["id"]
        found = self.store.get(self.key, "container", container_id)
        if found is None or found["account"] != account.id or "upload" not in found:
            raise UploadError(404, "NotFoundError", "There is no such upload.")
        file = found["upload"]["file"]
        size = self.upload_span(request, file)
        upload = {"file": file, "size": size}
        self.store.change(self.key, "container", container_id, upload=upload)
        await self.receive_rest(request, account, file, size)
        self._receive(container_id, file, VideoLimits(*found["rule"]), account)
        return JSONResponse({"success": True, "message": "Upload successful."})

    def _receive(self, container_id: str, file: str, rule: VideoLimits, account: Account) -> None:
        """The file is complete: check it and start processing."""
        self.uploads.finish(file)
        path = self.store.files / file
        problem = problem_with(video_facts(path), path.stat().st_size, rule)
        seconds = self.setting(account.id, "processing_seconds", PROCESSING_SECONDS)
        fails = self.setting(account.id, "processing_fails", "")
        self.store.change(
            self.key,
            "container",
            container_id,
            ready_at=self.store.now() + seconds,
            failed=fails or ("2207026" if problem else ""),
        )


class InstagramFacebookLogin(FacebookLogin):
    def owner_of(self, account: Account) -> str:
        return str(account.extra.get("person") or f"1{account.id[2:]}")

    def page_of(self, account: Account) -> str:
        return str(account.extra.get("page") or f"61{account.id[3:]}")

    def asks(self, request: Request) -> bool:
        """Return whether the consent page is for Instagram."""
        return "instagram_" in request.query_params.get("scope", "")

    def redeems(self, request: Request) -> bool:
        """Return whether a code or token was issued here."""
        query = request.query_params
        tokens = [query.get(name, "") for name in ("fb_exchange_token", "input_token")]
        has_code = self.store.get(self.key, "code", query.get("code", "")) is not None
        return has_code or any(self.store.token(self.key, token) for token in tokens)

    def page_facts(self, account: Account, token: Token) -> dict[str, Any]:
        user = {"id": account.id, "username": account.username, "name": account.name}
        return {
            "id": self.page_of(account),
            "name": account.name,
            "access_token": self.page_token(account, token),
            "instagram_business_account": user if account.extra.get("linked", True) else None,
            "tasks": account.extra.get("tasks", list(TASKS)),
        }
