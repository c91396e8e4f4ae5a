"""The network's own side."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.simulator.demo import Demo, DemoAccount, DemoPost
from deploy.simulator.network import Network, call, json_object
from deploy.simulator.state.records import Account
from tests.house.example_network import HOST


class PigeonNetwork(Network):
    key = "pigeon"
    name, colour = "Pigeon", "#5b6470"
    demo = Demo(
        (DemoAccount("pigeon", "4711", "Pigeon Post", "pigeonpost"),), (DemoPost("pigeon", "text"),)
    )

    def hosts(self) -> Mapping[str, list[Route]]:
        path = "/2026/posts"
        return {HOST: [Route(path, self.create, methods=["POST"]), Route(path, self.list)]}

    @call("create")
    async def create(self, request: Request, account: Account) -> Response:
        body = await json_object(request)
        if not body or set(body) != {"text"}:
            return self.error(400)
        post_id = str(self.tally("posts"))
        url = f"https://pigeon.example/coo/{post_id}"
        self.store.publish(self.key, post_id, account.id, text=body["text"], url=url)
        return JSONResponse({"id": post_id}, 201)

    @call("list")
    async def list(self, request: Request, account: Account) -> Response:
        posts = self.store.posts_of(self.key, account.id)
        told = [{"id": each.id, "text": each.text, "at": each.created_at} for each in posts]
        return JSONResponse({"posts": told})

    def unauthorized(self) -> Response:
        return self.error(401)

    def rate_limited(self, reset_seconds: int) -> Response:
        return JSONResponse({}, 429, {"Retry-After": str(reset_seconds)})
