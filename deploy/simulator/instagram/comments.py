"""Comments on an account's own posts. Calls: comment, list_comments."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deploy.simulator.meta import graph
from deploy.simulator.meta.containers import ContainerNetwork
from deploy.simulator.meta.graph import GraphError, chosen, require_known
from deploy.simulator.network import call
from deploy.simulator.state.records import Account, Post

COMMENT_CHARS = 2200


class InstagramComments(ContainerNetwork):
    @call("comment")
    async def comment(self, request: Request, account: Account) -> Response:
        self.need(request, "comment")
        post = self._own_post(request, account)
        given = await graph.parameters(request)
        require_known(given, ("message",))
        if not 0 < len(given.get("message", "")) <= COMMENT_CHARS:
            raise GraphError(100, f"Param message must hold 1 to {COMMENT_CHARS} characters.")
        comment_id = graph.new_id("17")
        comments = self.comments(post.id)
        comments.append({"id": comment_id, "text": str(given["message"])})
        self.store.put(self.key, "comments", post.id, account.id, {"all": comments})
        shown = [comment["text"] for comment in comments]
        self.store.change_post(self.key, post.id, post.text, {**post.extra, "comments": shown})
        return JSONResponse({"id": comment_id})

    @call("list_comments")
    async def list_comments(self, request: Request, account: Account) -> Response:
        self.need(request, "read")
        comments = self.comments(self._own_post(request, account).id)
        return JSONResponse({"data": [chosen(request, comment) for comment in comments[::-1]]})

    def comments(self, post_id: str) -> list[dict[str, Any]]:
        found = self.store.get(self.key, "comments", post_id)
        return list(found["all"]) if found else []

    def _own_post(self, request: Request, account: Account) -> Post:
        post = self.store.post(self.key, request.path_params["id"])
        if post is None or not self.is_own(request, account, post.account):
            raise self.missing()
        return post
