"""Google's OAuth 2.0 for web servers: consent, tokens, revocation.

A refresh token is issued only for offline access, with the first consent or if the app asks for
consent again. It is not rotated. It ends after half a year without use, when a 101st is issued, and
when it is revoked.

Settings: `refresh_seconds`, after which a permission ends, as in projects in
testing; `gives_refresh_token`.
"""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.simulator.oauth import Grant, OAuthError, OAuthServer, read_form
from deploy.simulator.state.records import Token

ACCESS_SECONDS = 3599
UNUSED_SECONDS = 182 * 24 * 3600
REFRESH_TOKENS = 100


class GoogleOAuthServer(OAuthServer):
    returns_scopes = "scope"

    def pages(self) -> list[Route]:
        return self.consent("/o/oauth2/v2/auth")

    def api(self) -> list[Route]:
        return [
            Route("/token", self.token, methods=["POST"]),
            Route("/revoke", self.revoke, methods=["POST"]),
        ]

    async def decide(self, request: Request) -> Response:
        """The person's answer; stores with the code how the app asked for it."""
        answer, query = await super().decide(request), request.query_params
        back = parse_qs(urlsplit(answer.headers.get("location", "")).query)
        offline = query.get("access_type") == "offline"
        anew = "consent" in query.get("prompt", "").split()
        for code in back.get("code", []):
            self.store.change(self.key, "code", code, offline=offline, anew=anew)
        return answer

    async def token(self, request: Request) -> Response:
        kind = request.headers.get("content-type", "")
        if not kind.startswith("application/x-www-form-urlencoded"):
            raise OAuthError(400, "invalid_request", "The request must be a form.")
        form = await read_form(request)
        if self.app(form.get("client_id", "")) is None:
            raise OAuthError(401, "invalid_client", "The OAuth client was not found.")
        if not self.is_app(form["client_id"], form.get("client_secret", "")):
            raise OAuthError(401, "invalid_client", "Unauthorized")
        if form.get("grant_type") == "authorization_code":
            code = self.store.get(self.key, "code", form.get("code", ""))
            owner = str(code["account"]) if code else ""
            return self.answer(owner, lambda: self._by_code(form, code or {}))
        if form.get("grant_type") == "refresh_token":
            token = self.store.token(self.key, form.get("refresh_token", ""))
            return self.answer(token.account if token else "", lambda: self._by_refresh(form))
        raise OAuthError(400, "unsupported_grant_type", "Invalid grant_type.")

    async def revoke(self, request: Request) -> Response:
        """Revokes all tokens of the account and the app that this token belongs to."""
        token = self.store.token(self.key, (await read_form(request)).get("token", ""))
        if token is None or token.expires_at <= self.store.now():
            raise OAuthError(400, "invalid_token", "Token expired or revoked")
        client_id = token.data.get("client_id", "")
        for other in self.store.tokens_of(self.key, token.account):
            if other.data.get("client_id") == client_id:
                self.store.drop_token(self.key, other.value)
        self.store.put(self.key, "consent", f"{client_id} {token.account}", "", {"given": False})
        return JSONResponse({})

    def _by_code(self, form: Mapping[str, str], code: Mapping[str, Any]) -> Response:
        if code and code["redirect_uri"] != form.get("redirect_uri"):
            raise OAuthError(400, "redirect_uri_mismatch", "Bad Request")
        grant = self.redeem(form)
        if grant is None:
            raise OAuthError(400, "invalid_grant", "Malformed auth code.")
        client_id = form["client_id"]
        consent = f"{client_id} {grant.account}"
        given = (self.store.get(self.key, "consent", consent) or {"given": False})["given"]
        self.store.put(self.key, "consent", consent, "", {"given": True})
        answer = self._access(client_id, grant)
        wanted = code["offline"] and (code["anew"] or not given)
        if wanted and self.network.setting(grant.account, "gives_refresh_token", True):
            answer |= self._refresh(client_id, grant)
        return JSONResponse(answer)

    def _by_refresh(self, form: Mapping[str, str]) -> Response:
        token = self.live(form.get("refresh_token", ""), "refresh")
        if token is None:
            raise OAuthError(400, "invalid_grant", "Token has been expired or revoked.")
        if token.data.get("client_id") != form["client_id"]:
            raise OAuthError(401, "unauthorized_client", "Unauthorized")
        until, ends_at = self.store.now() + UNUSED_SECONDS, token.data["ends_at"]
        until = min(until, ends_at) if ends_at else until
        self.store.add_token(replace(token, expires_at=until))
        return JSONResponse(self._access(form["client_id"], token))

    def _access(self, client_id: str, grant: Grant | Token) -> dict[str, object]:
        value = f"ya29.{secrets.token_urlsafe(120)}"
        return {
            "access_token": self.issue(value, "access", grant, ACCESS_SECONDS, client_id=client_id),
            "expires_in": ACCESS_SECONDS,
            "scope": " ".join(grant.scopes or ()),
            "token_type": "Bearer",
        }

    def _refresh(self, client_id: str, grant: Grant) -> dict[str, object]:
        value = f"1//{secrets.token_urlsafe(72)}"
        seconds = self.network.setting(grant.account, "refresh_seconds", 0)
        data = {"client_id": client_id, "ends_at": self.store.now() + seconds if seconds else 0}
        self.issue(value, "refresh", grant, seconds or UNUSED_SECONDS, **data)
        self._forget_oldest(client_id, grant.account)
        timed = {"refresh_token_expires_in": seconds} if seconds else {}
        return {"refresh_token": value, **timed}

    def _forget_oldest(self, client_id: str, account: str) -> None:
        mine = [
            token
            for token in self.store.tokens_of(self.key, account)
            if token.kind == "refresh" and token.data.get("client_id") == client_id
        ]
        mine.sort(key=lambda token: token.issued_at)
        for token in mine[:-REFRESH_TOKENS]:
            self.store.drop_token(self.key, token.value)
