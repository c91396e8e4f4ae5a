"""The logins of the simulated Instagram and Threads: a code, short-lived and long-lived tokens.

Setting: `access_seconds`, how long a long-lived token lives.
"""

import secrets
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from platforms.simulator.meta.graph import GraphError, parameters
from platforms.simulator.network import Network
from platforms.simulator.oauth import ConsentPage
from platforms.simulator.records import Token

DENIED = {
    "error": "access_denied",
    "error_reason": "user_denied",
    "error_description": "The user denied your request",
}
CODE_SECONDS, SHORT_SECONDS = 3600, 3600
LONG_SECONDS = 5183944
#: Younger tokens cannot be renewed.
RENEWED_AFTER_SECONDS = 24 * 3600


class LongLivedOAuthServer:
    """`prefix` begins the names of grant types (`ig_exchange_token`), `mark` the tokens."""

    def __init__(self, network: Network, *, prefix: str, mark: str, basic: str) -> None:
        self._network, self._store = network, network.store
        self._prefix, self._mark, self._basic = prefix, mark, basic
        self.consent = ConsentPage(
            network, separator=",", code_seconds=CODE_SECONDS, denied=DENIED, suffix="#_"
        )

    async def redeem(self, request: Request) -> Response:
        """Exchanges a code for a token of one hour. Its errors have their own format."""
        given = await parameters(request)
        client_id = str(given.get("client_id", ""))
        if not self.consent.is_app(client_id, str(given.get("client_secret", ""))):
            return _refused("Error validating client secret.")
        if given.get("grant_type") != "authorization_code":
            return _refused("Invalid grant_type")
        grant = self.consent.redeem(
            str(given.get("code", "")),
            client_id=client_id,
            redirect_uri=str(given.get("redirect_uri", "")),
        )
        if grant is None:
            return _refused("This authorization code has been used or has expired.")
        token = self._issue(grant.account, grant.scopes, client_id, "short", SHORT_SECONDS)
        facts = self.short_facts(token)
        wrapped = self._network.setting(grant.account, "wrapped", False)
        return JSONResponse({"data": [facts]} if wrapped else facts)

    def short_facts(self, token: Token) -> dict[str, Any]:
        return {
            "access_token": token.value,
            "user_id": int(token.account),
            "permissions": list(token.scopes or ()),
        }

    async def exchange(self, request: Request) -> Response:
        query = request.query_params
        if query.get("grant_type") != f"{self._prefix}_exchange_token":
            return GraphError(100, "Invalid grant_type").answer()
        token = self._alive(query.get("access_token", ""), "short")
        if token is None:
            return _expired()
        client_id = str(token.data["client_id"])
        if not self.consent.is_app(client_id, query.get("client_secret", "")):
            return GraphError(1, "Error validating client secret.").answer()
        return self._long(token, client_id)

    async def refresh(self, request: Request) -> Response:
        query = request.query_params
        if query.get("grant_type") != f"{self._prefix}_refresh_token":
            return GraphError(100, "Invalid grant_type").answer()
        token = self._alive(query.get("access_token", ""), "access")
        if token is None:
            return _expired()
        if not token.allows(self._basic):
            return GraphError(10, "The permission is missing.", status=403).answer()
        if self._store.now() - token.issued_at < RENEWED_AFTER_SECONDS:
            return GraphError(100, "The token must be at least 24 hours old.").answer()
        return self._long(token, str(token.data.get("client_id", "")))

    def _alive(self, value: str, kind: str) -> Token | None:
        token = self._store.token(self._network.key, value)
        alive = token and token.kind == kind and token.expires_at > self._store.now()
        return token if alive else None

    def _long(self, old: Token, client_id: str) -> Response:
        seconds = self._network.setting(old.account, "access_seconds", LONG_SECONDS)
        token = self._issue(old.account, old.scopes or (), client_id, "access", seconds)
        return JSONResponse(
            {"access_token": token.value, "token_type": "bearer", "expires_in": seconds}
        )

    def _issue(
        self, account: str, scopes: tuple[str, ...], client_id: str, kind: str, seconds: float
    ) -> Token:
        now, value = self._store.now(), self._mark + secrets.token_hex(60)
        data = {"client_id": client_id}
        token = Token(self._network.key, value, account, kind, scopes, now + seconds, now, data)
        self._store.add_token(token)
        return token


def _refused(message: str) -> Response:
    return JSONResponse(
        {"error_type": "OAuthException", "code": 400, "error_message": message}, 400
    )


def _expired() -> Response:
    message = "Error validating access token: Session has expired."
    return GraphError(190, message, 463).answer()
