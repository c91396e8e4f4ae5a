"""Apps and tokens of one server: registering, the consent page, codes, tokens, revocation.

Call: token, once the code is found to be valid. A program without an address of its own names OOB,
and the server shows the code. Source: https://docs.joinmastodon.org/methods/apps/
and https://docs.joinmastodon.org/methods/oauth/ (read 2026-11-30).
"""

import html
import secrets
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from deploy.simulator.mastodon.rules import body_of, invalid
from deploy.simulator.network import Network
from deploy.simulator.oauth import Grant, OAuthError, OAuthServer, read_form
from deploy.simulator.state.records import FAR_FUTURE, Account
from deploy.simulator.strict import text, wrong

SCOPES = {
    *("read", "write", "follow", "push", "profile", "read:accounts", "read:statuses"),
    *("read:search", "write:statuses", "write:media", "write:accounts"),
}
APP = {"client_name": text, "redirect_uris": text, "scopes": text, "website": text}
OOB = "urn:ietf:wg:oauth:2.0:oob"
#: How what an app is sent back to begins.
ADDRESSES = ("http", OOB)
INVALID_CLIENT = "Client authentication failed due to unknown client."
INVALID_GRANT = "The provided authorization grant is invalid, expired, revoked or another's."


class MastodonOAuthServer(OAuthServer):
    """The logins of the server at `host`. `is_old`: it gives no tokens to apps themselves."""

    def __init__(self, network: Network, host: str, *, is_old: bool) -> None:
        super().__init__(network)
        self.host, self._is_old = host, is_old

    def routes(self) -> list[Route]:
        return [
            *self.consent("/oauth/authorize"),
            Route("/oauth/authorize/native", self.code),
            Route("/api/v1/apps", self.register, methods=["POST"]),
            Route("/oauth/token", self.token, methods=["POST"]),
            Route("/oauth/revoke", self.revoke, methods=["POST"]),
        ]

    def accounts(self) -> list[Account]:
        return [each for each in super().accounts() if each.id.endswith(f"@{self.host}")]

    def app(self, client_id: str) -> dict[str, Any] | None:
        found = super().app(client_id)
        return found if found and found.get("host", self.host) == self.host else None

    def problem(self, query: Mapping[str, str]) -> str:
        asked = set(query.get("scope", "").split())
        app = self.app(query.get("client_id", ""))
        if app and not asked <= set(app.get("scopes", SCOPES)):
            return "The requested scope is invalid, unknown, or malformed."
        if query.get("code_challenge_method", "S256") != "S256":
            return "The code challenge method must be S256."
        return super().problem(query)

    async def decide(self, request: Request) -> Response:
        answer = await super().decide(request)
        where = answer.headers.get("location", "")
        if where.startswith(f"{OOB}?"):
            answer.headers["location"] = where.replace(OOB, "authorize/native", 1)
        return answer

    async def code(self, request: Request) -> Response:
        """Show the code, for a person to copy."""
        shown = request.query_params.get("code", "The app gets no code.")
        return HTMLResponse(f"<code>{html.escape(shown)}</code>")

    async def register(self, request: Request) -> Response:
        body = await body_of(request)
        if body is None or wrong(body, APP):
            raise invalid("The simulator takes no such app")
        if not body.get("client_name") or not body.get("redirect_uris", "").startswith(ADDRESSES):
            raise invalid("Redirect URI must be an absolute URI.")
        asked = body.get("scopes", "read").split()
        if set(asked) - SCOPES:
            raise invalid("Scopes doesn't match configured on the server.")
        client_id, secret = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        uris = body["redirect_uris"].split()
        known = {"secret": secret, "redirect_uris": uris, "host": self.host, "scopes": asked}
        self.store.put(self.key, "app", client_id, "", known)
        return JSONResponse(
            {
                "id": secrets.token_hex(4),
                "name": body["client_name"],
                "website": body.get("website"),
                "scopes": asked,
                "redirect_uris": uris,
                "client_id": client_id,
                "client_secret": secret,
                "client_secret_expires_at": 0,
            }
        )

    async def token(self, request: Request) -> Response:
        form = await read_form(request)
        if not self.is_app(form.get("client_id", ""), form.get("client_secret", "")):
            raise OAuthError(401, "invalid_client", INVALID_CLIENT)
        if form.get("grant_type") == "client_credentials" and not self._is_old:
            return JSONResponse(self._told(secrets.token_urlsafe(32), ("read",)))
        if form.get("grant_type") != "authorization_code":
            raise OAuthError(400, "unsupported_grant_type", "The grant type is not supported.")
        grant = self.redeem(form)
        if grant is None:
            raise OAuthError(400, "invalid_grant", INVALID_GRANT)
        return self.answer(grant.account, lambda: self._issue(form["client_id"], grant))

    async def revoke(self, request: Request) -> Response:
        form = await read_form(request)
        token = self.store.token(self.key, form.get("token", ""))
        is_app = self.is_app(form.get("client_id", ""), form.get("client_secret", ""))
        if not is_app or (token and token.data.get("client_id") != form["client_id"]):
            said = "You are not authorized to revoke this token"
            raise OAuthError(403, "unauthorized_client", said)
        self.store.drop_token(self.key, form["token"])
        return JSONResponse({})

    def _issue(self, client_id: str, grant: Grant) -> Response:
        value = secrets.token_urlsafe(32)
        self.issue(value, "access", grant, FAR_FUTURE, client_id=client_id)
        return JSONResponse(self._told(value, grant.scopes))

    def _told(self, value: str, scopes: tuple[str, ...]) -> dict[str, Any]:
        return {
            "access_token": value,
            "token_type": "Bearer",
            "scope": " ".join(scopes),
            "created_at": int(self.store.now()),
        }
