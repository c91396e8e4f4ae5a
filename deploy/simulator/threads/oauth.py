"""The token calls that only Threads has."""

import secrets
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deploy.simulator.meta.graph import GraphError
from deploy.simulator.meta.oauth import LongLivedOAuthServer
from deploy.simulator.oauth import Grant


class ThreadsOAuthServer(LongLivedOAuthServer):
    """Also inspects tokens, and issues one to the app itself."""

    def short_facts(self, grant: Grant) -> dict[str, Any]:
        return {"user_id": int(grant.account)}

    async def app_token(self, request: Request) -> Response:
        query = request.query_params
        client_id = query.get("client_id", "")
        is_app = self.is_app(client_id, query.get("client_secret", ""))
        if query.get("grant_type") != "client_credentials" or not is_app:
            raise GraphError(1, "Error validating client secret.")
        value = f"TH|{client_id}|{secrets.token_urlsafe(20)}"
        return JSONResponse({"access_token": value, "token_type": "bearer"})

    async def inspect(self, request: Request) -> Response:
        query = request.query_params
        token = self.store.token(self.key, query.get("input_token", ""))
        asking = query.get("access_token", "")
        if not query.get("input_token"):
            raise GraphError(100, "The parameter input_token is required")
        if not asking.startswith("TH|") and not self.store.token(self.key, asking):
            raise GraphError(190, "Invalid OAuth access token.")
        if token is None:
            return JSONResponse({"data": {"is_valid": False, "scopes": []}})
        facts = {
            "type": "USER",
            "application": "Dovecote",
            "is_valid": token.expires_at > self.store.now(),
            "issued_at": int(token.issued_at),
            "expires_at": int(token.expires_at),
            "scopes": list(token.scopes or ()),
            "user_id": token.account,
        }
        return JSONResponse({"data": facts})
