"""TikTok's login: consent page, token endpoint with single-use refresh tokens, revocation."""

import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from platforms.simulator.oauth import ConsentPage
from platforms.simulator.records import Token
from platforms.simulator.tiktok.base import log_id
from platforms.tiktok.oauth import TikTokOAuth

if TYPE_CHECKING:
    from platforms.simulator.tiktok.posts import TikTokPosts

ACCESS_SECONDS = 7200
REFRESH_SECONDS = 180 * 24 * 3600
DENIED = {"error": "access_denied", "error_description": "User denied the authorization"}
FORM = "application/x-www-form-urlencoded"


class TikTokOAuthServer:
    """Call: token (with a valid code or refresh token).

    Settings: `access_seconds`, `refresh_seconds`; `oauth_error_status`, the status of every error.
    """

    def __init__(self, network: "TikTokPosts") -> None:
        self._network, self._store = network, network.store
        self._consent = ConsentPage(
            network,
            client="client_key",
            separator=",",
            challenge=TikTokOAuth().challenge,
            denied=DENIED,
            returns_scopes="scopes",
        )

    def pages(self) -> list[Route]:
        return [
            Route("/v2/auth/authorize/", self._consent.page),
            Route("/v2/auth/authorize/", self._consent.decide, methods=["POST"]),
        ]

    def api(self) -> list[Route]:
        return [
            Route("/v2/oauth/token/", self.token, methods=["POST"]),
            Route("/v2/oauth/revoke/", self.revoke, methods=["POST"]),
        ]

    async def token(self, request: Request) -> Response:
        form = await self._form(request)
        if isinstance(form, Response):
            return form
        kind = form.get("grant_type")
        if kind not in ("authorization_code", "refresh_token"):
            return self._refused("unsupported_grant_type", "The grant type is not supported.")
        if not form.get("code" if kind == "authorization_code" else kind):
            return self._refused("invalid_request", "A parameter is missing.")
        if kind == "authorization_code":
            grant = self._consent.redeem(
                form["code"],
                client_id=form["client_key"],
                redirect_uri=form.get("redirect_uri", ""),
                verifier=form.get("code_verifier", ""),
            )
            if grant is None:
                return self._refused("invalid_grant", "Authorization code is invalid or expired.")
            return self._consent.answer(
                grant.account, lambda: self._issue(form, grant.account, grant.scopes)
            )
        old = self._store.token("tiktok", form["refresh_token"])
        good = old and old.kind == "refresh" and old.expires_at > self._store.now()
        if not old or not good or old.data.get("client_key") != form["client_key"]:
            return self._refused("invalid_grant", "Refresh token is invalid or expired.")
        return self._consent.answer(
            old.account, lambda: self._issue(form, old.account, old.scopes or ())
        )

    async def revoke(self, request: Request) -> Response:
        form = await self._form(request)
        if isinstance(form, Response):
            return form
        token = self._store.token("tiktok", form.get("token", ""))
        if token is None:
            return self._refused("invalid_request", "The token is invalid.")
        for other in self._store.tokens_of("tiktok", token.account):
            self._store.drop_token("tiktok", other.value)
        if account := self._store.account("tiktok", token.account):
            self._network.withdraw(account)
        return JSONResponse({})

    def _issue(self, form: Mapping[str, str], account: str, scopes: tuple[str, ...]) -> Response:
        self._store.drop_token("tiktok", form.get("refresh_token", ""))
        now, data = self._store.now(), {"client_key": form["client_key"]}
        access_seconds = self._network.setting(account, "access_seconds", ACCESS_SECONDS)
        refresh_seconds = self._network.setting(account, "refresh_seconds", REFRESH_SECONDS)
        access, refresh = f"act.{secrets.token_urlsafe(48)}", f"rft.{secrets.token_urlsafe(48)}"
        for value, kind, seconds in (
            (access, "access", access_seconds),
            (refresh, "refresh", refresh_seconds),
        ):
            token = Token("tiktok", value, account, kind, scopes, now + seconds, now, data)
            self._store.add_token(token)
        return JSONResponse(
            {
                "access_token": access,
                "expires_in": access_seconds,
                "open_id": account,
                "refresh_expires_in": refresh_seconds,
                "refresh_token": refresh,
                "scope": ",".join(scopes),
                "token_type": "Bearer",
            }
        )

    async def _form(self, request: Request) -> dict[str, str] | Response:
        """The form of an app whose secret is right; otherwise the error."""
        if not request.headers.get("content-type", "").startswith(FORM):
            return self._refused("invalid_request", f"The content type must be {FORM}.")
        async with request.form() as sent:
            form = {name: str(value) for name, value in sent.items()}
        if not self._consent.is_app(form.get("client_key", ""), form.get("client_secret", "")):
            return self._refused("invalid_client", "Client key or secret is incorrect.")
        return form

    def _refused(self, error: str, description: str) -> Response:
        body = {"error": error, "error_description": description, "log_id": log_id()}
        return JSONResponse(body, self._network.setting("", "oauth_error_status", 400))
