"""X's OAuth 2.0: consent page, token endpoint with single-use refresh tokens, revocation.

Call: token. A fault of an account strikes once the code or refresh token is found to be valid.
"""

import base64
import binascii
import secrets
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from platforms.simulator.network import Network
from platforms.simulator.oauth import ConsentPage
from platforms.simulator.records import Token

ACCESS_SECONDS = 7200
REFRESH_SECONDS = 180 * 24 * 3600
CODE_SECONDS = 30
STATE_CHARS = 500
#: Every scope that X knows.
SCOPES = {
    *("tweet.read", "tweet.write", "tweet.moderate.write", "users.read", "users.email"),
    *("follows.read", "follows.write", "offline.access", "space.read", "mute.read", "mute.write"),
    *("like.read", "like.write", "list.read", "list.write", "block.read", "block.write"),
    *("bookmark.read", "bookmark.write", "dm.read", "dm.write", "media.write"),
    *("timeline.read", "broadcast.read", "broadcast.write"),
}
#: The fields that each grant type needs.
NEEDED = {
    "authorization_code": ("code", "redirect_uri", "code_verifier"),
    "refresh_token": ("refresh_token",),
}


class XOAuthServer:
    """Settings: `access_seconds`, how long an access token lives."""

    def __init__(self, network: Network) -> None:
        self._network, self._store = network, network.store
        self._consent = ConsentPage(network, code_seconds=CODE_SECONDS, needs_challenge=True)

    def pages(self) -> list[Route]:
        return [
            Route("/i/oauth2/authorize", self.authorize, methods=["GET", "POST"]),
        ]

    async def authorize(self, request: Request) -> Response:
        asked = set(request.query_params.get("scope", "").split())
        if asked - SCOPES or len(request.query_params.get("state", "")) > STATE_CHARS:
            return Response("Something went wrong: a scope or the state is invalid.", 400)
        page = self._consent.decide if request.method == "POST" else self._consent.page
        return await page(request)

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
        needed = NEEDED.get(form.get("grant_type", ""))
        if needed is None:
            return _refused(400, "unsupported_grant_type", "The grant type is not supported.")
        for name in needed:
            if not form.get(name):
                message = f"Missing required parameter [{name}]."
                return _refused(400, "invalid_request", message)
        if "code" in needed:
            return self._redeem(client_id, form)
        return self._refresh(client_id, form["refresh_token"])

    def _redeem(self, client_id: str, form: Mapping[str, str]) -> Response:
        grant = self._consent.redeem(
            form["code"],
            client_id=client_id,
            redirect_uri=form["redirect_uri"],
            verifier=form["code_verifier"],
        )
        if grant is None:
            return _bad_value("authorization code")
        return self._consent.answer(
            grant.account, lambda: self._issue(client_id, grant.account, grant.scopes)
        )

    def _refresh(self, client_id: str, value: str) -> Response:
        old = self._store.token("x", value)
        good = old and old.kind == "refresh" and old.expires_at > self._store.now()
        if not old or not good or old.data.get("client_id") != client_id:
            return _bad_value("token")

        def rotate() -> Response:
            self._store.drop_token("x", value)
            return self._issue(client_id, old.account, old.scopes or ())

        return self._consent.answer(old.account, rotate)

    async def revoke(self, request: Request) -> Response:
        """Revokes the token and the other one of its pair."""
        client_id = self._client(request)
        if client_id is None:
            return _refused(401, "unauthorized_client", "Missing valid authorization header")
        async with request.form() as form:
            token = self._store.token("x", str(form.get("token", "")))
        if token and token.data.get("client_id") == client_id:
            for other in self._store.tokens_of("x", token.account):
                if other.data.get("pair") == token.data["pair"]:
                    self._store.drop_token("x", other.value)
        return JSONResponse({"revoked": True})

    def _issue(self, client_id: str, account: str, scopes: tuple[str, ...]) -> Response:
        now = self._store.now()
        seconds = self._network.setting(account, "access_seconds", ACCESS_SECONDS)
        access, refresh = secrets.token_urlsafe(68), secrets.token_urlsafe(68)
        data = {"client_id": client_id, "pair": secrets.token_hex(8)}
        until = now + seconds
        self._store.add_token(Token("x", access, account, "access", scopes, until, now, data))
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
        """The app that authenticates with its secret, or None."""
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        try:
            client_id, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        known = scheme.lower() == "basic" and self._consent.is_app(client_id, secret)
        return client_id if known else None


def _bad_value(what: str) -> Response:
    return _refused(400, "invalid_request", f"Value passed for the {what} was invalid.")


def _refused(status: int, error: str, description: str) -> Response:
    return JSONResponse({"error": error, "error_description": description}, status)
