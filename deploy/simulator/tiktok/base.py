"""What all calls of the simulated TikTok share: answers, errors, scopes, bodies, rate limits.

Every setting of an account may also be in its `extra`; `/control/settings` takes precedence.
"""

import secrets
import time
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deploy.simulator.network import Network, Refused, is_json, json_object
from deploy.simulator.state.records import Account

MINUTE_SECONDS, DAY_SECONDS = 60, 24 * 3600
#: TikTok's documented limits: calls a minute of one token, then posts of one account, drafts
#: pending in its inbox, and accounts that post through one app, each in 24 hours.
DOCUMENTED: Mapping[str, int] = {
    "init": 6,
    "inbox_init": 6,
    "photo_init": 6,
    "creator_info": 20,
    "status": 30,
    "user_info": 600,
    "list_videos": 600,
    "query_videos": 600,
    "posts_per_day": 15,
    "pending_shares": 5,
    "users_per_day": 5,
}


class TikTokError(Refused):
    """A refused call, as TikTok answers it."""

    def __init__(self, status: int, code: str, message: str) -> None:
        error = {"code": code, "message": message, "log_id": log_id()}
        super().__init__(JSONResponse({"data": {}, "error": error}, status))


def asked_fields(request: Request) -> list[str]:
    """The names in `fields`, the only parameter of a query."""
    if request.query_params.keys() - {"fields"}:
        raise TikTokError(400, "invalid_params", "There is no such parameter.")
    return request.query_params.get("fields", "").split(",")


class TikTokBase(Network):
    """Setting `limits`: "documented", or an object with numbers by the names of DOCUMENTED.

    By default nothing is limited, because testers post more than TikTok allows.
    """

    key = "tiktok"
    name, colour = "TikTok", "#e0245e"

    def fact(self, account: Account, name: str, default: Any) -> Any:
        return self.setting(account.id, name, account.extra.get(name, default))

    def need(self, request: Request, *scopes: str) -> None:
        """Raises TikTokError unless the token allows one of the scopes."""
        token = self.token(request)
        if token is None or not any(token.allows(scope) for scope in scopes):
            raise TikTokError(
                401, "scope_not_authorized", f"The scope {scopes[0]} was not authorized."
            )

    def limit(self, account: Account, name: str) -> float:
        limits = self.fact(account, "limits", {})
        return float((DOCUMENTED if limits == "documented" else limits).get(name, float("inf")))

    def count(self, request: Request, account: Account, name: str) -> None:
        """Count a call of this token. Raises TikTokError if its calls of the minute are used up."""
        window = f"{name}:{self.secret(request)}"
        if len(self.recent(window, MINUTE_SECONDS)) >= self.limit(account, name):
            raise TikTokError(429, "rate_limit_exceeded", "The API rate limit was exceeded.")
        self.note(window, MINUTE_SECONDS)

    def unauthorized(self) -> Response:
        message = "The access token is invalid or not found in the request."
        return TikTokError(401, "access_token_invalid", message).answer

    def rate_limited(self, reset_seconds: int) -> Response:
        return TikTokError(429, "rate_limit_exceeded", "The API rate limit was exceeded.").answer

    def error(self, status: int) -> Response:
        message = "Something went wrong. Please try again later."
        return TikTokError(status, "internal_error", message).answer


async def read_body(request: Request, *, optional: bool = False) -> dict[str, Any]:
    """The JSON object of a call. Raises TikTokError."""
    if optional and not await request.body():
        return {}
    if not is_json(request):
        raise TikTokError(400, "invalid_params", "The content type must be application/json.")
    body = await json_object(request)
    if body is None:
        raise TikTokError(400, "invalid_params", "The body is not a JSON object.")
    return body


def ok(**data: Any) -> Response:
    error = {"code": "ok", "message": "", "log_id": log_id()}
    return JSONResponse({"data": data, "error": error})


def log_id() -> str:
    return time.strftime("%Y%m%d%H%M%S") + secrets.token_hex(8).upper()
