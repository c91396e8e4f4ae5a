"""What every call of Pinterest checks first, and Pinterest's error bodies."""

import functools
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from deploy.simulator.network import Handler, Network, call, is_json, json_object
from deploy.simulator.pinterest import rules
from deploy.simulator.pinterest.oauth import owner_of
from deploy.simulator.state.records import Account
from deploy.simulator.strict import Fits

FIRST_ID = 612_489_000_000_000_000
LIMITS = '100, 100;w=1;name="safety_net_app_id_user_id", 1000;w=60;name="org_write_app_id_user_id"'


class PinterestCalls(Network):
    key = "pinterest"
    name, colour = "Pinterest", "#b6001c"

    def unauthorized(self) -> Response:
        return rules.refusal(401, 2)

    def rate_limited(self, reset_seconds: int) -> Response:
        answer = rules.refusal(429, 8)
        answer.headers["X-RateLimit-Limit"] = LIMITS
        answer.headers["X-RateLimit-Remaining"] = "0"
        answer.headers["X-RateLimit-Reset"] = str(reset_seconds)
        return answer

    def error(self, status: int) -> Response:
        return rules.refusal(status, status)

    async def body(
        self, request: Request, known: Mapping[str, Fits], *needed: str
    ) -> dict[str, Any]:
        """Return the body of a call. Raises Refused unless it is as documented."""
        said = await json_object(request) if is_json(request) else None
        rules.require(said or {}, known, *needed)
        return said or {}

    def new_id(self) -> str:
        return str(FIRST_ID + int(self.store.now() * 1000) * 1000 + self.tally("id") % 1000)

    def boards_of(self, account: Account) -> dict[str, Account]:
        """Return the boards of the person whose token it is, by their ids."""
        owner = owner_of(account)
        boards = self.store.accounts(self.key)
        return {each.id: each for each in boards if owner_of(each) == owner}

    def board(self, board_id: str, account: Account) -> Account:
        """Return a board of the person. Raises Refused."""
        found = self.boards_of(account).get(board_id)
        if found is None:
            raise rules.refused(404, 40)
        return found


def pin_call(
    name: str, *scopes: str
) -> Callable[[Handler], Callable[[Any, Request], Awaitable[Response]]]:
    """Marks a method as a call that needs all of these scopes, and whose ids are numbers."""

    def decorate(handler: Handler) -> Callable[[Any, Request], Awaitable[Response]]:
        @functools.wraps(handler)
        async def run(network: PinterestCalls, request: Request, account: Account) -> Response:
            token = network.token(request)
            if token is None or not all(token.allows(scope) for scope in scopes):
                raise rules.refused(401, 3)
            if not all(map(rules.ID, request.path_params.values())):
                raise rules.refused(400, 1)
            return await handler(network, request, account)

        return call(name)(run)

    return decorate
