"""What every call of a simulated Page checks: token, scopes, the app's proof, quota.

Settings: `require_appsecret_proof` (tokens given to an app need it), `calls_per_hour` (of a Page),
`listing_lag_seconds` (until lists show a public post), `published_lag_seconds` (until a post says
that it is published), `processing_seconds` (of a video).

Posts and videos also say their numbers, as insights.
Source: Graph API, "Page Post", "Video", "Page Insights" (read 2026-11-26); that the counts of
reactions and comments need pages_read_user_content, as seen by others.
"""

import json
import time
from collections.abc import Mapping
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from deploy.simulator.meta import insights
from deploy.simulator.meta.graph import GraphError, Handler, MetaNetwork, check_proof, parameters
from deploy.simulator.meta.parameters import COMMON
from deploy.simulator.network import call
from deploy.simulator.state.records import Account, Post, Token

WINDOW_SECONDS = 3600
#: Of messages; documents give no other limit for the texts of videos.
TEXT_CHARS = 63206


class FacebookPages(MetaNetwork):
    key = "facebook"
    name, colour = "Facebook", "#0866ff"
    versions = frozenset(f"v{number}.0" for number in range(21, 27))
    throttle_code: ClassVar[int] = 80001

    def route(self, path: str, **methods: Handler) -> Route:
        return super().route(path, **{name: self._read(work) for name, work in methods.items()})

    def _read(self, work: Handler) -> Handler:
        async def run(request: Request) -> Response:
            # The bytes of a resumable upload are not a form, even with a form's content type.
            is_raw = request.path_params.get("node", "").startswith("upload:")
            query = dict(request.query_params)
            request.state.given = query if is_raw else await parameters(request)
            answer = self._over_quota(request) or await work(request)
            answer.headers.update(self._usage(request))
            return answer

        return run

    def secret(self, request: Request) -> str:
        """The token of the header or query, or `access_token` of the body."""
        given = getattr(request.state, "given", {})
        return super().secret(request) or str(given.get("access_token", ""))

    def allow(self, request: Request, account: Account, *scopes: str, task: bool = False) -> None:
        """Raises GraphError for a user's token, or a missing scope, Page task or proof."""
        token = self.token(request)
        assert token is not None  # noqa: S101 - the call has an account
        self.check_proof(request, token)
        if token.kind == "user":
            message = "This method must be called with a Page Access Token"
            raise GraphError(190, message, 2069032)
        for scope in scopes:
            if not token.allows(scope):
                raise GraphError(
                    200, f"Requires {scope} permission to manage the object", status=403
                )
        if task and "CREATE_CONTENT" not in account.extra.get("tasks", ["CREATE_CONTENT"]):
            raise GraphError(200, "The user must have the CREATE_CONTENT task", status=403)

    def own_page(self, request: Request, account: Account) -> None:
        if request.path_params["page"] not in (account.id, "me"):
            raise GraphError(200, "Permissions error", status=403)

    def may_post(self, request: Request, account: Account, *known: str) -> dict[str, Any]:
        """The parameters of a call that posts to a Page; error 100 for unknown ones."""
        self.own_page(request, account)
        self.allow(request, account, "pages_manage_posts", task=True)
        return self.given(request, *known)

    def given(self, request: Request, *known: str) -> dict[str, Any]:
        found: dict[str, Any] = request.state.given
        for name in found:
            if name.partition("[")[0] not in {"fields", *COMMON, *known}:
                raise GraphError(100, f"Invalid parameter: there is no {name}")
        return found

    def check_proof(self, request: Request, token: Token) -> None:
        given = str(request.state.given.get("appsecret_proof", ""))
        required = self.setting(token.account, "require_appsecret_proof", False)
        app = self.store.get(self.key, "app", str(token.data.get("client_id", "")))
        check_proof(app, token, given, required=required)

    def own(self, kind: str, object_id: str, account: Account) -> dict[str, Any]:
        """An object of the account; error 100/33 for others' and for unknown ids."""
        found = self.store.get(self.key, kind, object_id)
        if found is None or found["account"] != account.id:
            raise self.missing()
        return found

    def listed(self, account: Account) -> list[Post]:
        """The public posts that lists show already."""
        lag = self.setting(account.id, "listing_lag_seconds", 0)
        posts = self.store.posts_of(self.key, account.id)
        return [post for post in posts if post.created_at + lag <= time.time()]

    def _over_quota(self, request: Request) -> Response | None:
        token = self.token(request)
        most = self.setting(token.account, "calls_per_hour", 0) if token else 0
        if token is None or not most:
            return None
        window = f"calls:{token.account}"
        calls = self.recent(window, WINDOW_SECONDS)
        if len(calls) >= most:
            return self.rate_limited(int(calls[0][0] + WINDOW_SECONDS - self.store.now()) + 1)
        self.note(window, WINDOW_SECONDS)
        return None

    def _usage(self, request: Request) -> Mapping[str, str]:
        """The usage headers, if a quota is set."""
        token = self.token(request)
        most = self.setting(token.account, "calls_per_hour", 0) if token else 0
        if token is None or not most:
            return {}
        percent = 100 * len(self.recent(f"calls:{token.account}", WINDOW_SECONDS)) // most
        used = {"call_count": percent, "total_time": 1, "total_cputime": 1}
        page = {"type": "pages", **used, "estimated_time_to_regain_access": 0}
        named = {"x-app-usage": used, "x-page-usage": used}
        if percent < 100:
            named["x-business-use-case-usage"] = {token.account: [page]}  # type: ignore[dict-item]
        return {name: json.dumps(value) for name, value in named.items()}


COUNTED = ("reactions", "likes", "comments")


class FacebookInsights(FacebookPages):
    @call("post_insights")
    async def post_insights(self, request: Request, account: Account) -> Response:
        self.allow(request, account, "pages_read_engagement", "read_insights")
        post_id = request.path_params["post"]
        numbers = self.numbers(self.own_post(post_id, account))
        values = {"post_media_view": numbers.views, "post_clicks": numbers.clicks}
        return insights.answer(request, values)

    def counts(self, request: Request, object_id: str, account: Account) -> dict[str, Any]:
        """The fields that count. Raises GraphError without the permission for those asked for."""
        asked, token = request.query_params.get("fields", ""), self.token(request)
        counted = any(f"{name}." in asked for name in COUNTED)
        if counted and not (token and token.allows("pages_read_user_content")):
            message = "This endpoint requires the 'pages_read_user_content' permission"
            raise GraphError(10, message, status=403)
        try:
            numbers = self.numbers(self.own_post(object_id, account))
        except GraphError:
            return dict.fromkeys(("shares", "views", *COUNTED))
        likes = {"data": [], "summary": {"total_count": numbers.likes}}
        comments = {"data": [], "summary": {"total_count": numbers.comments}}
        shared = {"shares": {"count": numbers.shares}, "views": numbers.views}
        return {**shared, "reactions": likes, "likes": likes, "comments": comments}
