"""What every call of X checks first: scopes, then rate limits. And X's error bodies.

Settings of an account or of all: `limits`, by call ({"create_post": 3}), and `day_limits`; without
them the documented limits are reported but never reached, so that load tests can run.
`problem_types` of "old" names problems as before July 2026.
"""

import functools
import re
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deploy.simulator.network import Handler, Network, Refused, call
from deploy.simulator.state.records import Account
from deploy.simulator.x.queries import problem_with

PROBLEMS = "https://api.x.com/2/problems"
OLD_PROBLEMS = "https://api.twitter.com/2/problems"
WINDOW_SECONDS, DAY_SECONDS = 900, 86400
#: Calls per user and fifteen minutes, as documented.
LIMITS = {
    "get_me": 75,
    "create_post": 100,
    "get_post": 900,
    "get_posts": 900,
    "delete_post": 50,
    "list_posts": 900,
    "upload_media": 500,
    "initialize": 1875,
    "append": 1875,
    "finalize": 1875,
    "media_status": 1000,
    "set_metadata": 500,
}
DAY_LIMITS = {"create_post": 10_000}


class XCalls(Network):
    key = "x"
    name, colour = "X", "#0f1419"

    def unauthorized(self) -> Response:
        return problem(401, "Unauthorized")

    def rate_limited(self, reset_seconds: int) -> Response:
        answer = problem(429, "Too Many Requests")
        answer.headers["x-rate-limit-remaining"] = "0"
        answer.headers["x-rate-limit-reset"] = str(int(time.time()) + reset_seconds)
        return answer

    def error(self, status: int) -> Response:
        if status == 402:
            return problem(402, "credits depleted", f"{PROBLEMS}/credits-depleted")
        return problem(status, HTTPStatus(status).phrase)

    def stamp(self, answer: Response) -> None:
        answer.headers["x-transaction-id"] = uuid.uuid4().hex[:16]
        answer.headers["api-version"] = "2.167"
        if self.setting("", "problem_types", "") == "old":
            with_old_types(answer)

    def check_address(self, name: str, request: Request, account: Account) -> None:
        """Raises Refused for an id of the path or a parameter of the query that X does not take."""
        given = str(request.path_params.get("id", "1"))
        if not re.fullmatch("[0-9]{1,19}", given):
            raise Refused(invalid(f"The id [{given[:40]}] is not valid.", {"id": [given]}))
        query = request.query_params
        if names := problem_with(name, query, self.setting(account.id, "dialect", "")):
            parameters = {name: [query.get(name, "")] for name in names}
            raise Refused(invalid("A parameter is unknown, missing or invalid.", parameters))

    def spend(self, account: str, name: str) -> dict[str, str]:
        """Count a call; returns the rate limit headers. Raises Refused if the limit is used up."""
        headers, is_over = self._window(account, name, "limits", "x-rate-limit", WINDOW_SECONDS)
        if name in DAY_LIMITS:
            prefix = "x-app-limit-24hour"
            more, day_is_over = self._window(account, name, "day_limits", prefix, DAY_SECONDS)
            headers, is_over = headers | more, is_over or day_is_over
        if is_over:
            answer = problem(429, "Too Many Requests")
            answer.headers.update(headers)
            raise Refused(answer)
        return headers

    def _window(
        self, account: str, name: str, setting: str, prefix: str, seconds: int
    ) -> tuple[dict[str, str], bool]:
        usual = (LIMITS if setting == "limits" else DAY_LIMITS)[name]
        most = self.setting(account, setting, {}).get(name)
        now = self.store.now()
        used, ends_at = 1, now + seconds
        if most is not None:
            mark = f"{setting}:{account}:{name}"
            found = self.store.get(self.key, "spent", mark)
            if found and found["ends_at"] > now:
                used, ends_at = found["used"] + 1, found["ends_at"]
            spent = {"used": used, "ends_at": ends_at}
            self.store.put(self.key, "spent", mark, account, spent)
        limit = usual if most is None else most
        headers = {
            f"{prefix}-limit": str(limit),
            f"{prefix}-remaining": str(max(limit - used, 0)),
            f"{prefix}-reset": str(int(ends_at)),
        }
        return headers, used > limit


def x_call(
    name: str, *scopes: str
) -> Callable[[Handler], Callable[[Any, Request], Awaitable[Response]]]:
    """Marks a method as a call that needs all of these scopes."""

    def decorate(handler: Handler) -> Callable[[Any, Request], Awaitable[Response]]:
        @functools.wraps(handler)
        async def run(network: XCalls, request: Request, account: Account) -> Response:
            token = network.token(request)
            headers: dict[str, str] = {}
            try:
                if token is None or not all(token.allows(scope) for scope in scopes):
                    raise Refused(problem(403, "Forbidden"))
                headers = network.spend(account.id, name)
                network.check_address(name, request, account)
                answer = await handler(network, request, account)
            except Refused as refused:
                answer = refused.answer
            answer.headers.update(headers)
            return answer

        return call(name)(run)

    return decorate


def problem(status: int, detail: str, kind: str = "about:blank") -> Response:
    title = HTTPStatus(status).phrase
    body = {"title": title, "detail": detail, "type": kind, "status": status}
    return JSONResponse(body, status, media_type="application/problem+json")


def invalid(message: str, parameters: Mapping[str, Any]) -> Response:
    body = {
        "errors": [{"message": message, "parameters": dict(parameters)}],
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": f"{PROBLEMS}/invalid-request",
    }
    return JSONResponse(body, 400, media_type="application/problem+json")


def not_found(what: str, wanted: str) -> Response:
    detail = f"Could not find {what} with id: [{wanted}]."
    return problem(404, detail, f"{PROBLEMS}/resource-not-found")


def with_old_types(answer: Response) -> None:
    """Use the problem types from before July 2026."""
    answer.body = bytes(answer.body).replace(PROBLEMS.encode(), OLD_PROBLEMS.encode())
    answer.headers["content-length"] = str(len(answer.body))
