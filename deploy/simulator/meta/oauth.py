"""The logins of the simulated Instagram and Threads: a code, short-lived and long-lived tokens."""

import secrets
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deploy.simulator.meta.graph import GraphError, parameters
from deploy.simulator.network import Network, Refused
from deploy.simulator.oauth import Grant, OAuthServer
from deploy.simulator.state.records import Token

SHORT_SECONDS, LONG_SECONDS = 3600, 5183944
#: Younger tokens cannot be renewed.
RENEWED_AFTER_SECONDS = 24 * 3600


class LongLivedOAuthServer(OAuthServer):
    """`prefix` begins the names of grant types (`ig_exchange_token`), `mark` the tokens."""

    separator = ","
    code_seconds = 3600
    denied = {
        "error": "access_denied",
        "error_reason": "user_denied",
        "error_description": "The user denied your request",
    }
    suffix = "#_"

    def __init__(self, network: Network, *, prefix: str, mark: str, basic: str) -> None:
        super().__init__(network)
        self._prefix, self._mark, self._basic = prefix, mark, basic

    async def redeem_code(self, request: Request) -> Response:
        """Exchanges a code for a token of one hour. Its errors have their own format."""
        given = {name: str(value) for name, value in (await parameters(request)).items()}
        client_id = given.get("client_id", "")
        if not self.is_app(client_id, given.get("client_secret", "")):
            raise _refused("Error validating client secret.")
        if given.get("grant_type") != "authorization_code":
            raise _refused("Invalid grant_type")
        grant = self.redeem(given)
        if grant is None:
            raise _refused("This authorization code has been used or has expired.")
        value = self._mark + secrets.token_hex(60)
        self.issue(value, "short", grant, SHORT_SECONDS, client_id=client_id)
        facts = {"access_token": value, **self.short_facts(grant)}
        wrapped = self.network.setting(grant.account, "wrapped", False)
        return JSONResponse({"data": [facts]} if wrapped else facts)

    def short_facts(self, grant: Grant) -> dict[str, Any]:
        return {"user_id": int(grant.account), "permissions": list(grant.scopes)}

    async def exchange(self, request: Request) -> Response:
        token = self._exchanged(request, "exchange", "short")
        client_id = str(token.data["client_id"])
        if not self.is_app(client_id, request.query_params.get("client_secret", "")):
            raise GraphError(1, "Error validating client secret.")
        return self._long(token)

    async def refresh(self, request: Request) -> Response:
        token = self._exchanged(request, "refresh", "access")
        if not token.allows(self._basic):
            raise GraphError(10, "The permission is missing.", status=403)
        if self.store.now() - token.issued_at < RENEWED_AFTER_SECONDS:
            raise GraphError(100, "The token must be at least 24 hours old.")
        return self._long(token)

    def _exchanged(self, request: Request, what: str, kind: str) -> Token:
        query = request.query_params
        if query.get("grant_type") != f"{self._prefix}_{what}_token":
            raise GraphError(100, "Invalid grant_type")
        token = self.live(query.get("access_token", ""), kind)
        if token is None:
            raise GraphError(190, "Error validating access token: Session has expired.", 463)
        return token

    def _long(self, old: Token) -> Response:
        value, client_id = self._mark + secrets.token_hex(60), old.data.get("client_id", "")
        self.issue(value, "access", old, LONG_SECONDS, client_id=client_id)
        return bearer(value, LONG_SECONDS)


def bearer(value: str, seconds: float) -> Response:
    """Return how Meta answers with a new token."""
    return JSONResponse({"access_token": value, "token_type": "bearer", "expires_in": seconds})


def _refused(message: str) -> Refused:
    body = {"error_type": "OAuthException", "code": 400, "error_message": message}
    return Refused(JSONResponse(body, 400))
