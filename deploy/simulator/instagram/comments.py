"""Comments on an account's own posts. Calls: comment, list_comments."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deploy.simulator.meta import graph
from deploy.simulator.meta.containers import ContainerNetwork
from deploy.simulator.meta.graph import GraphError, chosen, require_known
from deploy.simulator.network import call
from deploy.simulator.state.records import Account

COMMENT_CHARS = 2200


class InstagramComments(ContainerNetwork):
    @call("comment")
    async def comment(self, request: Request, account: Account) -> Response:
        self.need(request, "comment")
        post = self.named_post(request, account)
        given = await graph.parameters(request)
        require_known(given, ("message",))
        if not 0 < len(given.get("message", "")) <= COMMENT_CHARS:
            raise GraphError(100, f"Param message must hold 1 to {COMMENT_CHARS} characters.")
        comment_id = graph.new_id("17")
        self.add_comment(post, account, {"id": comment_id, "text": str(given["message"])}, "text")
        return JSONResponse({"id": comment_id})

    @call("list_comments")
    async def list_comments(self, request: Request, account: Account) -> Response:
        self.need(request, "read")
        comments = self.comments(self.named_post(request, account).id)
        return graph.paged(comments[::-1], request, lambda comment: chosen(request, comment))
