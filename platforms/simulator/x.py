"""X as its API v2 document describes it. Calls: create_post."""

import random
import time
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from platforms.simulator.network import Network, call
from platforms.simulator.store import Account

EPOCH_MS = 1288834974657


def snowflake() -> str:
    return str(((int(time.time() * 1000) - EPOCH_MS) << 22) | random.getrandbits(22))


class XNetwork(Network):
    key = "x"

    def hosts(self) -> Mapping[str, list[Route]]:
        return {"api.x.com": [Route("/2/tweets", self.create_post, methods=["POST"])]}

    @call("create_post")
    async def create_post(self, request: Request, account: Account) -> Response:
        body = await request.json()
        post_id = snowflake()
        url = f"https://x.com/{account.username}/status/{post_id}"
        self.store.publish(self.key, post_id, account.id, text=body["text"], url=url)
        return JSONResponse({"data": {"id": post_id, "text": body["text"]}}, 201)

    def unauthorized(self) -> Response:
        problem = {"title": "Unauthorized", "type": "about:blank", "status": 401}
        return JSONResponse({**problem, "detail": "Unauthorized"}, 401)

    def rate_limited(self, reset_seconds: int) -> Response:
        problem = {"title": "Too Many Requests", "type": "about:blank", "status": 429}
        headers = {"x-rate-limit-reset": str(int(time.time()) + reset_seconds)}
        return JSONResponse({**problem, "detail": "Too Many Requests"}, 429, headers)
