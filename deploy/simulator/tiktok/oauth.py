"""TikTok's login: consent page, token endpoint with single-use refresh tokens, revocation."""

import hashlib
import secrets
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.simulator.oauth import Grant, OAuthError, OAuthServer, read_form
from deploy.simulator.state.records import Token
from deploy.simulator.tiktok.base import log_id

if TYPE_CHECKING:
    from deploy.simulator.tiktok.posts import TikTokPosts

ACCESS_SECONDS = 7200
REFRESH_SECONDS = 180 * 24 * 3600
FORM = "application/x-www-form-urlencoded"


class TikTokOAuthServer(OAuthServer):
    """Call: token (with a valid code or refresh token).

    Settings: `access_seconds`; `oauth_error_status`, the status of every error.
    """

    client = "client_key"
    separator = ","
    denied = {"error": "access_denied", "error_description": "User denied the authorization"}
    returns_scopes = "scopes"
    network: "TikTokPosts"

    def challenge(self, verifier: str) -> str:
        # In hex, other than everywhere else.
        return hashlib.sha256(verifier.encode()).hexdigest()

    def api(self) -> list[Route]:
        return [
            Route("/v2/oauth/token/", self.token, methods=["POST"]),
            Route("/v2/oauth/revoke/", self.revoke, methods=["POST"]),
        ]

    async def token(self, request: Request) -> Response:
        form = await self._form(request)
        kind = form.get("grant_type")
        if kind not in ("authorization_code", "refresh_token"):
            raise self._refused("unsupported_grant_type", "The grant type is not supported.")
        if not form.get("code" if kind == "authorization_code" else kind):
            raise self._refused("invalid_request", "A parameter is missing.")
        grant = self.granted(form)
        if grant is None:
            what = "Authorization code" if kind == "authorization_code" else "Refresh token"
            raise self._refused("invalid_grant", f"{what} is invalid or expired.")
        return self.answer(grant.account, lambda: self._issue(form["client_key"], grant))

    async def revoke(self, request: Request) -> Response:
        form = await self._form(request)
        token = self.store.token(self.key, form.get("token", ""))
        if token is None:
            raise self._refused("invalid_request", "The token is invalid.")
        for other in self.store.tokens_of(self.key, token.account):
            self.store.drop_token(self.key, other.value)
        if account := self.store.account(self.key, token.account):
            self.network.withdraw(account)
        return JSONResponse({})

    def _issue(self, client_id: str, grant: Grant | Token) -> Response:
        if isinstance(grant, Token):
            self.store.drop_token(self.key, grant.value)
        seconds = self.network.setting(grant.account, "access_seconds", ACCESS_SECONDS)
        access, refresh = f"act.{secrets.token_urlsafe(48)}", f"rft.{secrets.token_urlsafe(48)}"
        self.issue(access, "access", grant, seconds, client_id=client_id)
        self.issue(refresh, "refresh", grant, REFRESH_SECONDS, client_id=client_id)
        return JSONResponse(
            {
                "access_token": access,
                "expires_in": seconds,
                "open_id": grant.account,
                "refresh_expires_in": REFRESH_SECONDS,
                "refresh_token": refresh,
                "scope": ",".join(grant.scopes or ()),
                "token_type": "Bearer",
            }
        )

    async def _form(self, request: Request) -> dict[str, str]:
        """The form of an app whose secret is right."""
        if not request.headers.get("content-type", "").startswith(FORM):
            raise self._refused("invalid_request", f"The content type must be {FORM}.")
        form = await read_form(request)
        if not self.is_app(form.get("client_key", ""), form.get("client_secret", "")):
            raise self._refused("invalid_client", "Client key or secret is incorrect.")
        return form

    def _refused(self, error: str, description: str) -> OAuthError:
        status = self.network.setting("", "oauth_error_status", 400)
        return OAuthError(status, error, description, log_id=log_id())
