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

from deploy.simulator.oauth import Grant, OAuthError, OAuthServer, read_form
from deploy.simulator.state.records import Token

ACCESS_SECONDS = 7200
REFRESH_SECONDS = 180 * 24 * 3600
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


class XOAuthServer(OAuthServer):
    code_seconds = 30
    needs_challenge = True

    def pages(self) -> list[Route]:
        return self.consent("/i/oauth2/authorize")

    def problem(self, query: Mapping[str, str]) -> str:
        asked = set(query.get("scope", "").split())
        if asked - SCOPES or len(query.get("state", "")) > STATE_CHARS:
            return "Something went wrong: a scope or the state is invalid."
        return super().problem(query)

    def api(self) -> list[Route]:
        return [
            Route("/2/oauth2/token", self.token, methods=["POST"]),
            Route("/2/oauth2/revoke", self.revoke, methods=["POST"]),
        ]

    async def token(self, request: Request) -> Response:
        client_id = self._client(request)
        form = {**await read_form(request), "client_id": client_id}
        needed = NEEDED.get(form.get("grant_type", ""))
        if needed is None:
            raise OAuthError(400, "unsupported_grant_type", "The grant type is not supported.")
        for name in needed:
            if not form.get(name):
                raise OAuthError(400, "invalid_request", f"Missing required parameter [{name}].")
        grant = self.granted(form)
        if grant is None:
            what = "authorization code" if "code" in needed else "token"
            raise OAuthError(400, "invalid_request", f"Value passed for the {what} was invalid.")
        return self.answer(grant.account, lambda: self._issue(client_id, grant))

    async def revoke(self, request: Request) -> Response:
        """Revokes the token and the other one of its pair."""
        client_id = self._client(request)
        token = self.store.token(self.key, (await read_form(request)).get("token", ""))
        if token and token.data.get("client_id") == client_id:
            for other in self.store.tokens_of(self.key, token.account):
                if other.data.get("pair") == token.data["pair"]:
                    self.store.drop_token(self.key, other.value)
        return JSONResponse({"revoked": True})

    def _issue(self, client_id: str, grant: Grant | Token) -> Response:
        if isinstance(grant, Token):
            self.store.drop_token(self.key, grant.value)
        access, refresh = secrets.token_urlsafe(68), secrets.token_urlsafe(68)
        data = {"client_id": client_id, "pair": secrets.token_hex(8)}
        scopes = grant.scopes or ()
        answer = {
            "token_type": "bearer",
            "expires_in": ACCESS_SECONDS,
            "access_token": self.issue(access, "access", grant, ACCESS_SECONDS, **data),
            "scope": " ".join(scopes),
        }
        if "offline.access" in scopes:
            answer["refresh_token"] = self.issue(refresh, "refresh", grant, REFRESH_SECONDS, **data)
        return JSONResponse(answer)

    def _client(self, request: Request) -> str:
        """The app that authenticates with its secret."""
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        try:
            client_id, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            client_id, secret = "", ""
        if scheme.lower() != "basic" or not self.is_app(client_id, secret):
            raise OAuthError(401, "unauthorized_client", "Missing valid authorization header")
        return client_id
