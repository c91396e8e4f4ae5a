"""X's OAuth 2.0: consent page, token endpoint with single-use refresh tokens, revocation."""

import base64
import binascii
import secrets

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from platforms.simulator.network import Network
from platforms.simulator.oauth import Desk
from platforms.simulator.store import Token

ACCESS_SECONDS = 7200
REFRESH_SECONDS = 180 * 24 * 3600
#: X gives 30 seconds.
CODE_SECONDS = 30


class XOAuthDesk:
    """Settings: `access_seconds`, how long an access token lives."""

    def __init__(self, network: Network) -> None:
        self._network, self._store = network, network.store
        self._desk = Desk(network, code_seconds=CODE_SECONDS, needs_challenge=True)

    def pages(self) -> list[Route]:
        return [
            Route("/i/oauth2/authorize", self._desk.page),
            Route("/i/oauth2/authorize", self._desk.decide, methods=["POST"]),
        ]

    def api(self) -> list[Route]:
        return [
            Route("/2/oauth2/token", self.token, methods=["POST"]),
            Route("/2/oauth2/revoke", self.revoke, methods=["POST"]),
        ]

    async def token(self, request: Request) -> Response:
        client_id = self._client(request)
        if client_id is None:
            return _refused(401, "unauthorized_client", "Missing valid authorization header")
        async with request.form() as sent:
            form = {name: str(value) for name, value in sent.items()}
        if form.get("grant_type") == "authorization_code":
            grant = self._desk.redeem(
                form.get("code", ""),
                client_id=client_id,
                redirect_uri=form.get("redirect_uri", ""),
                verifier=form.get("code_verifier", ""),
            )
            return self._issue(client_id, grant.account, grant.scopes) if grant else _bad_value()
        if form.get("grant_type") == "refresh_token":
            value = form.get("refresh_token", "")
            old = self._store.token("x", value)
            good = old and old.kind == "refresh" and old.expires_at > self._store.now()
            if not old or not good or old.data.get("client_id") != client_id:
                return _bad_value()
            self._store.drop_token("x", value)
            return self._issue(client_id, old.account, old.scopes or ())
        return _refused(400, "unsupported_grant_type", "The grant type is not supported.")

    async def revoke(self, request: Request) -> Response:
        if self._client(request) is None:
            return _refused(401, "unauthorized_client", "Missing valid authorization header")
        async with request.form() as form:
            self._store.drop_token("x", str(form.get("token", "")))
        return JSONResponse({"revoked": True})

    def _issue(self, client_id: str, account: str, scopes: tuple[str, ...]) -> Response:
        now = self._store.now()
        seconds = self._network.setting(account, "access_seconds", ACCESS_SECONDS)
        access, refresh = secrets.token_urlsafe(68), secrets.token_urlsafe(68)
        data = {"client_id": client_id}
        self._store.add_token(Token("x", access, account, "access", scopes, now + seconds, now))
        answer = {
            "token_type": "bearer",
            "expires_in": seconds,
            "access_token": access,
            "scope": " ".join(scopes),
        }
        if "offline.access" in scopes:
            until = now + REFRESH_SECONDS
            self._store.add_token(Token("x", refresh, account, "refresh", scopes, until, now, data))
            answer["refresh_token"] = refresh
        return JSONResponse(answer)

    def _client(self, request: Request) -> str | None:
        """The app that authenticates itself, as a confidential client must."""
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        try:
            client_id, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        known = scheme.lower() == "basic" and self._desk.is_app(client_id, secret)
        return client_id if known else None


def _bad_value() -> Response:
    return _refused(400, "invalid_request", "Value passed for the token was invalid.")


def _refused(status: int, error: str, description: str) -> Response:
    return JSONResponse({"error": error, "error_description": description}, status)
